using System.Collections.Concurrent;

namespace Notary.Storage;

/// <summary>How many may hold memory at once, and how many of them may be of one owner: slow clients of one must not keep the others out.</summary>
internal sealed class Slots(int all, int ofOne) : IDisposable
{
    private readonly SemaphoreSlim free = new(all);
    private readonly ConcurrentDictionary<string, SemaphoreSlim> own = new(StringComparer.Ordinal);

    /// <summary>How many are held.</summary>
    public int Taken => all - free.CurrentCount;

    /// <summary>Waits for one, in order. The owner's own first: who waits for that does not hold one of everybody's.</summary>
    public async Task<IDisposable> EnterAsync(string owner, CancellationToken cancel)
    {
        var mine = own.GetOrAdd(owner, _ => new SemaphoreSlim(ofOne));
        await mine.WaitAsync(cancel);
        try
        {
            await free.WaitAsync(cancel);
        }
        catch
        {
            mine.Release();
            throw;
        }

        return new Slot(free, mine);
    }

    public void Dispose()
    {
        free.Dispose();
        foreach (var each in own.Values)
            each.Dispose();
    }

    private sealed class Slot(SemaphoreSlim free, SemaphoreSlim mine) : IDisposable
    {
        public void Dispose()
        {
            free.Release();
            mine.Release();
        }
    }
}
