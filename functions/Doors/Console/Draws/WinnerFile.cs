namespace Notary.Pages.Draws;

/// <summary>winners.csv as this platform wrote it, read where it is wanted: rows stand in the order of round, winners before reserves, and rank, so a place
/// is found by halving, also among fifty million.</summary>
/// <param name="size">Bytes.</param>
/// <param name="open">So many bytes from an offset on.</param>
public sealed class WinnerFile(long size, Func<long, long, CancellationToken, Task<Stream>> open)
{
    /// <summary>Bytes that are searched line by line: some 400 rows.</summary>
    private const int Piece = 64 * 1024;

    /// <summary>Bytes of a row at most: 64 and 32 digits, numbers of 8 and 3, a group of 32, a name of 7 and commas, with room to spare.</summary>
    private const int MaxRow = 512;

    /// <summary>Rows of a round from a place on, winners before reserves; fewer when the round ends.</summary>
    /// <param name="round">From 1.</param>
    /// <param name="reserve">Whether the place is on the reserve list.</param>
    /// <param name="rank">From 1, among winners or reserves.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task<IReadOnlyList<WinnerRow>> ReadAsync(int round, bool reserve, long rank, int count, CancellationToken cancel)
    {
        var wanted = (round, reserve, rank);

        // The last row that is not behind the wanted one begins from low on, before high.
        var (low, high) = (0L, size);
        while (high - low > Piece)
        {
            var middle = low + ((high - low) / 2);
            var (at, row) = await AfterAsync(middle, cancel);
            (low, high) = row is null || at >= high ? (low, middle) : Key(row).CompareTo(wanted) <= 0 ? (at, high) : (low, at);
        }

        var found = new List<WinnerRow>();
        await using var csv = await open(low, Math.Min(size - low, Piece + ((count + 2L) * MaxRow)), cancel);
        using var lines = new StreamReader(csv, Encoding.UTF8);
        while (found.Count < count && await lines.ReadLineAsync(cancel) is { } line)
        {
            if (WinnerRow.Read(line) is not { } row || Key(row).CompareTo(wanted) < 0)
                continue;

            if (row.Round > round)
                break;

            found.Add(row);
        }

        return found;
    }

    /// <summary>The first places of each round, in their order.</summary>
    /// <param name="rounds">How many rounds there are.</param>
    /// <param name="count">Of each round at most.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task<IReadOnlyList<WinnerRow>> FirstAsync(int rounds, int count, CancellationToken cancel)
        => [.. (await Task.WhenAll(Enumerable.Range(1, rounds).Select(round => ReadAsync(round, false, 1, count, cancel)))).SelectMany(rows => rows)];

    private static (int, bool, long) Key(WinnerRow row) => (row.Round, row.Reserve, row.Rank);

    /// <summary>The first row that begins behind an offset, and where.</summary>
    private async Task<(long At, WinnerRow? Row)> AfterAsync(long offset, CancellationToken cancel)
    {
        var bytes = new byte[(int)Math.Min(2 * MaxRow, size - offset)];
        await using var piece = await open(offset, bytes.Length, cancel);
        var read = bytes.AsMemory(0, await piece.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancel));
        var start = read.Span.IndexOf((byte)'\n') + 1;
        var length = read.Span[start..].IndexOf((byte)'\n');
        return start == 0 || length < 0 ? (offset, null) : (offset + start, WinnerRow.Read(Encoding.UTF8.GetString(read.Span.Slice(start, length))));
    }
}
