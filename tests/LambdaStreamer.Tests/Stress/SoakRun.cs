using System.Diagnostics;
using System.Globalization;
using LambdaStreamer.Responses;
using LambdaStreamer.Tests.EndToEnd;

namespace LambdaStreamer.Tests.Stress;

/// <summary>Many streams through one process of the native function, each checked against what its transcript holds.</summary>
internal sealed class SoakRun(ulong seed, int streams, int concurrency, Action<string> print)
{
    /// <summary>The process is warm after the first of these; the rest is held against it.</summary>
    private const int Lap = 2000;

    private const double MostGrowth = 1.10;

    /// <summary>
    /// The collector's heap takes one region more at some point, at 4,000 streams or at 40,000, and keeps to it for the rest
    /// (docs/robustness.md).
    /// </summary>
    private const int OneStepKibibytes = 4 * 1024;

    private const int MostThreads = 32;
    private static readonly string[] Accepts = ["text/plain", "text/event-stream", "application/x-ndjson"];

    private readonly SoakStream?[] _dealt = new SoakStream?[streams];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async Task RunAsync()
    {
        await using var sageMaker = new ScriptedSageMaker(exchange => _dealt[NumberOf(exchange.Request)]!.ServeAsync(exchange));
        await using var function = await FunctionUnderTest.StartAsync(
            sageMaker.Url,
            options => options with { MaxConcurrency = concurrency == 1 ? null : concurrency, LimitBandwidth = false },
            ("IDLE_TIMEOUT_SECONDS", "2"));
        ProcessFigures? warm = null;
        var began = Stopwatch.GetTimestamp();
        for (var first = 0; first < streams; first += Lap)
        {
            var lapBegan = Stopwatch.GetTimestamp();
            var count = Math.Min(Lap, streams - first);
            await Parallel.ForAsync(
                first,
                first + count,
                new ParallelOptions { MaxDegreeOfParallelism = concurrency, CancellationToken = Cancellation },
                async (number, _) => await RunAsync(function, number));
            var figures = await FiguresAsync(function, warm?.Descriptors);
            print(string.Create(
                CultureInfo.InvariantCulture,
                $"{first + count} streams, {concurrency} at once: {figures}, "
                + $"{count / Stopwatch.GetElapsedTime(lapBegan).TotalSeconds:F0} streams a second"));
            if (count == Lap)
            {
                Verify(figures, warm ?? figures);
                warm ??= figures;
            }
        }

        Assert.Empty(function.Lambda.Violations);
        Assert.Empty(function.Lambda.ExitCodes);
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        print(string.Create(
            CultureInfo.InvariantCulture,
            $"soak: {streams} streams, {concurrency} at once, seed {seed}, {seconds:F1} s: every text as recorded"));
    }

    private static int NumberOf(string request)
    {
        const string Prompt = "\"inputs\":\"stream ";
        var start = request.IndexOf(Prompt, StringComparison.Ordinal) + Prompt.Length;
        return int.Parse(request.AsSpan(start, request.IndexOf('"', start) - start), CultureInfo.InvariantCulture);
    }

    private static void Verify(ProcessFigures figures, ProcessFigures warm)
    {
        Assert.InRange(figures.Resident, 0, (warm.Resident * MostGrowth) + OneStepKibibytes);
        Assert.InRange(figures.PeakResident, 0, (warm.PeakResident * MostGrowth) + OneStepKibibytes);
        Assert.InRange(figures.Threads, 1, MostThreads);
    }

    /// <summary>Once no more descriptors are open than before; connections close a moment after their last byte.</summary>
    private async Task<ProcessFigures> FiguresAsync(FunctionUnderTest function, int? descriptorsBefore)
    {
        var process = Assert.Single(function.Lambda.ProcessIds);

        // The pool to SageMaker keeps a connection for each answer at once, and has not always needed all of them.
        var most = descriptorsBefore + (concurrency - 1) ?? int.MaxValue;
        var began = Stopwatch.GetTimestamp();
        ProcessFigures figures;
        while ((figures = ProcessFigures.Of(process)).Descriptors > most)
        {
            var waited = Stopwatch.GetElapsedTime(began);
            Assert.True(waited < TimeSpan.FromSeconds(30), $"{figures}; at most {most} descriptors were to be open.");
            await Task.Yield();
        }

        return figures;
    }

    private async Task RunAsync(FunctionUnderTest function, int number)
    {
        var stream = _dealt[number] = SoakDeck.Deal(seed, number);
        var format = (MediaType)(number % Accepts.Length);
        using var response = await AskAsync(function, number);
        var (body, isCut) = await FunctionUnderTest.ReadToEndAsync(response);
        var where = $"stream {number} of seed {seed}";
        if (!response.IsSuccessStatusCode)
        {
            Assert.True(stream is { IsComplete: false, Text: "" }, $"{where}: {response.StatusCode} {body}");
            Assert.StartsWith("{\"error\":\"", body);
            Assert.False(isCut, where);
        }
        else
        {
            var expected = (where, new SoakAnswer(stream.Text, stream.IsComplete), !stream.IsComplete);
            Assert.Equal(expected, (where, SoakAnswer.Read(format, body), isCut));
        }

        _dealt[number] = null;
    }

    /// <summary>Lambda throttles a call until the function has polled again, which is a moment after the last answer's end.</summary>
    private static async Task<HttpResponseMessage> AskAsync(FunctionUnderTest function, int number)
    {
        while (true)
        {
            var response = await function.PostAsync($$"""{"inputs":"stream {{number}}"}""", Accepts[number % Accepts.Length]);
            if ((int)response.StatusCode != 429 || response.Headers.Contains("x-request-id"))
            {
                return response;
            }

            response.Dispose();
        }
    }
}
