namespace LambdaStreamer.LocalHost.Models;

/// <summary>
/// What the two rinna models say: the 3.6b in Japanese with its tag for a line end, the 4b in the language it was asked in.
/// </summary>
internal static class RinnaTexts
{
    public static readonly ModelTexts Japanese36B = new(
        Tagged("""
            はい、ウェブサイトの作り方を順番に説明します。
            まず、ウェブサイトの目的を決めましょう。誰に何を伝えたいのかをはっきりさせると、必要なページが自然に見えてきます。
            次に、ドメイン名を取得し、レンタルサーバーを契約します。名前は短く、覚えやすいものがおすすめです。
            そのあと、HTMLとCSSでページを作ります。プログラミングが苦手な場合は、WordPressなどのツールを使うと簡単です。
            最後に、スマートフォンとパソコンの両方で表示を確認し、問題がなければ公開してください。公開したあとも、内容を定期的に更新することが大切です。
            """),
        Tagged("""
            ご質問ありがとうございます。
            結論から言うと、まず小さく試してみて、その結果を見てから次のことを決めるのがよいと思います。
            わかっていることと、まだわからないことを紙に書き出してみてください。そうすると、何から始めればよいかが見えてきます。
            もう少し詳しい状況を教えていただければ、より具体的にお答えできます。
            """));

    public static readonly ModelTexts Bilingual4B = new(
        """
        To build a website, start by deciding what it is for. 🎯 Then follow these steps:

        1. Register a domain name and choose a hosting service.
        2. Make a simple plan of the pages and the menu.
        3. Create the pages with HTML and CSS, or use a website builder.
        4. Check how they look on a phone and on a computer. 📱💻
        5. Publish the website and update it regularly.

        You do not need to know everything before you begin. Publish one good page first, ask somebody to read it, and improve it \
        from there. 🚀
        """,
        """
        That is an interesting question. 🤔

        The best way to find out is to begin with something small and to look closely at the result. Write down what you know, \
        what you expect and what surprised you; the surprises are usually the most useful part.

        If you can tell me more about what you are trying to do, I will be happy to give you a more detailed answer. 😊
        """)
    {
        JapaneseWebsite = """
            ウェブサイトを作るには、まず目的を決めることが大切です。🎯

            1. ドメイン名を取得し、サーバーを用意します。
            2. ページの構成とメニューを考えます。
            3. HTMLとCSSでページを作成します。ツールを使ってもかまいません。
            4. スマートフォンとパソコンで表示を確認します。📱💻
            5. 公開して、定期的に更新します。

            最初から完璧を目指す必要はありません。躊躇せずに、まず一ページだけ公開してみましょう。デザインと内容に齟齬がないか、誰かに読んでもらうのもよい方法です。🚀
            """,
        JapaneseOther = """
            それは興味深い質問ですね。🤔

            躊躇する気持ちもわかりますが、まず小さく始めて、結果をよく観察するのが一番です。知っていること、予想したこと、驚いたことを書き留めてください。

            たとえば、麒麟という伝説の動物を調べるなら、まず図書館で一冊だけ本を借りてみるとよいでしょう。もう少し詳しく教えていただければ、具体的にお答えします。😊
            """,
    };

    private static string Tagged(string text) => text.ReplaceLineEndings("<NL>");
}
