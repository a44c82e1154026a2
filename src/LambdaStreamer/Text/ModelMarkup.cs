using System.Text;
using LambdaStreamer.Catalogue;

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
    public static readonly ModelMarkup None = new([], "");

    private readonly byte[][] _specialTokens;
    private readonly byte[] _newline;

    internal ModelMarkup(IReadOnlyList<string> specialTokens, string newline)
    {
        _specialTokens = [.. specialTokens.Select(Encoding.UTF8.GetBytes)];
        _newline = Encoding.UTF8.GetBytes(newline);
    }

    /// <summary>What the model writes for LF, UTF-8; empty when it writes LF.</summary>
    public ReadOnlySpan<byte> Newline => _newline;

    /// <summary>As <see cref="JumpStartCatalogue"/> has it; <see cref="None"/> for a model that is not there.</summary>
    public static ModelMarkup Of(string? jumpStartModelId) =>
        jumpStartModelId is not null && JumpStartCatalogue.TryFind(jumpStartModelId, out var model) ? model.Markup : None;

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
