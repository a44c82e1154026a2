using System.Globalization;
using System.Text;
using LambdaStreamer.LocalHost.LambdaApi;

namespace LambdaStreamer.Benchmarks;

/// <summary>
/// <c>refusals BOOTSTRAP</c>: CPU time of the native function for a request without a key and with a wrong one, against a served
/// <c>/health</c>, in turns of 1,000 through one process behind the Lambda twin.
/// </summary>
internal static class Refusals
{
    private const int Turns = 7;
    private const int RequestsOfTurn = 1000;

    /// <summary>proc(5), stat: clock ticks of the kernel, a hundredth of a second each.</summary>
    private const double MillisecondsOfTick = 10;

    public static async Task<int> RunAsync(string bootstrap)
    {
        await using var lambda = await LambdaTwin.StartAsync(
            new LambdaTwinOptions
            {
                Command = bootstrap,
                MaxProcesses = 1,
                Environment = new Dictionary<string, string>
                {
                    ["SAGEMAKER_ENDPOINT_NAME"] = "endpoint",
                    ["AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME"] = "http://127.0.0.1:9",
                    ["AWS_REGION"] = "us-east-1",
                    ["AWS_ACCESS_KEY_ID"] = "any",
                    ["AWS_SECRET_ACCESS_KEY"] = "any",
                    ["API_KEY_HASHES"] = $"one={new string('0', 64)}",
                    ["AWS_LAMBDA_LOG_LEVEL"] = "INFO",
                },
            },
            CancellationToken.None);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        (string Name, Func<HttpRequestMessage> Create, int Status)[] kinds =
        [
            ("GET /health", () => new HttpRequestMessage(HttpMethod.Get, new Uri(lambda.FunctionUrl, "/health")), 200),
            ("no key", () => Chat(lambda, key: null), 401),
            ("wrong key", () => Chat(lambda, "wrong"), 401),
        ];
        var costs = kinds.Select(static _ => new List<double>()).ToArray();
        for (var turn = 0; turn <= Turns; turn++)
        {
            for (var kind = 0; kind < kinds.Length; kind++)
            {
                var before = turn == 0 ? 0 : TicksOf(lambda.ProcessIds.Single());
                for (var request = 0; request < RequestsOfTurn; request++)
                {
                    using var response = await client.SendAsync(kinds[kind].Create());
                    if ((int)response.StatusCode != kinds[kind].Status)
                    {
                        Console.WriteLine($"{kinds[kind].Name} got {(int)response.StatusCode}.");
                        return 1;
                    }
                }

                if (turn > 0)
                {
                    costs[kind].Add((TicksOf(lambda.ProcessIds.Single()) - before) * MillisecondsOfTick / RequestsOfTurn);
                }
            }
        }

        Console.WriteLine("| request | CPU of the function, ms, median of 7 turns | beyond /health |\n|---|---|---|");
        var health = Median(costs[0]);
        for (var kind = 0; kind < kinds.Length; kind++)
        {
            var median = Median(costs[kind]);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {kinds[kind].Name} | {median:F3} | {median - health:F3} |"));
        }

        return 0;
    }

    private static HttpRequestMessage Chat(LambdaTwin lambda, string? key)
    {
        var body = $$"""{"messages":[{"role":"user","content":"{{new string('x', 4000)}}"}],"stream":true}""";
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(lambda.FunctionUrl, "/v1/chat/completions"))
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        if (key is not null)
        {
            request.Headers.Add("x-api-key", key);
        }

        return request;
    }

    private static double TicksOf(int process)
    {
        var fields = File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1].Split(' ');
        return double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
