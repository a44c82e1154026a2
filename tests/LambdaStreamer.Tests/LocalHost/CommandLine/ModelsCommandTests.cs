using System.Text.Json;
using System.Text.RegularExpressions;
using LambdaStreamer.LocalHost.CommandLine;
using LambdaStreamer.Tests.EndToEnd;

namespace LambdaStreamer.Tests.LocalHost.CommandLine;

public class ModelsCommandTests
{
    private static readonly string Program = typeof(ModelsCommand).Assembly.Location;

    [Fact]
    public async Task Models_AreATableWithAlignedColumns()
    {
        const string Expected = """
            id|family|parameters|licence|default instance|container|dialect|chat
            huggingface-llm-falcon-7b-bf16|Falcon|7B|Apache-2.0|ml.g5.2xlarge|TGI 1.4.0|generate, SSE|no
            huggingface-llm-falcon-7b-instruct-bf16|Falcon|7B|Apache-2.0|ml.g5.2xlarge|TGI 2.4.0|generate, SSE|no
            huggingface-llm-falcon-40b-bf16|Falcon|40B|Apache-2.0|ml.g5.48xlarge|TGI 1.4.0|generate, SSE|no
            huggingface-llm-falcon-40b-instruct-bf16|Falcon|40B|Apache-2.0|ml.g5.48xlarge|TGI 1.4.0|generate, SSE|no
            huggingface-llm-falcon-180b-bf16|Falcon|180B|Falcon-180B TII License 1.0 *|ml.p4de.24xlarge|TGI 2.4.0|generate, SSE|no
            huggingface-llm-falcon-180b-chat-bf16|Falcon|180B|Falcon-180B TII License 1.0 *|ml.p4de.24xlarge|TGI 2.4.0|generate, SSE|no
            huggingface-llm-mistral-7b|Mistral|7B|Apache-2.0|ml.g5.12xlarge|LMI|generate, JSON lines|no
            huggingface-llm-mistral-7b-instruct|Mistral|7B|Apache-2.0|ml.g6e.2xlarge|LMI 0.36.0|generate, JSON lines|yes
            huggingface-llm-rinna-3-6b-instruction-ppo-bf16|rinna GPT-NeoX|3.6B|MIT|ml.g5.2xlarge|TGI 1.4.0|generate, SSE|no
            huggingface-llm-bilingual-rinna-4b-instruction-ppo-bf16|rinna GPT-NeoX|3.8B|MIT|ml.g5.2xlarge|TGI 2.4.0|generate, SSE|no

            * The licence and its acceptable use policy restrict offering the model to others as a hosted service.

            """;
        var (exitCode, output, errors) = await Tool.RunAsync("dotnet", Program, "models");

        Assert.Equal((0, Expected, ""), (exitCode, Regex.Replace(output, " {2,}", "|"), errors));
        var lines = output.Split('\n')[..11];
        int[] columns = [.. Regex.Matches(lines[0], "(?<=  )\\S").Select(static match => match.Index)];
        Assert.All(lines, line => Assert.All(columns, column => Assert.Matches("^  \\S", line[(column - 2)..])));
    }

    [Fact]
    public async Task Json_IsAListOfTheSame()
    {
        var (exitCode, output, errors) = await Tool.RunAsync("dotnet", Program, "models", "--json");

        Assert.Equal((0, ""), (exitCode, errors));
        using var json = JsonDocument.Parse(output);
        Assert.Equal(10, json.RootElement.GetArrayLength());
        Assert.Equal(
            """
            {"id":"huggingface-llm-mistral-7b-instruct","family":"Mistral","kind":"instruct","parameters":"7B","licence":"Apache-2.0",
            "licenceNote":null,"hubId":"mistralai/Mistral-7B-Instruct-v0.1","defaultInstanceType":"ml.g6e.2xlarge","container":"LMI",
            "containerVersion":"0.36.0","lastTgiVersion":"2.0.0","dialect":"generate","framing":"JSON lines","chat":true,
            "maxInputTokens":8191,"maxTotalTokens":8192}
            """.ReplaceLineEndings(""),
            JsonSerializer.Serialize(json.RootElement[7]));
    }

    [Theory]
    [InlineData("Unrecognized command or argument '--nope'.\n", "--nope")]
    [InlineData("Unrecognized command or argument '--model'.\n", "--model", "huggingface-llm-mistral-7b")]
    [InlineData("Unrecognized command or argument 'extra'.\n", "--json", "extra")]
    public async Task CommandLineThatCannotBeFollowed_GetsOneLineAndExitsWithTwo(string expected, params string[] arguments) =>
        Assert.Equal((2, "", expected), await Tool.RunAsync("dotnet", [Program, "models", .. arguments]));
}
