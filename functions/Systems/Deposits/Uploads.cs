using Azure.Storage.Blobs;
using Azure.Storage.Sas;

namespace Notary.Deposits;

/// <summary>A place to put one large file: PUT the bytes to <paramref name="Url"/> before <paramref name="ExpiresAt"/> as a block blob.</summary>
/// <param name="Url">Holds a signature for this one blob and nothing else; treat it as a secret.</param>
public sealed record UploadTicket(string Id, Uri Url, DateTimeOffset ExpiresAt);

/// <summary>How an upload stands: waiting for its bytes, deposited, or refused with a fault code.</summary>
/// <param name="Reason">The fault in a sentence.</param>
public sealed record UploadView(string Id, string State, string? DepositId, string? Fault, DateTimeOffset ExpiresAt, string? Reason = null);

/// <summary>An upload that has its bytes and should long have been taken.</summary>
/// <param name="Upload">tenant/id.</param>
/// <param name="Reason">What its last taking ended with, or why there was none.</param>
public sealed record OverdueUpload(string Upload, string Reason);

/// <summary>
/// Large files go straight to storage, past the Functions host and its limits.
///  1. Begin: remember what the depositor said, hand out a signature for one blob.
///  2. BlobCreated reaches us through Event Grid and a queue; the sweeper finds what an event did not announce.
///  3. Take: the same intake as a direct deposit, idempotent by the upload's id; then the blob goes.
/// Whoever holds the signature may do anything to the blob that storage allows a writer, at any time. So what was taken
/// first counts, whatever is written afterwards goes, and what cannot be a deposit is refused.
/// </summary>
public sealed partial class Uploads(StorageAccount storage, DepositService deposits, TimeProvider clock, ILogger<Uploads> logger)
{
    /// <summary>Time to finish an upload: a terabyte at 100 Mbit/s takes a day, and a leaked URL should not last longer.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <summary>The shortest life of an address that is renewed: a block on a slow line takes minutes.</summary>
    public static readonly TimeSpan ShortestAddress = TimeSpan.FromMinutes(5);

    /// <summary>The row key of the upload's idempotency key, empty when it has none: both go together.</summary>
    internal const string KeyColumn = "Key";

    private readonly TableClient table = storage.Table(Names.Deposits);
    private readonly RefusalTable refusals = new(storage);

    /// <summary>1. Everything that direct intake would refuse is refused here, before any byte moves.</summary>
    /// <param name="tenant">Whose it is to be.</param>
    /// <param name="options">What it is to be.</param>
    /// <param name="address">How long the address is good for; it is signed anew whenever the ticket is asked for again. Null: as long as the ticket,
    /// and the same each time.</param>
    /// <param name="size">Bytes, when they are known: no part of the wish, so that a repetition may say another.</param>
    /// <param name="against">What stands against one more open ticket; not asked of a wish that has its ticket already.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>; <see cref="Fault.IdempotencyConflict"/>; <see cref="Fault.Gone"/>
    /// when the idempotency key's ticket has expired or its upload was given up; what stands against it.</exception>
    public async Task<UploadTicket> BeginAsync(
        Tenant tenant, DepositOptions options, TimeSpan? address, long? size, Func<OpenTickets, FaultException?>? against, CancellationToken cancel)
    {
        DepositRules.Check(options);
        DepositRules.CheckSize(size);
        if (address < ShortestAddress || address > Lifetime)
            throw new FaultException(Fault.Malformed, $"an address is good for {ShortestAddress.TotalMinutes} to {Lifetime.TotalMinutes} minutes");

        if (against is not null && against(await OpenTicketsAsync(tenant.Id, null, cancel).ConfigureAwait(false)) is { } refusal
            && (options.IdempotencyKey is not { } asked
                || await new DepositTable(storage).FindKeyAsync(tenant.Id, asked, cancel).ConfigureAwait(false) is null))
            throw refusal;

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
            [AnnouncedColumn] = size,
            [OpenColumn] = true,
        };
        List<TableTransactionAction> actions =
            [new(TableTransactionActionType.Add, row), new(TableTransactionActionType.Add, OpenRow(tenant, id, size, expires))];
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

        return new UploadTicket(id.ToString(), await SignAsync(Names.UploadBlob(tenant.Id, id), expires, address, cancel).ConfigureAwait(false), expires);
    }

    /// <summary>The same of whatever size, and however many are open.</summary>
    public Task<UploadTicket> BeginAsync(Tenant tenant, DepositOptions options, TimeSpan? address, CancellationToken cancel)
        => BeginAsync(tenant, options, address, null, null, cancel);

    /// <summary>How an upload stands; null for a stranger's id as for a random one.</summary>
    public async Task<UploadView?> FindAsync(Tenant tenant, DepositId id, CancellationToken cancel)
    {
        var found = await table.GetEntityIfExistsAsync(DepositKeys.Shard(tenant.Id), DepositKeys.Upload(tenant.Id, id), cancel: cancel).ConfigureAwait(false);
        if (!found.HasValue)
            return null;

        var (deposit, fault, expires) = (found.Value!.GetString("DepositId"),
            found.Value.GetString("Fault"), found.Value.GetDateTimeOffset("ExpiresAt") ?? default);
        var state = deposit is not null ? "deposited" : fault is not null ? "refused" : "waiting";
        return new UploadView(id.ToString(), state, deposit, fault, expires, fault is null ? null : found.Value.GetString(ReasonColumn));
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
        return expires > clock.GetUtcNow() && !IsGivenUp(row.Value)
            ? (first.Id, expires)
            : throw new FaultException(Fault.Gone, "the ticket of this idempotency key has expired or was given up; ask for another under a new key");
    }

    /// <summary>To create and to write: storage wants the latter for blocks, in which every SDK sends what is large. (To a signature of
    /// its own keys it has lately allowed blocks with the right to create alone; to an account's key, and locally, it does not.)</summary>
    private async Task<Uri> SignAsync(string path, DateTimeOffset expires, TimeSpan? address, CancellationToken cancel)
    {
        var blob = storage.Container(Names.Uploads).GetBlobClient(path);
        var until = clock.GetUtcNow() + address is { } soon && soon < expires ? soon : expires;
        var sas = new BlobSasBuilder(BlobSasPermissions.Create | BlobSasPermissions.Write, until)
        { BlobContainerName = Names.Uploads, BlobName = path, Resource = "b" };
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
