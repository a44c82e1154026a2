using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using LambdaStreamer.Lines;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Tests.Tokens;

/// <summary>
/// All that lines and tokens tell of an answer, one fact a line, so that two readings are compared as text and a difference can be read.
/// One comes from the readers, one from the manifest.
/// </summary>
internal static class ReadAnswer
{
    public static string Of(byte[][] pieces)
    {
        using var lines = new LineReader();
        using var tokens = new TokenReader();
        var answer = new Builder();
        foreach (var piece in pieces)
        {
            var part = Cuts.Oversized(piece);
            while (lines.Read(ref part, out var line) == OperationStatus.Done)
            {
                answer.Add(tokens.Read(line));
            }
        }

        if (lines.TryReadLast(out var last))
        {
            answer.Add(tokens.Read(last));
        }

        return answer.ToString();
    }

    public static string Expected(JsonElement expected)
    {
        var text = new StringBuilder();
        foreach (var (position, token) in expected.GetProperty("tokens").EnumerateArray().Index())
        {
            var isSpecial = token.GetArrayLength() > 3 && token[3].GetBoolean();
            text.Append(CultureInfo.InvariantCulture, $"token {token[0].GetRawText()} {token[1]} {isSpecial} [{token[2]}]");
            if (expected.TryGetProperty("topTokens", out var topTokens))
            {
                foreach (var top in topTokens[position].EnumerateArray())
                {
                    text.Append(CultureInfo.InvariantCulture, $" ({top[0].GetRawText()} [{top[1]}] {top[2]})");
                }
            }

            text.Append('\n');
        }

        if (expected.TryGetProperty("error", out var error))
        {
            var (type, message) = (error.GetProperty("type"), error.GetProperty("message"));
            text.Append(CultureInfo.InvariantCulture, $"error [{type}] {RawOrNull(error, "status")} [{message}]\n");
        }

        if (expected.TryGetProperty("tools", out var tools))
        {
            foreach (var tool in tools.EnumerateArray())
            {
                var (index, id) = (tool.GetProperty("index"), tool.GetProperty("id"));
                var (name, arguments) = (tool.GetProperty("name"), tool.GetProperty("arguments"));
                text.Append(CultureInfo.InvariantCulture, $"tool {index} [{id}] [{name}] [{arguments}]\n");
            }
        }

        return text.Append(
            CultureInfo.InvariantCulture,
            $"""
            text [{expected.GetProperty("text")}]
            reasoning [{(expected.TryGetProperty("reasoning", out var reasoning) ? reasoning.GetString() : "")}]
            finish {(expected.TryGetProperty("finish", out var finish) ? finish.GetString() : "null")}
            input {RawOrNull(expected, "inputTokens")}
            generated {expected.GetProperty("generatedTokens")} counted {IsTrue(expected, "isCounted")}
            seed {RawOrNull(expected, "seed")} complete {IsTrue(expected, "complete")} ended by body {IsTrue(expected, "endedByBody")}
            """).ToString();
    }

    private static string RawOrNull(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? value.GetRawText() : "null";

    private static bool IsTrue(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.GetBoolean();

    private sealed class Builder
    {
        private readonly StringBuilder _facts = new();
        private readonly ArrayBufferWriter<byte> _text = new();
        private readonly ArrayBufferWriter<byte> _reasoning = new();
        private readonly SortedDictionary<int, (string Id, string Name, ArrayBufferWriter<byte> Arguments)> _tools = [];
        private Usage _usage;
        private bool _isFailed;

        public void Add(in Token token)
        {
            Assert.True(token.Kind is not (TokenKind.Unknown or TokenKind.Malformed), token.Kind.ToString());
            if (token.Kind == TokenKind.None || _isFailed)
            {
                // An error ends the stream: the [DONE] that some containers send after it is no end of the answer.
                return;
            }

            if (token.Kind == TokenKind.Error)
            {
                _isFailed = true;
                var (type, message) = (Utf8(token.ErrorType), Utf8(token.ErrorMessage));
                _facts.Append(CultureInfo.InvariantCulture, $"error [{type}] {OrNull(token.ErrorStatus)} [{message}]\n");
                return;
            }

            _usage.Add(token);
            if (token.Kind == TokenKind.Update)
            {
                Assert.True(token.Text.IsEmpty && token.Reasoning.IsEmpty && token.ToolCalls.IsEmpty && token.Count == 0);
                return;
            }

            _facts.Append(CultureInfo.InvariantCulture, $"token {OrNull(token.Id)} {token.Count} {token.IsSpecial} [{Utf8(token.Text)}]");
            foreach (var top in token.TopTokens)
            {
                _facts.Append(CultureInfo.InvariantCulture, $" ({OrNull(top.Id)} [{Utf8(top.Text)}] {Utf8(top.Logprob)})");
            }

            _facts.Append('\n');
            _text.Write(token.IsSpecial ? default : token.Text);
            _reasoning.Write(token.Reasoning);
            foreach (var piece in token.ToolCalls)
            {
                if (!_tools.TryGetValue(piece.Index, out var tool))
                {
                    tool = _tools[piece.Index] = (Utf8(piece.Id), Utf8(piece.Name), new ArrayBufferWriter<byte>());
                }

                tool.Arguments.Write(piece.Arguments);
            }
        }

        public override string ToString()
        {
            foreach (var (index, (id, name, arguments)) in _tools)
            {
                _facts.Append(CultureInfo.InvariantCulture, $"tool {index} [{id}] [{name}] [{Utf8(arguments.WrittenSpan)}]\n");
            }

            return _facts.Append(
                CultureInfo.InvariantCulture,
                $"""
                text [{Utf8(_text.WrittenSpan)}]
                reasoning [{Utf8(_reasoning.WrittenSpan)}]
                finish {FinishReasonWords.Format(_usage.FinishReason) ?? "null"}
                input {OrNull(_usage.InputTokens)}
                generated {_usage.GeneratedTokens} counted {_usage.IsCounted}
                seed {OrNull(_usage.Seed)} complete {_usage.IsComplete} ended by body {_usage.IsEndedByBody}
                """).ToString();
        }

        private static string Utf8(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text);

        private static string OrNull<T>(T? value)
            where T : struct, IFormattable => value?.ToString(null, CultureInfo.InvariantCulture) ?? "null";
    }
}
