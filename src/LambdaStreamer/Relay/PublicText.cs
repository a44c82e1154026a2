namespace LambdaStreamer.Relay;

public static class PublicText
{
    public static string Of(string message) => message;
}
