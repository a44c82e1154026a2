using System.Runtime.InteropServices;
using System.Text;

namespace LambdaStreamer.SageMaker;

/// <summary>
/// Makes TLS trust Amazon's public roots alone. The first handshake otherwise parses every certificate of the system, about 80 ms at full
/// speed and more than a second on the smallest function.
/// </summary>
public static class TrustStore
{
    /// <summary>The file with the roots, in the directory that is given.</summary>
    public const string FileName = "amazon-roots.pem";

    private const string FileVariable = "SSL_CERT_FILE";
    private const string DirectoryVariable = "SSL_CERT_DIR";
    private const string ChoiceVariable = "TRUST_STORE";
    private const string SystemChoice = "system";

    /// <summary>
    /// Whether Amazon's roots are the right ones: not when the operator chose a store (SSL_CERT_FILE, SSL_CERT_DIR, TRUST_STORE=system),
    /// not for an override outside amazonaws.com and api.aws (a private CA), not outside the commercial partition.
    /// </summary>
    public static bool Applies(Func<string, string?> environment)
    {
        if (!string.IsNullOrEmpty(environment(FileVariable))
            || !string.IsNullOrEmpty(environment(DirectoryVariable))
            || string.Equals(environment(ChoiceVariable), SystemChoice, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        // What is wrong with these is reported by whoever reads the configuration; here it only means: leave the store alone.
        var ignored = new List<string>();
        var region = RuntimeEndpoint.RegionFrom(environment, ignored);
        return region is not null
            && RuntimeEndpoint.IsCommercial(region)
            && RuntimeEndpoint.From(environment, region, ignored) is { } endpoint
            && RuntimeEndpoint.IsCommercialHost(endpoint.Host);
    }

    /// <summary>False: TRUST_STORE says something that nobody understands.</summary>
    public static bool IsChoice(Func<string, string?> environment) =>
        environment(ChoiceVariable) is not { Length: > 0 } choice
        || string.Equals(choice, SystemChoice, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Sets the store for this process. Must run before anything opens TLS: the store is read once. Only a file that exists is used.
    /// </summary>
    /// <param name="directory">Where <see cref="FileName"/> lies.</param>
    /// <returns>Whether it was set.</returns>
    public static bool Use(string directory)
    {
        var file = Path.Combine(directory, FileName);
        if (!File.Exists(file))
        {
            return false;
        }

        // Both are needed: each one left unset falls back to the system's. A directory that does not exist holds no certificates.
        return SetNative(FileVariable, file) && SetNative(DirectoryVariable, Path.Combine(directory, "none"));
    }

    /// <summary>Environment.SetEnvironmentVariable changes .NET's own copy only; .NET's shim over OpenSSL reads the C library's.</summary>
    private static bool SetNative(string variable, string value) =>
        SetEnv(Encoding.UTF8.GetBytes(variable + '\0'), Encoding.UTF8.GetBytes(value + '\0'), overwrite: 1) == 0;

    // Byte arrays pass as they are, which needs neither generated marshalling nor unsafe code.
    [DllImport("libc", EntryPoint = "setenv")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetEnv(byte[] name, byte[] value, int overwrite);
}
