using System.Buffers.Binary;
using System.Collections.Concurrent;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Notary.Evidence.Batches;

namespace Notary.Cli;

/// <summary>
/// Batches: 1. each batch's rows agree with its manifest; 2. its items, read again from the first to the last, make the file's digest, the tree, the
/// offsets and the root; 3. its indexes are what the items give; 4. nothing else lies in the container for long.
/// </summary>
internal sealed class BatchAudit(Audit audit)
{
    private const int ReadBytes = 256 * 1024;

    private static readonly string[] Parts = ["digests", "items", "references", "tree"];

    private readonly BlobContainerClient container = audit.Storage.Container(Names.Batches);
    private readonly ConcurrentDictionary<string, Known> known = new(StringComparer.Ordinal);

    private sealed record Known(DepositRecord Row, Manifest Manifest)
    {
        public bool Listed { get; set; }

        public bool Indexed { get; set; }
    }

    /// <summary>A deposit that is a batch.</summary>
    public void Add(DepositRecord row, Manifest manifest)
    {
        if (manifest.ItemsRoot is not null)
            known[row.Id] = new Known(row, manifest);
    }

    /// <summary>1. The rows of one shard, whose deposits were read before.</summary>
    public async Task RowsAsync(string partition, CancellationToken c)
    {
        await foreach (var row in audit.Tables.RangeAsync(Names.Deposits, partition, "b|", c))
        {
            var batch = row.RowKey.Split('|') is [_, var tenant, var id] && await FindAsync(partition, tenant, id, c) is { } found ? found : null;
            if (batch is null)
            {
                audit.Findings.Add("I1", RawTables.Where(Names.Deposits, row), "batch-row", "the directory names a batch that is no deposit of its tenant");
                continue;
            }

            (batch.Listed, batch.Indexed) = (true, row["References"] is int);
            if (row["Count"] as int? != batch.Manifest.ItemCount)
                audit.Findings.Add("I1", RawTables.Where(Names.Deposits, row), "batch-row", "the directory states another number of items than the manifest");
        }

        await foreach (var row in audit.Tables.RangeAsync(Names.Deposits, partition, "y|", c))
        {
            var (place, id) = (RawTables.Where(Names.Deposits, row), row.RowKey[2..]);
            if (row["Tenant"] is not string tenant || await FindAsync(partition, tenant, id, c) is null)
                audit.Findings.Add("I8", place, "batch-unindexed-orphan", "what waits for its index is no batch");
            else if (audit.IsOld(row.Timestamp))
                audit.Findings.Add("I8", place, "batch-unindexed", "the batch has waited for its index for more than a day");
            else
                audit.Findings.Note("I8", place, "batch-unindexed", "the batch waits for its index");
        }

        foreach (var batch in known.Values.Where(b => b.Row.Partition == partition && !b.Listed))
            audit.Findings.Add("I1", batch.Row.Where, "batch-row-missing", "the batch is not in its tenant's directory");
    }

