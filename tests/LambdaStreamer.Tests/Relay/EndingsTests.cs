using System.Text.RegularExpressions;
using LambdaStreamer.Relay;

namespace LambdaStreamer.Tests.Relay;

public partial class EndingsTests
{
    [Fact]
    public void EveryEnding_HasItsRowAtItsPlace()
    {
        Assert.Equal(Enum.GetValues<Ending>(), Endings.All.ToArray().Select(static rule => rule.Ending));
        Assert.All(Endings.All.ToArray(), static rule => Assert.Same(rule, Endings.Of(rule.Ending)));
    }

    [Fact]
    public void LambdaTypes_AreOfTheFormThatLambdaKeeps() => Assert.All(
        Endings.All.ToArray().Where(static rule => !rule.IsSuccess), static rule => Assert.Matches(KeptType(), rule.LambdaType));

    [Fact]
    public void OnlySuccesses_Have200() =>
        Assert.All(Endings.All.ToArray(), static rule => Assert.Equal(rule.IsSuccess, rule.Status == 200));

    /// <summary>aws-lambda-runtime-interface-emulator, <c>fatalerror.go</c>.</summary>
    [GeneratedRegex(@"^(Runtime|Function)\.[A-Z][a-zA-Z]+$")]
    private static partial Regex KeptType();
}
