using System.Text.Json;

namespace LambdaStreamer.Tokens;

/// <summary>
/// The <c>logprobs</c> of a choice: chat's <c>{"content": [{"token","logprob","top_logprobs": […]}]}</c>, completions'
/// <c>{"token_logprobs": […], "top_logprobs": [{…}]}</c>. They tell how many tokens a chunk holds; the values are kept only if it is one.
/// </summary>
internal static class OpenAILogprobs
{
    public static void Read(scoped ref JsonLine line, scoped ref Token token)
    {
        if (line.Type != JsonTokenType.StartObject)
        {
            line.Skip();
            return;
        }

        var count = 0;
        while (line.ReadMember(out var name))
        {
            if (line.Type != JsonTokenType.StartArray)
            {
                line.Skip();
            }
            else if (name.SequenceEqual("content"u8))
            {
                while (line.ReadElement())
                {
                    count++;
                    ReadEntry(ref line, ref token);
                }
            }
            else if (name.SequenceEqual("token_logprobs"u8))
            {
                while (line.ReadElement())
                {
                    count++;
                    token.Logprob = line.Number();
                }
            }
            else if (name.SequenceEqual("top_logprobs"u8))
            {
                while (line.ReadElement())
                {
                    token.TopTokens = TopTokens.Read(ref line);
                }
            }
            else
            {
                line.Skip();
            }
        }

        token.Count = count;
        if (count != 1)
        {
            token.Logprob = default;
            token.TopTokens = default;
        }
    }

    private static void ReadEntry(scoped ref JsonLine line, scoped ref Token token)
    {
        line.Expect(JsonTokenType.StartObject);
        while (line.ReadMember(out var name))
        {
            if (name.SequenceEqual("logprob"u8))
            {
                token.Logprob = line.Number();
            }
            else if (name.SequenceEqual("top_logprobs"u8))
            {
                token.TopTokens = TopTokens.Read(ref line);
            }
            else
            {
                line.Skip();
            }
        }
    }
}
