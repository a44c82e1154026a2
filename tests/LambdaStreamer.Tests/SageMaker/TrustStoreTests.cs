using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LambdaStreamer.SageMaker;

namespace LambdaStreamer.Tests.SageMaker;

public class TrustStoreTests
{
    private const string PeerVariable = "TRUST_STORE_TEST_PEER";
    private const string DirectoryVariable = "TRUST_STORE_TEST_DIRECTORY";

    [Theory]
    [InlineData(true)]
    [InlineData(true, "SSL_CERT_FILE", "")]
    [InlineData(true, "TRUST_STORE", "amazon")]
    [InlineData(true, "AWS_USE_DUALSTACK_ENDPOINT", "true")]
    [InlineData(true, "AWS_USE_FIPS_ENDPOINT", "true")]
    [InlineData(true, "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", "https://vpce-1.runtime.sagemaker.us-east-1.vpce.amazonaws.com")]
    [InlineData(true, "AWS_ENDPOINT_URL", "https://runtime.sagemaker.us-east-1.api.aws")]
    [InlineData(false, "SSL_CERT_FILE", "/etc/own.pem")]
    [InlineData(false, "SSL_CERT_DIR", "/etc/own")]
    [InlineData(false, "TRUST_STORE", "system")]
    [InlineData(false, "TRUST_STORE", "System")]
    [InlineData(false, "AWS_REGION", "")]
    [InlineData(false, "AWS_REGION", "cn-north-1")]
    [InlineData(false, "AWS_REGION", "us-gov-west-1")]
    [InlineData(false, "AWS_REGION", "eusc-de-east-1")]
    [InlineData(false, "AWS_ENDPOINT_URL", "https://proxy.corp.example")]
    [InlineData(false, "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", "https://amazonaws.com.evil.example")]
    [InlineData(false, "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", "https://notamazonaws.com")]
    [InlineData(false, "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", "nonsense")]
    public void AmazonsRoots_ApplyToAmazonsHostsUnlessTheOperatorChose(bool expected, string variable = "X", string value = "")
    {
        var variables = new Dictionary<string, string?> { ["AWS_REGION"] = "us-east-1", [variable] = value };
        Assert.Equal(expected, TrustStore.Applies(variables.GetValueOrDefault));
    }

    [Fact]
    public void MissingFile_LeavesTheStoreAlone() => Assert.False(TrustStore.Use("/nowhere"));

    [Fact]
    public void ShippedFile_HoldsAmazonsFiveRoots()
    {
        // https://www.amazontrust.com/repository/ lists these SHA-256 fingerprints.
        string[] expected =
        [
            "8ECDE6884F3D87B1125BA31AC3FCB13D7016DE7F57CC904FE1CB97C6AE98196E",
            "1BA5B2AA8C65401A82960118F80BEC4F62304D83CEC4713A19C39C011EA46DB4",
            "18CE6CFE7BF14E60B2E347B8DFE868CB31D02EBB3ADA271569F50343B46DB3A4",
            "E35D28419ED02025CFA69038CD623962458DA5C695FBDEA3C22B0BFB25897092",
            "568D6905A2C88708A4B3025190EDCFEDB1974A606A13C6E5290FCB2AE63EDAB5",
        ];
        var file = Path.Combine(RepositoryRoot(), "src", "LambdaStreamer.Function", "trust", TrustStore.FileName);
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(file);
        Assert.Equal(expected, roots.Select(root => root.GetCertHashString(HashAlgorithmName.SHA256)));
        Assert.All(roots, root => Assert.True(root.NotAfter > DateTime.Now.AddYears(1)));
    }

    [Fact]
    public async Task PeerOfAGivenRoot_IsTrusted()
    {
        using var issuer = new TestIssuer();
        Assert.Equal("trusted", await CallInAnotherProcessAsync(issuer, issuer.RootPem, server => server.AnswerAsync(Caller.WholeStream)));
    }

    [Fact]
    public async Task PeerOfAnotherRoot_IsNotTrusted()
    {
        using var issuer = new TestIssuer();
        using var another = new TestIssuer();
        Assert.Equal("TlsFailed", await CallInAnotherProcessAsync(issuer, another.RootPem, _ => Task.CompletedTask));
    }

    /// <summary>What the other process runs: a process reads its trust store once, so each case needs one of its own.</summary>
    [Fact(Explicit = true)]
    public async Task CallPeer()
    {
        var directory = Environment.GetEnvironmentVariable(DirectoryVariable);
        Assert.SkipWhen(directory is null, "Run by the tests above only.");
        Assert.True(TrustStore.Use(directory!));
        using var caller = new Caller(new Uri(Environment.GetEnvironmentVariable(PeerVariable)!));
        string outcome;
        try
        {
            using var response = await caller.InvokeAsync();
            outcome = "trusted";
        }
        catch (SageMakerException exception)
        {
            outcome = exception.Failure.Kind.ToString();
        }

        await File.WriteAllTextAsync(Path.Combine(directory!, "outcome"), outcome, TestContext.Current.CancellationToken);
    }

    private static async Task<string> CallInAnotherProcessAsync(
        TestIssuer issuer, string trustedPem, Func<ScriptedServer, Task> serve)
    {
        var directory = Directory.CreateTempSubdirectory("trust-store-");
        try
        {
            var bundle = Path.Combine(directory.FullName, TrustStore.FileName);
            await File.WriteAllTextAsync(bundle, trustedPem, TestContext.Current.CancellationToken);
            using var certificate = issuer.Issue("localhost");
            await using var server = new ScriptedServer(certificate);
            var start = new ProcessStartInfo(
                Path.ChangeExtension(typeof(TrustStoreTests).Assembly.Location, null),
                ["-method", $"{typeof(TrustStoreTests).FullName}.{nameof(CallPeer)}", "-explicit", "only"])
            {
                RedirectStandardOutput = true,
            };
            start.Environment[PeerVariable] = server.Address.ToString();
            start.Environment[DirectoryVariable] = directory.FullName;
            start.Environment.Remove("SSL_CERT_FILE");
            start.Environment.Remove("SSL_CERT_DIR");
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var served = serve(server);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, await output);
            await served;
            return await File.ReadAllTextAsync(Path.Combine(directory.FullName, "outcome"), TestContext.Current.CancellationToken);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static string RepositoryRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory!.FullName, "LambdaStreamer.sln")))
        {
            directory = directory.Parent;
        }

        return directory.FullName;
    }
}
