namespace LambdaStreamer.Catalogue;

/// <summary>Where a chat template puts the system text.</summary>
public enum SystemPolicy
{
    /// <summary>In a part of its own, <see cref="ChatTemplate.SystemPart"/>.</summary>
    Message,

    /// <summary>In front of the first user text, a blank line between them.</summary>
    BeforeFirstUser,

    /// <summary>As a user message before all others.</summary>
    AsUser,
}
