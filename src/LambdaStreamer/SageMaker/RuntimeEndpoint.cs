using System.Buffers;
using System.Text;

namespace LambdaStreamer.SageMaker;

/// <summary>
/// Where the SageMaker runtime of a region answers: the rules of the service's public endpoint rule set (sagemaker-runtime, 2017-05-13).
/// </summary>
public static class RuntimeEndpoint
{
    private const string RegionVariable = "AWS_REGION";
    private const string DefaultRegionVariable = "AWS_DEFAULT_REGION";
    private const string FipsVariable = "AWS_USE_FIPS_ENDPOINT";
    private const string DualStackVariable = "AWS_USE_DUALSTACK_ENDPOINT";
    private const string IgnoreOverridesVariable = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";
    private const int MaxRegionLength = 63;

    private static readonly SearchValues<char> HostLabelCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    // The service's own variable wins over the general one.
    private static readonly string[] OverrideVariables = ["AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", "AWS_ENDPOINT_URL"];

    // The commercial partition is the default: it also takes regions that are newer than this table.
    private static readonly Partition Commercial = new("", "amazonaws.com", "api.aws", "runtime-fips.sagemaker");
    private static readonly Partition[] Others =
    [
        new("us-gov-", "amazonaws.com", "api.aws", "runtime.sagemaker"),
        new("cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn", "runtime.sagemaker-fips"),
        new("us-iso-", "c2s.ic.gov", "api.aws.ic.gov", "runtime.sagemaker-fips"),
        new("us-isob-", "sc2s.sgov.gov", "api.aws.scloud", "runtime.sagemaker-fips"),
        new("eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", "runtime.sagemaker-fips"),
        new("us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov", "runtime.sagemaker-fips"),
        new("eusc-", "amazonaws.eu", "api.amazonwebservices.eu", "runtime.sagemaker-fips"),
    ];

    /// <summary>The region that requests are signed for; null when neither variable is set or it can't be part of a host name.</summary>
    public static string? RegionFrom(Func<string, string?> environment, ICollection<string> errors)
    {
        var region = environment(RegionVariable);
        region = string.IsNullOrEmpty(region) ? environment(DefaultRegionVariable) : region;
        if (string.IsNullOrEmpty(region))
        {
            errors.Add($"{RegionVariable} is not set.");
            return null;
        }

        if (region.Length > MaxRegionLength || region[0] == '-' || region.AsSpan().ContainsAnyExcept(HostLabelCharacters))
        {
            errors.Add($"{RegionVariable} must be a region such as us-east-1; it is '{Excerpt.Of(region)}'.");
            return null;
        }

        return region;
    }

    /// <summary>
    /// The address that this environment asks for: an override, or the region's own with FIPS and dual stack as chosen.
    /// </summary>
    /// <returns>Absolute, without a query, its path without a slash at the end; null when a message was added.</returns>
    public static Uri? From(Func<string, string?> environment, string region, ICollection<string> errors)
    {
        var errorsBefore = errors.Count;
        var useFips = Flag(environment, FipsVariable, errors);
        var useDualStack = Flag(environment, DualStackVariable, errors);
        var given = Override(environment, errors, out var variable);

        // The rule set refuses both too: nobody can tell whether an address somebody wrote down is of either kind.
        if (given is not null && (useFips || useDualStack))
        {
            errors.Add($"{(useFips ? FipsVariable : DualStackVariable)} and {variable} exclude each other.");
        }

        return errors.Count > errorsBefore ? null : given ?? For(region, useFips, useDualStack);
    }

    /// <summary>The region's own address.</summary>
    public static Uri For(string region, bool useFips, bool useDualStack)
    {
        var partition = Of(region);
        var host = (useFips, useDualStack) switch
        {
            (false, _) => "runtime.sagemaker",
            (true, false) => partition.FipsHost,
            (true, true) => "runtime.sagemaker-fips",
        };
        return new Uri($"https://{host}.{region}.{(useDualStack ? partition.DualStackDomain : partition.Domain)}");
    }

    /// <summary>Whether the region belongs to the partition that Amazon's public roots serve.</summary>
    internal static bool IsCommercial(string region) => ReferenceEquals(Of(region), Commercial);

    /// <summary>Whether the host's name says that AWS's commercial partition serves it, VPC endpoints included.</summary>
    internal static bool IsCommercialHost(string host) =>
        host.EndsWith('.' + Commercial.Domain, StringComparison.OrdinalIgnoreCase)
        || host.EndsWith('.' + Commercial.DualStackDomain, StringComparison.OrdinalIgnoreCase);

    private static Uri? Override(Func<string, string?> environment, ICollection<string> errors, out string? variable)
    {
        variable = null;
        if (Flag(environment, IgnoreOverridesVariable, errors))
        {
            return null;
        }

        variable = Array.Find(OverrideVariables, name => !string.IsNullOrEmpty(environment(name)));
        if (variable is null)
        {
            return null;
        }

        var given = environment(variable)!;
        if (Uri.TryCreate(given, UriKind.Absolute, out var address) && IsUsable(address))
        {
            return new Uri(address.GetLeftPart(UriPartial.Path).TrimEnd('/'));
        }

        errors.Add($"{variable} must be an http or https address without user, query and fragment; it is '{Excerpt.Of(given)}'.");
        return null;
    }

    // A doubled slash would be signed in one form and read in another.
    private static bool IsUsable(Uri address) =>
        (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp)
        && address.Host.Length > 0
        && Ascii.IsValid(address.Host)
        && address.UserInfo.Length == 0
        && address.Query.Length == 0
        && address.Fragment.Length == 0
        && !address.AbsolutePath.Contains("//", StringComparison.Ordinal);

    private static Partition Of(string region) =>
        Array.Find(Others, partition => region.StartsWith(partition.RegionPrefix, StringComparison.Ordinal)) ?? Commercial;

    private static bool Flag(Func<string, string?> environment, string variable, ICollection<string> errors)
    {
        var text = environment(variable);
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        if (bool.TryParse(text, out var flag))
        {
            return flag;
        }

        errors.Add($"{variable} must be true or false; it is '{Excerpt.Of(text)}'.");
        return false;
    }

    private sealed record Partition(string RegionPrefix, string Domain, string DualStackDomain, string FipsHost);
}
