using System.Text.Json;
using LambdaStreamer.FunctionUrl;
using LambdaStreamer.Relay;

namespace LambdaStreamer.Cancel;

/// <summary>
/// <c>POST /cancel/{id}</c>: ends a running answer by the id that its client got as <c>x-request-id</c>. Who knows the id, a random UUID
/// that nobody else was told, may cancel. 202 with <c>{"cancelled": id}</c>, because the answer's own end is what tells how it ended.
/// </summary>
/// <remarks>
/// Reaches the answers of this process alone (docs/decisions/6); what runs in another gets the same 404 as what does not run at all.
/// </remarks>
public sealed class CancelSurface(RunningAnswers running)
{
    private const string Prefix = "/cancel/";

    public static bool Serves(string path) => path.StartsWith(Prefix, StringComparison.Ordinal);

    public async ValueTask HandleAsync(HttpRequest request, HttpReply reply)
    {
        var id = request.Path[Prefix.Length..];
        if (request.Method != "POST")
        {
            reply.AllowedMethods = "POST";
            await reply.RefuseAsync(RelayError.BadRequest(405, $"{Prefix} takes POST.")).ConfigureAwait(false);
        }
        else if (!Guid.TryParseExact(id, "D", out _))
        {
            await reply.RefuseAsync(RelayError.BadRequest(400, "The id must be the x-request-id of an answer, a UUID."))
                .ConfigureAwait(false);
        }
        else if (!await running.TryCancelAsync(id).ConfigureAwait(false))
        {
            await reply.RefuseAsync(NotRunning).ConfigureAwait(false);
        }
        else
        {
            await reply.StartAsync(202, "application/json").ConfigureAwait(false);
            WriteCancelled(reply, id);
            await reply.CompleteAsync("application/json").ConfigureAwait(false);
        }
    }

    private static RelayError NotRunning { get; } = new(
        Ending.BadRequest, "No answer with this id runs in this process: it has ended, or another process of the function relays it.")
    {
        Status = 404,
        Type = "not_found",
    };

    private static void WriteCancelled(HttpReply reply, string id)
    {
        using var json = new Utf8JsonWriter(reply.Output);
        json.WriteStartObject();
        json.WriteString("cancelled"u8, id);
        json.WriteEndObject();
    }
}
