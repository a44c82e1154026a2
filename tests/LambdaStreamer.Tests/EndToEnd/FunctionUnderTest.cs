using System.Text;
using LambdaStreamer.LocalHost.LambdaApi;
using LambdaStreamer.LocalHost.RuntimeApi;

namespace LambdaStreamer.Tests.EndToEnd;

/// <summary>
/// The function's native binary behind the Lambda twin, pointed at a SageMaker runtime of the test's own. No invocation lasts more than a
/// minute: Lambda's timeout kills the process then, and the caller's side is told.
/// </summary>
internal sealed class FunctionUnderTest : IAsyncDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly StringBuilder _log = new();
    private TaskCompletionSource _logged = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private FunctionUnderTest()
    {
    }

    public LambdaTwin Lambda { get; private set; } = null!;

    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    /// <summary>Waits until the log holds this text; what Lambda and the function print comes by pipes, after the answer.</summary>
    public async Task LoggedAsync(string text)
    {
        while (true)
        {
            Task next;
            lock (_log)
            {
                if (_log.ToString().Contains(text, StringComparison.Ordinal))
                {
                    return;
                }

                next = _logged.Task;
            }

            try
            {
                await next.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            }
            catch (TimeoutException)
            {
                Assert.Fail($"The log does not hold '{text}':\n{Log}");
            }
        }
    }

    /// <summary>Lambda's REPORT line is written when the function has polled again, and so is done with the call.</summary>
    public Task ReportedAsync(string requestId) => LoggedAsync($"REPORT RequestId: {requestId}");

    /// <summary>The latest invocation as the Runtime API saw it; waits until it is over.</summary>
    public InvocationRecord LastInvocation
    {
        get
        {
            InvocationRecord[] records = [];
            Assert.True(SpinWait.SpinUntil(() => (records = Lambda.Invocations) is [.., { Outcome: not null }], TimeSpan.FromSeconds(30)));
            return records[^1];
        }
    }

    /// <summary>Waits for a line of the log: the function writes it when the client has its answer already.</summary>
    public void AssertLogs(string text) =>
        Assert.True(SpinWait.SpinUntil(() => Log.Contains(text, StringComparison.Ordinal), TimeSpan.FromSeconds(30)), Log);

    public static Task<FunctionUnderTest> StartAsync(string sageMakerUrl, params (string Name, string Value)[] environment) =>
        StartAsync(sageMakerUrl, TimeSpan.FromSeconds(60), environment);

    public static Task<FunctionUnderTest> StartAsync(
        string sageMakerUrl, TimeSpan functionTimeout, params (string Name, string Value)[] environment) =>
        StartAsync(sageMakerUrl, options => options with { FunctionTimeout = functionTimeout }, environment);

    public static async Task<FunctionUnderTest> StartAsync(
        string sageMakerUrl,
        Func<LambdaTwinOptions, LambdaTwinOptions> configure,
        params (string Name, string Value)[] environment)
    {
        var function = new FunctionUnderTest();
        var variables = new Dictionary<string, string>
        {
            ["SAGEMAKER_ENDPOINT_NAME"] = "endpoint",
            ["AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME"] = sageMakerUrl,
            ["AWS_REGION"] = "us-east-1",
            ["AWS_ACCESS_KEY_ID"] = "AKIDEXAMPLE",
            ["AWS_SECRET_ACCESS_KEY"] = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        };
        foreach (var (name, value) in environment)
        {
            variables[name] = value;
        }

        var options = new LambdaTwinOptions
        {
            Command = NativeBinary.Path,
            Environment = variables,
            MaxProcesses = 1,
            FunctionTimeout = TimeSpan.FromSeconds(60),
            Log = function.Append,
        };
        function.Lambda = await LambdaTwin.StartAsync(configure(options), TestContext.Current.CancellationToken);
        return function;
    }

    public Task<HttpResponseMessage> PostAsync(string body, string accept = "*/*", string path = "/") =>
        SendAsync(new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
            Headers = { { "Accept", accept } },
        });

    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
    {
        request.RequestUri = new Uri(Lambda.FunctionUrl, request.RequestUri!.ToString());
        var cancellation = TestContext.Current.CancellationToken;
        try
        {
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation)
                .WaitAsync(Tool.Patience, cancellation);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"The function did not answer; it printed:\n{Log}");
            throw;
        }
    }

    /// <summary>The body as far as it came, and whether it was cut.</summary>
    public static async Task<(string Text, bool IsCut)> ReadToEndAsync(HttpResponseMessage response) =>
        await ReadToEndAsync(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));

    /// <summary>The rest of a body as far as it came, and whether it was cut.</summary>
    public static async Task<(string Text, bool IsCut)> ReadToEndAsync(Stream body)
    {
        var bytes = new MemoryStream();
        try
        {
            await body.CopyToAsync(bytes, TestContext.Current.CancellationToken)
                .WaitAsync(Tool.Patience, TestContext.Current.CancellationToken);
            return (Encoding.UTF8.GetString(bytes.ToArray()), false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return (Encoding.UTF8.GetString(bytes.ToArray()), true);
        }
    }

    /// <summary>
    /// Waits until every thread of the function sleeps, as the kernel lists them. What was sent to it before is then read and dealt with:
    /// loopback delivers within the send and marks the waiting thread as running at once. A function that has ended is idle too: the last
    /// bytes of an answer may be more than the test waits for.
    /// </summary>
    public async Task WaitUntilIdleAsync(CancellationToken cancellationToken)
    {
        if (Lambda.ProcessIds is not [var process])
        {
            return;
        }

        try
        {
            while (Directory.EnumerateDirectories($"/proc/{process}/task").Any(static task => !IsSleeping(task)))
            {
                cancellationToken.ThrowIfCancellationRequested();
                await Task.Yield();
            }
        }
        catch (IOException)
        {
            // The test had its answer and has ended the function.
        }
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await Lambda.DisposeAsync();
    }

    /// <summary>proc(5), stat: the state is the field behind the command's closing parenthesis.</summary>
    private static bool IsSleeping(string task)
    {
        try
        {
            return File.ReadAllText($"{task}/stat").Split(") ")[^1][0] == 'S';
        }
        catch (IOException)
        {
            // The thread has just ended.
            return true;
        }
    }

    private void Append(string line)
    {
        RunLog.Append(line);
        lock (_log)
        {
            _log.AppendLine(line);
            _logged.SetResult();
            _logged = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
