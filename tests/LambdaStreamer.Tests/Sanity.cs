namespace LambdaStreamer.Tests;

public class Sanity
{
    [Fact]
    public void Ok() => Assert.True(true);
}
