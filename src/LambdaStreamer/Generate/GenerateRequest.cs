using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace LambdaStreamer.Generate;

/// <summary>
/// What a container takes on its <c>/invocations</c> route: TGI's generate request, the blog's payload
/// (<c>{"inputs": string, "parameters": object?, "stream": bool?}</c>), or one with <c>messages</c> or <c>prompt</c> for containers that
/// know them. Owns the body that goes to the endpoint, which always asks for a stream; what is not named here is passed on as the caller
/// wrote it, for the container to judge.
/// </summary>
public sealed class GenerateRequest : IDisposable
{
    private readonly ByteBuffer _endpointBody = new();
    private readonly GenerateParameters _parameters = new();
    private byte[] _rawParameters = [];
    private string? _inputs;

    private GenerateRequest()
    {
    }

    /// <summary>Null when the caller left it out.</summary>
    public bool? Stream { get; private set; }

    /// <summary><c>parameters.details</c>.</summary>
    public bool Details => _parameters.Details;

    /// <summary>The caller's stop sequences, as far as they are strings.</summary>
    public IReadOnlyList<string> Stop => _parameters.Stop;

    /// <summary>The caller's limit of new tokens; null when there is none that a container would take.</summary>
    public int? MaxNewTokens => _parameters.MaxNewTokens;

    /// <summary>What the answer's whole text begins with: the prompt if <c>parameters.return_full_text</c> asks for it, else nothing.</summary>
    public string TextBefore => _parameters.ReturnFullText ? _inputs ?? "" : "";

    public ReadOnlyMemory<byte> EndpointBody => _endpointBody.UnreadMemory;

    /// <summary>False: <paramref name="problem"/> says, for the caller, what is wrong.</summary>
    /// <param name="body">JSON, UTF-8.</param>
    /// <param name="api">What the container takes.</param>
    /// <param name="request">To be disposed.</param>
    /// <param name="problem">Null when there is none.</param>
    public static bool TryParse(
        ReadOnlySpan<byte> body,
        EndpointApi api,
        [NotNullWhen(true)] out GenerateRequest? request,
        [NotNullWhen(false)] out string? problem)
    {
        request = new GenerateRequest();
        if (body.StartsWith("\uFEFF"u8))
        {
            // A byte order mark, as some editors on Windows put in front of a file; containers refuse it as bad JSON.
            body = body["\uFEFF"u8.Length..];
        }

        try
        {
            problem = body.IsEmpty ? "The request has no body; JSON with \"inputs\" is expected." : request.Read(body) ?? request.Adapt(api);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair in a name or a string.
            problem = "The body is not valid JSON (a name or a string is not Unicode text).";
        }
        catch (JsonException e)
        {
            problem = $"The body is not valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}).";
        }

        if (problem is null)
        {
            return true;
        }

        request.Dispose();
        request = null;
        return false;
    }

    public void Dispose() => _endpointBody.Dispose();

    private string? Read(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return "The body must be a JSON object.";
        }

        var hasPrompt = false;
        _endpointBody.Append("{"u8);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var memberStart = (int)reader.TokenStartIndex;
            var member = MemberOf(ref reader);
            reader.Read();
            if (ReadMember(ref reader, member) is { } problem)
            {
                return problem;
            }

            var valueStart = (int)reader.TokenStartIndex;
            reader.Skip();
            hasPrompt |= member is Member.Inputs or Member.Prompt;
            if (member == Member.Parameters && reader.TokenType != JsonTokenType.Null)
            {
                _rawParameters = body[valueStart..(int)reader.BytesConsumed].ToArray();
            }

            if (member == Member.Parameters && _parameters.TryAmend(body[valueStart..(int)reader.BytesConsumed], out var amended))
            {
                _endpointBody.Append("\"parameters\":"u8);
                _endpointBody.Append(amended);
                _endpointBody.Append(","u8);
            }
            else if (member != Member.Stream)
            {
                _endpointBody.Append(body[memberStart..(int)reader.BytesConsumed]);
                _endpointBody.Append(","u8);
            }
        }

        // Throws when anything follows the object.
        reader.Read();
        _endpointBody.Append("\"stream\":true}"u8);
        return hasPrompt ? null : "\"inputs\" is missing.";
    }

    /// <summary>Puts a generate request into the one form that a container takes which knows no other.</summary>
    private string? Adapt(EndpointApi api)
    {
        if (api != EndpointApi.OpenAI || _inputs is null)
        {
            return null;
        }

        _endpointBody.Clear();
        return PromptBody.TryWrite(_inputs, _rawParameters, _endpointBody);
    }

    private string? ReadMember(ref Utf8JsonReader reader, Member member)
    {
        switch (member)
        {
            case Member.Inputs when reader.TokenType != JsonTokenType.String:
                return "\"inputs\" must be a string.";
            case Member.Inputs:
                _inputs = reader.GetString();
                return null;
            case Member.Stream when reader.TokenType is not (JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null):
                return "\"stream\" must be true or false.";
            case Member.Stream:
                Stream = reader.TokenType == JsonTokenType.Null ? null : reader.TokenType == JsonTokenType.True;
                return null;
            case Member.Parameters when reader.TokenType == JsonTokenType.StartObject:
                _parameters.Read(reader);
                return null;
            case Member.Parameters when reader.TokenType != JsonTokenType.Null:
                return "\"parameters\" must be an object.";
            case Member.Stop:
                _parameters.ReadStop(reader);
                return null;
            case Member.MaxTokens:
                _parameters.ReadMaxNewTokens(reader);
                return null;
            default:
                return null;
        }
    }

    private static Member MemberOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("inputs"u8) ? Member.Inputs
        : reader.ValueTextEquals("messages"u8) || reader.ValueTextEquals("prompt"u8) ? Member.Prompt
        : reader.ValueTextEquals("parameters"u8) ? Member.Parameters
        : reader.ValueTextEquals("stream"u8) ? Member.Stream
        : reader.ValueTextEquals("stop"u8) ? Member.Stop
        : reader.ValueTextEquals("max_tokens"u8) || reader.ValueTextEquals("max_completion_tokens"u8) ? Member.MaxTokens
        : Member.Other;

    private enum Member
    {
        Other,
        Inputs,
        Prompt,
        Parameters,
        Stream,
        Stop,
        MaxTokens,
    }
}
