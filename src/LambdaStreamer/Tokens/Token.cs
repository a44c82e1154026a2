namespace LambdaStreamer.Tokens;

/// <summary>
/// One token as the model made it, in the terms every dialect shares. All spans are valid until the next line is read.
/// JSON members that the relay hands on without looking inside (<see cref="Logprob"/>, <see cref="GeneratedText"/>,
/// <see cref="Details"/>) are kept as the raw JSON the container wrote; empty means absent or null.
/// </summary>
public ref struct Token
{
    public TokenKind Kind { get; internal set; }

    /// <summary>What the container spoke; recognised from the object's members.</summary>
    public Dialect Dialect { get; internal set; }

    /// <summary>UTF-8, unescaped. Empty while a character that takes several tokens is still incomplete.</summary>
    public ReadOnlySpan<byte> Text { get; internal set; }

    /// <summary>
    /// UTF-8: the text as the model made it, where <see cref="Text"/> has become what may be shown of it by now. Empty for a special token
    /// and for text that was held back before and has no token of its own.
    /// </summary>
    public ReadOnlySpan<byte> WholeText { get; internal set; }

    /// <summary>
    /// UTF-8: what a reasoning model thinks before it answers (<c>reasoning_content</c>, <c>reasoning</c>). No answer text.
    /// </summary>
    public ReadOnlySpan<byte> Reasoning { get; internal set; }

    /// <summary>Null when the dialect tells none.</summary>
    public long? Id { get; internal set; }

    /// <summary>
    /// How many tokens the model made for this: 1; more where a container puts several into one object; 0 for a role, a finish reason or a
    /// usage by itself.
    /// </summary>
    public int Count { get; internal set; }

    /// <summary>A JSON number; natural logarithm.</summary>
    public ReadOnlySpan<byte> Logprob { get; internal set; }

    /// <summary>Belongs to the model's markup (<c>&lt;/s&gt;</c>, <c>&lt;|endoftext|&gt;</c>), not to the answer.</summary>
    public bool IsSpecial { get; internal set; }

    public TopTokens TopTokens { get; internal set; }

    public ToolCalls ToolCalls { get; internal set; }

    /// <summary>The container's end marker: no further token follows. A stream that ends without one was cut.</summary>
    public bool IsLast { get; internal set; }

    /// <summary>The dialect has no end marker at all: the end of the body is the end of the answer.</summary>
    public bool IsEndedByBody { get; internal set; }

    /// <summary>A JSON string: the whole text as the container put it together.</summary>
    public ReadOnlySpan<byte> GeneratedText { get; internal set; }

    /// <summary>A JSON object, present only if the caller asked for details.</summary>
    public ReadOnlySpan<byte> Details { get; internal set; }

    public FinishReason FinishReason { get; internal set; }

    public int? GeneratedTokens { get; internal set; }

    public int? InputTokens { get; internal set; }

    public ulong? Seed { get; internal set; }

    /// <summary>With <see cref="TokenKind.Error"/>: what the model server says, UTF-8.</summary>
    public ReadOnlySpan<byte> ErrorMessage { get; internal set; }

    /// <summary>
    /// With <see cref="TokenKind.Error"/>: TGI's <c>error_type</c>, such as <c>overloaded</c>, OpenAI's <c>type</c> or a <c>code</c> in
    /// words; <c>[A-Za-z0-9_.-]{1,64}</c>, empty when not told or anything else.
    /// </summary>
    public ReadOnlySpan<byte> ErrorType { get; internal set; }

    /// <summary>With <see cref="TokenKind.Error"/>: the HTTP status it stands for, where the container told one.</summary>
    public int? ErrorStatus { get; internal set; }
}
