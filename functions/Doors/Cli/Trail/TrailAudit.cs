namespace Notary.Cli;

/// <summary>
/// The trail in storage.
///  1. Its heads: the reserved tenant's deposits, each a leaf of the signed log, each continuing the one before.
///  2. Its rows, newest first: each an entry at its own place, each following the next.
/// </summary>
internal sealed class TrailAudit(StorageAccount storage, TrustRoots trust, Findings findings)
{
    /// <summary>The tenant whose deposits are heads of the trail and nothing else.</summary>
    private const string Tenant = "office-trail";

    private const string Partition = "entry";
    private const int KeyDigits = 19;

    private readonly RawTables tables = new(storage);
    private readonly LogFiles log = new(storage);

    /// <summary>Walks over everything. Returns the newest entry.</summary>
    public async Task<TrailLine?> RunAsync(IReadOnlyList<TrailHead> brought, DateTimeOffset now, CancellationToken c)
    {
        // The heads first: what they name is there by the time the rows are read.
        var heads = await HeadsAsync(c);
        var chain = new TrailChain([.. heads, .. brought], findings);
        await foreach (var row in tables.AllAsync(Names.Trail, c))
        {
            var where = RawTables.Where(Names.Trail, row);
            if (row.PartitionKey != Partition)
                findings.Add("T1", where, "row-unknown", "nobody reads such a row");
            else if (TrailLine.Read(where, row["Entry"] as byte[] ?? [], findings) is { } line)
                Place(row, line, chain);
        }

        chain.End(fromTheFirst: true, now);
        return chain.Newest;
    }

    private void Place(TableEntity row, TrailLine line, TrailChain chain)
    {
        if (row.RowKey != (long.MaxValue - line.Number).ToString("D" + KeyDigits, CultureInfo.InvariantCulture))
            findings.Add("T1", line.Where, "entry-misplaced", $"entry {line.Number} does not lie at its own place");

        if (row["Who"] as string != line.Who || row["At"] as DateTimeOffset? is not { } at || at.ToUnixTimeMilliseconds() != line.At.ToUnixTimeMilliseconds())
            findings.Add("T1", line.Where, "row-disagrees", "the columns by which the entry is found say something else than the entry");

        chain.Add(line, newestFirst: true);
    }

    private async Task<List<TrailHead>> HeadsAsync(CancellationToken c)
    {
        var heads = new List<TrailHead>();
        var checkpoint = await CheckpointAsync(c);
        Digest? before = null;
        await foreach (var row in tables.RangeAsync(Names.Deposits, RawTables.Shard(Tenant), $"d|{Tenant}|", c))
        {
            findings.Count("heads");
            var deposit = RawTables.Deposit(row);
            var digest = Digest.Of(deposit.Manifest);
            try
            {
                var manifest = Manifest.Parse(deposit.Manifest);
                if (manifest.Previous != before)
                    findings.Add("T3", deposit.Where, "heads-broken", "this head does not continue the one before: one was taken away, changed or added");

                if (!long.TryParse(manifest.Notes.GetValueOrDefault("number"), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                    findings.Add("T3", deposit.Where, "head-malformed", "the deposit names no entry of the trail");
                else
                    heads.Add(new TrailHead(deposit.Where, number, manifest.Items[0].Digests["sha-256"], manifest.ReceivedAt));
            }
            catch (FaultException e)
            {
                findings.Add("T3", deposit.Where, "head-malformed", e.Message);
            }

            before = digest;
            await LeafAsync(deposit, digest, checkpoint, c);
        }

        return heads;
    }

    /// <summary>A manifest in a row is only what storage says; as a leaf under the signed checkpoint it is what the log, the authorities and the chain
    /// say.</summary>
    private async Task LeafAsync(DepositRecord deposit, Digest digest, Checkpoint? checkpoint, CancellationToken c)
    {
        if (deposit.Index is not { } index || checkpoint is not { } signed || index >= signed.Size)
        {
            findings.Note("T3", deposit.Where, "head-unlogged", "the head is not in the published log yet");
            return;
        }

        try
        {
            var proof = await Tiles.InclusionProofAsync(index, signed.Size, ReadAsync, c);
            if (Merkle.VerifyInclusion(Merkle.LeafHash(digest.ToArray()), index, signed.Size, proof, signed.Root))
                return;
        }
        catch (FaultException)
        {
            // A tile that is gone or is none proves nothing: fsck says more of the log itself.
        }

        findings.Add("T3", deposit.Where, "head-not-in-log", $"the head's manifest is not the log's entry {index}");
    }

    private async Task<byte[]> ReadAsync(string path, CancellationToken c)
        => await log.ReadAsync(path, c) ?? throw new FaultException(Fault.NotFound, $"{path} is missing");

    private async Task<Checkpoint?> CheckpointAsync(CancellationToken c)
    {
        const string where = "staging/checkpoint";
        try
        {
            var note = (await storage.Container(Names.Staging).GetBlobClient(Names.CheckpointBlob).DownloadContentAsync(c)).Value.Content.ToString();
            using var verifier = new NoteVerifier(trust.Origin, trust.LogKeySpki);
            if (verifier.TryVerify(note, out var body))
                return Checkpoint.Parse(body);

            findings.Add("T3", where, "checkpoint-invalid", "the newest checkpoint is not signed by the log's key");
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            findings.Note("T3", where, "log-empty", "no checkpoint is published yet");
        }

        return null;
    }
}
