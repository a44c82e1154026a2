namespace LambdaStreamer.LocalHost.Models;

/// <summary>The tokenizer families of the ten models, as far as a client can see the difference in a stream.</summary>
public enum TokenizerKind
{
    /// <summary>Byte-level pairs, as Falcon's: two line ends can be one token.</summary>
    ByteLevel,

    /// <summary>SentencePiece, as Mistral's: every line end and every digit is a token.</summary>
    SentencePiece,

    /// <summary>SentencePiece that spells a line end <c>&lt;NL&gt;</c>, as rinna's 3.6b.</summary>
    SentencePieceNewlineTag,
}
