namespace Notary.Host.Access.Limits;

/// <summary>What was let in within the last minute, by the second. What exceeds the limit is put to the minutes that follow, and so paid back.</summary>
/// <remarks>Not safe for several threads: its ledger locks.</remarks>
internal sealed class SlidingWindow
{
    /// <summary>Seconds of the window.</summary>
    public const int Seconds = 60;

    // One request may hold more than a minute's limit, such as a batch; what is over an hour of it is forgiven.
    private const int MaxMinutesAhead = 60;

    private readonly SortedDictionary<long, long> slots = [];
    private long sum;

    /// <summary>Counts, whatever the limit.</summary>
    /// <param name="now">Seconds.</param>
    /// <param name="amount">At least 0.</param>
    /// <param name="limit">A minute's.</param>
    public void Add(long now, long amount, long limit)
    {
        Forget(now);
        var at = now;
        for (var minute = 0; amount > 0 && minute <= MaxMinutesAhead; minute++, at += Seconds)
        {
            var room = Math.Max(0, limit - Within(at));
            var here = Math.Min(room, amount);
            if (here == 0)
                continue;

            slots[at] = slots.GetValueOrDefault(at) + here;
            (sum, amount) = (sum + here, amount - here);
        }
    }

    /// <summary>What may still be let in.</summary>
    public long Left(long now, long limit)
    {
        Forget(now);
        return Math.Max(0, limit - sum);
    }

    /// <summary>Seconds until more may be let in than now, at least one.</summary>
    public long Wait(long now, long limit)
    {
        Forget(now);
        var (left, kept) = (Math.Max(0, limit - sum), sum);
        foreach (var (at, amount) in slots)
        {
            kept -= amount;
            if (limit - kept > left)
                return Math.Max(1, at + Seconds - now);
        }

        return 1;
    }

    // Whatever stands in the minute up to a second, or after it.
    private long Within(long at)
    {
        var within = 0L;
        foreach (var (second, amount) in slots)
        {
            if (second > at - Seconds && second <= at)
                within += amount;
        }

        return within;
    }

    private void Forget(long now)
    {
        while (slots.Count > 0 && slots.First() is var (second, amount) && second <= now - Seconds)
        {
            slots.Remove(second);
            sum -= amount;
        }
    }
}
