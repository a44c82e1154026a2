using System.Text;
using System.Text.Json;

namespace LambdaStreamer.Tests.OpenAI;

/// <summary>Every transcript through each of OpenAI's forms, wherever the stream was cut into reads.</summary>
public class EveryCutTests
{
    public static MatrixTheoryData<string, string> EveryForm => new(
        Transcripts.Bodies.Select(static row => row.Data), ["chat stream", "chat", "completion stream", "completion"]);

    [Theory]
    [MemberData(nameof(EveryForm))]
    public void StreamCutIntoReadsAnywhere_GivesOneAnswer(string file, string form)
    {
        var head = AnswerOf.Head with { IncludesUsage = true, TopLogprobs = 2 };
        var stream = AnswerOf.Frames(Transcripts.Read(file).Chunk(100));
        var whole = AnswerOf.Run([stream], form, head);
        if (whole.Error is null || form.EndsWith("stream", StringComparison.Ordinal))
        {
            Assert.Equal(Transcripts.Text(file), TextOf(whole.Answer));
        }

        foreach (var reads in Cuts.Of(stream))
        {
            Assert.Equal(whole, AnswerOf.Run(reads, form, head));
        }
    }

    /// <summary>What a client of OpenAI shows.</summary>
    private static string TextOf(string answer)
    {
        var objects = answer.StartsWith("data: ", StringComparison.Ordinal)
            ? answer.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(static frame => frame["data: ".Length..])
            : [answer];
        var text = new StringBuilder();
        foreach (var json in objects.Where(static json => json != "[DONE]"))
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.TryGetProperty("choices", out var choices))
            {
                foreach (var choice in choices.EnumerateArray())
                {
                    text.Append(TextOf(choice));
                }
            }
        }

        return text.ToString();
    }

    private static string? TextOf(JsonElement choice)
    {
        if (choice.TryGetProperty("text", out var text))
        {
            return text.GetString();
        }

        var message = choice.TryGetProperty("delta", out var delta) ? delta : choice.GetProperty("message");
        return message.TryGetProperty("content", out var content) ? content.GetString() : null;
    }
}
