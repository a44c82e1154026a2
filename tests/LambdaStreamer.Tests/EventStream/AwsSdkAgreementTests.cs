using System.Buffers;
using System.Text;
using Amazon.Runtime.EventStreams;
using FsCheck;
using FsCheck.Fluent;
using LambdaStreamer.EventStream;

namespace LambdaStreamer.Tests.EventStream;

/// <summary>AWSSDK.Core's encoder and decoder as oracles for ours, over random frames with headers of all ten types.</summary>
public class AwsSdkAgreementTests
{
    private static readonly Config OneThousand = Config.QuickThrowOnFailure.WithMaxTest(1000);

    [Fact]
    public void FramesOfTheSdk_AreReadAsWritten() => Check.One(OneThousand, Prop.ForAll(AnyMessage.Generate().ToArbitrary(), message =>
    {
        var bytes = message.EncodeWithSdk();
        Assert.Equal(OperationStatus.Done, new FrameDecoder().Read(bytes, out var frame, out var consumed));
        Assert.Equal(bytes.Length, consumed);
        Assert.Equal(message.Payload, frame.Payload.ToArray());

        var headers = new List<AnyHeader>();
        foreach (var header in frame.Headers)
        {
            headers.Add(AnyHeader.Copy(header));
        }

        Assert.Equal(message.Headers, headers);
    }));

    [Fact]
    public void OurFrames_AreReadByTheSdk() => Check.One(OneThousand, Prop.ForAll(AnyMessage.Generate().ToArbitrary(), message =>
    {
        var bytes = message.EncodeWithOurs();
        var read = EventStreamMessage.FromBuffer(bytes, 0, bytes.Length);
        Assert.Equal(message.Payload, read.Payload ?? []);
        Assert.Equal(message.Headers.ToHashSet(), [.. read.Headers.Values.Select(AnyHeader.Copy)]);
    }));

    [Fact]
    public void BothEncoders_WriteTheSameBytes() => Check.One(OneThousand, Prop.ForAll(AnyMessage.Generate().ToArbitrary(), message =>
        Assert.Equal(Convert.ToHexString(message.EncodeWithSdk()), Convert.ToHexString(message.EncodeWithOurs()))));

    [Fact]
    public void StreamsOfTheSdkCutAnywhere_GiveEveryPayload()
    {
        var cases = AnyMessage.Generate().NonEmptyListOf()
            .SelectMany(messages => Gen.Choose(1, 64).ArrayOf(256).Select(lengths => (Messages: messages, Lengths: lengths)));
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll(cases.ToArbitrary(), each =>
        {
            var rest = each.Messages.SelectMany(message => message.EncodeWithSdk()).ToArray();
            var reader = new BufferingReader();
            for (var read = 0; rest.Length > 0; read++)
            {
                var length = Math.Min(each.Lengths[read % each.Lengths.Length], rest.Length);
                reader.Receive(rest.AsSpan(0, length));
                rest = rest[length..];
            }

            Assert.Equal(OperationStatus.Done, reader.End());
            Assert.Equal(
                each.Messages.Select(message => Convert.ToHexString(message.Payload)),
                reader.Frames.Select(frame => Convert.ToHexString(Encoding.Latin1.GetBytes(frame.Payload))));
        }));
    }
}
