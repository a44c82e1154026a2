using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using LambdaStreamer.LocalHost.Models;
using LambdaStreamer.LocalHost.SageMaker;

namespace LambdaStreamer.LocalHost.CommandLine;

/// <summary>The command line: what there is to say, and what is said by default.</summary>
internal static class Commands
{
    /// <summary>Ten minutes, in milliseconds: an answer of a few thousand tokens then still fits a timer.</summary>
    private const int MaxDelay = 600_000;

    private static readonly Option<string> Model = new("--model")
    {
        Description = "The JumpStart model that answers.",
        DefaultValueFactory = static _ => HostOptions.DefaultModelId,
    };

    private static readonly Option<string?> Container = new("--container")
    {
        Description = "vllm: the model is served by vLLM and speaks OpenAI's forms, not by its catalogue entry's container.",
    };

    private static readonly Option<int> Port = Number("--port", "Port of the Function URL; 0 is any free one.", 9000, 0, 65535);
    private static readonly Option<int> LambdaPort = Number("--lambda-port", "Port of the Lambda API.", 9001, 0, 65535);
    private static readonly Option<int> SageMakerPort = Number("--sagemaker-port", "Port of the SageMaker runtime.", 9002, 0, 65535);
    private static readonly Option<int> FirstToken = Number("--first-token", "Milliseconds until the first token.", 200, 0, MaxDelay);
    private static readonly Option<int> TokenDelay = Number("--token-delay", "Milliseconds between two tokens.", 20, 0, MaxDelay);
    private static readonly Option<int> Seed = Number("--seed", "Fixes log probabilities and sampled answers.", 0, 0, int.MaxValue);
    private static readonly Option<int> MaxProcesses =
        Number("--max-processes", "Function processes at once; calls beyond get 429.", 10, 1, 1000);

    private static readonly Option<int?> Concurrency =
        OptionalNumber("--concurrency", "One function process takes so many calls at once; calls beyond get 429.", 1, 1600);

    private static readonly Option<int> Memory = Number("--memory", "Memory size told to the function, in MB.", 512, 128, 10240);
    private static readonly Option<int> FunctionTimeout = Number("--timeout", "The function's timeout in seconds.", 900, 1, 900);
    private static readonly Option<int> MaxNewTokens = Number("--max-new-tokens", "Length of the answer at most.", 256, 0, int.MaxValue);
    private static readonly Option<string?> FaultOption = new("--fault") { Description = "What goes wrong, such as model-stream-error@3." };
    private static readonly Option<string?> Replay = new("--replay") { Description = "A transcript file that answers every request." };
    private static readonly Option<string?> Upstream =
        new("--upstream") { Description = "A TGI- or OpenAI-compatible server that answers." };

    private static readonly Option<string?> RealEndpoint =
        new("--sagemaker-endpoint") { Description = "A real endpoint in AWS that answers." };

    private static readonly Option<string?> Component =
        new("--inference-component") { Description = "An inference component of the real endpoint." };

