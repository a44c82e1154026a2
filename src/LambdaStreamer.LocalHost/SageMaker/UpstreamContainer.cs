using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>
/// A TGI- or OpenAI-compatible server on the network as the container. Its bytes are relayed as they are read: a read is a payload part.
/// </summary>
internal sealed class UpstreamContainer(HttpClient client, Uri address) : IContainer
{
    private const int ReadLength = 16 * 1024;
    private const int MaxErrorLength = 64 * 1024;

    // Errors on demand are the twin's and not the server's; which server it is, is not known.
    private static readonly Version PlayedTgi = new(2, 4, 0);

    public async Task<ContainerResponse> InvokeAsync(ContainerRequest request, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, Address(request.Body));
        message.Content = new ReadOnlyMemoryContent(request.Body);
        if (MediaTypeHeaderValue.TryParse(request.ContentType, out var contentType))
        {
            message.Content.Headers.ContentType = contentType;
        }

        HttpResponseMessage response;
        try
        {
            response = await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException unreachable)
        {
            return ContainerResponse.Whole(0, "text/plain", Encoding.UTF8.GetBytes(unreachable.Message));
        }

        var responseType = response.Content.Headers.ContentType?.ToString() ?? "application/octet-stream";
        if (response.IsSuccessStatusCode)
        {
            return new ContainerResponse(200, responseType, ReadAsync(response, cancellationToken))
            {
                ErrorPiece = static error => TgiWriter.ErrorEvent(PlayedTgi, error.Message, error.Type),
            };
        }

        using (response)
        {
            var error = await ReadErrorAsync(response, cancellationToken);
            return ContainerResponse.Whole((int)response.StatusCode, responseType, error);
        }
    }

    public ReadOnlyMemory<byte> ErrorBody(ContainerError error) => TgiWriter.Error(error.Message, error.Type);

    private Uri Address(ReadOnlyMemory<byte> body) => address.AbsolutePath == "/" ? new Uri(address, PathFor(body)) : address;

    private static string PathFor(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            if (json.RootElement.ValueKind is JsonValueKind.Object)
            {
                return json.RootElement switch
                {
                    var root when root.TryGetProperty("inputs", out _) => IsStream(root) ? "/generate_stream" : "/generate",
                    var root when root.TryGetProperty("messages", out _) => "/v1/chat/completions",
                    var root when root.TryGetProperty("prompt", out _) => "/v1/completions",
                    _ => "/invocations",
                };
            }
        }
        catch (JsonException)
        {
            // Whatever it is, the container judges it, not the road to it.
        }

        return "/invocations";
    }

    private static bool IsStream(JsonElement root) =>
        root.TryGetProperty("stream", out var stream) && stream.ValueKind is JsonValueKind.True;

    private static async Task<byte[]> ReadErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var error = new byte[MaxErrorLength];
        var length = 0;
        try
        {
            int read;
            while (length < error.Length && (read = await stream.ReadAsync(error.AsMemory(length), cancellationToken)) > 0)
            {
                length += read;
            }
        }
        catch (IOException)
        {
            // Half a message explains more than none; the status is known.
        }

        return error[..length];
    }

    private static async IAsyncEnumerable<ContainerPiece> ReadAsync(
        HttpResponseMessage response, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using (response)
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            var buffer = new byte[ReadLength];
            int length;
            while ((length = await stream.ReadAsync(buffer, cancellationToken)) > 0)
            {
                yield return new ContainerPiece(buffer.AsMemory(0, length), IsToken: true);
            }
        }
    }
}
