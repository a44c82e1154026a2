namespace LambdaStreamer.Catalogue;

/// <summary>What a model was trained to do with a prompt.</summary>
public enum ModelKind
{
    /// <summary>Goes on with a text.</summary>
    Base,

    /// <summary>Follows an instruction.</summary>
    Instruct,

    /// <summary>Takes its turn in a chat.</summary>
    Chat,
}
