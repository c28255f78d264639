namespace Notary.Bench;

/// <summary>Does a thing so many times, so many at once.</summary>
internal static class Load
{
    /// <summary>What the depositors' clients do together.</summary>
    public const int Concurrency = 16;

    /// <returns>Things a second.</returns>
    public static async Task<double> RunAsync(int count, Func<Task> once, int concurrency = Concurrency)
    {
        var left = count;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, concurrency).Select(async _ =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
                await once();
        }));
        return count / clock.Elapsed.TotalSeconds;
    }
}
