namespace Notary.Lotteries;

/// <summary>Public lists in memory, for look-ups of single candidates: the newest used, up to a number of candidates; one is read at a time.</summary>
internal sealed class ListCache(DrawFiles files) : IDisposable
{
    private readonly LinkedList<(string Blob, PublicList List)> newest = new();
    private readonly SemaphoreSlim turn = new(1);

    /// <summary>The draw's list.</summary>
    /// <exception cref="FaultException">NotFound: there is none.</exception>
    public async Task<PublicList> GetAsync(DrawRow row, CancellationToken cancel)
    {
        var stored = row.List ?? throw new FaultException(Fault.NotFound, "the draw has no list");
        await turn.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            for (var node = newest.First; node is not null; node = node.Next)
            {
                if (node.Value.Blob != stored.File.Blob)
                    continue;

                newest.Remove(node);
                newest.AddFirst(node);
                return node.Value.List;
            }

            while (newest.Count > 0 && newest.Sum(e => (long)e.List.Count) + stored.Candidates > LotteryLimits.CachedCandidates)
                newest.RemoveLast();

            await using var stream = await files.OpenAsync(stored.File, 0, null, cancel).ConfigureAwait(false);
            var list = await PublicListReader.ReadAsync(stream, row.Plan.Rules, null, cancel).ConfigureAwait(false);
            newest.AddFirst((stored.File.Blob, list));
            return list;
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose() => turn.Dispose();
}
