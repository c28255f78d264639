using Azure.Storage.Blobs;
using Azure.Storage.Sas;

namespace Notary.Deposits;

/// <summary>A place to put one large file: PUT the bytes to <paramref name="Url"/> before <paramref name="ExpiresAt"/> as a block blob.</summary>
/// <param name="Url">Holds a signature for this one blob and nothing else; treat it as a secret.</param>
public sealed record UploadTicket(string Id, Uri Url, DateTimeOffset ExpiresAt);

/// <summary>How an upload stands: waiting for its bytes, deposited, or refused with a fault code.</summary>
public sealed record UploadView(string Id, string State, string? DepositId, string? Fault, DateTimeOffset ExpiresAt);

/// <summary>
/// Large files go straight to storage, past the Functions host and its limits.
///  1. Begin: remember what the depositor said, hand out a signature for one blob.
///  2. BlobCreated reaches us through Event Grid and a queue; the sweeper finds what an event did not announce.
///  3. Take: the same intake as a direct deposit, idempotent by the upload's id; then the blob goes.
/// </summary>
public sealed class Uploads(StorageAccount storage, DepositService deposits, TimeProvider clock, ILogger<Uploads> logger)
{
    /// <summary>Time to finish an upload: a terabyte at 100 Mbit/s takes a day, and a leaked URL should not last longer.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <summary>An event is given this long before the sweeper takes the blob without one.</summary>
    private static readonly TimeSpan EventPatience = TimeSpan.FromMinutes(1);

    /// <summary>The row key of the upload's idempotency key, empty when it has none: both go together.</summary>
    internal const string KeyColumn = "Key";

    /// <summary>Uploads one sweep takes.</summary>
    private const int MaxSweep = 50;

    /// <summary>Column of the upload: takes that were begun and did not end, neither well nor with a failure.</summary>
    internal const string BegunColumn = "Begun";

    /// <summary>Takes that may end with the process. The Functions host stops for good after three such ends within half an hour.</summary>
    internal const int MaxBegun = 2;

    /// <summary>An upload that ended the process so often is left alone for this long.</summary>
    internal static readonly TimeSpan Rest = TimeSpan.FromHours(1);

    /// <summary>What lies longer than this is told to the operator: nothing takes so long, and nothing waits so long.</summary>
    private static readonly TimeSpan Overdue = TimeSpan.FromMinutes(15);

    private readonly TableClient table = storage.Table(Names.Deposits);

    /// <summary>1. Everything that direct intake would refuse is refused here, before any byte moves.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>; <see cref="Fault.IdempotencyConflict"/>; <see cref="Fault.Gone"/>
    /// when the idempotency key's ticket has expired.</exception>
    public async Task<UploadTicket> BeginAsync(Tenant tenant, DepositOptions options, CancellationToken cancel)
    {
        DepositRules.Check(options);
        var id = DepositId.New(clock);
        var wanted = UploadOptions.From(options);

        // Whole seconds, as a signature has them: a ticket that is made again from the row is the same ticket.
        var expires = DateTimeOffset.FromUnixTimeSeconds(clock.GetUtcNow().ToUnixTimeSeconds()) + Lifetime;
        var row = new TableEntity(DepositKeys.Shard(tenant.Id), DepositKeys.Upload(tenant.Id, id))
        {
            ["Tenant"] = JsonSerializer.Serialize(tenant),
            ["Options"] = JsonSerializer.SerializeToUtf8Bytes(wanted),
            ["ExpiresAt"] = expires,
            [KeyColumn] = options.IdempotencyKey is { } own ? DepositKeys.Idempotency(tenant.Id, own) : "",
        };
        List<TableTransactionAction> actions = [new(TableTransactionActionType.Add, row)];
        var fingerprint = Digest.Of(JsonSerializer.SerializeToUtf8Bytes(wanted with { CorrelationId = null })).ToString();
        if (options.IdempotencyKey is { } key)
            actions.Add(DepositTable.Owner(tenant.Id, key, fingerprint, id));

        try
        {
            await table.SubmitTransactionAsync(actions, cancel).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            // Another request owns the key, or our own first try happened unseen: the key's row tells. An id without a key is nobody else's.
            if (options.IdempotencyKey is { } known)
                (id, expires) = await FirstAsync(tenant, known, fingerprint, cancel).ConfigureAwait(false);
        }

        return new UploadTicket(id.ToString(),
            await SignAsync(Names.UploadBlob(tenant.Id, id), options.ContentDigest is not null, expires, cancel).ConfigureAwait(false), expires);
    }

