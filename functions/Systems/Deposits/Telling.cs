using Notary.Webhooks;

namespace Notary.Deposits;

/// <summary>Whose deposits are told to webhooks, and where something is to be told.</summary>
/// <remarks>The row that says so (<see cref="DepositKeys.Told"/>) is written by the transaction that makes the state, for tenants with an endpoint only:
/// a kill loses no event, and for all others there is no row, no call and no reader.</remarks>
public sealed class Telling(Listeners listeners) : IDisposable
{
    private readonly SemaphoreSlim rung = new(0, 1);
    private int dirty;

    /// <summary>The tenants.</summary>
    internal ValueTask<IReadOnlySet<string>> NowAsync(CancellationToken cancel) => listeners.NowAsync(cancel);

    /// <summary>Says that partitions have something to tell, a bit each.</summary>
    internal void Ring(int shards)
    {
        if (shards == 0)
            return;

        Interlocked.Or(ref dirty, shards);
        try
        {
            rung.Release();
        }
        catch (SemaphoreFullException)
        {
            // Already told.
        }
    }

    /// <summary>Waits for that, or for a time, and takes the partitions.</summary>
    internal async Task<int> WaitAsync(TimeSpan atMost, CancellationToken cancel)
    {
        await rung.WaitAsync(atMost, cancel).ConfigureAwait(false);
        return Interlocked.Exchange(ref dirty, 0);
    }

    public void Dispose() => rung.Dispose();
}
