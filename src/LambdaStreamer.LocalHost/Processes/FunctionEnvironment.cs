using System.Collections;
using System.Globalization;
using LambdaStreamer.LocalHost.LambdaApi;

namespace LambdaStreamer.LocalHost.Processes;

/// <summary>The environment variables of a function process: what Lambda gives a custom runtime, and nothing of the twin's own.</summary>
internal static class FunctionEnvironment
{
    // Without these an executable may not start at all; DOTNET_* finds the runtime of one that is not compiled ahead of time.
    private static readonly string[] Inherited = ["LD_LIBRARY_PATH", "PATH", "SystemRoot", "TMPDIR"];

    public static Dictionary<string, string> Build(LambdaTwinOptions options, string runtimeApiAddress, string logStream)
    {
        var variables = new Dictionary<string, string>();
        foreach (var name in Inherited)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                variables[name] = value;
            }
        }

        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (variable.Key is string name && name.StartsWith("DOTNET_", StringComparison.Ordinal))
            {
                variables[name] = (string)variable.Value!;
            }
        }

        variables["_HANDLER"] = "bootstrap";
        variables["AWS_DEFAULT_REGION"] = options.Region;
        variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = options.MemorySizeMegabytes.ToString(CultureInfo.InvariantCulture);
        variables["AWS_LAMBDA_FUNCTION_NAME"] = options.FunctionName;
        variables["AWS_LAMBDA_FUNCTION_VERSION"] = "$LATEST";
        variables["AWS_LAMBDA_INITIALIZATION_TYPE"] = options.MaxConcurrency is null ? "on-demand" : "lambda-managed-instances";
        variables["AWS_LAMBDA_LOG_FORMAT"] = "Text";
        variables["AWS_LAMBDA_LOG_GROUP_NAME"] = $"/aws/lambda/{options.FunctionName}";
        variables["AWS_LAMBDA_LOG_STREAM_NAME"] = logStream;
        if (options.MaxConcurrency is { } concurrency)
        {
            variables["AWS_LAMBDA_MAX_CONCURRENCY"] = concurrency.ToString(CultureInfo.InvariantCulture);
        }

        variables["AWS_REGION"] = options.Region;
        variables["AWS_XRAY_CONTEXT_MISSING"] = "LOG_ERROR";
        variables["LAMBDA_RUNTIME_DIR"] = "/var/runtime";
        var taskRoot = Path.GetDirectoryName(options.Command);
        variables["LAMBDA_TASK_ROOT"] = string.IsNullOrEmpty(taskRoot) ? Environment.CurrentDirectory : taskRoot;
        variables["LANG"] = "en_US.UTF-8";
        variables["TZ"] = ":UTC";
        foreach (var (name, value) in options.Environment)
        {
            variables[name] = value;
        }

        variables["AWS_LAMBDA_RUNTIME_API"] = runtimeApiAddress;
        return variables;
    }
}
