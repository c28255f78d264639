using Microsoft.DurableTask.Client;

namespace Notary.Deposits;

/// <summary>How long what has had its day is kept.</summary>
public sealed record HousekeepingSettings
{
    /// <summary>After its ticket has expired, the row of an upload that never came, and its idempotency key; after it was refused,
    /// its row in the operator's list. Default 7 days.</summary>
    public TimeSpan Uploads { get; init; } = TimeSpan.FromDays(7);

    /// <summary>After its last step, a completed process. At least 2 days: an auditor asks for those of younger evidence. Default 90 days.</summary>
    public TimeSpan Processes { get; init; } = TimeSpan.FromDays(90);

    /// <summary>After the full tile was written, its partial ones: an auditor who walks by an older checkpoint still asks for them. Default 30 days.</summary>
    public TimeSpan PartialTiles { get; init; } = TimeSpan.FromDays(30);
}

/// <summary>Clears away, in a round a day and a little at a time, what has had its day (docs/operations.md).</summary>
/// <remarks>
/// How far a round has come is one row; of two instances at it both delete the same things, and a place that is looked at
/// twice is only looked at twice. Ages are told by storage: rows and blobs by when it wrote them, now by the smaller clock.
/// </remarks>
public sealed class Housekeeper(StorageAccount storage, DurableDoor door, HousekeepingSettings settings, ILogger<Housekeeper> logger)
{
    /// <summary>Pages one run reads, each of at most <see cref="PageRows"/> rows.</summary>
    private const int MaxPages = 25;

    internal int PageRows { get; init; } = 1000;

    /// <summary>Orchestrations of one page.</summary>
    private const int Instances = 100;

    /// <summary>Partial tiles one run deletes, and not more than those of one tile beyond it.</summary>
    private const int MaxPartials = 1000;

    /// <summary>A round's places: the shards of uploads, the orchestrations, the tiles, the list of refusals.</summary>
    private const int OrchestrationPlace = DepositKeys.Shards;
    private const int TilePlace = OrchestrationPlace + 1;
    private const int RefusalPlace = TilePlace + 1;
    private const int End = RefusalPlace + 1;

    internal static readonly TimeSpan Round = TimeSpan.FromDays(1);

    private readonly TableClient deposits = storage.Table(Names.Deposits);
    private readonly TableClient records = storage.Table(Names.Checkpoints);
    private readonly RefusalTable refusals = new(storage);
    private readonly BlobContainerClient log = storage.Container(Names.Log);
    private DateTimeOffset next;

    /// <param name="Place">Where in the round.</param>
    /// <param name="Page">Where in the place; null at its beginning.</param>
    /// <param name="Tile">The first tile of the lowest level whose partial ones may still be there; goes on from round to round.</param>
    private sealed record Mark(int Place, string? Page, DateTimeOffset Begun, long Tile);

    /// <summary>Goes on with the round, or begins one when a day has passed. Between rounds it asks storage nothing.</summary>
    public async Task RunAsync(DateTimeOffset now, CancellationToken cancel)
    {
        if (now < next)
            return;

        var mark = await LoadAsync(cancel).ConfigureAwait(false);
        if (mark.Place >= End)
        {
            next = mark.Begun + Round;
            if (now < next)
                return;

            mark = mark with { Place = 0, Begun = now };
        }

        for (var page = 0; page < MaxPages && mark.Place < End; page++)
            mark = await PageAsync(mark, now, cancel).ConfigureAwait(false);

        var row = new TableEntity(DepositKeys.LogPartition, DepositKeys.Housekeeping)
        {
            ["Place"] = mark.Place,
            ["Page"] = mark.Page,
            ["Begun"] = mark.Begun,
            ["Tile"] = mark.Tile
        };
        await records.UpsertEntityAsync(row, TableUpdateMode.Replace, cancel).ConfigureAwait(false);
    }

    private async Task<Mark> LoadAsync(CancellationToken cancel)
    {
        var found = await records.GetEntityIfExistsAsync(DepositKeys.LogPartition, DepositKeys.Housekeeping, cancel: cancel).ConfigureAwait(false);
        return found is { HasValue: true, Value: { } row }
            ? new Mark(row.GetInt32("Place") ?? 0, Page(row.GetString("Page")), row.GetDateTimeOffset("Begun") ?? default, row.GetInt64("Tile") ?? 0)
            : new Mark(End, null, default, 0);
    }

    // An earlier release's has no blank between its keys: the place is begun anew.
    private static string? Page(string? kept) => kept?.Contains(' ', StringComparison.Ordinal) == true ? kept : null;

    private async Task<Mark> PageAsync(Mark mark, DateTimeOffset now, CancellationToken cancel)
    {
        if (mark.Place == TilePlace)
        {
            var (tile, more) = await PartialTilesAsync(mark.Tile, now - settings.PartialTiles, cancel).ConfigureAwait(false);
            return mark with { Place = more ? TilePlace : RefusalPlace, Tile = tile };
        }

        if (mark.Place == RefusalPlace)
            return mark with { Place = await refusals.DropAsync(now - settings.Uploads, cancel).ConfigureAwait(false) ? RefusalPlace : End };

        var on = mark.Place < OrchestrationPlace
            ? await UploadsAsync(mark.Place, mark.Page, now - settings.Uploads, cancel).ConfigureAwait(false)
            : await OrchestrationsAsync(now - settings.Processes, cancel).ConfigureAwait(false);
        return mark with { Place = on is null ? mark.Place + 1 : mark.Place, Page = on };
    }

