using System.Text;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Tests.LocalHost.SageMaker;

/// <summary>What the library's reader understands of a container's body, whatever its dialect.</summary>
internal sealed record ReadAnswer
{
    public string Text { get; private set; } = "";

    public string Reasoning { get; private set; } = "";

    public string ToolName { get; private set; } = "";

    public string ToolArguments { get; private set; } = "";

    public FinishReason FinishReason { get; private set; }

    public int? InputTokens { get; private set; }

    public int? GeneratedTokens { get; private set; }

    public int Count { get; private set; }

    public bool IsEnded { get; private set; }

    public (string Message, string Type, int? Status)? Error { get; private set; }

    public static ReadAnswer Of(string body)
    {
        var answer = new ReadAnswer();
        using var reader = new TokenReader();
        foreach (var line in body.Split('\n').Where(line => line.Length > 0))
        {
            var token = reader.Read(Encoding.UTF8.GetBytes(line));
            Assert.True(token.Kind is not (TokenKind.Malformed or TokenKind.Unknown), line);
            answer.Add(token);
        }

        return answer;
    }

    private void Add(Token token)
    {
        if (token.Kind is TokenKind.Error)
        {
            Error = (Encoding.UTF8.GetString(token.ErrorMessage), Encoding.UTF8.GetString(token.ErrorType), token.ErrorStatus);
        }

        Text += Encoding.UTF8.GetString(token.Text);
        Reasoning += Encoding.UTF8.GetString(token.Reasoning);
        foreach (var piece in token.ToolCalls)
        {
            ToolName += Encoding.UTF8.GetString(piece.Name);
            ToolArguments += Encoding.UTF8.GetString(piece.Arguments);
        }

        FinishReason = token.FinishReason is FinishReason.Unknown ? FinishReason : token.FinishReason;
        InputTokens = token.InputTokens ?? InputTokens;
        GeneratedTokens = token.GeneratedTokens ?? GeneratedTokens;
        Count += token.Count;
        IsEnded |= token.IsLast;
    }
}
