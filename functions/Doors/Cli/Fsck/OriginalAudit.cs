using Azure.Core.Cryptography;
using Azure.Storage;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Notary.Cli;

/// <summary>Originals: each that was acknowledged is there and decrypts to what was deposited, and nothing else is there for long.</summary>
/// <param name="sample">One of so many is decrypted; 0 for none.</param>
internal sealed class OriginalAudit(Audit audit, IKeyEncryptionKeyResolver? keys, int sample)
{
    private const int ReadBytes = 256 * 1024;

    private readonly PrintSet kept = new();
    private readonly Azure.Storage.Blobs.BlobContainerClient container = audit.Storage.Container(Names.Originals);

    public async Task RunAsync(DepositRecord row, Manifest manifest, CancellationToken c)
    {
        foreach (var item in row.Originals)
        {
            audit.Findings.Count("originals");
            var name = $"{row.Id}/{item}";
            if (item < 0 || item >= manifest.Items.Count)
            {
                audit.Findings.Add("I1", row.Where, "deposit-row", "the row names an original of an item that the deposit does not have");
                continue;
            }

            var print = audit.Prints.Of(name);
            kept.Add(print);

            // The prints' key is another each run, and so is the sample.
            if (sample == 0 || print % (ulong)sample != 0)
                continue;

            var (same, crc) = await ReadAsync(container.GetBlobClient(name), manifest.Items[item], c);
            if (!same)
                audit.Findings.Add("I1", $"originals/{name}", "original-differs", "the original does not decrypt to what was deposited");
            else if (crc is { } read && row.Crcs.TryGetValue(item.ToString(CultureInfo.InvariantCulture), out var stated) && stated != read)
                audit.Findings.Add("I1", row.Where, "deposit-row", "the row keeps another CRC-32 than the original has: no bundle with it can be made");
        }
    }

    /// <summary>The container against the rows. Returns the originals that rows name and the container lacks.</summary>
    public async Task<HashSet<ulong>> ListAsync(DepositAudit deposits, CancellationToken c)
    {
        kept.Seal();
        await foreach (var blob in container.GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, null, c))
        {
            audit.Findings.Count("original blobs");
            var place = $"originals/{blob.Name}";
            if (kept.Mark(audit.Prints.Of(blob.Name)))
            {
                // The sweeper looks for the deposit under this owner, and takes away what has none there.
                if (deposits.Ids.Find(audit.Prints.Of(blob.Name.Split('/')[0])) is { } value
                    && !deposits.IsTenant(value, blob.Metadata.TryGetValue(OriginalStore.OwnerMetadata, out var owner) ? owner : ""))
                    audit.Findings.Add("I1", place, "original-owner",
                        "the original is marked as another tenant's than its deposit: the platform would take it for a leftover");

                continue;
            }

            if (!audit.IsOld(blob.Properties.LastModified))
            {
                audit.Findings.Note("I8", place, "original-under-way", "this original belongs to no deposit yet");
            }
            else
            {
                // A deposit that is there and does not name it is no owner: attaching it failed long ago.
                var owned = blob.Name.Split('/') is [var id, _] && deposits.Ids.Contains(audit.Prints.Of(id));
                audit.Findings.Add("I8", place, "original-orphan",
                    owned ? "the deposit of this original does not name it" : "this original belongs to no deposit");
            }
        }

        return kept.Unmarked();
    }

    /// <summary>Names the missing ones among a row's, looking once more.</summary>
    public async Task MissingAsync(DepositRecord row, HashSet<ulong> missing, CancellationToken c)
    {
        foreach (var name in row.Originals.Select(item => $"{row.Id}/{item}").Where(name => missing.Contains(audit.Prints.Of(name))))
        {
            if (!await container.GetBlobClient(name).ExistsAsync(c))
                audit.Findings.Add("I1", $"originals/{name}", "original-missing", "an acknowledged original is missing");
        }
    }

    private async Task<(bool Same, uint? Crc)> ReadAsync(Azure.Storage.Blobs.BlobClient blob, ManifestItem item, CancellationToken c)
    {
        audit.Findings.Count("originals decrypted");
        try
        {
            // Whatever changed ciphertext or metadata make the SDK throw, it is not what was deposited.
            var plain = blob.WithClientSideEncryptionOptions(new ClientSideEncryptionOptions(ClientSideEncryptionVersion.V2_0) { KeyResolver = keys });
            await using var content = (await plain.DownloadStreamingAsync(cancellationToken: c)).Value.Content;
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var (buffer, size, crc) = (new byte[ReadBytes], 0L, new System.IO.Hashing.Crc32());
            while (await content.ReadAsync(buffer, c) is > 0 and var read)
            {
                hash.AppendData(buffer, 0, read);
                crc.Append(buffer.AsSpan(0, read));
                size += read;
            }

            return (new Digest(hash.GetHashAndReset()) == item.Sha256 && (item.Size is null || item.Size == size), crc.GetCurrentHashAsUInt32());
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            // Named by whoever compares the container with the rows.
            return (true, null);
        }
        catch (Exception e) when (e is not (OperationCanceledException or RequestFailedException) && e is not FaultException { Fault: Fault.VaultUnavailable })
        {
            return (false, null);
        }
    }
}
