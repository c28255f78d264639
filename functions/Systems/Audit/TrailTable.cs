namespace Notary.Audit;

/// <summary>Rows of the table <c>trail</c>: one for each entry, the newest first.</summary>
/// <remarks>One partition, so that a row's key alone decides who comes next: of two writers that add the same number one is refused.</remarks>
internal sealed class TrailTable(StorageAccount storage)
{
    private const string Partition = "entry";
    private const int KeyDigits = 19;

    private readonly TableClient table = storage.Table(Names.Trail);

    /// <summary>Adds entries that follow each other, all or none.</summary>
    /// <exception cref="RequestFailedException">409: another writer was faster, or an answer was lost.</exception>
    public async Task AddAsync(IReadOnlyList<TrailEntry> entries, CancellationToken cancel)
    {
        if (entries is [var one])
            await table.AddEntityAsync(Row(one), cancel).ConfigureAwait(false);
        else
            await table.SubmitTransactionAsync(entries.Select(e => new TableTransactionAction(TableTransactionActionType.Add, Row(e))), cancel)
                .ConfigureAwait(false);
    }

    /// <summary>The newest entry; null while there is none.</summary>
    public async Task<TrailEntry?> HeadAsync(CancellationToken cancel)
    {
        await foreach (var row in table.QueryAsync($"PartitionKey eq '{Partition}'", maxPerPage: 1, cancel: cancel).ConfigureAwait(false))
            return Read(row);

        return null;
    }

    /// <summary>When an entry was made; null when it is not there.</summary>
    public async Task<DateTimeOffset?> AtAsync(long number, CancellationToken cancel)
        => await table.GetEntityIfExistsAsync(Partition, Key(number), ["At"], cancel).ConfigureAwait(false) is { HasValue: true, Value: { } row }
            ? row.GetDateTimeOffset("At") : null;

    /// <summary>Entries from one number on and below another, the newest first; of one person when he is named.</summary>
    public async IAsyncEnumerable<TrailEntry> ReadAsync(
        long from, long to, string? who, int? maxPerPage, [EnumeratorCancellation] CancellationToken cancel)
    {
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {Partition} and RowKey gt {Key(to)} and RowKey le {Key(from)}");
        if (who is not null)
            filter += " and " + TableClient.CreateQueryFilter($"Who eq {who}");

        await foreach (var row in table.QueryAsync(filter, maxPerPage, cancel: cancel).ConfigureAwait(false))
            yield return Read(row);
    }

    private static TableEntity Row(TrailEntry entry) => new(Partition, Key(entry.Number))
    {
        ["At"] = entry.Event.At,
        ["Who"] = entry.Event.Who.Id,
        ["Entry"] = entry.Bytes,
    };

    private static TrailEntry Read(TableEntity row) => TrailEntry.Read(row.GetBinary("Entry") ?? []);

    /// <summary>Counts down, because a table gives its rows in ascending order alone.</summary>
    private static string Key(long number) => (long.MaxValue - number).ToString("D" + KeyDigits, CultureInfo.InvariantCulture);
}
