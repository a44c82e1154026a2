using LambdaStreamer.Responses;

namespace LambdaStreamer.Tests.Responses;

public class NegotiationTests
{
    [Theory]
    [InlineData(null, MediaType.Text)]
    [InlineData("", MediaType.Text)]
    [InlineData("*/*", MediaType.Text)]
    [InlineData("*", MediaType.Text)]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", MediaType.Text)]
    [InlineData("text/plain", MediaType.Text)]
    [InlineData("text/event-stream", MediaType.EventStream)]
    [InlineData("TEXT/Event-Stream", MediaType.EventStream)]
    [InlineData("application/x-ndjson", MediaType.Ndjson)]
    [InlineData("application/json", MediaType.Json)]
    [InlineData("application/json; charset=utf-8", MediaType.Json)]
    [InlineData("application/json, text/plain, */*", MediaType.Text)]
    [InlineData("application/json, text/plain;q=0.9", MediaType.Json)]
    [InlineData("application/json;q=0.5, text/event-stream;q=0.8", MediaType.EventStream)]
    [InlineData("text/event-stream;q=0.5, */*;q=0.8", MediaType.Text)]
    [InlineData("application/*", MediaType.Ndjson)]
    [InlineData("application/*, application/x-ndjson;q=0", MediaType.Json)]
    [InlineData("text/*;q=0.3, application/json;q=0.4", MediaType.Json)]
    [InlineData("*/*;q=0.1, text/plain;q=0", MediaType.EventStream)]
    [InlineData("text/event-stream ; Q=1.0", MediaType.EventStream)]
    public void Accept_ChoosesTheBestOffered(string? accept, MediaType expected)
    {
        Assert.True(Negotiation.TryChoose(accept, onlyJson: false, out var chosen));
        Assert.Equal(expected, chosen);
    }

    [Theory]
    [InlineData("text/html", false)]
    [InlineData("image/*", false)]
    [InlineData("text/plain;q=0", false)]
    [InlineData("*/*;q=0", false)]
    [InlineData("text/plain;q=much", false)]
    [InlineData("text/plain, text/event-stream", true)]
    public void AcceptThatNamesNothingOffered_IsNotAcceptable(string accept, bool onlyJson) =>
        Assert.False(Negotiation.TryChoose(accept, onlyJson, out _));

    [Theory]
    [InlineData(null)]
    [InlineData("*/*")]
    [InlineData("text/plain, application/json;q=0.1")]
    public void BufferedRequest_IsAnsweredInJson(string? accept)
    {
        Assert.True(Negotiation.TryChoose(accept, onlyJson: true, out var chosen));
        Assert.Equal(MediaType.Json, chosen);
    }
}
