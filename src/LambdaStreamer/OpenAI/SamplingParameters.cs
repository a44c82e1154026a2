using System.Text.Json;
using LambdaStreamer.Text;

namespace LambdaStreamer.OpenAI;

/// <summary>
/// What both of OpenAI's requests say about how tokens are chosen and when to stop, in the ranges of OpenAI's API reference. Owns how
/// that is said to a container in either form.
/// </summary>
internal sealed class SamplingParameters
{
    public static readonly string[] Names =
    [
        "temperature", "top_p", "stop", "seed", "frequency_penalty", "presence_penalty", "max_tokens", "max_completion_tokens", "n",
        "logit_bias",
    ];

    // As OpenAI's API takes them, and TGI's default of MAX_STOP_SEQUENCES.
    private const int MaxStopCount = 4;

    private readonly RequestValue _temperature;
    private readonly RequestValue _topP;
    private readonly RequestValue _frequencyPenalty;
    private readonly RequestValue _presencePenalty;
    private readonly bool _isGreedy;
    private readonly bool _hasZeroTopP;
    private readonly long? _seed;
    private readonly List<string> _stop = [];

    /// <exception cref="RequestProblemException">A parameter cannot be taken.</exception>
    public SamplingParameters(RequestObject request)
    {
        _temperature = request["temperature"];
        _topP = request["top_p"];
        _frequencyPenalty = request["frequency_penalty"];
        _presencePenalty = request["presence_penalty"];
        var topP = _topP.Number(0, 1);
        _hasZeroTopP = topP == 0;
        _isGreedy = _temperature.Number(0, 2) == 0 || _hasZeroTopP;
        HasTopP = topP is > 0 and < 1;
        HasFrequencyPenalty = _frequencyPenalty.Number(-2, 2) is not (null or 0);
        HasPresencePenalty = _presencePenalty.Number(-2, 2) is not (null or 0);
        _seed = request["seed"].Integer(long.MinValue, long.MaxValue);
        MaxTokens = (int?)(request["max_completion_tokens"].Integer(1, int.MaxValue) ?? request["max_tokens"].Integer(1, int.MaxValue));
        ReadStop(request["stop"]);
        if (request["n"].Integer(1, 128) > 1)
        {
            throw new RequestProblemException("n", "n must be 1: this function gives one answer to a request.");
        }

        var bias = request["logit_bias"];
        bias.Expect(JsonTokenType.StartObject, "an object");
        if (!bias.IsEmpty)
        {
            throw new RequestProblemException("logit_bias", "logit_bias is not supported by the models behind this function.");
        }
    }

    /// <summary>The caller's stop sequences, none of them empty.</summary>
    public IReadOnlyList<string> Stop => _stop;

    /// <summary>The caller's limit of new tokens; null leaves it to the container.</summary>
    public int? MaxTokens { get; }

    private bool HasTopP { get; }

    private bool HasFrequencyPenalty { get; }

    private bool HasPresencePenalty { get; }

    /// <summary>OpenAI's own members, numbers as the caller wrote them; <c>max_tokens</c> is the name that every container knows.</summary>
    public void WriteOpenAI(Utf8JsonWriter json)
    {
        if (_hasZeroTopP)
        {
            json.WriteNumber("temperature"u8, 0);
        }
        else
        {
            WriteIfAny(json, "temperature"u8, _temperature);
        }

        // TGI refuses 0 and 1 in this form too: 0 means what a temperature of 0 does, and 1 changes nothing.
        if (HasTopP)
        {
            WriteIfAny(json, "top_p"u8, _topP);
        }

        WriteIfAny(json, "frequency_penalty"u8, _frequencyPenalty);
        WriteIfAny(json, "presence_penalty"u8, _presencePenalty);
        if (_seed is { } seed)
        {
            json.WriteNumber("seed"u8, ToPositive(seed));
        }

        if (MaxTokens is { } maxTokens)
        {
            json.WriteNumber("max_tokens"u8, maxTokens);
        }

        WriteStop(json, _stop);
    }

    /// <summary>
    /// TGI's members. Temperature 0 means no sampling there too, but TGI refuses the number; without a temperature OpenAI's models sample,
    /// and TGI does if it is told to. A <c>top_p</c> of 1 changes nothing, and is refused as well.
    /// </summary>
    /// <param name="json">Inside <c>parameters</c>.</param>
    /// <param name="templateStop">The model's own stop sequences. Those that exceed what a container takes are the relay's to cut.</param>
    /// <exception cref="RequestProblemException">A container of this form cannot do what was asked.</exception>
    public void WriteGenerate(Utf8JsonWriter json, IReadOnlyList<string> templateStop)
    {
        if (HasPresencePenalty)
        {
            throw new RequestProblemException("presence_penalty", "presence_penalty is not supported by this model; frequency_penalty is.");
        }

        json.WriteBoolean("do_sample"u8, !_isGreedy);
        if (!_isGreedy)
        {
            WriteIfAny(json, "temperature"u8, _temperature);
        }

        if (HasTopP)
        {
            WriteIfAny(json, "top_p"u8, _topP);
        }

        if (HasFrequencyPenalty)
        {
            WriteIfAny(json, "frequency_penalty"u8, _frequencyPenalty);
        }

        if (_seed is { } seed)
        {
            json.WriteNumber("seed"u8, ToPositive(seed));
        }

        if (MaxTokens is { } maxTokens)
        {
            json.WriteNumber("max_new_tokens"u8, maxTokens);
        }

        WriteStop(json, [.. _stop.Concat(templateStop).Distinct().Take(MaxStopCount)]);
    }

    /// <summary>
    /// TGI's seed is greater than zero. A seed is but a name for a choice that can be repeated, so any fixed mapping serves.
    /// </summary>
    private static long ToPositive(long seed) =>
        (seed & long.MaxValue) is > 0 and var positive ? positive : long.MaxValue;

    private static void WriteStop(Utf8JsonWriter json, List<string> stop)
    {
        if (stop.Count == 0)
        {
            return;
        }

        json.WriteStartArray("stop"u8);
        foreach (var sequence in stop)
        {
            json.WriteStringValue(sequence);
        }

        json.WriteEndArray();
    }

    private static void WriteIfAny(Utf8JsonWriter json, ReadOnlySpan<byte> name, RequestValue value)
    {
        if (!value.IsAbsent)
        {
            json.WritePropertyName(name);
            json.WriteRawValue(value.Raw, skipInputValidation: true);
        }
    }

    private void ReadStop(RequestValue stop)
    {
        if (stop.Type == JsonTokenType.String)
        {
            AddStop(stop);
            return;
        }

        if (!stop.IsAbsent && stop.Type != JsonTokenType.StartArray)
        {
            throw stop.Wrong("a string or an array of strings");
        }

        var count = 0;
        foreach (var element in stop.Elements())
        {
            if (++count > MaxStopCount)
            {
                throw stop.Wrong($"at most {MaxStopCount} strings");
            }

            AddStop(element);
        }
    }

    private void AddStop(RequestValue value)
    {
        if (value.Text() is not { } text)
        {
            throw value.Wrong("a string");
        }

        if (!StopSequences.TryCreate([text], out _, out var problem))
        {
            throw new RequestProblemException("stop", problem);
        }

        // An empty one would end every answer before its first token; nobody means that.
        if (text.Length > 0)
        {
            _stop.Add(text);
        }
    }
}
