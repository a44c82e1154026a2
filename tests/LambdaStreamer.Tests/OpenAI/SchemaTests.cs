using System.Text;
using System.Text.Json;
using LambdaStreamer.OpenAI;

namespace LambdaStreamer.Tests.OpenAI;

/// <summary>Conversations at random, held to OpenAI's own definitions of its objects.</summary>
public class SchemaTests
{
    private const int Conversations = 200;

    private static readonly string[] Forms = ["chat stream", "chat", "completion stream", "completion"];

    [Fact]
    public async Task RandomConversation_IsMadeOfOpenAIsObjects()
    {
        var transcripts = Transcripts.Bodies.Select(static row => row.Data).ToArray();
        for (var seed = 0; seed < Conversations; seed++)
        {
            var random = new Random(seed);
            var transcript = transcripts[random.Next(transcripts.Length)];
            var form = Forms[random.Next(Forms.Length)];
            var (head, stops) = Ask(random, form, Transcripts.Text(transcript));
            var parts = Transcripts.Read(transcript).Chunk(random.Next(1, 200));
            var reads = AnswerOf.Frames(parts).Chunk(random.Next(1, 500));
            var outcome = AnswerOf.Run(reads, form, head, stops);
            if (form.EndsWith("stream", StringComparison.Ordinal))
            {
                await AssertStreamAsync(outcome.Answer, form, isComplete: outcome.Error is null, head.IncludesUsage);
            }
            else
            {
                await Schemas.AssertValidAsync(outcome.Answer, form);
            }
        }
    }

    [Fact]
    public async Task ObjectThatOpenAIDoesNotSend_DoesNotPassTheSchemas()
    {
        // What the schemas are for: they notice.
        const string Chunk = "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":null}]}";
        await Schemas.AssertValidAsync(Chunk, "chat stream");
        string[] wrong =
        [
            Chunk.Replace("null}]", "\"eos_token\"}]"), Chunk.Replace("chatcmpl-1", ""), Chunk.Replace("\"index\":0,", ""),
            Chunk.Replace("{}", "{\"content\":null}"), Chunk.Replace("\"created\":1,", ""), Chunk.Replace("\"logprobs\":null,", "\"logprobs\":{},"),
        ];
        foreach (var json in wrong)
        {
            await Assert.ThrowsAnyAsync<Exception>(() => Schemas.AssertValidAsync(json, "chat stream"));
        }
    }

    private static async Task AssertStreamAsync(string stream, string form, bool isComplete, bool includesUsage)
    {
        Assert.EndsWith("\n\n", stream, StringComparison.Ordinal);
        var frames = stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        var finishes = 0;
        var usages = 0;
        for (var i = 0; i < frames.Length; i++)
        {
            Assert.StartsWith("data: ", frames[i], StringComparison.Ordinal);
            var json = frames[i]["data: ".Length..];
            if (json == "[DONE]")
            {
                Assert.True(isComplete && i == frames.Length - 1);
                continue;
            }

            Assert.DoesNotContain('\n', json);
            await Schemas.AssertValidAsync(json, form);
            using var chunk = JsonDocument.Parse(json);
            if (!chunk.RootElement.TryGetProperty("choices", out var choices))
            {
                Assert.True(!isComplete && i == frames.Length - 1);
                continue;
            }

            Assert.Equal(includesUsage, chunk.RootElement.TryGetProperty("usage", out var usage));
            usages += usage.ValueKind == JsonValueKind.Object ? 1 : 0;
            Assert.Equal(usage.ValueKind == JsonValueKind.Object, choices.GetArrayLength() == 0);
            finishes += choices.GetArrayLength() == 1 && choices[0].GetProperty("finish_reason").ValueKind == JsonValueKind.String ? 1 : 0;
        }

        Assert.Equal(isComplete, frames[^1] == "data: [DONE]");
        Assert.Equal((isComplete ? 1 : 0, isComplete && includesUsage ? 1 : 0), (finishes, usages));
    }

    /// <summary>A request at random, as the surface reads it.</summary>
    private static (AnswerHead Head, string[] Stops) Ask(Random random, string form, string text)
    {
        var members = new List<string> { "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]", "\"prompt\":\"Hi\"" };
        if (text.Length > 2 && random.Next(3) == 0)
        {
            var start = random.Next(text.Length - 1);
            var stop = text.Substring(start, random.Next(1, Math.Min(4, text.Length - start)));
            if (!char.IsSurrogate(stop[0]) && !char.IsSurrogate(stop[^1]))
            {
                members.Add($"\"stop\":{JsonSerializer.Serialize(stop)}");
            }
        }

        var isChat = form.StartsWith("chat", StringComparison.Ordinal);
        if (random.Next(2) == 0)
        {
            members.Add(isChat ? $"\"logprobs\":true,\"top_logprobs\":{random.Next(6)}" : $"\"logprobs\":{random.Next(6)}");
        }

        members.Add($"\"stream_options\":{{\"include_usage\":{(random.Next(2) == 0 ? "true" : "false")}}}");
        members.Add($"\"temperature\":{random.Next(3)},\"max_tokens\":{random.Next(1, 100)},\"seed\":{random.Next(-5, 5)}");
        var body = Encoding.UTF8.GetBytes($"{{{string.Join(',', members)}}}");
        if (isChat)
        {
            var chat = ChatRequest.Parse(body);
            return (HeadOf(chat.Head, chat.Logprobs ? chat.TopLogprobs : null), [.. chat.Sampling.Stop]);
        }

        var completion = CompletionRequest.Parse(body);
        return (HeadOf(completion.Head, completion.Logprobs), [.. completion.Sampling.Stop]);
    }

    private static AnswerHead HeadOf(RequestHead request, int? topLogprobs) =>
        AnswerOf.Head with { IncludesUsage = request.IncludesUsage, TopLogprobs = topLogprobs };
}
