namespace LambdaStreamer.Responses;

/// <summary>The formats an answer can take, in the order of preference that breaks a tie between equal q-values.</summary>
public enum MediaType
{
    /// <summary><c>text/plain</c>: the tokens' text and nothing else, what the blog's <c>print(token, end="")</c> shows.</summary>
    Text,

    /// <summary><c>text/event-stream</c>: TGI's token events.</summary>
    EventStream,

    /// <summary><c>application/x-ndjson</c>: one object a token, a last one with finish reason and counts.</summary>
    Ndjson,

    /// <summary><c>application/json</c>: one buffered answer.</summary>
    Json,
}
