using System.Globalization;
using System.Text;
using LambdaStreamer.LocalHost.Models;

namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>
/// LMI's bytes with asynchronous vLLM (djl-inference 0.36): a line of JSON for each token, the buffered answer, the error. Members stand in
/// LMI's order, with Python's blanks. The index is that of the choice, of which there is one. vLLM does not show the end token, which is
/// read here as follows: the line of the last visible token is the last, and the end token counts in <c>generated_tokens</c> all the same.
/// </summary>
internal sealed class LmiWriter(JumpStartModel model, LmiRequest request, Generation generation, ulong seed)
{
    private string GeneratedText => LmiString.Quote(request.ReturnFullText ? request.Inputs + generation.Text : generation.Text);

    private string Details
    {
        get
        {
            // vLLM has one word for its end token and a stop sequence, and names no seed but the request's own.
            var finishReason = generation.FinishReason is FinishReason.Length ? "length" : "stop";
            var ownSeed = request.Seed?.ToString(CultureInfo.InvariantCulture) ?? "null";
            var inputLength = Tokenizer.InputLength(model, request.Inputs);
            var counts = string.Create(
                CultureInfo.InvariantCulture, $"\"generated_tokens\": {generation.GeneratedTokens}, \"input_length\": {inputLength}");
            return $$$"""{"finish_reason": "{{{finishReason}}}", "seed": {{{ownSeed}}}, {{{counts}}}}""";
        }
    }

    /// <summary>The line of the token at <paramref name="position"/>, counted from 0. The last has the text and the details.</summary>
    public ReadOnlyMemory<byte> TokenLine(int position)
    {
        var (id, text, _) = generation.Tokens[position];
        var logprob = Logprob.Of(seed, position, id);
        var token = string.Create(
            CultureInfo.InvariantCulture, $$$"""{"id": {{{id}}}, "text": {{{LmiString.Quote(text)}}}, "logprob": {{{logprob}}}}""");
        var isLast = position == generation.Tokens.Count - 1;
        var generatedText = isLast ? GeneratedText : "null";
        var details = isLast && request.Details ? Details : "null";
        return Bytes(
            $$$"""{"index": 0, "token": {{{token}}}, "generated_text": {{{generatedText}}}, "details": {{{details}}}}""" + "\n");
    }

    /// <summary>The answer without streaming: an object, not TGI's array of one.</summary>
    public ReadOnlyMemory<byte> Buffered() => Bytes(request.Details
        ? $$$"""{"generated_text": {{{GeneratedText}}}, "details": {{{Details}}}}"""
        : $$$"""{"generated_text": {{{GeneratedText}}}}""");

    /// <summary>An error instead of an answer.</summary>
    public static ReadOnlyMemory<byte> Error(int status, string message) => Bytes(string.Create(
        CultureInfo.InvariantCulture,
        $$$"""{"error": {{{LmiString.Quote(message)}}}, "code": {{{status}}}}"""));

    /// <summary>An error inside a stream; nothing follows it.</summary>
    public static ReadOnlyMemory<byte> ErrorLine(int status, string message) => (byte[])[.. Error(status, message).Span, (byte)'\n'];

    // Whatever is not ASCII has been escaped.
    private static byte[] Bytes(string json) => Encoding.ASCII.GetBytes(json);
}
