namespace Notary.Deposits;

/// <summary>The newest block with enough confirmations that the platform has seen, for <c>notBefore</c>: a manifest that names a block cannot be older
/// than it. Not the head itself: a block that is reorganised away would make true evidence look false.</summary>
/// <remarks>Intake never waits for the chain: a head that is some seconds old is still true, and without any head the manifest says nothing.</remarks>
public sealed class ChainHeads(ChainClient chain, int confirmations, TimeProvider clock, ILogger<ChainHeads> log)
{
    private static readonly TimeSpan RefreshAfter = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private ChainHead? newest;
    private long refreshedAt;
    private Task refresh = Task.CompletedTask;

    /// <summary>The last head seen, and a refresh in the background when it is older than two seconds.</summary>
    public ChainHead? Newest
    {
        get
        {
            lock (gate)
            {
                if (refresh.IsCompleted && (newest is null || clock.GetElapsedTime(refreshedAt) > RefreshAfter))
                {
                    refreshedAt = clock.GetTimestamp();
                    refresh = Task.Run(() => RefreshAsync(CancellationToken.None));
                }

                return newest;
            }
        }
    }

    /// <summary>Asks the chain once; called at start-up so that the first deposit has a head.</summary>
    public async Task RefreshAsync(CancellationToken cancel)
    {
        try
        {
            var head = await chain.HeadAsync(confirmations, cancel).ConfigureAwait(false);
            lock (gate)
            {
                newest = head;
            }
        }
        catch (FaultException e)
        {
            log.LogWarning("chain head not refreshed: {Code}", e.Fault.Code());
        }
    }
}
