using System.Text;

namespace LambdaStreamer.LocalHost.RuntimeApi;

/// <summary>The last 4 KiB of an invocation's log, which is what a caller may ask for.</summary>
internal sealed class LogTail
{
    public const int MaxBytes = 4096;

    private readonly Lock _lock = new();
    private readonly Queue<byte[]> _lines = [];
    private int _length;

    public void Add(string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line + "\n");
        lock (_lock)
        {
            _lines.Enqueue(bytes);
            _length += bytes.Length;
            while (_length - _lines.Peek().Length >= MaxBytes)
            {
                _length -= _lines.Dequeue().Length;
            }
        }
    }

    public string ToBase64()
    {
        lock (_lock)
        {
            return Convert.ToBase64String(_lines.SelectMany(line => line).Skip(Math.Max(0, _length - MaxBytes)).ToArray());
        }
    }
}
