namespace LambdaStreamer.LocalHost.CommandLine;

/// <summary>Something the person at the keyboard can mend: one line on standard error, exit code 2.</summary>
public sealed class UsageException(string message, Exception? innerException = null) : Exception(message, innerException);
