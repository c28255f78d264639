using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Core.Cryptography;
using Azure.Storage;
using Azure.Storage.Blobs.Specialized;
using Notary.Evidence;
using Notary.Evidence.Ethereum;
using Notary.Storage;
using Notary.Verification;
using Notary.Verification.Letters;

namespace Notary.Cli;

/// <summary>Blobs: originals decrypt to what was deposited, letters state what the evidence says.</summary>
internal sealed class ContentAudit(StorageAccount storage, TrustRoots trust, Findings findings, IKeyEncryptionKeyResolver? keys)
{
    /// <summary>Younger blobs may belong to a deposit that is being taken in.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromHours(1);

    private const int ReadBytes = 256 * 1024;

    private readonly LetterVerifier letters = new(trust.LetterRoots, trust.Authorities);
    private readonly Dictionary<string, TokenVerifier> authorities = trust.Authorities.ToDictionary(a => a.Name, a => new TokenVerifier(a.Roots, a.PolicyOid), StringComparer.Ordinal);

    /// <param name="manifests">Deposits whose manifest could be read.</param>
    /// <param name="decrypt">Whether this original is decrypted and hashed.</param>
    /// <param name="now">The auditor's clock, for telling leftovers from work under way.</param>
    public async Task OriginalsAsync(IReadOnlyDictionary<DepositRecord, (Manifest Manifest, Digest Digest)> manifests, Func<DepositRecord, int, bool> decrypt, DateTimeOffset now, CancellationToken c)
    {
        var container = storage.Container(Names.Originals);
        var there = new HashSet<string>(StringComparer.Ordinal);
        var kept = manifests.SelectMany(m => m.Key.Originals.Select(i => $"{m.Key.Id}/{i}")).ToHashSet(StringComparer.Ordinal);
        await foreach (var blob in container.GetBlobsAsync(cancellationToken: c))
        {
            there.Add(blob.Name);
            if (!kept.Contains(blob.Name) && now - blob.Properties.LastModified > Settled)
            {
                findings.Add("I8", $"originals/{blob.Name}", "original-orphan", "this original belongs to no deposit");
            }
        }

        foreach (var (row, (manifest, _)) in manifests)
        {
            foreach (var item in row.Originals)
            {
                findings.Count("originals");
                var where = $"originals/{row.Id}/{item}";
                if (item < 0 || item >= manifest.Items.Count || !there.Contains($"{row.Id}/{item}"))
                {
                    findings.Add("I1", where, "original-missing", "an acknowledged original is missing");
                }
                else if (decrypt(row, item) && !await SameAsync(container.GetBlobClient($"{row.Id}/{item}"), manifest.Items[item], c))
                {
                    findings.Add("I1", where, "original-differs", "the original does not decrypt to what was deposited");
                }
            }
        }
    }

    private async Task<bool> SameAsync(Azure.Storage.Blobs.BlobClient blob, ManifestItem item, CancellationToken c)
    {
        findings.Count("originals decrypted");
        try
        {
            // Whatever changed ciphertext or metadata make the SDK throw, it is not what was deposited.
            var plain = blob.WithClientSideEncryptionOptions(new ClientSideEncryptionOptions(ClientSideEncryptionVersion.V2_0) { KeyResolver = keys });
            await using var content = (await plain.DownloadStreamingAsync(cancellationToken: c)).Value.Content;
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var (buffer, size) = (new byte[ReadBytes], 0L);
            while (await content.ReadAsync(buffer, c) is > 0 and var read)
            {
                hash.AppendData(buffer, 0, read);
                size += read;
            }

            return new Digest(hash.GetHashAndReset()) == item.Sha256 && (item.Size is null || item.Size == size);
        }
        catch (Exception e) when (e is not (OperationCanceledException or RequestFailedException) && e is not FaultException { Fault: Fault.VaultUnavailable })
        {
            return false;
        }
    }

