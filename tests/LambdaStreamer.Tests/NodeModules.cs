using System.Runtime.CompilerServices;

namespace LambdaStreamer.Tests;

/// <summary>The npm packages of the client tests, in tests/node.</summary>
internal static class NodeModules
{
    public static string Folder { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../node"));

    /// <summary>Skips the test when they are not installed.</summary>
    public static void Require() =>
        Assert.SkipUnless(Directory.Exists(Path.Combine(Folder, "node_modules")), "tests/node has no node_modules; tests/run installs them.");

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