    /// <summary>2 to 4.</summary>
    public async Task BlobsAsync(CancellationToken c)
    {
        foreach (var (id, batch) in known.OrderBy(b => b.Key, StringComparer.Ordinal))
        {
            audit.Findings.Count("batches");
            audit.Progress.Say($"reading batch {id} of {batch.Manifest.ItemCount} items");
            if (await ItemsAsync(id, batch, c) && batch.Indexed)
                await IndexesAsync(id, batch, c);
        }

        await foreach (var blob in container.GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, null, c))
        {
            var (place, parts) = ($"{Names.Batches}/{blob.Name}", blob.Name.Split('/'));
            if (parts.Length != 2 || !DepositId.TryParse(parts[0], out _) || !Parts.Contains(parts[1]))
                audit.Findings.Add("I8", place, "blob-unknown", "no such file belongs to a batch");
            else if (known.TryGetValue(parts[0], out var batch))
                Owner(place, batch, blob);
            else if (audit.IsOld(blob.Properties.LastModified))
                audit.Findings.Add("I8", place, "batch-orphan", "this belongs to no batch");
            else
                audit.Findings.Note("I8", place, "batch-under-way", "this belongs to no batch yet");
        }
    }

    private void Owner(string place, Known batch, BlobItem blob)
    {
        // The sweeper looks for the deposit under this owner, and takes away what has none there.
        if (!blob.Metadata.TryGetValue(OriginalStore.OwnerMetadata, out var owner) || owner != batch.Row.Tenant)
            audit.Findings.Add("I1", place, "batch-owner", "this is marked as another tenant's than its batch: the platform would take it for a leftover");
    }

    private async Task<Known?> FindAsync(string partition, string tenant, string id, CancellationToken c)
    {
        if (known.TryGetValue(id, out var batch))
            return batch.Row.Tenant == tenant ? batch : null;

        // Made since the deposits were read.
        if (await audit.Tables.DepositAsync(partition, tenant, id, c) is not { } row)
            return null;

        try
        {
            Add(row, Manifest.Parse(row.Manifest));
            return known.GetValueOrDefault(id);
        }
        catch (FaultException)
        {
            return null;
        }
    }

    /// <summary>Whether the items are those that the manifest fixed: of others no index is asked for.</summary>
    private async Task<bool> ItemsAsync(string id, Known batch, CancellationToken c)
    {
        var place = $"{Names.Batches}/{id}";
        await using var items = await OpenAsync($"{id}/items", c);
        await using var tree = await OpenAsync($"{id}/tree", c);
        if (items is null || tree is null)
        {
            audit.Findings.Add("I1", $"{place}/{(items is null ? "items" : "tree")}", "batch-missing", "a part of an acknowledged batch is missing");
            return false;
        }

        using var file = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (hashes, offsets, hash) = (new BatchTree(), new ArrayBufferWriter<byte>(), new byte[Digest.Size]);
        var (at, same) = (0L, true);
        await foreach (var line in LinesAsync(items, c))
        {
            if (hashes.Count % BatchFormat.Group == 0)
                Offset(at);

            var leaf = BatchItem.Leaf(line.Span[..^1]);
            hashes.Append([leaf]);
            same &= await tree.ReadAtLeastAsync(hash, hash.Length, false, c) == hash.Length && new Digest(hash) == leaf;
            file.AppendData(line.Span);
            at += line.Length;
        }

        audit.Findings.Count("batch items", hashes.Count);
        Offset(at);
        if (hashes.Count != batch.Manifest.ItemCount || hashes.Root() != batch.Manifest.ItemsRoot
            || new Digest(file.GetHashAndReset()) != batch.Manifest.Items[0].Sha256 || at != batch.Manifest.Items[0].Size)
        {
            audit.Findings.Add("I1", $"{place}/items", "batch-items-differ", "the items are not those that the batch's manifest fixed");
            return false;
        }

        byte[] rest = [.. hashes.UpperLevels(), .. offsets.WrittenSpan];
        var there = new byte[rest.Length + 1];
        if (!same || await tree.ReadAtLeastAsync(there, there.Length, false, c) != rest.Length || !there.AsSpan(0, rest.Length).SequenceEqual(rest))
            audit.Findings.Add("I1", $"{place}/tree", "batch-tree-differs",
                "the stored tree or the offsets are not those of the items: items cannot be proved");

        return true;

        void Offset(long offset)
        {
            BinaryPrimitives.WriteInt64BigEndian(offsets.GetSpan(BatchLayout.OffsetBytes), offset);
            offsets.Advance(BatchLayout.OffsetBytes);
        }
    }

    private async Task IndexesAsync(string id, Known batch, CancellationToken c)
    {
        await using var items = await OpenAsync($"{id}/items", c);
        if (items is null)
            return;

        try
        {
            var (digests, references) = await BatchIndex.BuildAsync(DepositId.Parse(id), (int)batch.Manifest.ItemCount!.Value, items, c);
            foreach (var (part, expected) in new[] { ("digests", digests), ("references", references) })
            {
                await using var there = await OpenAsync($"{id}/{part}", c);
                if (there is null)
                    audit.Findings.Add("I1", $"{Names.Batches}/{id}/{part}", "batch-missing", "an index of the batch is missing: items are not found");
                else if (await SHA256.HashDataAsync(there, c) is var hash && !hash.AsSpan().SequenceEqual(SHA256.HashData(expected)))
                    audit.Findings.Add("I1", $"{Names.Batches}/{id}/{part}", "batch-index-differs",
                        "the index is not that of the items: some are not found, or others");
            }
        }
        catch (FaultException)
        {
            // Said of the items.
        }
    }

    private async Task<Stream?> OpenAsync(string name, CancellationToken c)
    {
        try
        {
            return (await container.GetBlobClient(name).DownloadStreamingAsync(cancellationToken: c)).Value.Content;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    /// <summary>Lines with their ends; what is no whole line, or longer than an item may be, ends the reading.</summary>
    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> LinesAsync(Stream stream,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken c)
    {
        var (buffer, held) = (new byte[ReadBytes], 0);
        while (held < buffer.Length && await stream.ReadAsync(buffer.AsMemory(held), c) is > 0 and var read)
        {
            held += read;
            var used = 0;
            while (buffer.AsSpan(used, held - used).IndexOf((byte)'\n') is >= 0 and var end)
            {
                yield return buffer.AsMemory(used, end + 1);
                used += end + 1;
            }

            buffer.AsSpan(used, held - used).CopyTo(buffer);
            held -= used;
        }
    }
}
