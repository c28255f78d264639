using Azure.Storage.Blobs.Specialized;

namespace Notary.Deposits;

public sealed partial class Uploads
{
    /// <summary>Its sender gives an upload up: what lies at its place goes now, and what is written there afterwards with the next sweep.</summary>
    /// <returns>False for a stranger's id as for a random one. Safe to repeat.</returns>
    /// <exception cref="FaultException"><see cref="Fault.Conflict"/> when it is deposited, or being taken in.</exception>
    public async Task<bool> GiveUpAsync(Tenant tenant, DepositId id, CancellationToken cancel)
    {
        var found = await table.GetEntityIfExistsAsync(DepositKeys.Shard(tenant.Id), DepositKeys.Upload(tenant.Id, id), cancel: cancel).ConfigureAwait(false);
        if (found is not { HasValue: true, Value: { } row })
            return false;

        if (row.GetString("DepositId") is not null)
            throw new FaultException(Fault.Conflict, "the upload is a deposit already");

        // Under the ETag with which a take begins: it is one or the other.
        var end = new TableEntity(row.PartitionKey, row.RowKey) { ["Fault"] = Fault.Gone.Code(), [ReasonColumn] = "its sender gave it up" };
        if (!IsDone(row) && (row.GetInt32(BegunColumn) > 0 || !await EndAsync(end, row, row.ETag, cancel).ConfigureAwait(false)))
            throw new FaultException(Fault.Conflict, "the upload is being taken in");

        // Storage keeps blocks without a list for a week; a list of none, and they go with the blob that it makes.
        var blob = storage.Container(Names.Uploads).GetBlobClient(Names.UploadBlob(tenant.Id, id));
        await ClearAsync(blob, cancel).ConfigureAwait(false);
        await storage.Container(Names.Uploads).GetBlockBlobClient(blob.Name).CommitBlockListAsync([], cancellationToken: cancel).ConfigureAwait(false);
        await ClearAsync(blob, cancel).ConfigureAwait(false);
        return true;
    }

    /// <summary>Whether there is nothing more to be said of it: nobody misses its row.</summary>
    internal static bool IsGivenUp(TableEntity row) => row.GetString("Fault") == Fault.Gone.Code();
}
