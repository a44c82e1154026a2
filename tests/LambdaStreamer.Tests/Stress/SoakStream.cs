using System.Net.Sockets;
using LambdaStreamer.Tests.EndToEnd;

namespace LambdaStreamer.Tests.Stress;

/// <summary>One answer of the endpoint in a soak, and what the client must be told of it.</summary>
/// <param name="Pieces">The body's bytes, a write each.</param>
/// <param name="Text">What the client shows.</param>
/// <param name="IsComplete">The answer is whole.</param>
/// <param name="End">What follows the pieces.</param>
/// <param name="Refusals">How often the endpoint refuses for the moment, before it streams.</param>
internal sealed record SoakStream(byte[][] Pieces, string Text, bool IsComplete, SoakEnd End = SoakEnd.Ends, int Refusals = 0)
{
    private int _asked;

    public async Task ServeAsync(ScriptedSageMaker.Exchange exchange)
    {
        if (End == SoakEnd.Refuses || _asked++ < Refusals)
        {
            var (status, type) = End == SoakEnd.Refuses ? (403, "AccessDeniedException") : (503, "ServiceUnavailable");
            await exchange.SendErrorAsync(status, type, """{"Message":"no"}""");
            return;
        }

        try
        {
            await exchange.SendHeadAsync();
            foreach (var piece in Pieces)
            {
                await exchange.SendAsync(piece);
            }

            switch (End)
            {
                case SoakEnd.Resets:
                    exchange.Reset();
                    break;
                case SoakEnd.FallsSilent:
                    await exchange.ReadRequestAsync();
                    break;
                default:
                    await exchange.EndAsync();
                    break;
            }
        }
        catch (SocketException)
        {
            // The function has seen enough of a broken answer.
        }
    }
}
