using Azure.Core.Cryptography;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Notary.Keys;
using Notary.Verification.Ethereum;

namespace Notary.Cli;

/// <summary>I12: every draw has the files, deposits, approvals, secrets and pointers that its state asks for, they agree with each other, with the books of
/// what was sent to the chain and with the registry, and nothing else is kept.</summary>
internal sealed class LotteryAudit(Audit audit, LedgerAudit ledger, IKeyEncryptionKeyResolver? keys, Uri? rpc, HttpClient http)
{
    /// <summary>Of the contract's states.</summary>
    private const int Finished = 3, Aborted = 4;

    private const int SecretSize = 32;

    private static readonly string[] Rows = ["draw", "approval-", "objection-"];

    private readonly PrintSet kept = new();
    private readonly BlobContainerClient container = audit.Storage.Container(Names.DrawFiles);

    public async Task RunAsync(CancellationToken c)
    {
        try
        {
            await RowsAsync(c);
            await LeftoversAsync(c);
        }
        catch (RequestFailedException e) when (e.ErrorCode is "TableNotFound" or "ResourceNotFound" or "ContainerNotFound")
        {
            // From before there were draws. Were there any, the books of what was sent to the chain miss them.
        }
    }

    private async Task RowsAsync(CancellationToken c)
    {
        await foreach (var row in audit.Tables.AllAsync(Names.Draws, c))
        {
            audit.Secrets(row, Names.Draws);
            var (partition, key) = (row.PartitionKey, row.RowKey);
            if (partition.StartsWith("draw-", StringComparison.Ordinal) && key == "draw")
                await DrawAsync(row, c);
            else if (!(partition.StartsWith("draw-", StringComparison.Ordinal) ? Rows.Any(r => key.StartsWith(r, StringComparison.Ordinal))
                : partition is "active" or "published" or "submitted" || partition.StartsWith("tenant-", StringComparison.Ordinal)
                    || partition.StartsWith("signer-", StringComparison.Ordinal)))
                audit.Findings.Add("I8", RawTables.Where(Names.Draws, row), "row-unknown", "nobody reads such a row");
        }
    }

    private async Task DrawAsync(TableEntity entity, CancellationToken c)
    {
        audit.Findings.Count("draws");
        var where = RawTables.Where(Names.Draws, entity);
        if (LotteryRow.Read(entity) is not { } row)
        {
            audit.Findings.Add("I12", where, "draw-row", "the row of a draw cannot be read, or contradicts itself");
            return;
        }

        var files = await FilesAsync(row, c);
        try
        {
            foreach (var (code, reason) in LotteryFacts.Wrong(row, files))
                audit.Findings.Add("I12", where, code, reason);

            await DepositAsync(row, where, row.CommitmentDeposit, "draw.json", row.Is("Committed"), c);
            await DepositAsync(row, where, row.ResultDeposit, "result.json", row.Is("Certified"), c);
            await BooksAsync(row, where, files, c);
        }
        catch (FaultException e)
        {
            audit.Findings.Add("I12", where, "draw-row", $"what the row or its files hold cannot be read: {e.Message}");
        }

        await SecretAsync(where, "its list's secret", row.List?.Secret, row.List is not null, c);
        await SecretAsync(where, "the platform's own secret", row.Party, row.Is("Committed") && row.Step != "commit", c);
        await PointersAsync(row, where, c);
    }

    /// <summary>Reads every file of the row once; returns what is small and to be compared.</summary>
    private async Task<Dictionary<string, byte[]>> FilesAsync(LotteryRow row, CancellationToken c)
    {
        var read = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var (name, file) in row.Files.Concat(row.List is { } list && !row.Files.ContainsKey("public.csv") ? [new("public.csv", list.File)] : []))
        {
            audit.Findings.Count("files of draws");
            kept.Add(audit.Prints.Of(file.Blob));
            var place = $"{Names.DrawFiles}/{file.Blob}";
            try
            {
                await using var content = (await container.GetBlobClient(file.Blob).DownloadStreamingAsync(cancellationToken: c)).Value.Content;
                using var small = LotteryFacts.IsCompared(name) && file.Bytes <= DrawDocument.MaxBytes ? new MemoryStream() : null;
                if (!await IsAsync(content, file, small, c))
                    audit.Findings.Add("I12", place, "draw-file-differs", $"{name} is not what the row of draw {row.Id} says");
                else if (small is not null)
                    read[name] = small.ToArray();
            }
            catch (RequestFailedException e) when (e.Status == 404)
            {
                audit.Findings.Add("I12", place, "draw-file-missing", $"{name} of draw {row.Id} is missing");
            }
        }

