namespace Notary.Audit;

/// <summary>One page of the trail, newest first.</summary>
/// <param name="Items">Entries, perhaps none even where more follow.</param>
/// <param name="Before">Where the next page begins; null on the last.</param>
public sealed record TrailPage(IReadOnlyList<TrailEntry> Items, long? Before);

/// <summary>Reads the trail: by time, by person, and whole.</summary>
/// <remarks>Numbers have no gaps, so any stretch of the trail is a range of keys. Times rise with them but for the instances' clocks
/// (docs/decisions/0020): a day's border is exact to their difference.</remarks>
public sealed class TrailReader(StorageAccount storage)
{
    /// <summary>Entries of one page.</summary>
    public const int PageSize = 50;

    /// <summary>Entries looked through for one person's, at some thousand a second: what a reader waits for.</summary>
    public const int MaxSearched = 5000;

    /// <summary>Entries of one request while the trail is read whole: about a megabyte.</summary>
    private const int ExportPage = 1000;

    private readonly TrailTable table = new(storage);

    /// <summary>The newest entry; null while there is none.</summary>
    public Task<TrailEntry?> HeadAsync(CancellationToken cancel) => table.HeadAsync(cancel);

    /// <summary>A page, newest first.</summary>
    /// <param name="who">Of one person alone.</param>
    /// <param name="since">None made before.</param>
    /// <param name="until">None made at this time or later.</param>
    /// <param name="before">What the page before gave.</param>
    /// <param name="cancel">Stops.</param>
    public async Task<TrailPage> NewestAsync(string? who, DateTimeOffset? since, DateTimeOffset? until, long? before, CancellationToken cancel)
    {
        var (from, to) = await RangeAsync(since, until, cancel).ConfigureAwait(false);
        to = Math.Min(to, before ?? long.MaxValue);
        var least = who is null ? from : Math.Max(from, to - MaxSearched);
        var items = new List<TrailEntry>();
        await foreach (var entry in table.ReadAsync(least, to, who, PageSize, cancel).ConfigureAwait(false))
        {
            items.Add(entry);
            if (items.Count == PageSize)
                break;
        }

        var reached = items.Count == PageSize ? items[^1].Number : least;
        return new TrailPage(items, reached > from ? reached : null);
    }

    /// <summary>Everything between two times, oldest first, for an export.</summary>
    public async IAsyncEnumerable<TrailEntry> OldestAsync(
        DateTimeOffset? since, DateTimeOffset? until, [EnumeratorCancellation] CancellationToken cancel)
    {
        var (from, to) = await RangeAsync(since, until, cancel).ConfigureAwait(false);
        for (; from < to; from += ExportPage)
        {
            // A page's rows come newest first.
            var page = await table.ReadAsync(from, Math.Min(to, from + ExportPage), null, ExportPage, cancel).ToListAsync(cancel).ConfigureAwait(false);
            foreach (var entry in page.AsEnumerable().Reverse())
                yield return entry;
        }
    }

    private async Task<(long From, long To)> RangeAsync(DateTimeOffset? since, DateTimeOffset? until, CancellationToken cancel)
    {
        var end = (await table.HeadAsync(cancel).ConfigureAwait(false))?.Number + 1 ?? 1;
        return (since is { } first ? await FirstAtAsync(first, end, cancel).ConfigureAwait(false) : 1,
            until is { } last ? await FirstAtAsync(last, end, cancel).ConfigureAwait(false) : end);
    }

    /// <summary>The first entry made at a time or later, by halving: twenty looks for a million entries.</summary>
    private async Task<long> FirstAtAsync(DateTimeOffset time, long end, CancellationToken cancel)
    {
        var (low, high) = (1L, end);
        while (low < high)
        {
            // One that is not there was taken away: that is for the check to say, and the rest can still be read.
            var middle = low + ((high - low) / 2);
            if (await table.AtAsync(middle, cancel).ConfigureAwait(false) is { } at && at >= time)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }
}
