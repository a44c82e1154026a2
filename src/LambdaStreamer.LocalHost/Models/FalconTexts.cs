namespace LambdaStreamer.LocalHost.Models;

/// <summary>What the six Falcon models say. The base models go on with a text; the instruct and chat models answer.</summary>
internal static class FalconTexts
{
    public static readonly ModelTexts Falcon7B = new(
        """


        Building a website is a great way to get your name out there and start building your brand. It is also a great way to make \
        money online. There are a few things you need to do before you start.

        The first thing you need to do is decide what kind of website you want to build. There are many different types, such as \
        personal blogs, business pages and online shops. Once you have decided, you need to choose a domain name. This is the \
        address that people will type into their browser to get to your pages.

        The next thing is a web host. A web host is a company that keeps your files on a server which is always connected to the \
        Internet. Prices differ a lot, so compare a few of them before you sign up.

        After that you can start with the pages themselves. You can write them by hand in HTML and CSS, or you can use a content \
        management system. Whatever you choose, keep a copy of everything on your own computer.
        """,
        """
         The answer depends on whom you ask, and that is what makes the question worth asking.

        Most people begin with what they already know. They look for something that resembles an earlier case, change what does \
        not fit and go on from there. It works well enough for small things, and it is fast.

        For larger things it helps to write the question down first. What is known? What is only assumed? What would have to be \
        true for the opposite to hold? Three short lists on one sheet of paper have settled more arguments than most meetings.

        The last step is the one that is left out most often: go back after a month and see whether the answer still stands.
        """);

    public static readonly ModelTexts Falcon7BInstruct = new(
        """

        Building a website involves several steps:

        1. Decide on the purpose of your website and who will read it.
        2. Choose a domain name that is short and easy to remember, and register it.
        3. Choose a web hosting provider.
        4. Design the layout: sketch the home page, the menu and two or three other pages on paper.
        5. Write the content and collect the images.
        6. Build the pages with HTML, CSS and JavaScript, or with a website builder such as WordPress.
        7. Test the pages in different browsers and on a phone.
        8. Publish the website and tell people about it.

        Once it is online, keep it up to date. Check the links from time to time, watch which pages are read, and make a backup \
        before every larger change. If you get stuck, there are many free tutorials and forums where people are glad to help.
        """,
        """

        That is a good question. In short: start small, look at what happens, and then decide.

        1. Write down in one sentence what you want to know or achieve.
        2. Collect the facts you have, and mark those you are not sure about.
        3. Try the simplest thing that could work.
        4. Compare the result with your sentence, and change one thing at a time.

        If you tell me more about your situation, I can give you a more specific answer.
        """);

    public static readonly ModelTexts Falcon40B = new(
        """


        This is one of the questions we hear most often, and the honest answer is that it has never been easier, and that there \
        have never been more ways to do it wrong.

        A website is, at bottom, a folder of files on a computer that answers when a browser asks for them. The files are written \
        in HTML, which says what things are, CSS, which says what they look like, and JavaScript, which says what they do. You can \
        learn enough of the first two in a weekend to make a page that you need not be ashamed of.

        What takes longer is everything around the files: a name that people can remember, a host that stays up, pictures that \
        load quickly on a telephone, and above all something to say. Write the text before you choose the colours. A plain page \
        with a clear answer on it beats a beautiful one without.

        When the first version is online, ask three people who have never seen it to find one particular thing. Watch them without \
        helping. What they stumble over is your list for the next week.
        """,
        """
         It is a subject on which a good deal has been written, and not all of it agrees.

        One school holds that the matter is settled by definition, and that everything else is a quarrel about words. Another \
        points to the many cases that the definition does not cover, and asks what a rule is good for that has so many exceptions. \
        Both have a point, and neither has had the last word.

        What can be said with some confidence is this. Where people have measured rather than argued, the differences turned out \
        smaller than expected; and where the differences were large, they had more to do with circumstances than with principles.
        """);

