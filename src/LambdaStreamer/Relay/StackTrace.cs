namespace LambdaStreamer.Relay;

/// <summary>
/// Takes the traces of Python, .NET, Java, JavaScript and Rust out of a message and leaves what was thrown. Frames are known by their
/// line's beginning, so the message's lines must still be there; of a Python trace on one line the last error is found all the same.
/// </summary>
internal static class StackTrace
{
    private const string PythonBegin = "Traceback (most recent call last):";
    private const string RustBegin = "stack backtrace:";
    private const string RustHint = "note: run with `RUST_BACKTRACE";

    // Python's way to write a line end within a quotation.
    private const string EscapedLineEnd = "\\n";

    /// <summary>Never longer than the message.</summary>
    public static string Drop(string message)
    {
        var text = DropPython(message);
        return text.AsSpan().IndexOfAny('\n', '\r') < 0 && !text.StartsWith(' ') && !text.StartsWith('\t')
            && !text.Contains(RustBegin, StringComparison.OrdinalIgnoreCase)
            ? text
            : DropFrames(text);
    }

    /// <summary>What stands before the trace, and from its last error on.</summary>
    private static string DropPython(string message)
    {
        var begin = message.IndexOf(PythonBegin, StringComparison.Ordinal);
        if (begin < 0)
        {
            return message;
        }

        // An error that was raised while another was handled comes last.
        var last = message.LastIndexOf(PythonBegin, StringComparison.Ordinal) + PythonBegin.Length;
        var trace = message.AsSpan(last);
        var error = trace.ContainsAny('\n', '\r') ? AfterFrames(trace, "\n")
            : trace.Contains(EscapedLineEnd, StringComparison.Ordinal) ? AfterFrames(trace, EscapedLineEnd)
            : LastError(trace);
        return string.Concat(message.AsSpan(0, begin), error);
    }

    /// <summary>Frames and their source are indented; the error is not.</summary>
    private static ReadOnlySpan<char> AfterFrames(ReadOnlySpan<char> trace, string lineEnd)
    {
        while (trace.IndexOf(lineEnd, StringComparison.Ordinal) is var end and >= 0)
        {
            trace = trace[(end + lineEnd.Length)..];
            if (!trace.IsEmpty && !char.IsWhiteSpace(trace[0]) && !trace.StartsWith(lineEnd, StringComparison.Ordinal))
            {
                return trace;
            }
        }

        return default;
    }

    /// <summary>From the last word that ends in <c>Error:</c> or <c>Exception:</c>.</summary>
    private static ReadOnlySpan<char> LastError(ReadOnlySpan<char> trace)
    {
        var name = Math.Max(
            trace.LastIndexOf("Error:", StringComparison.Ordinal), trace.LastIndexOf("Exception:", StringComparison.Ordinal));
        return name < 0 ? default : trace[(trace[..name].LastIndexOf(' ') + 1)..];
    }

    private static string DropFrames(string text)
    {
        var kept = new List<string>();
        var isRust = false;
        foreach (var line in text.Split(['\n', '\r']))
        {
            var content = line.AsSpan().Trim();
            var isIndented = line.Length > 0 && char.IsWhiteSpace(line[0]);
            isRust = content.Equals(RustBegin, StringComparison.OrdinalIgnoreCase) || (isRust && (isIndented || content.IsEmpty));
            if (!isRust && !(isIndented && IsFrame(content)) && !IsRemark(content))
            {
                kept.Add(line);
            }
        }

        return string.Join('\n', kept);
    }

    // "at System.Text.Json.JsonSerializer.Read(String json) in …", "at ai.djl.Model.load(Model.java:12)", "... 23 more"
    private static bool IsFrame(ReadOnlySpan<char> content) =>
        (content.StartsWith("at ", StringComparison.Ordinal) && content.Contains('('))
        || (content.StartsWith("... ", StringComparison.Ordinal) && content.EndsWith(" more", StringComparison.Ordinal));

    private static bool IsRemark(ReadOnlySpan<char> content) =>
        content.StartsWith("--- End of ", StringComparison.Ordinal) || content.StartsWith(RustHint, StringComparison.Ordinal);
}
