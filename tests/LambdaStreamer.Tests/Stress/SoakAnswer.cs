using System.Text;
using System.Text.Json;
using LambdaStreamer.Responses;

namespace LambdaStreamer.Tests.Stress;

/// <summary>What a client of a streamed format makes of an answer.</summary>
/// <param name="Text">What it shows.</param>
/// <param name="IsComplete">It has the format's end, and no error; for plain text, it has no error.</param>
internal readonly record struct SoakAnswer(string Text, bool IsComplete)
{
    private const string TextError = "\n[error: ";

    public static SoakAnswer Read(MediaType format, string body)
    {
        if (format == MediaType.Text)
        {
            var error = body.LastIndexOf(TextError, StringComparison.Ordinal);

            // An empty answer is a line feed, because a Function URL needs a byte.
            return new SoakAnswer(error >= 0 ? body[..error] : body == "\n" ? "" : body, error < 0);
        }

        var text = new StringBuilder();
        var isComplete = false;
        var isEvents = format == MediaType.EventStream;
        foreach (var line in body.Split(isEvents ? "\n\n" : "\n", StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.False(isComplete, "Something follows the end.");
            using var json = JsonDocument.Parse(isEvents ? line["data: ".Length..] : line);
            if (json.RootElement.TryGetProperty("error", out _))
            {
                break;
            }

            isComplete = isEvents
                ? json.RootElement.GetProperty("generated_text").ValueKind == JsonValueKind.String
                : json.RootElement.TryGetProperty("finish_reason", out _);
            if (isEvents || !isComplete)
            {
                var token = isEvents ? json.RootElement.GetProperty("token") : json.RootElement;
                text.Append(token.GetProperty("special").GetBoolean() ? "" : token.GetProperty("text").GetString());
            }
        }

        return new SoakAnswer(text.ToString(), isComplete);
    }
}
