using System.Reflection;
using System.Runtime.InteropServices;

namespace LambdaStreamer.LocalHost.CommandLine;

/// <summary>How the function is started: the native binary, or the build beside this program with the .NET host.</summary>
/// <param name="Command">The executable.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record FunctionBinary(string Command, IReadOnlyList<string> Arguments)
{
    /// <summary>Where <c>sam build</c> puts the native binary, relative to the template.</summary>
    public const string DefaultNativeBinary = ".aws-sam/build/StreamerFunction/bootstrap";

    /// <exception cref="UsageException">It is not there.</exception>
    public static FunctionBinary Find(string? nativeBinary)
    {
        if (nativeBinary is not null)
        {
            var path = Path.GetFullPath(nativeBinary);
            return File.Exists(path)
                ? new(path, [])
                : throw new UsageException(
                    $"There is no {path}. Publish it: make -C src/LambdaStreamer.Function build-StreamerFunction "
                    + $"ARTIFACTS_DIR={Path.GetDirectoryName(path)}");
        }

        var assembly = typeof(FunctionBinary).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(static attribute => attribute.Key == "FunctionAssembly").Value!;
        return File.Exists(assembly)
            ? new(DotnetHost(), ["exec", assembly])
            : throw new UsageException($"The function was not built: there is no {assembly}.");
    }

    /// <summary>The host that runs this program: its runtime lies in shared/Microsoft.NETCore.App/VERSION below it.</summary>
    private static string DotnetHost() =>
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../..", "dotnet"));
}
