using System.Globalization;
using System.Text.Json;
using LambdaStreamer.Responses;

namespace LambdaStreamer.Tests.Stress;

/// <summary>Holds what a client got against what its cell promises.</summary>
internal static class FaultTold
{
    /// <returns>The verdict in the words of the table.</returns>
    public static string Verify(FaultCell cell, HttpResponseMessage response, string body, bool isCut)
    {
        var status = (int)response.StatusCode;
        if (cell.Rule.IsSuccess)
        {
            Assert.Equal((200, false), (status, isCut));
            Assert.Equal((string.Concat(cell.Texts), FinishReasonOf(cell)), Read(cell.Format, body));
            return "200, whole";
        }

        Assert.Equal((cell.IsStarted ? 200 : cell.Rule.Status, cell.Failure(), cell.IsStarted), (status, body, isCut));
        if (cell.IsStarted)
        {
            return $"200, text, error, cut, `{cell.Rule.LambdaType}`";
        }

        var retryAfter = response.Headers.RetryAfter?.Delta?.TotalSeconds;
        Assert.Equal(cell.Rule.RetryAfterSeconds, retryAfter);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        return string.Create(CultureInfo.InvariantCulture, $"{status}{(retryAfter is null ? "" : $", retry-after {retryAfter}")}");
    }

    /// <summary>Plain text tells none.</summary>
    private static string? FinishReasonOf(FaultCell cell) => cell.Format == MediaType.Text ? null : cell.Row.FinishReason;

    /// <summary>The text that a client shows, and why it ended.</summary>
    private static (string Text, string? FinishReason) Read(MediaType format, string body)
    {
        // One byte at least goes through a Function URL: an empty answer is a line feed.
        return format switch
        {
            MediaType.Text => (body == "\n" ? "" : body, null),
            MediaType.EventStream => ReadEvents(body),
            MediaType.Ndjson => ReadLines(body),
            _ => ReadWhole(body),
        };
    }

    private static (string Text, string? FinishReason) ReadEvents(string body)
    {
        var events = body.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        var texts = new List<string>();
        foreach (var line in events)
        {
            using var json = JsonDocument.Parse(line["data: ".Length..]);
            var token = json.RootElement.GetProperty("token");
            texts.Add(token.GetProperty("special").GetBoolean() ? "" : token.GetProperty("text").GetString()!);
        }

        using var last = JsonDocument.Parse(events[^1]["data: ".Length..]);
        Assert.Equal(string.Concat(texts), last.RootElement.GetProperty("generated_text").GetString());
        return (string.Concat(texts), last.RootElement.GetProperty("details").GetProperty("finish_reason").GetString());
    }

    private static (string Text, string? FinishReason) ReadLines(string body)
    {
        var lines = body.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var texts = new List<string>();
        foreach (var line in lines[..^1])
        {
            using var json = JsonDocument.Parse(line);
            texts.Add(json.RootElement.GetProperty("special").GetBoolean() ? "" : json.RootElement.GetProperty("text").GetString()!);
        }

        using var last = JsonDocument.Parse(lines[^1]);
        return (string.Concat(texts), last.RootElement.GetProperty("finish_reason").GetString());
    }

    private static (string Text, string? FinishReason) ReadWhole(string body)
    {
        using var json = JsonDocument.Parse(body);
        var answer = json.RootElement[0];
        return (answer.GetProperty("generated_text").GetString()!, answer.GetProperty("details").GetProperty("finish_reason").GetString());
    }
}
