using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using LambdaStreamer.LocalHost.EventStream;
using LambdaStreamer.LocalHost.LambdaApi;

namespace LambdaStreamer.Benchmarks;

/// <summary>
/// What a paced stream costs: one token every 5 ms through real function processes, variants interleaved round by round. Prints the
/// function's CPU time a token, its context switches a token, and the latency that the whole way (function, Runtime API and Function URL of
/// the twin) adds.
/// <c>paced [NAME=VALUE…] BOOTSTRAP…</c>: each binary is a variant, and each binary with the variables is another.
/// </summary>
internal static class PacedRelay
{
    private const int TokensPerRound = 400;
    private const int Rounds = 7;
    private const int TokenLength = 4;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(5);

    public static async Task<int> RunAsync(string[] arguments)
    {
        var variables = arguments.Where(static argument => argument.Contains('=', StringComparison.Ordinal))
            .Select(static argument => argument.Split('=', 2)).ToDictionary(static pair => pair[0], static pair => pair[1]);
        var binaries = arguments.Where(static argument => !argument.Contains('=', StringComparison.Ordinal));
        var variants = new List<Variant>();
        using var model = new PacedModel();
        foreach (var binary in binaries)
        {
            variants.Add(await Variant.StartAsync(binary, binary, [], model.Url));
            if (variables.Count > 0)
            {
                variants.Add(await Variant.StartAsync($"{binary} {string.Join(' ', variables.Keys)}", binary, variables, model.Url));
            }
        }

        // The function has one core, the twin and the client the other.
        if (OperatingSystem.IsLinux())
        {
            Process.GetCurrentProcess().ProcessorAffinity = 2;
        }

        for (var round = 0; round <= Rounds; round++)
        {
            foreach (var variant in variants)
            {
                await variant.RunRoundAsync(model, isWarmUp: round == 0);
            }
        }

        Console.WriteLine("| variant | CPU a token, µs | context switches a token | added latency p50, µs | p90, µs |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var variant in variants)
        {
            Console.WriteLine(variant.Row());
            await variant.DisposeAsync();
        }

        return 0;
    }

    private static double Median(List<double> values) => Percentile(values, 50);

    private static double Percentile(List<double> values, int percent)
    {
        values.Sort();
        return values[Math.Min(values.Count - 1, values.Count * percent / 100)];
    }

    private sealed class Variant : IAsyncDisposable
    {
        private readonly HttpClient _client = new();
        private readonly List<double> _cpu = [];
        private readonly List<double> _switches = [];
        private readonly List<double> _latencies = [];
        private readonly string _name;
        private readonly LambdaTwin _lambda;

        private Variant(string name, LambdaTwin lambda)
        {
            _name = name;
            _lambda = lambda;
        }

        public static async Task<Variant> StartAsync(string name, string binary, Dictionary<string, string> variables, string modelUrl)
        {
            var environment = new Dictionary<string, string>(variables)
            {
                ["SAGEMAKER_ENDPOINT_NAME"] = "paced",
                ["AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME"] = modelUrl,
                ["AWS_REGION"] = "us-east-1",
                ["AWS_ACCESS_KEY_ID"] = "key",
                ["AWS_SECRET_ACCESS_KEY"] = "secret",
            };
            return new Variant(name, await LambdaTwin.StartAsync(
                new LambdaTwinOptions { Command = "taskset", Arguments = ["-c", "0", Path.GetFullPath(binary)], Environment = environment, MaxProcesses = 1 },
                CancellationToken.None));
        }

        public async Task RunRoundAsync(PacedModel model, bool isWarmUp)
        {
            var before = isWarmUp ? default : Usage();
            using var request = new HttpRequestMessage(HttpMethod.Post, _lambda.FunctionUrl)
            {
                Content = new StringContent("""{"inputs":"x","stream":true}"""),
            };
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            await using var body = await response.Content.ReadAsStreamAsync();
            var token = new byte[TokenLength];
            var latencies = new List<double>();
            for (var i = 0; i < TokensPerRound; i++)
            {
                await body.ReadExactlyAsync(token);
                latencies.Add(Stopwatch.GetElapsedTime(model.SentAt[i]).TotalMicroseconds);
            }

            if (await body.ReadAsync(token) != 0)
            {
                throw new InvalidDataException("The answer went on behind its last token.");
            }

            if (!isWarmUp)
            {
                var after = Usage();
                _cpu.Add((after.CpuNanoseconds - before.CpuNanoseconds) / 1000.0 / TokensPerRound);
                _switches.Add((after.Switches - before.Switches) / (double)TokensPerRound);
                _latencies.AddRange(latencies);
            }
        }

        public string Row() => string.Create(
            CultureInfo.InvariantCulture,
            $"| {_name} | {Median(_cpu):0.0} | {Median(_switches):0.0} | {Percentile(_latencies, 50):0} | {Percentile(_latencies, 90):0} |");

        public async ValueTask DisposeAsync()
        {
            _client.Dispose();
            await _lambda.DisposeAsync();
        }

        /// <summary>proc(5): schedstat holds nanoseconds on a CPU and, third, how often the thread was put on one.</summary>
        private (long CpuNanoseconds, long Switches) Usage()
        {
            var cpu = 0L;
            var switches = 0L;
            foreach (var task in Directory.EnumerateDirectories($"/proc/{_lambda.ProcessIds.Single()}/task"))
            {
                var fields = File.ReadAllText($"{task}/schedstat").Split(' ');
                cpu += long.Parse(fields[0], CultureInfo.InvariantCulture);
                switches += long.Parse(fields[2], CultureInfo.InvariantCulture);
            }

            return (cpu, switches);
        }
    }

    /// <summary>A SageMaker runtime that answers every invocation with tokens at the pace, and remembers when it sent each.</summary>
    private sealed class PacedModel : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public PacedModel()
        {
            _listener.Start();
            new Thread(Accept) { IsBackground = true }.Start();
        }

        public long[] SentAt { get; } = new long[TokensPerRound];

        public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

        public void Dispose() => _listener.Dispose();

        private static byte[] Chunk(string payload)
        {
            var frame = new System.Buffers.ArrayBufferWriter<byte>();
            FrameEncoder.WriteEvent(frame, "PayloadPart"u8, "application/octet-stream"u8, Encoding.UTF8.GetBytes(payload));
            return [.. Encoding.ASCII.GetBytes($"{frame.WrittenCount:x}\r\n"), .. frame.WrittenSpan, .. "\r\n"u8];
        }

        private void Accept()
        {
            try
            {
                while (true)
                {
                    var socket = _listener.AcceptSocket();
                    new Thread(() => Serve(socket)) { IsBackground = true }.Start();
                }
            }
            catch (SocketException)
            {
                // Disposed.
            }
        }

        private void Serve(Socket socket)
        {
            socket.NoDelay = true;
            var token = Chunk("""data:{"token":{"id":1,"text":"word","logprob":-0.5,"special":false},"generated_text":null,"details":null}""" + "\n\n");
            var end = Chunk("""data:{"token":{"id":2,"text":"</s>","logprob":0,"special":true},"generated_text":"x","details":null}""" + "\n\n");
            var buffer = new byte[64 * 1024];
            try
            {
                while (socket.Receive(buffer) is var length and > 0)
                {
                    if (buffer.AsSpan(0, length).StartsWith("GET "u8))
                    {
                        socket.Send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8);
                        continue;
                    }

                    while (!buffer.AsSpan(0, length).EndsWith("}"u8))
                    {
                        length += socket.Receive(buffer, length, buffer.Length - length, SocketFlags.None);
                    }

                    socket.Send("HTTP/1.1 200 OK\r\nContent-Type: application/vnd.amazon.eventstream\r\nTransfer-Encoding: chunked\r\n\r\n"u8);
                    for (var i = 0; i < TokensPerRound; i++)
                    {
                        Thread.Sleep(Pace);
                        SentAt[i] = Stopwatch.GetTimestamp();
                        socket.Send(token);
                    }

                    socket.Send([.. end, .. "0\r\n\r\n"u8]);
                }
            }
            catch (SocketException)
            {
                // The function is gone.
            }
        }
    }
}
