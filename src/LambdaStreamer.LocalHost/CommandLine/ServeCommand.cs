namespace LambdaStreamer.LocalHost.CommandLine;

/// <summary>Starts everything, says where it is, and runs until Ctrl-C.</summary>
internal static class ServeCommand
{
    public static async Task<int> RunAsync(HostOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        await using var host = await RunningHost.StartAsync(options, cancellationToken);
        await output.WriteLineAsync($"Function URL  {host.Lambda.FunctionUrl}");
        await output.WriteLineAsync($"Lambda API    {host.Lambda.LambdaApiUrl}");
        const string Access = $"keys {RunningHost.AccessKeyId} / {RunningHost.SecretAccessKey}, region {RunningHost.TwinRegion}";
        await output.WriteLineAsync(host.SageMaker is null
            ? $"SageMaker     the endpoint {options.RealEndpointName} in AWS"
            : $"SageMaker     {host.SageMaker.Url} ({Access})");
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
