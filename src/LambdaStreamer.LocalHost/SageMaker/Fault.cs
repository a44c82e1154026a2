using System.Globalization;

namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>
/// What is to go wrong, and how the bytes are to be cut. The same text says it on the command line and in a request's custom attributes:
/// <code>
/// fault    = item *("," item)
/// item     = failure / "parts=" N / "parts-at=" N *("+" N) / "writes=" N / "times=" N
/// failure  = name ["=" value] ["@" tokens]
/// </code>
/// <c>parts=7</c> puts 7 bytes into each payload part, <c>parts-at=10+25</c> ends parts at these bytes of the container's body,
/// <c>writes=5</c> sends the frames in HTTP chunks of 5 bytes, and <c>times=2</c> lets the third request succeed.
/// One failure at most; <c>@3</c> lets it strike after three tokens (default 0). Failures and their values:
/// <c>drop</c>, <c>stall-headers[=DURATION]</c>, <c>throttle</c>, <c>throttle-named</c>, <c>model-error[=STATUS]</c>, <c>not-ready</c>,
/// <c>internal-failure</c>, <c>unavailable</c>, <c>dependency-failure</c>, <c>no-capacity</c>, <c>access-denied</c>;
/// and with <c>@</c>: <c>model-stream-error[=CODE]</c>, <c>internal-stream-failure</c>, <c>error-frame[=CODE]</c>, <c>tgi-error[=TYPE]</c>,
/// <c>truncate</c>, <c>reset</c>, <c>end</c>, <c>stall[=DURATION]</c>, <c>bad-crc</c>.
/// A duration is a number with <c>ms</c>, <c>s</c> or <c>m</c>; at most a day; without one a stall lasts until the client goes.
/// </summary>
public sealed record Fault
{
    // Longer than any answer, shorter than what a timer can wait.
    private static readonly TimeSpan MaxDuration = TimeSpan.FromDays(1);

    private static readonly Dictionary<string, FaultKind> Failures = new(StringComparer.Ordinal)
    {
        ["drop"] = FaultKind.Drop,
        ["stall-headers"] = FaultKind.StallHeaders,
        ["throttle"] = FaultKind.Throttle,
        ["throttle-named"] = FaultKind.ThrottleNamed,
        ["model-error"] = FaultKind.ModelError,
        ["not-ready"] = FaultKind.NotReady,
        ["internal-failure"] = FaultKind.InternalFailure,
        ["unavailable"] = FaultKind.Unavailable,
        ["dependency-failure"] = FaultKind.DependencyFailure,
        ["no-capacity"] = FaultKind.NoCapacity,
        ["access-denied"] = FaultKind.AccessDenied,
        ["model-stream-error"] = FaultKind.ModelStreamError,
        ["internal-stream-failure"] = FaultKind.InternalStreamFailure,
        ["error-frame"] = FaultKind.ErrorFrame,
        ["tgi-error"] = FaultKind.TgiError,
        ["truncate"] = FaultKind.Truncate,
        ["reset"] = FaultKind.Reset,
        ["end"] = FaultKind.End,
        ["stall"] = FaultKind.Stall,
        ["bad-crc"] = FaultKind.BadCrc,
    };

    /// <summary>No failure, no cuts.</summary>
    public static Fault None { get; } = new() { Text = "" };

    /// <summary>The text this was parsed from; requests with the same text share one count of <see cref="Times"/>.</summary>
    public required string Text { get; init; }

    public FaultKind Kind { get; init; }

    /// <summary>Tokens that arrive before the failure.</summary>
    public int AfterTokens { get; init; }

    /// <summary>
    /// ErrorCode of a ModelStreamError, code of an error frame, or error type of a container's error; null: the usual one.
    /// </summary>
    public string? Code { get; init; }

    /// <summary>The container's status behind a ModelError.</summary>
    public int ContainerStatus { get; init; } = 500;

    /// <summary>Length of a stall; null: until the client goes.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Bytes of the container's body in each payload part; null: a part for each event.</summary>
    public int? BytesPerPart { get; init; }