    private static readonly Option<string?> Profile = new("--profile") { Description = "AWS profile for the real endpoint." };
    private static readonly Option<string?> Region = new("--region") { Description = "AWS region of the real endpoint." };
    private static readonly Option<bool> Verbose = new("--verbose") { Description = "Show what the function prints." };
    private static readonly Option<bool> Json = new("--json") { Description = "A JSON list instead of a table." };
    private static readonly Option<string?> Aot = new("--aot")
    {
        Description = $"Run the published binary (default: {FunctionBinary.DefaultNativeBinary}).",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> Expires = new("--expires") { Description = "When the key expires, YYYY-MM-DD." };
    private static readonly Option<string[]> KeyModels = new("--models") { Description = "The models that the key is for, a|b; default: all." };
    private static readonly Option<int?> KeyMaxNewTokens =
        OptionalNumber("--max-new-tokens", "The longest answer that the key may ask for.", 1, int.MaxValue);

    private static readonly Option<bool> KeyJson = new("--json") { Description = "A JSON object instead of two lines." };
    private static readonly Argument<string> KeyName = new("name") { Description = "Whose key it is, for the function's log and metrics." };
    private static readonly Argument<string> Prompt = new("prompt") { Description = "What to ask." };

    /// <returns>The process's exit code: 2 for a line that cannot be understood.</returns>
    public static async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var root = new RootCommand(
            "LambdaStreamer's local twin: Function URL, Lambda API, SageMaker runtime and the function itself, on this machine.");
        var ask = new Command("ask", "Starts everything on free ports, asks one question and prints the answer as it arrives.")
        {
            Prompt, MaxNewTokens,
        };
        Option[] ofBoth =
        [
            Model, Container, FirstToken, TokenDelay, Seed, FaultOption, Replay, Upstream, RealEndpoint, Component, Profile, Region, Aot,
            Memory, FunctionTimeout,
        ];
        foreach (var option in ofBoth)
        {
            root.Add(option);
            ask.Add(option);
        }

        foreach (var option in new Option[] { Port, LambdaPort, SageMakerPort, MaxProcesses, Concurrency })
        {
            root.Add(option);
        }

        ask.Add(Verbose);
        root.Add(ask);
        var models = new Command("models", "Lists the models: what deploys them, what they speak, what their licence is.") { Json };
        root.Add(models);
        var newKey = new Command("new", "Makes a key and prints it, once, with its entry for the function's API_KEY_HASHES.")
        {
            KeyName, Expires, KeyModels, KeyMaxNewTokens, KeyJson,
        };
        root.Add(new Command("keys", "API keys of the function.") { newKey });
        root.SetAction((parsed, token) => ServeCommand.RunAsync(ReadOptions(parsed) with
        {
            FunctionUrlPort = parsed.GetValue(Port),
            LambdaApiPort = parsed.GetValue(LambdaPort),
            SageMakerPort = parsed.GetValue(SageMakerPort),
            MaxProcesses = parsed.GetValue(MaxProcesses),
            Concurrency = ReadConcurrency(parsed),
            Log = Console.Error.WriteLine,
        }, Console.Out, token));
        ask.SetAction((parsed, token) => AskCommand.RunAsync(
            ReadOptions(parsed),
            parsed.GetValue(Prompt)!,
            parsed.GetValue(MaxNewTokens),
            !Console.IsOutputRedirected,
            Console.Out,
            Console.Error,
            token));

        models.SetAction((parsed, token) => ModelsCommand.RunAsync(parsed.GetValue(Json), Console.Out, token));
        newKey.SetAction((parsed, _) =>
            KeysCommand.NewAsync(ReadKeyEntry(parsed), parsed.GetValue(KeyJson), !Console.IsOutputRedirected, Console.Out));

        var parsed = root.Parse(arguments);
        if (parsed.Errors is [var first, ..])
        {
            await Console.Error.WriteLineAsync(first.Message);
            return 2;
        }

        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, cancellationToken);
        }
        catch (UsageException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 2;
        }
    }

    private static HostOptions ReadOptions(ParseResult parsed) => new()
    {
        ModelId = ReadModel(parsed),
        ServesWithVllm = parsed.GetValue(Container) switch
        {
            null => false,
            "vllm" => true,
            var other => throw new UsageException($"--container must be vllm; it is \"{other}\"."),
        },
        FirstTokenDelay = TimeSpan.FromMilliseconds(parsed.GetValue(FirstToken)),
        TokenDelay = TimeSpan.FromMilliseconds(parsed.GetValue(TokenDelay)),
        Seed = parsed.GetValue(Seed),
        Fault = ReadFault(parsed.GetValue(FaultOption)),
        ReplayFile = parsed.GetValue(Replay),
        Upstream = ReadUpstream(parsed.GetValue(Upstream)),
        RealEndpointName = parsed.GetValue(RealEndpoint),
        InferenceComponentName = parsed.GetValue(Component),
        Profile = parsed.GetValue(Profile),
        Region = parsed.GetValue(Region),
        NativeBinary = parsed.GetResult(Aot) is null ? null : parsed.GetValue(Aot) ?? FunctionBinary.DefaultNativeBinary,
        MemorySizeMegabytes = parsed.GetValue(Memory),
        FunctionTimeout = TimeSpan.FromSeconds(parsed.GetValue(FunctionTimeout)),
        Log = parsed.GetValue(Verbose) ? Console.Error.WriteLine : static _ => { },
    };

    private static string ReadModel(ParseResult parsed)
    {
        var id = parsed.GetValue(Model)!;
        return ModelCatalogue.TryFind(id, out _)
            ? id
            : throw new UsageException(
                $"There is no model \"{id}\"; there are: {string.Join(", ", ModelCatalogue.All.Select(static model => model.Id))}");
    }

    private static ApiKeyEntry ReadKeyEntry(ParseResult parsed) => ApiKeyEntry.Read(
        parsed.GetValue(KeyName)!,
        parsed.GetValue(Expires),
        parsed.GetValue(KeyModels) ?? [],
        parsed.GetValue(KeyMaxNewTokens),
        DateOnly.FromDateTime(DateTime.UtcNow));

    private static int? ReadConcurrency(ParseResult parsed)
    {
        var concurrency = parsed.GetValue(Concurrency);
        return concurrency is null || parsed.GetResult(MaxProcesses) is not { Implicit: false }
            ? concurrency
            : throw new UsageException("--concurrency starts one process; --max-processes cannot be given with it.");
    }

    private static Fault? ReadFault(string? text)
    {
        try
        {
            return text is null ? null : Fault.Parse(text);
        }
        catch (FormatException e)
        {
            throw new UsageException($"--fault: {e.Message}", e);
        }
    }

    private static Uri? ReadUpstream(string? text)
    {
        if (text is null)
        {
            return null;
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw new UsageException($"--upstream must be an http or https address; it is \"{text}\".");
    }

    private static Option<int> Number(string name, string description, int otherwise, int min, int max)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => otherwise };
        option.Validators.Add(result => CheckRange(result, min, max));
        return option;
    }

    private static Option<int?> OptionalNumber(string name, string description, int min, int max)
    {
        var option = new Option<int?>(name) { Description = description };
        option.Validators.Add(result => CheckRange(result, min, max));
        return option;
    }

    private static void CheckRange(OptionResult result, int min, int max)
    {
        // Not the converted value: asking for one that cannot be converted throws.
        if (result.Tokens is [var token]
            && !(int.TryParse(token.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
                && value >= min && value <= max))
        {
            result.AddError($"{result.Option.Name} must be a whole number from {min} to {max}.");
        }
    }
}
