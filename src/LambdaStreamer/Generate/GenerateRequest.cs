using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace LambdaStreamer.Generate;

/// <summary>
/// TGI's generate request, the blog's payload: <c>{"inputs": string, "parameters": object?, "stream": bool?}</c>. Owns the body that goes
/// to the endpoint, which always asks for a stream; everything else is passed on as the caller wrote it, for the container to judge.
/// </summary>
public sealed class GenerateRequest : IDisposable
{
    private readonly ByteBuffer _endpointBody = new();

    private GenerateRequest()
    {
    }

    /// <summary>Null when the caller left it out.</summary>
    public bool? Stream { get; private set; }

    /// <summary><c>parameters.details</c>.</summary>
    public bool Details { get; private set; }

    public ReadOnlyMemory<byte> EndpointBody => _endpointBody.UnreadMemory;

    /// <summary>False: <paramref name="problem"/> says, for the caller, what is wrong.</summary>
    public static bool TryParse(
        ReadOnlySpan<byte> body, [NotNullWhen(true)] out GenerateRequest? request, [NotNullWhen(false)] out string? problem)
    {
        request = new GenerateRequest();
        if (body.StartsWith("\uFEFF"u8))
        {
            // A byte order mark, as some editors on Windows put in front of a file; containers refuse it as bad JSON.
            body = body["\uFEFF"u8.Length..];
        }

        try
        {
            problem = body.IsEmpty ? "The request has no body; JSON with \"inputs\" is expected." : request.Read(body);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair in a member's name.
            problem = "The body is not valid JSON (a name is not Unicode text).";
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

        var hasInputs = false;
        _endpointBody.Append("{"u8);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var memberStart = (int)reader.TokenStartIndex;
            var isInputs = reader.ValueTextEquals("inputs"u8);
            var isParameters = reader.ValueTextEquals("parameters"u8);
            var isStream = reader.ValueTextEquals("stream"u8);
            reader.Read();
            if (isInputs && reader.TokenType != JsonTokenType.String)
            {
                return "\"inputs\" must be a string.";
            }

            if (isStream && ReadStream(ref reader) is { } streamProblem)
            {
                return streamProblem;
            }

            if (isParameters && ReadParameters(ref reader) is { } parametersProblem)
            {
                return parametersProblem;
            }

            hasInputs |= isInputs;
            reader.Skip();
            if (!isStream)
            {
                _endpointBody.Append(body[memberStart..(int)reader.BytesConsumed]);
                _endpointBody.Append(","u8);
            }
        }

        // Throws when anything follows the object.
        reader.Read();
        _endpointBody.Append("\"stream\":true}"u8);
        return hasInputs ? null : "\"inputs\" is missing.";
    }

    private string? ReadStream(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null))
        {
            return "\"stream\" must be true or false.";
        }

        Stream = reader.TokenType == JsonTokenType.Null ? null : reader.TokenType == JsonTokenType.True;
        return null;
    }

    /// <summary>Looks at a copy of the reader: the members themselves are the container's to judge.</summary>
    private string? ReadParameters(ref Utf8JsonReader parameters)
    {
        if (parameters.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (parameters.TokenType != JsonTokenType.StartObject)
        {
            return "\"parameters\" must be an object.";
        }

        var reader = parameters;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isDetails = reader.ValueTextEquals("details"u8);
            reader.Read();
            Details |= isDetails && reader.TokenType == JsonTokenType.True;
            reader.Skip();
        }

        return null;
    }
}
