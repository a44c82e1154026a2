using System.Globalization;

namespace LambdaStreamer.RuntimeApi;

/// <summary>
/// Tells the garbage collector how much memory the function has. Lambda's limit is not a container limit that .NET would see
/// (dotnet/runtime issues 70601 and 82815), so without this the heap grows until the sandbox is killed.
/// </summary>
public static class MemoryLimit
{
    /// <summary>Native memory (OpenSSL, sockets, the binary itself) needs the rest; .NET's own default in containers is 75 %.</summary>
    private const int HeapPercent = 80;

    /// <param name="megabytes"><c>AWS_LAMBDA_FUNCTION_MEMORY_SIZE</c>; without it nothing is done.</param>
    public static void Apply(string? megabytes)
    {
        if (!ulong.TryParse(megabytes, NumberStyles.None, CultureInfo.InvariantCulture, out var size))
        {
            return;
        }

        var heapLimit = size * 1024 * 1024 / 100 * HeapPercent;
        if (heapLimit >= (ulong)GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)
        {
            return;
        }

        // The key has no "System.GC." prefix here and the value must be a boxed ulong (runtime source, GC.RefreshMemoryLimit).
        AppContext.SetData("GCHeapHardLimit", heapLimit);
        try
        {
            GC.RefreshMemoryLimit();
        }
        catch (InvalidOperationException)
        {
            // More is in use already than the limit allows; the function runs on with what it has.
        }
    }
}
