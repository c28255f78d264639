namespace Notary.Deposits.Usage;

/// <summary>
/// Rows of the table <c>usage</c>: a partition for each tenant, in it for each day a part of each instance that counted, and one whole.
///  1. A part has one writer, who replaces it by more: written twice is written once.
///  2. Parts of a day that nobody counts any more are added up into its whole, whole and parts in one transaction under their ETags:
///     a part is counted once, however many do it at once.
/// </summary>
internal sealed class UsageTable(StorageAccount storage, TimeProvider clock)
{
    /// <summary>After this long nobody writes a part any more, and parts may be added up.</summary>
    public static readonly TimeSpan Open = TimeSpan.FromDays(2);

    private static readonly TimeSpan OneDay = TimeSpan.FromDays(1);

    private const string Whole = "whole";
    private const string DayFormat = "yyyy-MM-dd";

    private readonly TableClient table = storage.Table(Names.Usage);

    /// <summary>Writes an instance's part of a day, whatever was there.</summary>
    public Task WriteAsync(string tenant, DateOnly day, string instance, UsageCount count, CancellationToken cancel)
        => table.UpsertEntityAsync(ToRow(tenant, RowKey(day, instance), count), TableUpdateMode.Replace, cancel);

    /// <summary>A tenant's usage by day, of all instances but one, whose own numbers are newer than its rows.</summary>
    public async Task<SortedDictionary<DateOnly, UsageCount>> ReadAsync(string tenant, DateOnly from, DateOnly to, string except, CancellationToken cancel)
    {
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {tenant} and RowKey ge {RowKey(from, "")} and RowKey lt {RowKey(to.AddDays(1), "")}");
        var rows = await table.QueryAsync(filter, cancel: cancel).ToListAsync(cancel).ConfigureAwait(false);
        var (days, now) = (new SortedDictionary<DateOnly, UsageCount>(), clock.GetUtcNow());
        foreach (var row in rows)
        {
            var (day, part) = Split(row.RowKey);
            if (part != except || IsClosed(day, now))
                days[day] = days.GetValueOrDefault(day) + CountOf(row);
        }

        // 2
        var closed = rows.GroupBy(row => Split(row.RowKey).Day).Where(day => IsClosed(day.Key, now) && day.Skip(1).Any());
        foreach (var day in closed)
            await AddUpAsync(tenant, day.Key, [.. day], cancel).ConfigureAwait(false);

        return days;
    }

    /// <summary>Whether a day's parts are what they will be.</summary>
    public static bool IsClosed(DateOnly day, DateTimeOffset now) => now.UtcDateTime - day.ToDateTime(TimeOnly.MinValue) > OneDay + Open;

    private async Task AddUpAsync(string tenant, DateOnly day, List<TableEntity> rows, CancellationToken cancel)
    {
        // One place of the transaction is the whole's; what does not fit goes with the next reading.
        var whole = rows.Find(row => Split(row.RowKey).Part == Whole);
        var parts = rows.Where(row => row != whole).Take(TableRows.MaxTransactionActions - 1).ToList();
        var sum = ToRow(tenant, RowKey(day, Whole), parts.Aggregate(whole is null ? default : CountOf(whole), (all, part) => all + CountOf(part)));
        try
        {
            await table.SubmitTransactionAsync(
                [
                    whole is null ? new(TableTransactionActionType.Add, sum) : new(TableTransactionActionType.UpdateReplace, sum, whole.ETag),
                    .. parts.Select(part => new TableTransactionAction(TableTransactionActionType.Delete, part, part.ETag)),
                ], cancel).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.Status is 404 or 409 or 412)
        {
            // Another reader was faster, or our own answer was lost: the sum is the same.
        }
    }

    private static string RowKey(DateOnly day, string part) => $"{day.ToString(DayFormat, CultureInfo.InvariantCulture)}|{part}";

    private static (DateOnly Day, string Part) Split(string key)
        => (DateOnly.ParseExact(key.AsSpan(0, DayFormat.Length), DayFormat, CultureInfo.InvariantCulture), key[(DayFormat.Length + 1)..]);

    private static TableEntity ToRow(string tenant, string key, UsageCount count) => new(tenant, key)
    {
        ["Requests"] = count.Requests,
        ["Refused"] = count.Refused,
        ["Deposits"] = count.Deposits,
        ["Items"] = count.Items,
        ["Bytes"] = count.Bytes,
    };

    private static UsageCount CountOf(TableEntity row) => new(row.GetInt64("Requests")!.Value, row.GetInt64("Refused")!.Value,
        row.GetInt64("Deposits")!.Value, row.GetInt64("Items")!.Value, row.GetInt64("Bytes")!.Value);
}
