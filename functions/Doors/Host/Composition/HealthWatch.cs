namespace Notary.Host.Composition;

/// <summary>Remembers the dependencies' states for a moment: /readyz needs no key, and a stranger must not make us ask the vault
/// as often as he likes.</summary>
internal sealed class HealthWatch(DependencyHealth health, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Remember = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim one = new(1, 1);
    private IReadOnlyList<DependencyState>? known;
    private long knownAt;

    public async Task<IReadOnlyList<DependencyState>> NowAsync(CancellationToken cancel)
    {
        await one.WaitAsync(cancel);
        try
        {
            if (known is null || clock.GetElapsedTime(knownAt) > Remember)
            {
                known = await health.CheckAsync(cancel);
                knownAt = clock.GetTimestamp();
            }

            return known;
        }
        finally
        {
            one.Release();
        }
    }

    public void Dispose() => one.Dispose();
}
