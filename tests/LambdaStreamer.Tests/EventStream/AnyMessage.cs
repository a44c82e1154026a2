using System.Buffers;
using Amazon.Runtime.EventStreams;
using FsCheck;
using FsCheck.Fluent;
using LambdaStreamer.EventStream;
using LambdaStreamer.LocalHost.EventStream;

namespace LambdaStreamer.Tests.EventStream;

/// <summary>A frame for both encoders. Header names occur once: AWSSDK.Core reads them into a dictionary.</summary>
internal sealed record AnyMessage(IReadOnlyList<AnyHeader> Headers, byte[] Payload)
{
    public static Gen<AnyMessage> Generate() =>
        Gen.Choose((int)HeaderType.BooleanTrue, (int)HeaderType.Uuid)
            .SelectMany(type => AnyHeader.Generate((HeaderType)type))
            .ListOf()
            .SelectMany(headers => GenerateBytes()
                .Select(payload => new AnyMessage([.. headers.DistinctBy(header => header.Name)], payload)));

    public static Gen<byte[]> GenerateBytes() => Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf();

    public byte[] EncodeWithSdk() => new EventStreamMessage([.. Headers.Select(header => header.ToSdk())], Payload).ToByteArray();

    public byte[] EncodeWithOurs()
    {
        var headers = new byte[FrameDecoder.MaxHeadersLength];
        var writer = new HeaderWriter(headers);
        foreach (var header in Headers)
        {
            header.WriteTo(ref writer);
        }

        var output = new ArrayBufferWriter<byte>();
        FrameEncoder.Write(output, headers.AsSpan(0, writer.Length), Payload);
        return output.WrittenSpan.ToArray();
    }

    public override string ToString() => $"{string.Join(' ', Headers)} {Convert.ToHexString(Payload)}";
}
