namespace LambdaStreamer.Access;

/// <summary>One caller's key, of which only the hash is known here, and what it opens.</summary>
public sealed record ApiKey
{
    /// <summary>For the log and the operator; says nothing about the key.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of the key's UTF-8 text.</summary>
    public required ReadOnlyMemory<byte> Hash { get; init; }

    /// <summary>The last day on which it works, UTC; null for always.</summary>
    public DateOnly? LastDay { get; init; }

    /// <summary>Ids of the models that it may ask; empty for all.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>No answer for this key has more new tokens; null leaves it to the function's own limit.</summary>
    public int? MaxNewTokens { get; init; }

    public bool HasExpired(DateTimeOffset now) => LastDay is { } day && DateOnly.FromDateTime(now.UtcDateTime) > day;

    public bool Opens(ServedModel model) => Models.Count == 0 || Models.Contains(model.Id);
}
