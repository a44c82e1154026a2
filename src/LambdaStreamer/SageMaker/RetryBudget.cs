namespace LambdaStreamer.SageMaker;

/// <summary>
/// What all calls of a process may spend on repeats, so that an endpoint in trouble isn't asked a multiple of what it can't answer as it
/// is. The figures are those of the AWS SDKs' standard mode. Thread-safe. Invariant: 0 to <see cref="Capacity"/> tokens.
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
/// </summary>
internal sealed class RetryBudget
{
    public const int Capacity = 500;

    /// <summary>What a repeat costs.</summary>
    public const int Cost = 5;

    /// <summary>What a repeat costs that follows a connection that could not be made or took too long.</summary>
    public const int CostAfterConnect = 10;

    private const int BackWithoutRepeats = 1;

    private int _tokens = Capacity;

    public int Tokens => Volatile.Read(ref _tokens);

    /// <summary>False: too little is left, and nothing was taken.</summary>
    public bool TryTake(int cost)
    {
        while (true)
        {
            var tokens = Tokens;
            if (tokens < cost)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _tokens, tokens - cost, tokens) == tokens)
            {
                return true;
            }
        }
    }

    /// <summary>A call succeeded: what its repeats cost comes back, or one token when it had none.</summary>
    public void GiveBack(int spent)
    {
        while (true)
        {
            var tokens = Tokens;
            var refilled = Math.Min(Capacity, tokens + (spent > 0 ? spent : BackWithoutRepeats));
            if (Interlocked.CompareExchange(ref _tokens, refilled, tokens) == tokens)
            {
                return;
            }
        }
    }
}
