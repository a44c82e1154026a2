namespace LambdaStreamer.Tokens;

/// <summary>
/// What was met in one object of a container's answer. Its members come in any order, so what they mean is decided at its end.
/// </summary>
[Flags]
internal enum ObjectParts
{
    None = 0,

    /// <summary>Generate: <c>token</c>.</summary>
    Token = 1 << 0,

    /// <summary>Generate: <c>generated_text</c>, a string.</summary>
    GeneratedText = 1 << 1,

    Outputs = 1 << 2,

    /// <summary>OpenAI: <c>choices</c>, whatever is in them.</summary>
    Choices = 1 << 3,

    /// <summary>A choice with <c>delta</c> or <c>message</c>.</summary>
    Chat = 1 << 4,

    /// <summary>A choice with <c>text</c>.</summary>
    Completions = 1 << 5,

    /// <summary>A choice with <c>message</c>: the whole answer at once.</summary>
    Message = 1 << 6,

    /// <summary>OpenAI: <c>usage</c>, an object.</summary>
    Usage = 1 << 7,

    Error = 1 << 8,

    /// <summary>Makes <c>message</c> an error's: <c>"object": "error"</c> or a <c>code</c> from 400.</summary>
    ErrorMark = 1 << 9,

    /// <summary>An <c>error</c> that is an empty text: an error only where nothing else is told.</summary>
    EmptyError = 1 << 10,
}
