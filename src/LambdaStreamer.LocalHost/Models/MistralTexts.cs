namespace LambdaStreamer.LocalHost.Models;

/// <summary>What the two Mistral models say.</summary>
internal static class MistralTexts
{
    public static readonly ModelTexts Mistral7B = new(
        """


        This is a question that many people ask themselves when they want to start a business or a blog. The answer is not always \
        simple, because there are many factors to consider. In this article we will go through the steps from the first idea to \
        the finished pages.

        ## 1. Plan

        Before you write a single line, think about who will visit your website and why. Make a list of the pages you need. Most \
        small sites get by with five: home, about, services, contact and a page with the legal notice.

        ## 2. Get a domain and hosting

        The domain is the name of your website; the hosting is the place where it lives. You can buy both from the same company, \
        but you do not have to. Look at the price after the first year, not only at the offer on the banner.

        ## 3. Build the pages

        You can use a builder, a content management system or your own code. A builder is the fastest, your own code is the most \
        flexible, and a content management system lies somewhere in between.

        ## 4. Publish and improve

        Put the site online as soon as it is useful to one visitor. Measure what people read, fix what they stumble over, and \
        repeat.
        """,
        """
         The following notes were made for a course and are kept here because people still ask for them.

        The first thing to settle is what exactly is being asked. Many long discussions come from two people answering two \
        different questions with the same words in them. Say it again in your own words and see whether the other side agrees.

        The second is to look at the order of magnitude. An answer that is wrong by ten per cent can be useful; one that is wrong \
        by a factor of ten seldom is. A rough estimate on the back of an envelope will often tell you which of the two you have.

        The third is to ask who has an interest in the answer. That does not make it wrong, but it tells you where to look twice.
        """);

    public static readonly ModelTexts Mistral7BInstruct = new(
        """
         Building a website can be broken down into a few manageable steps:

        1. **Define the purpose.** Who is the website for, and what should visitors be able to do there?
        2. **Choose a domain name.** Keep it short, easy to spell and related to your topic. You can register it with any \
        registrar for about $10 to $20 a year.
        3. **Pick a hosting service.** Static hosting is enough for a portfolio or a blog; a shop or an application needs a server \
        or a managed platform.
        4. **Choose how to build it.** Website builders need no code, content management systems such as WordPress offer more \
        freedom, and HTML, CSS and JavaScript give you full control.
        5. **Design the pages.** Start with a simple layout that works on a phone, use a small set of colours, and make the menu \
        obvious.
        6. **Add your content.** Write clear headings, compress images and give each of them an alternative text.
        7. **Test it.** Check all links and forms, try several browsers, and measure how fast the pages load.
        8. **Publish and maintain it.** Switch on HTTPS, set up backups, and keep software and content up to date.

        If you tell me what kind of website you have in mind, I can recommend specific tools and help you with the first page.
        """,
        """
         Certainly! Here is a short overview.

        **What matters most.** Be clear about the goal before you choose the means. A goal you can check ("the report is ready on \
        Friday") is better than one you can only feel ("the reports are good").

        **How to begin.** Take the smallest step that teaches you something. Write down what you expect to happen, so that you \
        notice when it does not.

        **What to avoid.** Do not change several things at once, and do not trust a result that you have seen only a single time.

        Is there a particular part that you would like to look at more closely?
        """);
}
