using System.Buffers.Binary;
using Azure.Storage.Blobs.Specialized;
using Notary.Evidence.Batches;

namespace Notary.Deposits;

/// <summary>What was written of a batch.</summary>
/// <param name="Count">Items.</param>
/// <param name="Root">Of their tree.</param>
/// <param name="Size">Bytes of the file of items.</param>
/// <param name="Sha256">Of that file.</param>
/// <param name="Sent">Of what was sent, block by block: equal for equal requests.</param>
internal sealed record WrittenBatch(int Count, Digest Root, long Size, Digest Sha256, Digest Sent);

/// <summary>One item with its way to the batch's root, verified.</summary>
internal sealed record ProvenItem(byte[] Bytes, BatchItem Item, ItemProof Proof);

/// <summary>
/// The blobs of batches (docs/evidence-format.md, "Batch"): <c>items</c>, a line each, and <c>tree</c>, the hashes of its levels and then where each
/// group of lines begins. Both are written once, before the batch's row; without a row they are swept.
/// </summary>
internal sealed class BatchBlobs(StorageAccount storage)
{
    private readonly BlobContainerClient container = storage.Container(Names.Batches);

    /// <summary>Takes a batch in, in bounded memory. When this throws there is no blob.</summary>
    /// <exception cref="BatchRefusedException">Lines are refused.</exception>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: no items.</exception>
    public async Task<WrittenBatch> WriteAsync(DepositId id, string owner, Stream body, CancellationToken cancel)
    {
        using var items = new BlockUpload(container.GetBlockBlobClient(Names.BatchItems(id)));
        using var tree = new BlockUpload(container.GetBlockBlobClient(Names.BatchTree(id)));
        using var file = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var sent = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (hashes, offsets, refused) = (new BatchTree(), new ArrayBufferWriter<byte>(), new List<BatchRefusal>());
        try
        {
            await foreach (var chunk in BatchReader.ReadAsync(body, new ItemSeed(), cancel).ConfigureAwait(false))
            {
                using (chunk)
                {
                    sent.AppendData(chunk.Sent.ToArray());
                    refused.AddRange(chunk.Refusals.Take(BatchRefusedException.MostTold - refused.Count));
                    if (refused.Count == BatchRefusedException.MostTold)
                        break;

                    // After the first nothing more is written; the others are told with it.
                    if (refused.Count > 0)
                        continue;

                    foreach (var group in chunk.Groups)
                        Offset(offsets, items.Length + group);

                    hashes.Append(chunk.Leaves);
                    file.AppendData(chunk.Lines.Span);
                    await items.WriteAsync(chunk.Lines, cancel).ConfigureAwait(false);
                    await tree.WriteAsync(Bytes(chunk.Leaves), cancel).ConfigureAwait(false);
                }
            }

            if (refused.Count > 0)
                throw new BatchRefusedException(refused);

            if (hashes.Count == 0)
                throw new FaultException(Fault.Malformed, "a batch has at least one item");

            Offset(offsets, items.Length);
            await tree.WriteAsync(hashes.UpperLevels(), cancel).ConfigureAwait(false);
            await tree.WriteAsync(offsets.WrittenMemory, cancel).ConfigureAwait(false);
            await tree.CommitAsync(owner, cancel).ConfigureAwait(false);
            await items.CommitAsync(owner, cancel).ConfigureAwait(false);
            return new WrittenBatch((int)hashes.Count, hashes.Root(), items.Length, new Digest(file.GetHashAndReset()), new Digest(sent.GetHashAndReset()));
        }
        finally
        {
            await items.SettleAsync().ConfigureAwait(false);
            await tree.SettleAsync().ConfigureAwait(false);
        }
    }

    /// <summary><see cref="WrittenBatch.Sent"/> of a request that is not to be taken in again.</summary>
    public static async Task<Digest> SentAsync(Stream body, CancellationToken cancel)
    {
        using var sent = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await foreach (var chunk in BatchReader.ReadAsync(body, new ItemSeed(), cancel).ConfigureAwait(false))
        {
            using (chunk)
                sent.AppendData(chunk.Sent.ToArray());
        }

        return new Digest(sent.GetHashAndReset());
    }

    /// <summary>Takes back what no row names. What fails here is swept later.</summary>
    public async Task DeleteAsync(DepositId id, CancellationToken cancel)
    {
        foreach (var name in (string[])[Names.BatchItems(id), Names.BatchTree(id)])
            await container.DeleteBlobIfExistsAsync(name, cancellationToken: cancel).ConfigureAwait(false);
    }

