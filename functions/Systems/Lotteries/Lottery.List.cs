namespace Notary.Lotteries;

/// <content>The list of candidates: taken from a stream, never kept as it came.</content>
public sealed partial class Lottery
{
    /// <summary>Replaces a draft's list: read whole, or nothing of it is kept.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="id">Which draw.</param>
    /// <param name="actor">Who sends it.</param>
    /// <param name="input">The list as the organiser holds it; read to its end.</param>
    /// <param name="format">CSV or NDJSON.</param>
    /// <param name="encoding">Null for UTF-8.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="ListRefusedException">Rows are refused.</exception>
    /// <exception cref="FaultException">NotFound; DrawState; Malformed: the list as a whole; Conflict: the terms were changed meanwhile.</exception>
    public async Task<ListView> ImportAsync(
        Tenant tenant, Digest id, string actor, Stream input, ListFormat format, Encoding? encoding, CancellationToken cancel)
    {
        var before = await DemandAsync(tenant, id, cancel).ConfigureAwait(false);
        DemandDraft(before);
        await imports.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            var secret = ListSecret.New();
            var list = await ListImport.ReadAsync(input, format, encoding, before.Plan.Rules, secret, null, cancel).ConfigureAwait(false);
            var commitment = list.Commitment();
            var wrapped = secrets.Wrap(secret.ToArray(), cancel);

            // A kill before the row points to it leaves a blob that nobody names, and the draft as it was.
            var file = await files.WriteAsync(id, stream => list.WriteAsync(stream, cancel), cancel).ConfigureAwait(false);
            var stored = new StoredList(commitment.Root.ToString(), commitment.Candidates, commitment.Tickets, file, wrapped);
            await KeepAsync(tenant, id, actor, before, stored, cancel).ConfigureAwait(false);
            return new ListView(stored.Root, stored.Candidates, stored.Tickets);
        }
        finally
        {
            imports.Release();
        }
    }

    /// <summary>The 32 bytes with which the organiser makes his candidates' personal links.</summary>
    /// <exception cref="FaultException">NotFound: also when there is no list.</exception>
    public async Task<Digest> ListSecretAsync(Tenant tenant, Digest id, CancellationToken cancel)
    {
        var row = await DemandAsync(tenant, id, cancel).ConfigureAwait(false);
        return new Digest(await secrets.UnwrapAsync((row.List ?? throw NotFound()).Secret, cancel).ConfigureAwait(false));
    }

    /// <summary>One candidate's own proof; null when nobody of that id and name is in the list.</summary>
    /// <exception cref="FaultException">NotFound: also when there is no list.</exception>
    public async Task<byte[]?> TicketAsync(Tenant tenant, Digest id, string candidateId, string name, CancellationToken cancel)
    {
        var row = await DemandAsync(tenant, id, cancel).ConfigureAwait(false);
        var list = await lists.GetAsync(row, cancel).ConfigureAwait(false);
        var secret = new ListSecret(await secrets.UnwrapAsync(row.List!.Secret, cancel).ConfigureAwait(false));
        return CandidateTicket.Of(id, list, secret, candidateId, name)?.ToBytes();
    }

    private async Task KeepAsync(Tenant tenant, Digest id, string actor, DrawRow before, StoredList stored, CancellationToken cancel)
    {
        StoredList? replaced = null;
        try
        {
            await EditAsync(tenant, id, actor, row =>
            {
                // By an earlier try whose answer was lost.
                if (row.List?.File.Blob == stored.File.Blob)
                    return row;

                // The groups of the terms decide which rows are taken.
                if (!row.Terms.AsSpan().SequenceEqual(before.Terms))
                    throw new FaultException(Fault.Conflict, "the draw was changed while its list came; send it again");

                replaced = row.List;
                return row with { List = stored };
            }, cancel).ConfigureAwait(false);
        }
        catch (FaultException)
        {
            await files.DeleteAsync(stored.File, CancellationToken.None).ConfigureAwait(false);
            throw;
        }

        if (replaced is not null)
            await files.DeleteAsync(replaced.File, CancellationToken.None).ConfigureAwait(false);
    }
}
