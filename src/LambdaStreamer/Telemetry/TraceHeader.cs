using System.Security.Cryptography;

namespace LambdaStreamer.Telemetry;

/// <summary>
/// The trace that an invocation belongs to (AWS X-Ray Developer Guide, "Tracing header"): <c>Root=1-…;Parent=…;Sampled=1</c>, of which
/// there is one only where tracing is active and has chosen this request.
/// </summary>
/// <param name="Root">The trace's id.</param>
/// <param name="Parent">The segment that Lambda has opened for this invocation.</param>
public sealed record TraceHeader(string Root, string Parent)
{
    private const int IdDigits = 16;
    private const int MaxLength = 256;

    /// <summary>Of the subsegment that this function will tell of.</summary>
    public string SubsegmentId { get; } = RandomNumberGenerator.GetHexString(IdDigits, lowercase: true);

    /// <summary>For the endpoint, whose segments belong below the subsegment.</summary>
    public override string ToString() => $"Root={Root};Parent={SubsegmentId};Sampled=1";

    /// <summary>Null unless the trace is sampled and whole.</summary>
    public static TraceHeader? Parse(string? header)
    {
        if (header is null or { Length: > MaxLength })
        {
            return null;
        }

        string? root = null, parent = null;
        var isSampled = false;
        foreach (var field in header.Split(';', StringSplitOptions.TrimEntries))
        {
            root = field.StartsWith("Root=", StringComparison.Ordinal) ? field["Root=".Length..] : root;
            parent = field.StartsWith("Parent=", StringComparison.Ordinal) ? field["Parent=".Length..] : parent;
            isSampled |= field == "Sampled=1";
        }

        return isSampled && root is { Length: > 0 } && parent is { Length: IdDigits } ? new TraceHeader(root, parent) : null;
    }
}
