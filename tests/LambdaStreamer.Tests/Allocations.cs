namespace LambdaStreamer.Tests;

internal static class Allocations
{
    /// <summary>Bytes that <paramref name="action"/> allocates on this thread once it is warm.</summary>
    public static long Of(Action action)
    {
        // Two rounds: buffers grow in the first, tiered compilation may allocate in the second.
        action();
        action();
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
