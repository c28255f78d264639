using System.Collections.Concurrent;

namespace Notary.Webhooks;

/// <summary>Tells this process's deliveries that there is something: what another process writes is seen when its time has come.</summary>
public sealed class WebhookBell : IDisposable
{
    private readonly SemaphoreSlim rung = new(0, 1);
    private readonly ConcurrentDictionary<string, bool> names = new(StringComparer.Ordinal);

    /// <summary>Says so, of rows of work or of anything.</summary>
    public void Ring(params ReadOnlySpan<string> work)
    {
        foreach (var name in work)
            names[name] = true;

        try
        {
            rung.Release();
        }
        catch (SemaphoreFullException)
        {
            // Already told.
        }
    }

    /// <summary>Waits until it is rung, or for a time.</summary>
    internal Task WaitAsync(TimeSpan atMost, CancellationToken cancel) => rung.WaitAsync(atMost, cancel);

    /// <summary>What it was rung for since.</summary>
    internal HashSet<string> Take()
    {
        var taken = names.Keys.ToHashSet(StringComparer.Ordinal);
        foreach (var name in taken)
            names.TryRemove(name, out _);

        return taken;
    }

    public void Dispose() => rung.Dispose();
}
