using System.Text.Json;
using LambdaStreamer.LocalHost.Models;

namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>
/// The <c>parameters</c> of a generate request, read as TGI's deserializer reads them: members it does not know are ignored, null is as
/// good as absent for those without a default, and a wrong type or a number outside the member's type is a wrong shape (422).
/// </summary>
internal sealed record TgiParameters
{
    public ulong? BestOf { get; private init; }

    public float? Temperature { get; private init; }

    public long? TopK { get; private init; }

    public float? TopP { get; private init; }

    public float? TypicalP { get; private init; }

    public float? RepetitionPenalty { get; private init; }

    public float? FrequencyPenalty { get; private init; }

    public bool DoSample { get; private init; }

    public long MaxNewTokens { get; private init; } = JumpStartModel.TgiDefaultMaxNewTokens;

    public IReadOnlyList<string> Stop { get; private init; } = [];

    public ulong? Truncate { get; private init; }

    public ulong? Seed { get; private init; }

    /// <summary>
    /// Whether the last event's text starts with the prompt. The <c>/invocations</c> route defaults to true for a local model.
    /// </summary>
    public bool ReturnFullText { get; private init; } = true;

    public bool Details { get; private init; }

    public bool DecoderInputDetails { get; private init; }

    public ulong TopNTokens { get; private init; }

    public bool HasGrammar { get; private init; }

    /// <summary>Whether tokens are drawn and not simply the likeliest ones: only then does the answer name a seed.</summary>
    public bool Samples => DoSample || Temperature is not null || TopK is not null || TopP is not null || TypicalP is not null;

    /// <summary>What applies when a request has no <c>parameters</c> at all: the same defaults, but sampling is on.</summary>
    public static TgiParameters WhenAbsent { get; } = new() { DoSample = true };

    public static TgiParameters Read(JsonElement json) => new()
    {
        BestOf = Unsigned(json, "best_of", ulong.MaxValue, "usize"),
        Temperature = Float(json, "temperature"),
        TopK = Signed(json, "top_k"),
        TopP = Float(json, "top_p"),
        TypicalP = Float(json, "typical_p"),
        RepetitionPenalty = Float(json, "repetition_penalty"),
        FrequencyPenalty = Float(json, "frequency_penalty"),
        DoSample = Boolean(json, "do_sample", nullable: false) ?? false,
        MaxNewTokens = (long?)Unsigned(json, "max_new_tokens", uint.MaxValue, "u32") ?? JumpStartModel.TgiDefaultMaxNewTokens,
        Stop = Strings(json, "stop"),
        Truncate = Unsigned(json, "truncate", ulong.MaxValue, "usize"),
        Seed = Unsigned(json, "seed", ulong.MaxValue, "u64"),
        ReturnFullText = Boolean(json, "return_full_text", nullable: true) ?? true,
        Details = Boolean(json, "details", nullable: false) ?? false,
        DecoderInputDetails = Boolean(json, "decoder_input_details", nullable: false) ?? false,
        TopNTokens = Unsigned(json, "top_n_tokens", uint.MaxValue, "u32") ?? 0,
        HasGrammar = Member(json, "grammar", nullable: true) is not null,
    };

    /// <summary>
    /// What TGI makes of a completions request: it samples unless the temperature is 0, wants the details and not the prompt.
    /// </summary>
    public static TgiParameters ReadCompletions(JsonElement json)
    {
        var temperature = Float(json, "temperature");
        return new()
        {
            Temperature = temperature == 0 ? null : temperature,
            DoSample = temperature != 0,
            TopP = Float(json, "top_p"),
            RepetitionPenalty = Float(json, "repetition_penalty"),
            FrequencyPenalty = Float(json, "frequency_penalty"),
            MaxNewTokens = (long?)Unsigned(json, "max_tokens", uint.MaxValue, "u32") ?? JumpStartModel.TgiDefaultMaxNewTokens,
            Stop = Member(json, "stop", nullable: true) is null ? [] : Strings(json, "stop"),
            Seed = Unsigned(json, "seed", ulong.MaxValue, "u64"),
            ReturnFullText = false,
            Details = true,
        };
    }

    private static JsonElement? Member(JsonElement json, string name, bool nullable) =>
        json.TryGetProperty(name, out var value) && !(nullable && value.ValueKind is JsonValueKind.Null) ? value : null;

    private static ulong? Unsigned(JsonElement json, string name, ulong largest, string type) => Member(json, name, nullable: true) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetUInt64(out var number) && number <= largest => number,
        { } value => throw WrongShape(name, value, type),
    };

    private static long? Signed(JsonElement json, string name) => Member(json, name, nullable: true) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt32(out var number) => number,
        { } value => throw WrongShape(name, value, "i32"),
    };

    private static float? Float(JsonElement json, string name) => Member(json, name, nullable: true) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value => value.GetSingle(),
        { } value => throw WrongShape(name, value, "f32"),
    };

    private static bool? Boolean(JsonElement json, string name, bool nullable) => Member(json, name, nullable) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True or JsonValueKind.False } value => value.GetBoolean(),
        { } value => throw WrongShape(name, value, "a boolean"),
    };

    private static string[] Strings(JsonElement json, string name) => Member(json, name, nullable: false) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } value => [.. value.EnumerateArray().Select(item => item.ValueKind is JsonValueKind.String
            ? item.GetString()!
            : throw WrongShape(name, item, "a string"))],
        { } value => throw WrongShape(name, value, "a sequence"),
    };

    private static TgiException WrongShape(string name, JsonElement value, string expected)
    {
        var given = value.ValueKind switch
        {
            JsonValueKind.Number => $"invalid value: number `{value.GetRawText()}`",
            JsonValueKind.String => $"invalid type: string \"{value.GetString()}\"",
            JsonValueKind.True or JsonValueKind.False => $"invalid type: boolean `{value.GetRawText()}`",
            JsonValueKind.Null => "invalid type: null",
            JsonValueKind.Array => "invalid type: sequence",
            _ => "invalid type: map",
        };
        return new TgiException(
            422, null, $"Failed to deserialize the JSON body into the target type: parameters.{name}: {given}, expected {expected}");
    }
}