    /// <summary>How an upload stands; null for a stranger's id as for a random one.</summary>
    public async Task<UploadView?> FindAsync(Tenant tenant, DepositId id, CancellationToken cancel)
    {
        var found = await table.GetEntityIfExistsAsync(DepositKeys.Shard(tenant.Id), DepositKeys.Upload(tenant.Id, id), cancel: cancel).ConfigureAwait(false);
        if (!found.HasValue)
            return null;

        var (deposit, fault, expires) = (found.Value!.GetString("DepositId"),
            found.Value.GetString("Fault"), found.Value.GetDateTimeOffset("ExpiresAt") ?? default);
        var state = deposit is not null ? "deposited" : fault is not null ? "refused" : "waiting";
        return new UploadView(id.ToString(), state, deposit, fault, expires);
    }

    /// <summary>3. Deposits what was uploaded under a path of the uploads container. Unknown paths and repetitions are harmless.</summary>
    public async Task TakeAsync(string path, CancellationToken cancel)
    {
        var parts = path.Split('/');
        if (parts.Length != 2 || !DepositId.TryParse(parts[1], out var id)
            || await table.GetEntityIfExistsAsync(DepositKeys.Shard(parts[0]),
                DepositKeys.Upload(parts[0], id), cancel: cancel).ConfigureAwait(false) is not { HasValue: true } found)
        {
            logger.LogWarning("an upload that nobody was promised was ignored");
            return;
        }

        var row = found.Value!;
        var blob = storage.Container(Names.Uploads).GetBlobClient(path);
        if (row.GetString("DepositId") is null && row.GetString("Fault") is null && !await TakeAsync(row, id, blob, cancel).ConfigureAwait(false))
            return;

        await blob.DeleteIfExistsAsync(cancellationToken: cancel).ConfigureAwait(false);
    }