    public async Task LettersAsync(
        IReadOnlyDictionary<DepositRecord, (Manifest Manifest, Digest Digest)> manifests, RawRows rows, PlainTree? tree, IReadOnlyDictionary<long, AnchorProof> anchors, CancellationToken c)
    {
        var container = storage.Container(Names.Letters);
        var owners = manifests.Keys.Where(m => m.LetterBlob is not null).GroupBy(m => m.LetterBlob!, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        var checkpoints = rows.Checkpoints.GroupBy(k => k.Size).ToDictionary(g => g.Key, g => g.First());
        var there = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var blob in container.GetBlobsAsync(cancellationToken: c))
        {
            findings.Count("letters");
            there.Add(blob.Name);
            var check = letters.Check((await container.GetBlobClient(blob.Name).DownloadContentAsync(c)).Value.Content.ToMemory());
            if (!check.Ok)
            {
                findings.Add("I6", $"letters/{blob.Name}", $"letter-{check.Code}", check.Reason);
            }
            else if (owners.TryGetValue(blob.Name, out var row))
            {
                Compare(blob.Name, check, row, manifests[row], checkpoints, tree, anchors);
            }
        }

        foreach (var (blob, row) in owners)
        {
            if (!there.Contains(blob))
            {
                findings.Add("I1", row.Where, "letter-missing", "the letter that the row names is missing");
            }
        }

        foreach (var row in manifests.Keys.Where(m => m.LetterBlob is { } blob && (!blob.StartsWith(m.Id + "/", StringComparison.Ordinal) || !ReferenceEquals(owners[blob], m))))
        {
            findings.Add("I6", row.Where, "letter-owner", "the row names another deposit's letter");
        }
    }

    private void Compare(
        string blob, LetterCheck check, DepositRecord row, (Manifest Manifest, Digest Digest) own, Dictionary<long, CheckpointRecord> checkpoints, PlainTree? tree, IReadOnlyDictionary<long, AnchorProof> anchors)
    {
        var (where, letter, size) = ($"letters/{blob}", check.Facts!, row.LetterSize ?? 0);
        if (letter.CheckpointSize != size)
        {
            findings.Add("I6", row.Where, "letter-facts", "the letter is about another checkpoint than its row says");
            return;
        }

        if (!anchors.TryGetValue(size, out var anchor) || !checkpoints.TryGetValue(size, out var checkpoint) || tree is null || size > tree.Size)
        {
            // A reorganisation took the anchor back: the letter is being issued again, and is not handed out meanwhile.
            findings.Count("letters being reissued");
            return;
        }

        var times = row.Tokens.Select(t => Time(t.Key, t.Value, own.Digest, TokenOver.Manifest))
            .Concat(checkpoint.Tokens.Select(t => Time(t.Key, t.Value, Digest.Of(Encoding.UTF8.GetBytes(checkpoint.Note ?? "")), TokenOver.Checkpoint)));
        var manifest = own.Manifest;
        var same = letter.Id == manifest.Id && letter.ManifestDigest == own.Digest && letter.Depositor == manifest.Depositor && letter.DepositorName == row.DepositorName
            && letter.ReceivedAt == manifest.ReceivedAt && letter.Kind == manifest.Kind && letter.LogOrigin == trust.Origin
            && letter.LogIndex == row.Index && letter.CheckpointSize == size && letter.CheckpointRoot == tree.Root(size)
            && letter.ChainId == trust.ChainId && letter.Contract == trust.Contract && letter.Transaction == anchor.TransactionHash
            && letter.Block == anchor.Block && letter.BlockHash == anchor.BlockHash && letter.BlockTime == anchor.BlockTime
            && letter.Items.Select(i => (i.Name, i.Size, i.MediaType, i.Sha256)).SequenceEqual(manifest.Items.Select(i => (i.Name, i.Size, i.MediaType, i.Sha256)))
            && letter.Notes.Count == manifest.Notes.Count && letter.Notes.All(n => manifest.Notes.TryGetValue(n.Key, out var text) && text == n.Value)
            && letter.Times.Select(t => (t.Authority, t.Over, (DateTimeOffset?)t.GenTime, t.Serial)).ToHashSet().SetEquals(times);
        if (!same)
        {
            findings.Add("I6", where, "letter-facts", "the letter states other facts than the evidence");
        }

        if (check.SignedAt < anchor.BlockTime - AuditTime.MaxSkew || row.CertifiedAt is null || row.Index >= size)
        {
            findings.Add("I6", where, "letter-early", "the letter was there before its evidence");
        }
    }

    private (string, string, DateTimeOffset?, string) Time(string authority, byte[] token, Digest imprint, string over)
    {
        var check = authorities.TryGetValue(authority, out var verifier) ? verifier.Check(token, imprint) : null;
        return (authority, over, check?.GenTime, check?.SerialHex ?? "");
    }
}
