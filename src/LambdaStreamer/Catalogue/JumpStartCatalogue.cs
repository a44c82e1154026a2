using System.Diagnostics.CodeAnalysis;

namespace LambdaStreamer.Catalogue;

/// <summary>The ten JumpStart models.</summary>
public static class JumpStartCatalogue
{
    public static bool TryFind(string id, [NotNullWhen(true)] out JumpStartModel? model)
    {
        model = null;
        return false;
    }
}
