using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using LambdaStreamer.LocalHost.Models;
using LambdaStreamer.LocalHost.SageMaker.OpenAI;

namespace LambdaStreamer.LocalHost.CommandLine;

/// <summary>
/// Sends one prompt through the Function URL and prints the tokens as they arrive. On a terminal a dim line with the figures follows; into
/// a pipe goes the text and nothing else.
/// </summary>
internal static class AskCommand
{
    /// <returns>0; 1 when the stream failed, with the reason on <paramref name="errors"/>.</returns>
    public static async Task<int> RunAsync(
        HostOptions options,
        string prompt,
        int maxNewTokens,
        bool isTerminal,
        TextWriter output,
        TextWriter errors,
        CancellationToken cancellationToken)
    {
        await using var host = await RunningHost.StartAsync(options, cancellationToken);

        // The twin is on loopback, and a proxy of this machine's settings may take loopback addresses too.
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
        using var request = new HttpRequestMessage(HttpMethod.Post, host.Lambda.FunctionUrl)
        {
            Content = Body(options, prompt, maxNewTokens),
            Headers = { Accept = { new MediaTypeWithQualityHeaderValue("application/x-ndjson") } },
        };

        var sentAt = Stopwatch.GetTimestamp();
        HttpResponseMessage response;
        try
        {
            response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            await errors.WriteLineAsync($"There was no answer: {e.Message}");
            return 1;
        }

        using (response)
        {
            return await PrintAsync(response, sentAt, isTerminal, output, errors, cancellationToken);
        }
    }

    private static JsonContent Body(HostOptions options, string prompt, int maxNewTokens)
    {
        if (!options.ServesWithVllm)
        {
            var parameters = new { max_new_tokens = maxNewTokens, details = true };
            return JsonContent.Create(new { inputs = prompt, parameters, stream = true });
        }

        // A base model has no template for a chat.
        if (ModelCatalogue.TryFind(options.ModelId, out var model) && ChatMarkup.FollowsInstructions(model))
        {
            var messages = new[] { new { role = "user", content = prompt } };
            return JsonContent.Create(new { messages, max_tokens = maxNewTokens, stream = true });
        }

        return JsonContent.Create(new { prompt, max_tokens = maxNewTokens, stream = true });
    }

    private static async Task<int> PrintAsync(
        HttpResponseMessage response,
        long sentAt,
        bool isTerminal,
        TextWriter output,
        TextWriter errors,
        CancellationToken cancellationToken)
    {
        TimeSpan? firstTokenAfter = null;
        var tokens = 0;
        try
        {
            if (!response.IsSuccessStatusCode)
            {
                var body = await response.Content.ReadAsStringAsync(cancellationToken);
                await errors.WriteLineAsync($"{(int)response.StatusCode}: {ReadError(body)}");
                return 1;
            }

            using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
            while (await lines.ReadLineAsync(cancellationToken) is { } line)
            {
                using var item = JsonDocument.Parse(line);
                if (item.RootElement.TryGetProperty("error", out var error))
                {
                    await errors.WriteLineAsync($"{Environment.NewLine}{error.GetString()}");
                    return 1;
                }

                if (!item.RootElement.TryGetProperty("text", out var text))
                {
                    await FinishAsync(firstTokenAfter, tokens, sentAt, isTerminal, output);
                    return 0;
                }

                tokens++;
                firstTokenAfter ??= Stopwatch.GetElapsedTime(sentAt);
                if (!item.RootElement.GetProperty("special").GetBoolean())
                {
                    await output.WriteAsync(text.GetString());
                    await output.FlushAsync(cancellationToken);
                }
            }

            await errors.WriteLineAsync($"{Environment.NewLine}The answer ended without its last line.");
        }
        catch (Exception e) when (e is IOException or HttpRequestException or JsonException)
        {
            await errors.WriteLineAsync($"{Environment.NewLine}The answer broke off: {e.Message}");
        }

        return 1;
    }

    private static async Task FinishAsync(TimeSpan? firstTokenAfter, int tokens, long sentAt, bool isTerminal, TextWriter output)
    {
        if (!isTerminal)
        {
            return;
        }

        var total = Stopwatch.GetElapsedTime(sentAt);
        var rate = tokens > 1 ? (tokens - 1) / (total - firstTokenAfter!.Value).TotalSeconds : 0;
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"\n\e[2mfirst token after {firstTokenAfter?.TotalMilliseconds:0} ms, {tokens} tokens, {rate:0.0} tokens/s\e[0m"));
    }

    private static string ReadError(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.GetProperty("error").GetString() ?? body;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return body;
        }
    }
}