    /// <summary>Counts before it works, so that what ends the process does so twice and not at each delivery and each sweep.</summary>
    /// <returns>False when there is nothing to take, or not now.</returns>
    private async Task<bool> TakeAsync(TableEntity row, DepositId id, BlobClient blob, CancellationToken cancel)
    {
        var begun = row.GetInt32(BegunColumn) ?? 0;
        if (begun >= MaxBegun && clock.GetUtcNow() - row.Timestamp < Rest)
        {
            logger.LogError("upload {Upload} was begun {Count} times and never ended; it is left alone for an hour", id, begun);
            return false;
        }

        if (!await MergeAsync(new TableEntity(row.PartitionKey, row.RowKey) { [BegunColumn] = begun + 1 }, row.ETag, cancel).ConfigureAwait(false))
            return false;

        var outcome = new TableEntity(row.PartitionKey, row.RowKey) { [BegunColumn] = 0 };
        var tenant = JsonSerializer.Deserialize<Tenant>(row.GetString("Tenant")!)!;
        var options = JsonSerializer.Deserialize<UploadOptions>(row.GetBinary("Options")!)!.ToOptions($"upload {id}");
        var there = true;
        try
        {
            using var content = await blob.OpenReadAsync(new BlobOpenReadOptions(allowModifications: false), cancel).ConfigureAwait(false);
            outcome["DepositId"] = (await deposits.DepositFileAsync(tenant, options, content, cancel).ConfigureAwait(false)).Id.ToString();
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            there = false;
        }
        catch (FaultException e) when (e.Fault is Fault.DigestMismatch or Fault.Malformed)
        {
            outcome["Fault"] = e.Fault.Code();
        }
        catch (Exception)
        {
            // It ended, with a failure that may be tried again: not what the count is about. Also at the end of the process, when the token is of no use.
            using var last = new CancellationTokenSource(TimeSpan.FromSeconds(2), clock);
            await ((Task)MergeAsync(outcome, ETag.All, last.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        await MergeAsync(outcome, ETag.All, cancel).ConfigureAwait(false);
        return there;
    }

    /// <summary>Paths of uploads that should long have been taken, for the operator.</summary>
    public async Task<IReadOnlyList<string>> OverdueAsync(CancellationToken cancel)
        => await storage.Container(Names.Uploads).GetBlobsAsync(cancellationToken: cancel)
            .Where(blob => blob.Properties.LastModified < clock.GetUtcNow() - Overdue)
            .Select(blob => blob.Name).Take(MaxSweep).ToListAsync(cancel).ConfigureAwait(false);

    /// <summary>Takes uploads whose event is overdue.</summary>
    public async Task SweepAsync(CancellationToken cancel)
    {
        await foreach (var blob in storage.Container(Names.Uploads).GetBlobsAsync(cancellationToken: cancel).Take(MaxSweep).ConfigureAwait(false))
        {
            if (blob.Properties.LastModified < clock.GetUtcNow() - EventPatience)
                await TakeAsync(blob.Name, cancel).ConfigureAwait(false);
        }
    }

    /// <returns>False when another has changed the row since, or it is gone.</returns>
    private async Task<bool> MergeAsync(TableEntity change, ETag expected, CancellationToken cancel)
    {
        try
        {
            await table.UpdateEntityAsync(change, expected, TableUpdateMode.Merge, cancel).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 404 or 412)
        {
            return false;
        }
    }

    private async Task<(DepositId Id, DateTimeOffset ExpiresAt)> FirstAsync(Tenant tenant, string key, string fingerprint, CancellationToken cancel)
    {
        var first = await new DepositTable(storage).FindKeyAsync(tenant.Id, key, cancel).ConfigureAwait(false)
            ?? throw new FaultException(Fault.StorageConflict, "the upload was not begun; send it again");
        DepositRules.CheckSame(first.Fingerprint, fingerprint);
        var row = await table.GetEntityAsync(DepositKeys.Shard(tenant.Id), DepositKeys.Upload(tenant.Id, first.Id), cancel: cancel).ConfigureAwait(false);
        var expires = row.Value.GetDateTimeOffset("ExpiresAt")!.Value;
        return expires > clock.GetUtcNow()
            ? (first.Id, expires) : throw new FaultException(Fault.Gone, "the ticket of this idempotency key has expired; ask for another under a new key");
    }

    /// <summary>To create: one request and 5,000 MiB, once. Blocks need the right to write;
    /// nobody can put other bytes there than a digest that was announced.</summary>
    private async Task<Uri> SignAsync(string path, bool announced, DateTimeOffset expires, CancellationToken cancel)
    {
        var blob = storage.Container(Names.Uploads).GetBlobClient(path);
        var rights = announced ? BlobSasPermissions.Create | BlobSasPermissions.Write : BlobSasPermissions.Create;
        var sas = new BlobSasBuilder(rights, expires) { BlobContainerName = Names.Uploads, BlobName = path, Resource = "b" };
        if (blob.CanGenerateSasUri)
            return blob.GenerateSasUri(sas);

        // With an identity there is no account key: the signature hangs on a key that the service lends us for as long.
        // The service can check it only by making it again from the hours it is lent for, so the same hours are the same
        // key, and a ticket asked for again is equal: they are counted from the upload's begin and not from now.
        var key = await storage.Blobs.GetUserDelegationKeyAsync(expires - Lifetime - TimeSpan.FromMinutes(5), expires, cancel).ConfigureAwait(false);
        return new Azure.Storage.Blobs.BlobUriBuilder(blob.Uri) { Sas = sas.ToSasQueryParameters(key.Value, storage.Blobs.AccountName) }.ToUri();
    }

    /// <summary>The stored form of <see cref="DepositOptions"/>.</summary>
    private sealed record UploadOptions(
        string? Name, string? MediaType, Dictionary<string, string> Notes, string? Previous, string? ContentDigest, bool LetterOnRequest, string? CorrelationId)
    {
        public static UploadOptions From(DepositOptions o)
            => new(o.Name, o.MediaType, new(o.Notes), o.Previous?.ToString(), o.ContentDigest?.ToString(), o.LetterOnRequest, o.CorrelationId);

        public DepositOptions ToOptions(string key) => new(
            Name, MediaType, Notes, Previous is null ? null : Digest.Parse(Previous), key,
            ContentDigest is null ? null : Digest.Parse(ContentDigest), LetterOnRequest)
        { CorrelationId = CorrelationId };
    }
}