        return read;
    }

    private static async Task<bool> IsAsync(Stream content, LotteryRow.StoredFile file, MemoryStream? copy, CancellationToken c)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (buffer, size) = (new byte[256 * 1024], 0L);
        while (await content.ReadAsync(buffer, c) is > 0 and var read)
        {
            hash.AppendData(buffer, 0, read);
            copy?.Write(buffer, 0, read);
            size += read;
        }

        return size == file.Bytes && new Digest(hash.GetHashAndReset()).ToString() == file.Sha256;
    }

    private async Task DepositAsync(LotteryRow row, string where, LotteryRow.Followed? followed, string name, bool due, CancellationToken c)
    {
        if (followed is null ? !due : await audit.Tables.DepositAsync(RawTables.Shard(row.Tenant), row.Tenant, followed.Id, c) is { } deposit
            && Manifest.Parse(deposit.Manifest).Items is [var item] && row.Files.TryGetValue(name, out var file) && item.Sha256.ToString() == file.Sha256)
            return;

        audit.Findings.Add("I12", where, "draw-deposit", $"{name} is not deposited, or its deposit is of something else");
    }

    /// <summary>What the platform has sent, and what the registry made of it.</summary>
    private async Task BooksAsync(LotteryRow row, string where, Dictionary<string, byte[]> files, CancellationToken c)
    {
        if (!(row.Is("Committed") || row.Aborted?.Known is not null) || !files.TryGetValue("draw.json", out var bytes))
            return;

        var draw = DrawDocument.Parse(bytes);
        var (commitment, result) = (draw.Commitment(), Digest.TryParse(row.Result, out var digest) ? digest : (Digest?)null);
        if (row.Is("Committed") && !await ledger.HasAsync(draw.Registry, draw.Id, "publish", LedgerAudit.CommitmentWord, commitment, c))
            audit.Findings.Add("I12", where, "draw-books", "the books do not know its publication with this commitment");

        if (row.Is("Certified") && !(result is { } known && await ledger.HasAsync(draw.Registry, draw.Id, "finish", LedgerAudit.ResultWord, known, c)))
            audit.Findings.Add("I12", where, "draw-books", "the books do not know that this result was sent");

        if (rpc is null)
            return;

        var sight = await DrawOnline.ReadAsync(draw.ChainId, draw.Registry, draw.Id, confirmations: 1, rpc, http, c);
        if (sight.Outcome == AnchorOutcome.Unreachable)
            throw new CliException(sight.Reason);

        // An abort may have come before anything was there.
        var stands = sight.Draw is { } seen ? Stands(row, draw, result, seen) : row.Aborted is not null && sight.Code == "draw-unknown";
        if (!stands)
            audit.Findings.Add("I12", where, "draw-on-chain",
                sight.Draw is null ? sight.Reason : "commitment, kind, seed, result or abort is not what the registry holds");
    }

    private static bool Stands(LotteryRow row, DrawDocument draw, Digest? result, RegisteredDraw seen)
        => seen.Commitment == draw.Commitment() && seen.Kind == (draw.Rehearsal ? 2 : 1)
            && (!row.Is("Drawn") || seen.Seed?.ToString() == row.Seed?.Seed)
            && (!row.Is("Certified") || (seen.State == Finished && seen.Outcome == result))
            && (row.Aborted is null || row.Step != "end"
                || (seen.State == Aborted && seen.Outcome == Digest.Of(Encoding.UTF8.GetBytes(row.Aborted.Reason))));

    private async Task SecretAsync(string where, string what, LotteryRow.Wrapped? secret, bool due, CancellationToken c)
    {
        if (secret is null ? !due : secret.Value.Length > SecretSize && (keys is null || await OpensAsync(secret, c)))
            return;

        audit.Findings.Add("I12", where, "draw-secret", $"{what} is missing, or no key of the vault opens it");
    }

    private async Task<bool> OpensAsync(LotteryRow.Wrapped secret, CancellationToken c)
    {
        audit.Findings.Count("secrets of draws opened");
        try
        {
            var key = await keys!.ResolveAsync(secret.Key, c);
            return (await key.UnwrapKeyAsync(VaultKeyEncryption.Algorithm, secret.Value, c)).Length == SecretSize;
        }
        catch (Exception e) when (e is not OperationCanceledException && e is not FaultException { Fault: Fault.VaultUnavailable })
        {
            return false;
        }
    }

    private async Task PointersAsync(LotteryRow row, string where, CancellationToken c)
    {
        string At(DateTimeOffset time) => $"at-{(DateTimeOffset.MaxValue.UtcTicks - time.UtcTicks).ToString("D19", CultureInfo.InvariantCulture)}-{row.Id}";
        async Task<bool> HasAsync(string partition, string key) => await audit.Tables.FindAsync(Names.Draws, partition, key, c) is not null;
        if (!await HasAsync($"tenant-{row.Tenant}", At(row.CreatedAt)) || (row.PublishedAt is { } at && !await HasAsync("published", At(at))))
            audit.Findings.Add("I12", where, "draw-unlisted", "its tenant's list or the public one does not show it");

        if (row.Step is not ("" or "end") && !await HasAsync("active", row.Id))
            audit.Findings.Add("I12", where, "draw-idle", "it is not at its end, and nobody sees to it that it goes on");
    }

    private async Task LeftoversAsync(CancellationToken c)
    {
        kept.Seal();
        await foreach (var blob in container.GetBlobsAsync(BlobTraits.None, BlobStates.None, null, c))
        {
            if (kept.Mark(audit.Prints.Of(blob.Name)))
                continue;

            var place = $"{Names.DrawFiles}/{blob.Name}";
            if (audit.IsOld(blob.Properties.LastModified))
                audit.Findings.Add("I8", place, "draw-file-orphan", "no row names this file of a draw");
            else
                audit.Findings.Note("I8", place, "draw-file-under-way", "no row names this file of a draw yet, or any more");
        }
    }
}
