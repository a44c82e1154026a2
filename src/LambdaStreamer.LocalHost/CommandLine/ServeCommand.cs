namespace LambdaStreamer.LocalHost.CommandLine;

/// <summary>Starts everything, says where it is, and runs until Ctrl-C.</summary>
internal static class ServeCommand
{
    public static async Task<int> RunAsync(HostOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        await using var host = await RunningHost.StartAsync(options, cancellationToken);
        await output.WriteLineAsync($"Function URL   {host.Lambda.FunctionUrl}");
        await output.WriteLineAsync($"Lambda API     {host.Lambda.LambdaApiUrl}");
        await output.WriteLineAsync($"SageMaker      {host.SageMakerUrl?.ToString() ?? options.RealEndpointName}");
        var body = """{"inputs":"How do I build a website?","parameters":{"max_new_tokens":256}}""";
        await output.WriteLineAsync($"Try            curl -N {host.Lambda.FunctionUrl} -H 'content-type: application/json' -d '{body}'");
        await output.WriteLineAsync("Ctrl-C ends it.");
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C is how this ends.
        }

        return 0;
    }
}
