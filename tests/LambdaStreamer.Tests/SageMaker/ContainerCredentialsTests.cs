using LambdaStreamer.SageMaker;

namespace LambdaStreamer.Tests.SageMaker;

public class ContainerCredentialsTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public async Task FirstUse_FetchesWithTheTokenAndKeepsTheKeys()
    {
        await using var server = new ScriptedServer();
        var source = Source(server, new ManualClock(Start), ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic abc="));
        var fetch = GetAsync(source);
        var connection = await server.AcceptedAsync();
        Assert.Equal(
            $"GET /2021-04-23/credentials HTTP/1.1\r\nHost: localhost:{server.Port}\r\nAuthorization: Basic abc=\r\n\r\n",
            await connection.ReadRequestAsync());
        await connection.WriteAsync(Reply("AKID1", Start.AddHours(6)));
        var keys = await fetch;
        Assert.Equal(("AKID1", "secret", "token"), (keys.AccessKeyId, keys.SecretAccessKey, keys.SessionToken));
        Assert.Equal(Start.AddHours(6), keys.Expiration);
        Assert.Same(keys, await GetAsync(source));
    }

    [Fact]
    public async Task ManyAtOnce_ShareOneFetch()
    {
        await using var server = new ScriptedServer();
        var source = Source(server, new ManualClock(Start));
        var fetches = Enumerable.Range(0, 10).Select(_ => GetAsync(source)).ToArray();
        await server.AnswerAsync(Reply("AKID1", Start.AddHours(6)));
        var keys = await Task.WhenAll(fetches);
        Assert.All(keys, one => Assert.Same(keys[0], one));
        Assert.Equal(0, server.Waiting);
    }

    [Fact]
    public async Task FiveMinutesBeforeExpiry_TheyAreRefreshed()
    {
        await using var server = new ScriptedServer();
        var clock = new ManualClock(Start);
        var source = Source(server, clock);
        await FetchAsync(server, source, Reply("AKID1", Start.AddHours(1)));

        clock.Advance(TimeSpan.FromMinutes(55) - TimeSpan.FromTicks(1));
        Assert.Equal("AKID1", (await GetAsync(source)).AccessKeyId);
        clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal("AKID2", (await FetchAsync(server, source, Reply("AKID2", Start.AddHours(2)))).AccessKeyId);
    }

    [Fact]
    public async Task RefreshThatFails_LeavesTheValidKeysAndIsNotRepeatedAtOnce()
    {
        await using var server = new ScriptedServer();
        var clock = new ManualClock(Start);
        var source = Source(server, clock);
        await FetchAsync(server, source, Reply("AKID1", Start.AddHours(1)));

        clock.Advance(TimeSpan.FromMinutes(56));
        Assert.Equal("AKID1", (await FetchAsync(server, source, "HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n")).AccessKeyId);
        Assert.Equal("AKID1", (await GetAsync(source)).AccessKeyId);
        Assert.Equal(0, server.Waiting);

        clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("AKID2", (await FetchAsync(server, source, Reply("AKID2", Start.AddHours(2)))).AccessKeyId);
    }

    [Fact]
    public async Task RefreshThatFailsAfterExpiry_IsAFailure()
    {
        await using var server = new ScriptedServer();
        var clock = new ManualClock(Start);
        var source = Source(server, clock);
        await FetchAsync(server, source, Reply("AKID1", Start.AddHours(1)));
        clock.Advance(TimeSpan.FromHours(1));
        var thrown = await Assert.ThrowsAsync<CredentialsException>(
            () => FetchAsync(server, source, "HTTP/1.1 403 X\r\nContent-Length: 6\r\n\r\ndenied"));
        Assert.EndsWith("/2021-04-23/credentials answered 403: denied", thrown.Message, StringComparison.Ordinal);
        Assert.False(thrown.IsTransient);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", false)]
    [InlineData("HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n", true)]
    [InlineData("HTTP/1.1 302 X\r\nLocation: http://evil.example/\r\nContent-Length: 0\r\n\r\n", false)]
    [InlineData("garbage\r\n\r\n", true)]
    public async Task UnusableReply_IsAFailure(string reply, bool isTransient)
    {
        await using var server = new ScriptedServer();
        var source = Source(server, new ManualClock(Start));
        var thrown = await Assert.ThrowsAsync<CredentialsException>(() => FetchAsync(server, source, reply));
        Assert.Equal(isTransient, thrown.IsTransient);
    }

    [Fact]
    public async Task KeysThatHaveExpired_AreAFailure()
    {
        await using var server = new ScriptedServer();
        var source = Source(server, new ManualClock(Start));
        await Assert.ThrowsAsync<CredentialsException>(() => FetchAsync(server, source, Reply("AKID1", Start)));
    }

    [Fact]
    public async Task SilentEndpoint_IsGivenUpAfterTwoSeconds()
    {
        await using var server = new ScriptedServer();
        var clock = new ManualClock(Start);
        var source = Source(server, clock);
        var fetch = GetAsync(source);
        var connection = await server.AcceptedAsync();
        await connection.ReadRequestAsync();
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True((await Assert.ThrowsAsync<CredentialsException>(() => fetch)).IsTransient);
    }

    [Fact]
    public async Task TokenFile_IsReadOnEveryFetch()
    {
        var file = Path.GetTempFileName();
        try
        {
            await using var server = new ScriptedServer();
            var source = Source(server, new ManualClock(Start), ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", file));
            foreach (var token in (string[])["first", "second"])
            {
                await File.WriteAllTextAsync(file, token + "\n", TestContext.Current.CancellationToken);
                var fetch = GetAsync(source);
                var connection = await server.AcceptedAsync();
                Assert.Contains($"\r\nAuthorization: {token}\r\n", await connection.ReadRequestAsync(), StringComparison.Ordinal);
                await connection.WriteAsync(Reply(token, Start.AddHours(1)));
                source.Reject(await fetch);
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("AWS_CONTAINER_AUTHORIZATION_TOKEN", "a\r\nHost: evil")]
    [InlineData("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/nowhere/token")]
    public async Task UnusableToken_IsAFailureAndNothingIsSent(string variable, string value)
    {
        await using var server = new ScriptedServer();
        var source = Source(server, new ManualClock(Start), (variable, value));
        Assert.False((await Assert.ThrowsAsync<CredentialsException>(() => GetAsync(source))).IsTransient);
        Assert.Equal(0, server.Waiting);
    }

    [Fact]
    public async Task KeysThatSageMakerCallsExpired_AreFetchedAnewOnce()
    {
        const string Expired =
            "HTTP/1.1 403 Forbidden\r\nx-amzn-errortype: ExpiredTokenException\r\nContent-Length: 2\r\n\r\n{}";
        await using var container = new ScriptedServer();
        await using var server = new ScriptedServer();
        var source = Source(container, new ManualClock(Start));
        using var caller = new Caller(server, credentials: source);
        var call = caller.FailureAsync();
        await container.AnswerAsync(Reply("AKID1", Start.AddHours(6)));
        var connection = await server.AcceptedAsync();
        Assert.Contains("Credential=AKID1/", await connection.ReadRequestAsync(), StringComparison.Ordinal);
        await connection.WriteAsync(Expired);
        await container.AnswerAsync(Reply("AKID2", Start.AddHours(6)));
        Assert.Contains("Credential=AKID2/", await connection.ReadRequestAsync(), StringComparison.Ordinal);
        await connection.WriteAsync(Expired);
        var failure = await call;
        Assert.Equal((SageMakerFailureKind.ExpiredCredentials, 1), (failure.Kind, failure.Retries));
    }

    [Fact]
    public async Task NoCredentials_FailTheCallBeforeAnythingIsSent()
    {
        await using var container = new ScriptedServer();
        await using var server = new ScriptedServer();
        using var caller = new Caller(server, credentials: Source(container, new ManualClock(Start)));
        var call = caller.FailureAsync();
        await container.AnswerAsync("HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n");
        var failure = await call;
        Assert.Equal((SageMakerFailureKind.Credentials, SageMakerStage.Credentials, 0), (failure.Kind, failure.Stage, failure.Retries));
        Assert.Equal(0, server.Waiting);
    }

    private static async Task<AwsCredentials> FetchAsync(ScriptedServer server, CredentialSource source, string reply)
    {
        var fetch = GetAsync(source);
        await server.AnswerAsync(reply);
        return await fetch;
    }

    private static async Task<AwsCredentials> GetAsync(CredentialSource source) =>
        await source.GetAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(ScriptedServer.Patience);

    private static CredentialSource Source(ScriptedServer server, TimeProvider clock, params (string Name, string Value)[] more)
    {
        var variables = more.ToDictionary(one => one.Name, one => (string?)one.Value);
        variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = $"{server.Address}2021-04-23/credentials";
        var errors = new List<string>();
        var source = CredentialSource.FromEnvironment(variables.GetValueOrDefault, clock, errors);
        Assert.Empty(errors);
        return source!;
    }

    private static string Reply(string id, DateTimeOffset expiration)
    {
        var end = expiration.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", null);
        var json = $$"""{"AccessKeyId":"{{id}}","SecretAccessKey":"secret","Token":"token","Expiration":"{{end}}"}""";
        return $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {json.Length}\r\n\r\n{json}";
    }
}
