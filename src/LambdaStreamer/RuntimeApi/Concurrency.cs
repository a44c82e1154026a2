using System.Globalization;

namespace LambdaStreamer.RuntimeApi;

/// <summary>How many invocations Lambda hands to this process at once (AWS Lambda Developer Guide, "Lambda Managed Instances").</summary>
public static class Concurrency
{
    private const string Variable = "AWS_LAMBDA_MAX_CONCURRENCY";

    /// <summary>Lambda's own bound for <c>PerExecutionEnvironmentMaxConcurrency</c>.</summary>
    private const int Max = 1600;

    /// <summary>1 where the variable is not set, as everywhere but on managed instances.</summary>
    /// <param name="environment">Looks a variable up; null or empty when unset.</param>
    /// <param name="errors">Receives a message when the value is no number from 1 to 1600.</param>
    public static int FromEnvironment(Func<string, string?> environment, ICollection<string> errors)
    {
        if (environment(Variable) is not { Length: > 0 } text)
        {
            return 1;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var concurrency) && concurrency is > 0 and <= Max)
        {
            return concurrency;
        }

        errors.Add($"{Variable} must be a whole number from 1 to {Max}; it is '{text}'.");
        return 1;
    }
}
