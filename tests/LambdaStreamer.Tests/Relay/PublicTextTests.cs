using System.Text;
using FsCheck;
using FsCheck.Fluent;
using LambdaStreamer.Relay;

namespace LambdaStreamer.Tests.Relay;

public class PublicTextTests
{
    [Theory]
    [InlineData("Input validation error: `inputs` must have less than 1024 tokens. Given: 2000")]
    [InlineData("Model is overloaded")]
    [InlineData("Template error: no chat template, see https://huggingface.co/docs/transformers/chat_templating for how to add one.")]
    [InlineData("Field required, see https://errors.pydantic.dev/2.10/v/missing")]
    [InlineData("Not Found: /v1/chat/completions and /generate; use </s> or [/INST], and/or 3/4 of meta-llama/Llama-2-7b.")]
    [InlineData("入力が長すぎます: 2000 \ud83d\ude00")]
    [InlineData("11 digits 12345678901 are no account")]
    [InlineData("torch 2.4.1, vLLM 0.6.3.post1, 10.0.0.1234, 10.0.256.1, ip-10-0-12, 1234-5678-901, 1234-5678-90123, [1, 2], [a:b]")]
    [InlineData("")]
    public void MessageFitForAnybody_StaysAsItIs(string message) => Assert.Equal(message, PublicText.Of(message));

    [Theory]
    [InlineData(
        "Received client error (422) from primary with message \"{\"error\":\"bad\"}\". See https://us-east-1.console.aws.amazon.com"
        + "/cloudwatch/home?region=us-east-1#logEventViewer:group=/aws/sagemaker/Endpoints/e in account 123456789012 for more information.",
        "Received client error (422) from primary with message \"{\"error\":\"bad\"}\".")]
    [InlineData("Endpoint my-endpoint of account 123456789012 not found.", "Endpoint my-endpoint of account … not found.")]
    [InlineData(
        "User: arn:aws:sts::123456789012:assumed-role/my-role/my-function is not authorized to perform: sagemaker:InvokeEndpoint on "
        + "resource: arn:aws:sagemaker:eu-central-1:123456789012:endpoint/e.",
        "User: … is not authorized to perform: sagemaker:InvokeEndpoint on resource: ….")]
    [InlineData("log arn:aws:logs:us-east-1:123456789012:log-group:/aws/sagemaker/Endpoints/e", "log …")]
    [InlineData("warn: low memory", "warn low memory")]
    [InlineData("order 1234567890123 failed", "order … failed")]
    [InlineData("cannot reach http://localhost:8080/generate (refused)", "cannot reach … (refused)")]
    [InlineData("cannot reach https://model.corp.example/v1, giving up", "cannot reach …, giving up")]
    [InlineData("cannot reach 10.0.3.7:8080 or ip-10-0-3-7.ec2.internal", "cannot reach … or …")]
    [InlineData("runtime.sagemaker.us-east-1.amazonaws.com timed out", "… timed out")]
    [InlineData("https://huggingface.co@evil.example/x and https://huggingface.co:8080/", "… and …")]
    [InlineData("s3://my-bucket/models/x.tar.gz is missing", "… is missing")]
    [InlineData("cannot open '/opt/ml/model/config.json': No such file", "cannot open '…': No such file")]
    [InlineData("OSError:/opt/ml/model/x.py:12: bad, path=~/.cache/hub", "OSError:…: bad, path=~…")]
    [InlineData("cannot open C:\\models\\a.bin now", "cannot open … now")]
    [InlineData("connection timed out: /10.0.12.34:8080", "connection timed out: /…")]
    [InlineData("UNAVAILABLE: ipv4:10.0.12.34:50051: Connection refused", "UNAVAILABLE: ipv4:…: Connection refused")]
    [InlineData("host=tcp:10.0.0.5:80, connect to 10.0.0.5: refused", "host=tcp:…, connect to …: refused")]
    [InlineData("bad [fd00:ec2::23]:80 or [::1]", "bad … or …")]
    [InlineData("unknown: ip-10-0-12-34, IP-10-0-12-34:80", "unknown: …, …:80")]
    [InlineData("account 1234-5678-9012.", "account ….")]
    [InlineData("ARN:AWS:SAGEMAKER:us-east-1:123456789012:endpoint/secret", "…")]
    [InlineData("WARN: low memory", "WARN low memory")]
    [InlineData("two\r\nlines\u001b[31m and\ttabs\u2028here", "two lines [31m and tabs here")]
    public void WhatIsTheOperatorsAlone_IsTakenOut(string message, string expected) => Assert.Equal(expected, PublicText.Of(message));

