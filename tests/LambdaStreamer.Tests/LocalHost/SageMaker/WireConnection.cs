using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace LambdaStreamer.Tests.LocalHost.SageMaker;

/// <summary>
/// An HTTP/1.1 connection that hides nothing: it shows the chunks as they were sent, and how the connection ended. One request each.
/// </summary>
internal sealed class WireConnection : IAsyncDisposable
{
    private readonly TcpClient _client;
    private readonly NetworkStream _stream;
    private readonly CancellationToken _cancellationToken;

    private WireConnection(TcpClient client, CancellationToken cancellationToken)
    {
        _client = client;
        _stream = client.GetStream();
        _cancellationToken = cancellationToken;
    }

    public static async Task<WireConnection> PostAsync(
        Uri server,
        string path,
        IReadOnlyDictionary<string, string> headers,
        ReadOnlyMemory<byte> body,
        int declaredLength,
        CancellationToken cancellationToken)
    {
        var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port, cancellationToken);
        var connection = new WireConnection(client, cancellationToken);
        var head = new StringBuilder($"POST {path} HTTP/1.1\r\n");
        foreach (var (name, value) in headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        head.Append(CultureInfo.InvariantCulture, $"Content-Length: {declaredLength}\r\n\r\n");
        await connection._stream.WriteAsync(Encoding.ASCII.GetBytes(head.ToString()), cancellationToken);
        await connection._stream.WriteAsync(body, cancellationToken);
        return connection;
    }

    /// <summary>Whether bytes wait to be read.</summary>
    public bool HasData => _client.Available > 0;

    public async Task<WireResponse> ReadToEndAsync()
    {
        var response = new WireResponse();
        try
        {
            await ReadHeadAsync(response);
            if (response.Headers.TryGetValue("Content-Length", out var length))
            {
                response.Chunks.Add(await ReadExactlyAsync(int.Parse(length, CultureInfo.InvariantCulture)));
                response.IsComplete = true;
                return response;
            }

            // Not collected apart: what came before a reset counts.
            while (await ReadChunkAsync() is { } chunk)
            {
                response.Chunks.Add(chunk);
            }

            response.IsComplete = true;
        }
        catch (IOException)
        {
            response.IsComplete = false;
        }

        return response;
    }

    public async Task<WireResponse> ReadHeadAsync()
    {
        var response = new WireResponse();
        await ReadHeadAsync(response);
        return response;
    }

    /// <summary>The next chunk; null after the last.</summary>
    public async Task<byte[]?> ReadChunkAsync()
    {
        var length = int.Parse(await ReadLineAsync(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var chunk = await ReadExactlyAsync(length);
        await ReadLineAsync();
        return length == 0 ? null : chunk;
    }

    public async Task<List<byte[]>> ReadToEndOfBodyAsync()
    {
        var chunks = new List<byte[]>();
        while (await ReadChunkAsync() is { } chunk)
        {
            chunks.Add(chunk);
        }

        return chunks;
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task ReadHeadAsync(WireResponse response)
    {
        response.Status = int.Parse((await ReadLineAsync()).Split(' ')[1], CultureInfo.InvariantCulture);
        while (await ReadLineAsync() is { Length: > 0 } line)
        {
            var nameEnd = line.IndexOf(':', StringComparison.Ordinal);
            response.Headers[line[..nameEnd]] = line[(nameEnd + 1)..].Trim();
        }
    }

    private async Task<string> ReadLineAsync()
    {
        var line = new List<byte>();
        while (true)
        {
            var next = (await ReadExactlyAsync(1))[0];
            if (next == (byte)'\n')
            {
                return Encoding.ASCII.GetString([.. line]).TrimEnd('\r');
            }

            line.Add(next);
        }
    }

    private async Task<byte[]> ReadExactlyAsync(int length)
    {
        var bytes = new byte[length];
        await _stream.ReadExactlyAsync(bytes, _cancellationToken);
        return bytes;
    }
}
