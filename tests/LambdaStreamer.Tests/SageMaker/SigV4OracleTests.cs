using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;
using Amazon.Runtime.Internal.Util;
using FsCheck;
using FsCheck.Fluent;
using LambdaStreamer.SageMaker;

namespace LambdaStreamer.Tests.SageMaker;

/// <summary>The AWS SDK for .NET signs the same requests the same.</summary>
public class SigV4OracleTests
{
    private const string NameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    private static readonly Gen<string> Name =
        Gen.Choose(1, 63).SelectMany(length => Gen.Elements(NameCharacters.ToCharArray()).ArrayOf(length)).Select(string.Concat);

    private static readonly Gen<string> Text =
        Gen.Choose(1, 300).SelectMany(length => Gen.Choose(' ', '~').Select(c => (char)c).ArrayOf(length)).Select(string.Concat);

    private static readonly Gen<string> Path = Gen.OneOf(
        Name.Select(name => $"/endpoints/{name}/invocations-response-stream"),
        Name.Select(name => new Uri($"http://h/base path/\u00e9{name}/endpoints/x/invocations-response-stream").AbsolutePath));

    private static readonly Gen<Case> Cases =
        from region in Gen.Elements("us-east-1", "eu-west-2", "cn-north-1")
        from path in Path
        from body in Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf()
        from secret in Text.Select(text => text.Replace(" ", "/", StringComparison.Ordinal))
        from token in Gen.OneOf(Gen.Constant<string?>(null), Text.Select(text => (string?)text.Replace(" ", "+", StringComparison.Ordinal)))
        from attributes in Gen.OneOf(Gen.Constant<string?>(null), Text.Select(text => (string?)('a' + text + 'z')))
        from component in Gen.OneOf(Gen.Constant<string?>(null), Name.Select(name => (string?)name))
        from seconds in Gen.Choose(0, 400_000_000)
        let moment = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000 + seconds)
        select new Case(region, path, body, secret, token, attributes, component, moment);

    [Fact]
    public void RandomRequest_IsSignedAsTheSdkSignsIt() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(Arb.From(Cases), one => Assert.Equal(Sdk(one), Own(one))));

    private static string Own(Case one)
    {
        var headers = Headers(one).ToList();
        headers.Add(new("host", "runtime.sagemaker.test:8443"));
        headers.Add(new("x-amz-content-sha256", Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(one.Body))));
        new SigV4Signer(one.Region, "sagemaker").Sign(headers, "POST", one.Path, "", one.Body, Keys(one), one.Moment);
        return headers[^1].Value;
    }

    private static string Sdk(Case one)
    {
        using var request = new DefaultRequest(new AnyRequest(), "SageMakerRuntime")
        {
            HttpMethod = "POST",
            Endpoint = new Uri("https://runtime.sagemaker.test:8443"),
            ResourcePath = Uri.UnescapeDataString(one.Path),
            Content = one.Body,
            AuthenticationRegion = one.Region,
            OverrideSigningServiceName = "sagemaker",
            DeterminedSigningRegion = one.Region,
        };
        foreach (var (name, value) in Headers(one))
        {
            request.Headers[name] = value;
        }

        if (one.Token is not null)
        {
            request.Headers["x-amz-security-token"] = one.Token;
        }

        var result = new AWS4Signer().SignRequest(
            request, new AnyConfig(), new RequestMetrics(), "AKIDEXAMPLE", one.Secret, one.Moment.UtcDateTime);
        return result.ForAuthorizationHeader;
    }

    private static AwsCredentials Keys(Case one) => new("AKIDEXAMPLE", one.Secret, one.Token);

    private static IEnumerable<KeyValuePair<string, string>> Headers(Case one)
    {
        yield return new("content-type", "application/json");
        if (one.Attributes is not null)
        {
            yield return new("x-amzn-sagemaker-custom-attributes", one.Attributes);
        }

        if (one.Component is not null)
        {
            yield return new("x-amzn-sagemaker-inference-component", one.Component);
        }
    }

    private sealed record Case(
        string Region,
        string Path,
        byte[] Body,
        string Secret,
        string? Token,
        string? Attributes,
        string? Component,
        DateTimeOffset Moment);

    private sealed class AnyRequest : AmazonWebServiceRequest;

    private sealed class AnyConfig()
        : ClientConfig(new DefaultConfigurationProvider([new DefaultConfiguration { Name = DefaultConfigurationMode.Standard }]))
    {
        public override string ServiceVersion => "2017-05-13";
        public override string UserAgent => "test";
        public override string RegionEndpointServiceName => "runtime.sagemaker";
        public override Endpoint DetermineServiceOperationEndpoint(ServiceOperationEndpointParameters parameters) =>
            throw new NotSupportedException();
    }
}
