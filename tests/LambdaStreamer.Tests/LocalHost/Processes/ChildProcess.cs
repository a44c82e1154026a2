using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using LambdaStreamer.LocalHost.LambdaApi;
using LambdaStreamer.Tests.LocalHost.RuntimeApi;

namespace LambdaStreamer.Tests.LocalHost.Processes;

/// <summary>
/// A function process for the twin to start: this test assembly, which runs the script in <see cref="ScriptVariable"/> instead of tests.
/// Steps are separated by semicolons: <c>next</c>, <c>respond:TEXT</c> (<c>$NAME</c>: that variable), <c>begin</c>, <c>chunk:TEXT</c>,
/// <c>end</c>, <c>initerror</c>, <c>print:TEXT</c>, <c>exit:CODE</c>, <c>kill</c>, <c>hang</c>, <c>again</c> (from the start).
/// </summary>
internal static class ChildProcess
{
    public const string ScriptVariable = "LAMBDA_TWIN_CHILD";

    private static Socket? _socket;
    private static string _requestId = "";

    public static string Command => "dotnet";

    public static IReadOnlyList<string> Arguments => ["exec", typeof(ChildProcess).Assembly.Location];

    public static LambdaTwinOptions Options(string script) => new()
    {
        Command = Command,
        Arguments = Arguments,
        Environment = new Dictionary<string, string> { [ScriptVariable] = script },
    };

    // Synchronous throughout: other threads may not touch this assembly before its initializer is done.
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "The assembly is an executable; this is the only way past the test runner's Main.")]
    internal static void RunIfChild()
    {
        if (Environment.GetEnvironmentVariable(ScriptVariable) is { } script)
        {
            var steps = script.Split(';');
            for (var step = 0; step < steps.Length; step++)
            {
                var (verb, text) = steps[step].Split(':', 2) is [var first, var second] ? (first, second) : (steps[step], "");
                step = verb == "again" ? -1 : step;
                Run(verb, text);
            }

            Environment.Exit(0);
        }
    }

    private static void Run(string verb, string text)
    {
        switch (verb)
        {
            case "next":
                Request("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: t\r\n\r\n");
                break;
            case "respond":
                text = text.StartsWith('$') ? Environment.GetEnvironmentVariable(text[1..]) ?? "" : text;
                Request(Post("response", $"Content-Length: {text.Length}\r\n") + text);
                break;
            case "begin":
                Send(Post("response", ScriptedRuntime.StreamHead) + ScriptedRuntime.Chunk(ScriptedRuntime.Prelude));
                break;
            case "chunk":
                Send(ScriptedRuntime.Chunk(text));
                break;
            case "end":
                Request("0\r\n\r\n");
                break;
            case "initerror":
                Request(
                    "POST /2018-06-01/runtime/init/error HTTP/1.1\r\nHost: t\r\nLambda-Runtime-Function-Error-Type: Runtime.BadConfig\r\n"
                    + "Content-Length: 37\r\n\r\n{\"errorMessage\":\"m\",\"errorType\":\"t\"}\n");
                break;
            case "print":
                Console.WriteLine(text);
                break;
            case "exit":
                Environment.Exit(int.Parse(text, CultureInfo.InvariantCulture));
                break;
            case "kill":
                Process.GetCurrentProcess().Kill();
                break;
            case "hang":
                Process.GetCurrentProcess().WaitForExit();
                break;
        }
    }

    private static string Post(string what, string fields) =>
        $"POST /2018-06-01/runtime/invocation/{_requestId}/{what} HTTP/1.1\r\nHost: t\r\n{fields}\r\n";

    private static void Send(string text)
    {
        if (_socket is null)
        {
            _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            _socket.Connect(IPEndPoint.Parse(Environment.GetEnvironmentVariable("AWS_LAMBDA_RUNTIME_API")!));
        }

        _socket.Send(Encoding.UTF8.GetBytes(text));
    }

    // Answers fit one read here: the twin writes each with one send.
    private static void Request(string text)
    {
        Send(text);
        var buffer = new byte[64 * 1024];
        var answer = Encoding.UTF8.GetString(buffer, 0, _socket!.Receive(buffer));
        const string RequestIdField = "Lambda-Runtime-Aws-Request-Id: ";
        var start = answer.IndexOf(RequestIdField, StringComparison.Ordinal);
        _requestId = start < 0 ? _requestId : answer.Substring(start + RequestIdField.Length, 36);
    }
}