    /// <summary>Offsets in the container's body, ascending, at which payload parts end.</summary>
    public IReadOnlyList<int> PartEnds { get; init; } = [];

    /// <summary>Bytes of each HTTP chunk; null: a chunk for each frame.</summary>
    public int? BytesPerWrite { get; init; }

    /// <summary>How many requests fail before the first succeeds; null: all fail.</summary>
    public int? Times { get; init; }

    /// <summary>Parses the grammar above.</summary>
    /// <exception cref="FormatException">The text is not a fault; the message says which item and why.</exception>
    public static Fault Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var fault = new Fault { Text = text };
        foreach (var item in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var name = item.Split('=', '@')[0];
            var value = item.Contains('=', StringComparison.Ordinal) ? item[(name.Length + 1)..].Split('@')[0] : null;
            var after = item.Contains('@', StringComparison.Ordinal) ? item[(item.IndexOf('@', StringComparison.Ordinal) + 1)..] : null;
            fault = name switch
            {
                "parts" => fault with { BytesPerPart = Positive(item, value) },
                "parts-at" => fault with { PartEnds = Ascending(item, value) },
                "writes" => fault with { BytesPerWrite = Positive(item, value) },
                "times" => fault with { Times = Positive(item, value) },
                _ => fault.WithFailure(item, name, value, after),
            };
        }

        if (fault.BytesPerPart is not null && fault.PartEnds.Count > 0)
        {
            throw new FormatException("A fault cuts parts either by size (parts=) or at offsets (parts-at=), not both.");
        }

        return fault;
    }

    private Fault WithFailure(string item, string name, string? value, string? after)
    {
        if (!Failures.TryGetValue(name, out var kind))
        {
            throw new FormatException($"'{item}' is no fault. Known: parts, parts-at, writes, times, {string.Join(", ", Failures.Keys)}.");
        }

        if (Kind is not FaultKind.None)
        {
            throw new FormatException($"'{item}' is a second failure; a fault has one.");
        }

        if (after is not null && kind < FaultKind.ModelStreamError)
        {
            throw new FormatException($"'{item}' strikes before the stream; it cannot wait for tokens.");
        }

        var failing = this with { Kind = kind, AfterTokens = after is null ? 0 : Number(item, after, 0) };
        return kind switch
        {
            _ when value is null => failing,
            FaultKind.StallHeaders or FaultKind.Stall => failing with { Duration = ParseDuration(item, value) },
            FaultKind.ModelError => failing with { ContainerStatus = Number(item, value, 0) },
            FaultKind.ModelStreamError or FaultKind.ErrorFrame or FaultKind.TgiError => failing with { Code = value },
            _ => throw new FormatException($"'{item}': {name} takes no value."),
        };
    }

    private static int Positive(string item, string? value) => Number(item, value, 1);

    private static int Number(string item, string? value, int smallest)
    {
        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= smallest)
        {
            return number;
        }

        throw new FormatException($"'{item}' needs a whole number of at least {smallest}.");
    }

    private static int[] Ascending(string item, string? value)
    {
        var offsets = (value ?? "").Split('+').Select(offset => Positive(item, offset)).ToArray();
        if (offsets.Zip(offsets.Skip(1)).Any(pair => pair.Second <= pair.First))
        {
            throw new FormatException($"'{item}' needs ascending offsets.");
        }

        return offsets;
    }

    private static TimeSpan ParseDuration(string item, string value)
    {
        var digits = value.TrimEnd('m', 's');
        var milliseconds = value[digits.Length..] switch { "ms" => 1, "s" => 1000, "m" => 60_000, _ => 0 };
        if (milliseconds > 0 && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            var duration = TimeSpan.FromMilliseconds((double)number * milliseconds);
            return duration <= MaxDuration ? duration : throw new FormatException($"'{item}' lasts longer than a day.");
        }

        throw new FormatException($"'{item}' needs a duration such as 500ms, 5s or 2m.");
    }
}
