namespace LambdaStreamer.Text;

/// <summary>
/// The texts a model writes that are no text of its answer: its special tokens, and the marker it writes in place of a line end. Immutable.
/// </summary>
/// <remarks>
/// Of use where a container does not flag special tokens (LMI's JSON lines have no <c>special</c>) or flags them wrongly
/// (huggingface/optimum-neuron issue 437: <c>"special":false</c> on the last token).
/// </remarks>
public sealed class ModelMarkup
{
    /// <summary>No special tokens, no marker: every text is the answer's.</summary>
    public static readonly ModelMarkup None = new([], []);

    // Configuration of tiiuae/falcon-7b: one token, id 11, begins and ends a text. The larger models are taken to share its tokenizer.
    private static readonly ModelMarkup Falcon = new(["<|endoftext|>"u8.ToArray()], []);

    // TGI's answers end in </s>; its tokenizer puts <s> in front of a prompt.
    private static readonly ModelMarkup Mistral = new(["</s>"u8.ToArray(), "<s>"u8.ToArray()], []);

    // Model card of rinna/japanese-gpt-neox-3.6b-instruction-ppo: its tokenizer has no line end, <NL> stands for it both ways.
    private static readonly ModelMarkup Rinna3B = new(["</s>"u8.ToArray()], "<NL>"u8.ToArray());

    // Model card of rinna/bilingual-gpt-neox-4b-instruction-ppo: this one has LF among its tokens.
    private static readonly ModelMarkup Rinna4B = new(["</s>"u8.ToArray()], []);

    private readonly byte[][] _specialTokens;
    private readonly byte[] _newline;

    private ModelMarkup(byte[][] specialTokens, byte[] newline)
    {
        _specialTokens = specialTokens;
        _newline = newline;
    }

    /// <summary>What the model writes for LF, UTF-8; empty when it writes LF.</summary>
    public ReadOnlySpan<byte> Newline => _newline;

    /// <summary><see cref="None"/> for a model that is not known here.</summary>
    public static ModelMarkup Of(string? jumpStartModelId) => jumpStartModelId switch
    {
        "huggingface-llm-falcon-7b-bf16" or
        "huggingface-llm-falcon-7b-instruct-bf16" or
        "huggingface-llm-falcon-40b-bf16" or
        "huggingface-llm-falcon-40b-instruct-bf16" or
        "huggingface-llm-falcon-180b-bf16" or
        "huggingface-llm-falcon-180b-chat-bf16" => Falcon,
        "huggingface-llm-mistral-7b" or
        "huggingface-llm-mistral-7b-instruct" => Mistral,
        "huggingface-llm-rinna-3-6b-instruction-ppo-bf16" => Rinna3B,
        "huggingface-llm-bilingual-rinna-4b-instruction-ppo-bf16" => Rinna4B,
        _ => None,
    };

    /// <summary>
    /// Whether the whole text of one token is a special token. Never asks for a part: an answer about HTML may spell <c>&lt;/s&gt;</c> in
    /// ordinary tokens.
    /// </summary>
    public bool IsSpecial(ReadOnlySpan<byte> text)
    {
        foreach (var specialToken in _specialTokens)
        {
            if (text.SequenceEqual(specialToken))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// The text of several tokens in one object without the special tokens at its start and end; those in the middle stay. Where one token
    /// ends is not known then, so a special token spelt in ordinary tokens goes too if it stands at an edge.
    /// </summary>
    public ReadOnlySpan<byte> TrimSpecial(ReadOnlySpan<byte> text)
    {
        var length = 0;
        while (length != text.Length)
        {
            length = text.Length;
            foreach (var specialToken in _specialTokens)
            {
                if (text.StartsWith(specialToken))
                {
                    text = text[specialToken.Length..];
                }

                if (text.EndsWith(specialToken))
                {
                    text = text[..^specialToken.Length];
                }
            }
        }

        return text;
    }
}
