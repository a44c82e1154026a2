using FsCheck;
using FsCheck.Fluent;
using LambdaStreamer.Catalogue;

namespace LambdaStreamer.Tests.Catalogue;

public class ChatTemplatePropertyTests
{
    private static readonly string[] Roles = ["system", "developer", "user", "assistant", "tool", "nobody"];

    /// <summary>Pieces of every template's markers, so that whole ones come up often, and once in a row.</summary>
    private static readonly string[] Pieces =
    [
        "[", "INST]", "/INST]", "[INST]", "[/INST]", "<", "s>", "/s>", "</s>", "<s>", "<|endoftext|>", "|endoftext|>", "\n", "<NL>", "NL>",
        "User:", "Assistant:", "System:", "Falcon:", "ユーザー:", "システム:", " ", "{text}", "\0", "\ud83d", "é",
    ];

    private static readonly Gen<ChatTemplate> Templates = Gen.Elements(JumpStartCatalogue.All.Select(static model => model.Template));

    [Fact]
    public void AnyChat_IsRenderedOrRefusedWithASentence() =>
        Verify(
            Chats(Gen.Elements(Roles), Gen.Elements(Pieces).ListOf().Select(string.Concat)),
            static (template, messages) =>
            {
                var rendered = template.TryRender(messages, out var prompt, out var problem);
                Assert.Equal(rendered, prompt is not null);
                Assert.Equal(!rendered, problem is not null);
                Assert.True(problem is null || problem.EndsWith('.'));
            });

    [Fact]
    public void PromptsText_HasEveryMessageInOrder() =>
        Verify(
            ValidChats(Gen.Choose(1, 1_000_000).Select(static number => $"text {number};")),
            static (template, messages) =>
            {
                Assert.True(template.TryRender(messages, out var prompt, out var problem), problem);
                var at = 0;
                foreach (var message in messages)
                {
                    var found = prompt.IndexOf(message.Text, at, StringComparison.Ordinal);
                    Assert.True(found >= at, $"\"{message.Text}\" is not behind character {at} of \"{prompt}\".");
                    at = found + message.Text.Length;
                }
            });

    /// <summary>As many markers as with harmless texts: none of a text's own survives, and none arises at a joint.</summary>
    [Fact]
    public void MarkersInTexts_AddNoMessageToThePrompt() =>
        Verify(
            ValidChats(Gen.Elements(Pieces).ListOf().Select(string.Concat)),
            static (template, messages) =>
            {
                Assert.True(template.TryRender(messages, out var prompt, out var problem), problem);
                ChatMessage[] harmless =
                    [.. messages.Select(static message => message with { Text = message.Text.Length > 0 ? "x" : "" })];
                Assert.True(template.TryRender(harmless, out var expected, out problem), problem);
                Assert.Equal(Count(template, expected), Count(template, prompt));
            });

    private static int[] Count(ChatTemplate template, string prompt) =>
    [
        .. template.Markers.Concat(template.SpecialTokens).Select(marker => marker.Replace(
            "\n", template.NewlineMarker.Length > 0 ? template.NewlineMarker : "\n", StringComparison.Ordinal))
            .Select(marker => prompt.Split(marker).Length - 1),
    ];

    private static Gen<(ChatTemplate, ChatMessage[])> Chats(Gen<string> roles, Gen<string> texts) =>
        from template in Templates
        from messages in roles.Zip(texts, static (role, text) => new ChatMessage(role, text)).ListOf()
        select (template, messages.ToArray());

    /// <summary>A system message or none, then user and assistant in turn, the user last.</summary>
    private static Gen<(ChatTemplate, ChatMessage[])> ValidChats(Gen<string> texts) =>
        from template in Templates
        from system in Gen.Choose(0, 1)
        from turns in Gen.Choose(0, 4)
        let roles = Enumerable.Repeat("system", system).Concat(Enumerable.Repeat((string[])["user", "assistant"], turns).SelectMany(x => x))
            .Append("user")
            .ToArray()
        from written in texts.ListOf(roles.Length)
        select (template, roles.Zip(written, static (role, text) => new ChatMessage(role, text)).ToArray());

    private static void Verify(Gen<(ChatTemplate Template, ChatMessage[] Messages)> chats, Action<ChatTemplate, ChatMessage[]> property) =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(500),
            Prop.ForAll(chats.ToArbitrary(), chat => property(chat.Template, chat.Messages)));
}