    public static readonly ModelTexts Falcon40BInstruct = new(
        """
         To build a website you need four things: a name, a place, the pages and a plan for keeping them alive.

        First, register a domain name. Choose something short that says what you do, and check that nobody else uses it as a \
        trademark.

        Second, find a place for it. A static site of plain files can be hosted at almost no cost, for instance in object storage \
        behind a content delivery network. If you need accounts, a shop or a search, you will want a server or a managed platform.

        Third, make the pages. For a small site, write HTML and CSS by hand or let a static site generator do the repetitive work. \
        For a site that several people edit, use a content management system. Use large enough type, real headings and \
        descriptions for images, so that everybody can read it.

        Finally, keep it alive: renew the domain and the certificate automatically, back up the content, and read your own site \
        once a month as if you were a visitor. Would you like me to go through one of these steps in detail?
        """,
        """
         I would be glad to help with that. Here is how I would go about it.

        Begin by separating what you need from what would be nice to have. The first list should be short; if it is not, the \
        question is really several questions. Then take the item that everything else depends on, and find out how others have \
        solved it.

        After that, make a first attempt with as little effort as possible. It will show you which of your assumptions were wrong \
        while changing them is still cheap.

        If you can share an example or the constraints you have, such as time, money or tools, I can suggest a concrete plan.
        """);

    public static readonly ModelTexts Falcon180B = new(
        """


        The short answer is: one page at a time. The longer answer fills the rest of this article.

        Every website starts with a decision about its readers. Who are they, what do they already know, and what should they be \
        able to do after five minutes with your pages? A restaurant, a research group and a shop for bicycle parts give very \
        different answers, and the structure of the site follows from them almost by itself. Draw that structure as a tree. If it \
        is deeper than three levels, somebody will get lost in it.

        Next come the technical choices. A domain name is leased by the year from a registrar. Hosting ranges from a few cents a \
        month for static files to a good deal more for a fleet of servers; take the smallest thing that does the job, because \
        moving up is easy and moving down rarely happens. A certificate for encrypted connections is free and should be renewed by \
        a machine.

        Then the writing, which is most of the work. One idea to a paragraph, the important sentence first, and no picture that \
        does not tell the reader something. Only now is it time for the layout, for colours and type, and for the small scripts \
        that make a form helpful or a table sortable.

        Before you publish, turn off the images and read the page; turn off the style sheet and read it again; then open it on the \
        oldest telephone you can find. If it still makes sense, you are done, until tomorrow.
        """,
        """
         To see why the question is harder than it looks, it helps to go back to where it was first asked.

        The early accounts are short and practical. They were written by people who had a problem to solve on a given day, and who \
        had little interest in whether the solution would carry over. It was left to a later generation to notice that very \
        different problems had been solved in very nearly the same way.

        From then on the literature divides. Some authors look for the common principle; others collect the exceptions. A reader \
        who has an afternoon should start with the second group, because the exceptions show where the principle stops being \
        useful.

        What remains open is how far any of this can be trusted outside the conditions under which it was found.
        """);

    public static readonly ModelTexts Falcon180BChat = new(
        """
         Here is a path that works well for a first website.

        Start with the goal. Write down, in one sentence, what a visitor should be able to do: read your articles, book an \
        appointment, buy something. Everything that does not serve that sentence can wait.

        Then choose the tools to match. If you mainly publish text and pictures, a static site generator or a hosted builder will \
        have you online today. If visitors need to sign in or pay, use an existing platform for it rather than writing your own. \
        If you want to learn how the web works, write the first pages by hand in HTML and CSS; it is the best introduction there \
        is.

        After that, register a domain, connect it to your hosting, and switch on HTTPS. Publish early, even if only one page is \
        ready, and improve it in small steps.

        Last, look after it: test on a phone, make sure that people who use a screen reader can follow it, keep backups, and take \
        notice of what visitors look for but do not find. What kind of website do you have in mind?
        """,
        """
         Thank you for asking. Let me first say how I understand the question, and then answer it.

        As I read it, you would like to know what to do, and also how to tell whether it was the right thing. The two belong \
        together: choose a step whose result you will be able to see, take it, and look.

        In practice this means keeping the first step small, deciding beforehand what would count as success, and writing down \
        what you expected. If things turn out differently, you have learned something that no advice could have told you.

        Please tell me a little more about the background, and I will try to be more specific.
        """);
}