    [Theory]
    [InlineData(
        "Request failed during generation: Traceback (most recent call last):\n  File \"/opt/conda/x.py\", line 3, in f\n    go()\n"
        + "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB",
        "Request failed during generation: torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB")]
    [InlineData(
        "Traceback (most recent call last):\r\n  File \"a.py\", line 1\r\nKeyError: 'x'\r\n\r\nDuring handling of the above exception, another "
        + "exception occurred:\r\n\r\nTraceback (most recent call last):\r\n  File \"b.py\", line 2\r\nValueError: no 'x' given\r\n",
        "ValueError: no 'x' given")]
    [InlineData("Traceback (most recent call last):\\n  File \\\"/a/b.py\\\", line 1\\nValueError: bad", "ValueError: bad")]
    [InlineData("Traceback (most recent call last):   File \"/a/b.py\", line 1, in f     go() ValueError: bad", "ValueError: bad")]
    [InlineData("prediction failed: Traceback (most recent call last):", "prediction failed:")]
    [InlineData(
        "System.InvalidOperationException: No model\n   at Server.Models.Load(String name) in /src/Models.cs:line 12\n"
        + "--- End of stack trace from previous location ---\n   at Server.Program.Main()",
        "System.InvalidOperationException: No model")]
    [InlineData(
        "ai.djl.ModelException: no model\n\tat ai.djl.Model.load(Model.java:12)\n\t... 23 more\nCaused by: java.io.IOException: gone\n"
        + "\tat java.base/java.io.File.open(File.java:1)",
        "ai.djl.ModelException: no model Caused by: java.io.IOException: gone")]
    [InlineData(
        "called `Result::unwrap()` on an `Err` value\nstack backtrace:\n   0: rust_begin_unwind\n             at /rustc/x/panicking.rs:5\n"
        + "   1: core::panic\nnote: run with `RUST_BACKTRACE=full` for a verbose backtrace.",
        "called `Result::unwrap()` on an `Err` value")]
    [InlineData("we met\n   at noon", "we met at noon")]
    public void StackTrace_LeavesWhatWasThrown(string message, string expected) => Assert.Equal(expected, PublicText.Of(message));

    [Fact]
    public void HalfACharacter_BecomesTheReplacementCharacter() =>
        Assert.Equal("half \ufffd and \ufffd of one", PublicText.Of("half \ud83d and \ude00 of one"));

    /// <summary>As much as a reply to one request holds.</summary>
    [Theory]
    [InlineData("\n")]
    [InlineData("\\n")]
    [InlineData(" ")]
    public void LongestTrace_LeavesWhatWasThrown(string lineEnd)
    {
        const string Thrown = "OSError: account 123456789012 has no /opt/ml/model";
        var begin = $"failed: Traceback (most recent call last):{lineEnd}";
        var frame = $"  File \"/opt/ml/code/x.py\", line 3, in f{lineEnd}";
        var frames = string.Concat(Enumerable.Repeat(frame, ((64 * 1024) - begin.Length - Thrown.Length) / frame.Length));
        Assert.Equal("failed: OSError: account … has no …", PublicText.Of(begin + frames + Thrown));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(11)]
    public void WordAtTheCut_IsNotTornInHalf(int shift)
    {
        // Thousands of characters that are taken out bring what was far behind into the text.
        var paths = string.Concat(Enumerable.Repeat($"/opt/ml/{new string('m', 191)} ", 19));
        var message = $"{paths}{new string('x', 4000 - paths.Length - 1 - shift)} 123456789012 is it, and more";
        Assert.DoesNotMatch("[0-9]", PublicText.Of(message));
    }

    [Fact]
    public void LongMessage_IsCappedWithoutHalfACharacter()
    {
        Assert.Equal(new string('x', 999) + "…", PublicText.Of(new string('x', 5000)));
        Assert.Equal(new string('x', 998) + "…", PublicText.Of(new string('x', 998) + "\ud83d\ude00 and more"));
    }

    [Fact]
    public void SecretBehindALongTrace_IsTakenOutOfWhatWasThrown()
    {
        var frames = string.Concat(Enumerable.Repeat("  File \"/opt/ml/code/x.py\", line 3, in f\n", 500));
        Assert.Equal(
            "OSError: … is not a file",
            PublicText.Of($"Traceback (most recent call last):\n{frames}OSError: /opt/ml/model is not a file"));
    }

    /// <summary>Made of what the scanner looks for, so that most texts have something to take out, cut and nested in odd ways.</summary>
    [Fact]
    public void AnyText_LosesWhatMustGoAndNothingOnceMore()
    {
        string[] pieces =
        [
            "arn:", "ARN:", "10.0.12.34", "1234-5678-9012", "ip-10-0-12-34", "[fd00::1]", ":80",
            "aws:", "w", "123456789012", "9", "://", "https://", "huggingface.co", "amazonaws.com", "/opt", "/ml", "C:\\", "localhost:1",
            "See https://", " aws ", " for more information", "Traceback (most recent call last):", "\\n", "\n", "\r", "  at f(", "Error: x", "Trace",
            "stack backtrace:", "\u2028", "\0", " ", ".", "…", "\ud83d", "\ude00", "\"", "(", "é", "word", new string('a', 400),
        ];
        var texts = Gen.Elements(pieces).ListOf().Select(string.Concat).ToArbitrary();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(5000), Prop.ForAll(texts, IsFitForAnybody));
    }

    [Fact]
    public void AnyString_LosesWhatMustGoAndNothingOnceMore() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll((string? text) => IsFitForAnybody(text ?? "")));

    private static bool IsFitForAnybody(string message)
    {
        var text = PublicText.Of(message);
        Assert.True(text.Length <= Math.Min(message.Length, 1000));
        Assert.Equal(text, PublicText.Of(text));
        Assert.DoesNotContain("arn:", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch("[0-9]{12}", text);
        Assert.DoesNotMatch("(?<![A-Za-z0-9])10\\.0\\.12\\.34(?![0-9])", text);
        Assert.DoesNotMatch("(?<![A-Za-z0-9])1234-5678-9012(?![0-9])", text);
        Assert.DoesNotContain(text, char.IsControl);
        Assert.Equal(text, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)));
        return true;
    }
}
