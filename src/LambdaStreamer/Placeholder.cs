namespace LambdaStreamer;
internal static class Placeholder;
