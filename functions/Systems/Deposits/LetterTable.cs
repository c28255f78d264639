namespace Notary.Deposits;

/// <summary>A deposit whose letter is to be issued, or to be watched until its anchor has settled.</summary>
internal sealed record DueLetter(string RowKey, string Tenant, DepositId Id, string? CorrelationId, bool Failed);

/// <summary>The rows of due letters, in the deposits table beside the deposits: one transaction writes both.</summary>
internal sealed class LetterTable(StorageAccount storage)
{
    /// <summary>Actions of one table transaction: the service's limit. With tokens, 60 rows stay below its 4 MiB.</summary>
    private const int MaxTransactionRows = 60;

    /// <summary>Rows beside the wanted ones that a range is read through before they are read one by one.</summary>
    private const int MaxStray = 400;

    private readonly TableClient table = storage.Table(Names.Deposits);

    /// <summary>Due letters of one shard, between two row keys, the second excluded.</summary>
    public async Task<IReadOnlyList<DueLetter>> DueAsync(string shard, string from, string to, int limit, CancellationToken cancel)
    {
        var due = new List<DueLetter>();
        await foreach (var row in table.QueryAsync($"PartitionKey eq '{shard}' and RowKey ge '{from}' and RowKey lt '{to}'",
            Math.Min(limit, 1000), null, cancel).ConfigureAwait(false))
        {
            var (tenant, id) = DepositKeys.ParseLetter(row.RowKey);
            due.Add(new DueLetter(row.RowKey, tenant, id, row.GetString("CorrelationId"), row.GetBoolean("Failed") ?? false));
            if (due.Count == limit)
                break;
        }

        return due;
    }

    /// <summary>Asks for the letter of one deposit. False when it was asked for before.</summary>
    public async Task<bool> RequestAsync(string tenant, DepositId id, CancellationToken cancel)
    {
        try
        {
            await table.AddEntityAsync(new TableEntity(DepositKeys.Shard(tenant), DepositKeys.Letter(0, tenant, id)), cancel).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            return false;
        }
    }

    /// <summary>The deposits behind due letters of one shard. Deposits of one batch lie close together: a range costs one read.</summary>
    public async Task<IReadOnlyList<(DueLetter Due, DepositRow Row)>> DepositsAsync(string shard, IReadOnlyList<DueLetter> due, CancellationToken cancel)
    {
        var found = new List<(DueLetter, DepositRow)>(due.Count);
        foreach (var tenant in due.GroupBy(letter => letter.Tenant))
        {
            var wanted = tenant.ToDictionary(letter => DepositKeys.Deposit(letter.Tenant, letter.Id), StringComparer.Ordinal);
            var keys = wanted.Keys.Order(StringComparer.Ordinal).ToList();
            var stray = 0;
            await foreach (var row in table.QueryAsync($"PartitionKey eq '{shard}' and RowKey ge '{keys[0]}' and RowKey le '{keys[^1]}'",
                200, null, cancel).ConfigureAwait(false))
            {
                if (wanted.Remove(row.RowKey, out var letter))
                    found.Add((letter, DepositRow.From(row)));
                else if (++stray == MaxStray)
                    break;
            }

            foreach (var (key, letter) in wanted)
            {
                if (await table.GetEntityIfExistsAsync(shard, key, cancel: cancel).ConfigureAwait(false) is { HasValue: true, Value: { } row })
                    found.Add((letter, DepositRow.From(row)));
            }
        }

        return found;
    }

    /// <summary>Adds columns to deposits of one shard; those with a fault mark their due letter too, and what is told to webhooks says so.</summary>
    public async Task MergeAsync(string shard, IEnumerable<(DueLetter Due, IReadOnlyDictionary<string, object> Columns)> changes,
        IReadOnlySet<string> listeners, DateTimeOffset now, CancellationToken cancel)
    {
        foreach (var batch in changes.Chunk(MaxTransactionRows / 3))
            await table.SubmitTransactionAsync(batch.SelectMany(change => Merge(shard, change.Due, change.Columns)
                .Concat(listeners.Contains(change.Due.Tenant) ? Told(shard, change.Due, change.Columns, now) : [])), cancel).ConfigureAwait(false);
    }

    /// <summary>Lets due letters of one shard be. Repeating it is harmless.</summary>
    public async Task DropAsync(string shard, IEnumerable<DueLetter> done, CancellationToken cancel)
    {
        foreach (var batch in done.Chunk(MaxTransactionRows))
        {
            try
            {
                await table.SubmitTransactionAsync(
                    batch.Select(letter => new TableTransactionAction(TableTransactionActionType.Delete, new TableEntity(shard, letter.RowKey), ETag.All)),
                    cancel).ConfigureAwait(false);
            }
            catch (RequestFailedException e) when (e.Status == 404)
            {
                foreach (var letter in batch)
                    await table.DeleteEntityAsync(shard, letter.RowKey, ETag.All, cancel).ConfigureAwait(false);
            }
        }
    }

    private static IEnumerable<TableTransactionAction> Told(
        string shard, DueLetter due, IReadOnlyDictionary<string, object> columns, DateTimeOffset now)
    {
        if (columns.TryGetValue("Fault", out var fault) && fault is string { Length: > 0 } code)
            yield return End(code, now, code);
        else if (columns.TryGetValue("LetterBlob", out var blob) && blob is string name)
            yield return End(name[(name.LastIndexOf('/') + 1)..name.LastIndexOf('.')], (DateTimeOffset)columns["CertifiedAt"], "");

        TableTransactionAction End(string what, DateTimeOffset at, string failure) => new(TableTransactionActionType.UpsertReplace,
            new TableEntity(shard, DepositKeys.ToldEnd(due.Tenant, due.Id, what)) { ["At"] = at, ["Fault"] = failure });
    }

    private static IEnumerable<TableTransactionAction> Merge(string shard, DueLetter due, IReadOnlyDictionary<string, object> columns)
    {
        var deposit = new TableEntity(shard, DepositKeys.Deposit(due.Tenant, due.Id));
        foreach (var (name, value) in columns)
            deposit[name] = value;

        yield return new(TableTransactionActionType.UpdateMerge, deposit, ETag.All);
        if (columns.TryGetValue("Fault", out var fault) && due.Failed != fault is not "")
            yield return new(TableTransactionActionType.UpdateMerge, new TableEntity(shard, due.RowKey) { ["Failed"] = fault is not "" }, ETag.All);
    }
}