    /// <summary>Consecutive items' bytes: two reads, whatever the batch's size.</summary>
    public async Task<IReadOnlyList<byte[]>> LinesAsync(DepositId id, int count, int from, int wanted, CancellationToken cancel)
    {
        var (first, last) = (from / BatchFormat.Group, (from + wanted - 1) / BatchFormat.Group);
        var layout = new BatchLayout(count);
        var table = await ReadAsync(Names.BatchTree(id), layout.OffsetsAt + ((long)first * BatchLayout.OffsetBytes),
            (last - first + 2) * BatchLayout.OffsetBytes, cancel).ConfigureAwait(false);
        var begin = BinaryPrimitives.ReadInt64BigEndian(table);
        var length = BinaryPrimitives.ReadInt64BigEndian(table.AsSpan(table.Length - BatchLayout.OffsetBytes)) - begin;
        if (begin < 0 || length is < 1 || length > (long)(last - first + 1) * BatchFormat.Group * (BatchFormat.MaxItemBytes + 1))
            throw Spoilt(id);

        var bytes = await ReadAsync(Names.BatchItems(id), begin, (int)length, cancel).ConfigureAwait(false);
        var lines = new List<byte[]>();
        var rest = bytes.AsSpan();
        for (var number = first * BatchFormat.Group; lines.Count < wanted && rest.IndexOf((byte)'\n') is >= 0 and var end; number++)
        {
            if (number >= from)
                lines.Add(rest[..end].ToArray());

            rest = rest[(end + 1)..];
        }

        return lines.Count == wanted ? lines : throw Spoilt(id);
    }

    /// <summary>One item with its path: some eight reads, the root compared before anything is handed out.</summary>
    public async Task<ProvenItem> ProveAsync(Manifest batch, int number, CancellationToken cancel)
    {
        var count = (int)batch.ItemCount!.Value;
        var line = (await LinesAsync(batch.Id, count, number, 1, cancel).ConfigureAwait(false))[0];
        var layout = new BatchLayout(count);
        var path = await Tiles.InclusionProofAsync(number, count, (tile, token) =>
        {
            var (offset, length) = layout.Tile(tile);
            return ReadAsync(Names.BatchTree(batch.Id), offset, length, token);
        }, cancel).ConfigureAwait(false);
        var proof = new ItemProof(number, path);
        return proof.Holds(line, batch) ? new ProvenItem(line, BatchItem.Parse(line), proof) : throw Spoilt(batch.Id);
    }

    public Task<byte[]> ReadIndexAsync(DepositId id, ItemKey kind, long record, int records, CancellationToken cancel)
        => ReadAsync(NameOf(id, kind), record * BatchIndex.RecordBytes, records * BatchIndex.RecordBytes, cancel);

    /// <summary>Both indexes, made from the items and written; the same bytes whoever makes them.</summary>
    /// <returns>How many items have a reference.</returns>
    public async Task<int> IndexAsync(DepositId id, string owner, int count, CancellationToken cancel)
    {
        var items = (await container.GetBlobClient(Names.BatchItems(id)).DownloadStreamingAsync(cancellationToken: cancel).ConfigureAwait(false)).Value;
        await using var content = items.Content;
        var (digests, references) = await BatchIndex.BuildAsync(id, count, content, cancel).ConfigureAwait(false);
        foreach (var (kind, bytes) in new[] { (ItemKey.Digest, digests), (ItemKey.Reference, references) })
        {
            await container.GetBlobClient(NameOf(id, kind)).UploadAsync(BinaryData.FromBytes(bytes), new BlobUploadOptions
            {
                Metadata = new Dictionary<string, string> { [OriginalStore.OwnerMetadata] = owner },
            }, cancel).ConfigureAwait(false);
        }

        return references.Length / BatchIndex.RecordBytes;
    }

    private static string NameOf(DepositId id, ItemKey kind) => kind == ItemKey.Digest ? Names.BatchDigests(id) : Names.BatchReferences(id);

    private static FaultException Spoilt(DepositId id) => new(Fault.EvidenceInvalid, $"the stored items of batch {id} are not those that it fixed");

    private async Task<byte[]> ReadAsync(string name, long offset, int length, CancellationToken cancel)
    {
        var options = new BlobDownloadOptions { Range = new HttpRange(offset, length) };
        var bytes = (await container.GetBlobClient(name).DownloadContentAsync(options, cancel).ConfigureAwait(false)).Value.Content.ToArray();
        return bytes.Length == length ? bytes : throw new FaultException(Fault.EvidenceInvalid, $"{name} is shorter than its batch says");
    }

    private static void Offset(ArrayBufferWriter<byte> offsets, long offset)
    {
        BinaryPrimitives.WriteInt64BigEndian(offsets.GetSpan(BatchLayout.OffsetBytes), offset);
        offsets.Advance(BatchLayout.OffsetBytes);
    }

    private static byte[] Bytes(ReadOnlySpan<Digest> hashes)
    {
        var bytes = new byte[hashes.Length * Digest.Size];
        for (var i = 0; i < hashes.Length; i++)
            hashes[i].CopyTo(bytes.AsSpan(i * Digest.Size));

        return bytes;
    }
}