    private async Task<string?> UploadsAsync(int shard, string? from, DateTimeOffset before, CancellationToken cancel)
    {
        var (partition, first, end) = (DepositKeys.Shard(shard), DepositKeys.UploadsFrom, DepositKeys.UploadsTo);
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {first} and RowKey lt {end} and ExpiresAt lt {before}");
        var page = await deposits.QueryAsync(filter, PageRows, null, cancel).AsPages(from).FirstAsync(cancel).ConfigureAwait(false);
        foreach (var row in page.Values)
        {
            // A used one answers for its deposit; one without Key, from before there was that column, may own an idempotency key.
            if (row.Timestamp < before && row.GetString("DepositId") is null && (row.GetString("Fault") is null || Uploads.IsGivenUp(row))
                && row.GetString(Uploads.KeyColumn) is { } key)
                await DropUploadAsync(row, key, cancel).ConfigureAwait(false);
        }

        return page.ContinuationToken;
    }

    private async Task DropUploadAsync(TableEntity row, string key, CancellationToken cancel)
    {
        // What came late is still to be taken in. By its name: a look at it may be refused, as of one under a key of its sender's.
        var (tenant, id) = DepositKeys.ParseUpload(row.RowKey);
        if (await storage.Container(Names.Uploads).GetBlobsAsync(BlobTraits.None, BlobStates.None, Names.UploadBlob(tenant, id), cancel)
            .AnyAsync(cancel).ConfigureAwait(false))
            return;

        List<TableTransactionAction> actions = [new(TableTransactionActionType.Delete, row, row.ETag)];
        if (key.Length > 0)
            actions.Add(new(TableTransactionActionType.Delete, new TableEntity(row.PartitionKey, key)));

        if (row.GetBoolean(Uploads.OpenColumn) == true)
            actions.Add(new(TableTransactionActionType.Delete, new TableEntity(row.PartitionKey, DepositKeys.Open(tenant, id)), ETag.All));

        try
        {
            await deposits.SubmitTransactionAsync(actions, cancel).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.Status is 404 or 412)
        {
            // Another instance was faster, or it is being taken in.
        }
    }

    /// <summary>Completed orchestrations, and no others, go with their histories, a page at a time.</summary>
    private async Task<string?> OrchestrationsAsync(DateTimeOffset before, CancellationToken cancel)
    {
        var query = new OrchestrationQuery { CreatedTo = before, Statuses = [OrchestrationRuntimeStatus.Completed], PageSize = Instances };
        var page = await door.Client.GetAllInstancesAsync(query).AsPages().FirstAsync(cancel).ConfigureAwait(false);
        var old = page.Values.Where(instance => instance.LastUpdatedAt < before).ToList();
        await Parallel.ForEachAsync(old, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancel }, async (instance, token) =>
            await door.Client.PurgeInstanceAsync(instance.InstanceId, token).ConfigureAwait(false)).ConfigureAwait(false);
        if (old.Count > 0)
            logger.LogInformation("{Count} orchestrations that were completed before {Before:u} are gone", old.Count, before);

        // What is purged is no longer found: the next page is the first again.
        return old.Count > 0 && page.ContinuationToken is not null ? "more" : null;
    }

    /// <summary>C2SP tlog-tiles, "Partial Tiles": once the full tile exists they may go. Returns the tile to go on with,
    /// and whether there may be more now.</summary>
    private async Task<(long Tile, bool More)> PartialTilesAsync(long tile, DateTimeOffset before, CancellationToken cancel)
    {
        var head = await records.GetEntityIfExistsAsync(DepositKeys.LogPartition, DepositKeys.Head, cancel: cancel).ConfigureAwait(false);
        var full = head.HasValue ? LogHead.From(head.Value!).Range.Size / Tiles.FullWidth : 0;
        for (var deleted = 0; tile < full; tile++)
        {
            if (deleted >= MaxPartials)
                return (tile, true);

            List<string> paths = [Tiles.EntriesPath(tile, Tiles.FullWidth), Tiles.TilePath(0, tile, Tiles.FullWidth)];
            for (var (level, count) = (1, tile + 1); count % Tiles.FullWidth == 0; level++)
            {
                count /= Tiles.FullWidth;
                paths.Add(Tiles.TilePath(level, count - 1, Tiles.FullWidth));
            }

            foreach (var path in paths)
            {
                if (await DropPartialsAsync(path, before, cancel).ConfigureAwait(false) is not { } count)
                    return (tile, false);

                deleted += count;
            }
        }

        return (tile, false);
    }

    /// <summary>How many went; null when the full tile is young or missing, or a retention policy keeps them.</summary>
    private async Task<int?> DropPartialsAsync(string full, DateTimeOffset before, CancellationToken cancel)
    {
        var deleted = 0;
        try
        {
            var properties = await log.GetBlobClient(full).GetPropertiesAsync(cancellationToken: cancel).ConfigureAwait(false);
            if (properties.Value.LastModified >= before)
                return null;

            await foreach (var blob in log.GetBlobsAsync(BlobTraits.None, BlobStates.None, full + ".p/", cancel).ConfigureAwait(false))
            {
                await log.DeleteBlobIfExistsAsync(blob.Name, DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancel).ConfigureAwait(false);
                deleted++;
            }
        }
        catch (RequestFailedException e) when (e.Status is 404 or 409)
        {
            return null;
        }

        return deleted;
    }
}
