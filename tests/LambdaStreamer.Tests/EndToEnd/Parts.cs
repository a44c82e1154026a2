using System.Buffers;
using System.Text;
using LambdaStreamer.LocalHost.EventStream;

namespace LambdaStreamer.Tests.EndToEnd;

/// <summary>Frames as SageMaker sends them.</summary>
internal static class Parts
{
    public static byte[] Of(params byte[][] payloads)
    {
        var output = new ArrayBufferWriter<byte>();
        foreach (var payload in payloads)
        {
            FrameEncoder.WriteEvent(output, "PayloadPart"u8, "application/octet-stream"u8, payload);
        }

        return output.WrittenSpan.ToArray();
    }

    public static byte[] OfTranscript(string file) => Of(Transcripts.Read(file));

    /// <summary>One token's event as TGI writes it.</summary>
    public static byte[] OfToken(int id, string text) =>
        Of(Encoding.UTF8.GetBytes($$"""data:{"token":{"id":{{id}},"text":"{{text}}","logprob":-0.5,"special":false},"generated_text":null,"details":null}""" + "\n\n"));

    /// <summary>The event that ends an answer.</summary>
    public static byte[] OfEnd() =>
        Of("""data:{"token":{"id":2,"text":"</s>","logprob":0,"special":true},"generated_text":"x","details":null}"""u8.ToArray(), "\n\n"u8.ToArray());
}
