namespace LambdaStreamer.LocalHost.FunctionUrl;

/// <summary>Reads request bodies within Lambda's limit.</summary>
internal static class RequestPayload
{
    /// <summary>6 MB; of a Function URL the whole event counts, a body in base64 as such.</summary>
    public const int MaxBytes = 6 * 1024 * 1024;

    /// <summary>Null when the body is larger than <see cref="MaxBytes"/>.</summary>
    public static async Task<byte[]?> ReadAsync(HttpRequest request)
    {
        if (request.ContentLength > MaxBytes)
        {
            return null;
        }

        using var body = new MemoryStream();
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(request.HttpContext.RequestAborted).ConfigureAwait(false);
            foreach (var segment in read.Buffer)
            {
                body.Write(segment.Span);
            }

            request.BodyReader.AdvanceTo(read.Buffer.End);
            if (body.Length > MaxBytes)
            {
                return null;
            }

            if (read.IsCompleted)
            {
                return body.ToArray();
            }
        }
    }
}
