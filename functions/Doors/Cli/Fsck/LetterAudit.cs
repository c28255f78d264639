using System.Collections.Concurrent;
using Azure.Storage.Blobs;
using Notary.Verification.Letters;

namespace Notary.Cli;

/// <summary>Letters: each is signed and whole, states what the evidence says, and came after it.</summary>
internal sealed partial class LetterAudit(Audit audit)
{
    /// <summary>Checkpoints with their anchors remembered: letters of one time are about few of them.</summary>
    private const int MaxRemembered = 256;

    private sealed record Proven(CheckpointRecord? Checkpoint, AnchorRecordRow? Anchor, AnchorProof? Proof, Digest Root);

    private readonly BlobContainerClient container = audit.Storage.Container(Names.Letters);
    private readonly LetterVerifier letters = new(audit.Trust.LetterRoots, audit.Trust.Authorities, audit.Trust.Issuer);
    private readonly ConcurrentDictionary<long, Task<Proven>> remembered = new();
    private long seen;

    public async Task RunAsync(DepositRecord row, Manifest manifest, Digest digest, CancellationToken c)
    {
        if (row.LetterBlob is not { } blob)
            return;

        if (!blob.StartsWith(row.Id + "/", StringComparison.Ordinal) || !BlobName().IsMatch(blob))
            audit.Findings.Add("I6", row.Where, "letter-owner", "the row names another deposit's letter");
        else if (await ReadAsync(blob, c) is not { } pdf)
            audit.Findings.Add("I1", row.Where, "letter-missing", "the letter that the row names is missing");
        else if (Judge(blob, pdf) is { } check)
            await CompareAsync(blob, check, row, manifest, digest, c);
    }

    /// <summary>Letters that no row names: replaced after a reorganisation, or leftovers.</summary>
    public async Task ListAsync(DepositAudit deposits, CancellationToken c)
    {
        await foreach (var blob in container.GetBlobsAsync(cancellationToken: c))
        {
            audit.Progress.At("letters listed", ++seen, 0);
            var place = $"letters/{blob.Name}";
            if (blob.Name.StartsWith(Names.RecordingLetterPrefix, StringComparison.Ordinal))
            {
                // SessionAudit's.
            }
            else if (!BlobName().IsMatch(blob.Name))
            {
                audit.Findings.Add("I8", place, "blob-unknown", "no such file is a letter");
            }
            else if (deposits.Ids.Find(audit.Prints.Of(blob.Name.Split('/')[0])) is not { } value)
            {
                if (audit.IsOld(blob.Properties.LastModified))
                    audit.Findings.Add("I8", place, "letter-orphan", "this letter belongs to no deposit");
                else
                    audit.Findings.Note("I8", place, "letter-newer", "this letter belongs to no deposit that was there when the audit began");
            }
            else if (!deposits.IsLetter(value, blob.Name))
            {
                audit.Findings.Count("letters replaced");
                _ = await ReadAsync(blob.Name, c) is { } pdf ? Judge(blob.Name, pdf) : null;
            }
        }
    }

    private async Task<byte[]?> ReadAsync(string blob, CancellationToken c)
    {
        try
        {
            return (await container.GetBlobClient(blob).DownloadContentAsync(c)).Value.Content.ToArray();
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    private LetterCheck? Judge(string blob, byte[] pdf)
    {
        audit.Findings.Count("letters");
        var check = letters.Check(pdf);
        if (check.Ok)
            return check;

        audit.Findings.Add("I6", $"letters/{blob}", $"letter-{check.Code}", check.Reason);
        return null;
    }

    private async Task CompareAsync(string blob, LetterCheck check, DepositRecord row, Manifest manifest, Digest digest, CancellationToken c)
    {
        var (where, letter, size) = ($"letters/{blob}", check.Facts!, row.LetterSize ?? 0);
        if (letter.CheckpointSize != size)
        {
            audit.Findings.Add("I6", row.Where, "letter-facts", "the letter is about another checkpoint than its row says");
            return;
        }

        var proven = await ProvenAsync(size, c);
        if (proven.Anchor is null || proven.Checkpoint is null)
        {
            audit.Findings.Add("I4", row.Where, "letter-unanchored", "the letter is about a size that was never anchored");
            return;
        }

        if (proven.Proof is not { } anchor || row.LetterBlob != $"{row.Id}/{proven.Anchor.BlockHash}.pdf")
        {
            // A reorganisation took the anchor back: the letter is being issued again, and is not handed out meanwhile.
            audit.Findings.Note("I4", where, "letter-reissued", "the block of this letter was taken back; the letter is being issued again");
            return;
        }

        var checkpoint = proven.Checkpoint;
        var times = row.Tokens.Select(t => audit.Statement(t.Key, t.Value, digest, TokenOver.Manifest))
            .Concat(checkpoint.Tokens.Select(t => audit.Statement(
                t.Key, t.Value, Digest.Of(Encoding.UTF8.GetBytes(checkpoint.Note ?? "")), TokenOver.Checkpoint))).ToList();
        var same = letter.Id == manifest.Id && letter.ManifestDigest == digest
            && letter.Depositor == manifest.Depositor && letter.DepositorName == row.DepositorName
            && letter.ReceivedAt == manifest.ReceivedAt && letter.Kind == manifest.Kind && letter.LogOrigin == audit.Trust.Origin
            && letter.LogIndex == row.Index && letter.CheckpointSize == size && letter.CheckpointRoot == proven.Root
            && letter.ChainId == audit.Trust.ChainId && letter.Contract == anchor.Contract && letter.Transaction == anchor.TransactionHash
            && letter.Block == anchor.Block && letter.BlockHash == anchor.BlockHash && letter.BlockTime == anchor.BlockTime
            && letter.Items.Select(i => (i.Name, i.Size, i.MediaType, i.Sha256))
                .SequenceEqual(manifest.Items.Select(i => (i.Name, i.Size, i.MediaType, i.Sha256)))
            && letter.Notes.Count == manifest.Notes.Count && letter.Notes.All(n => manifest.Notes.TryGetValue(n.Key, out var text) && text == n.Value)
            && letter.Number == LetterFacts.NumberOf(manifest.ReceivedAt, letter.Parties?.ShortName, letter.LogIndex)
            && letter.IsOf(audit.Trust.Issuer)
            && letter.VerifyUrl.OriginalString.EndsWith(LetterFacts.VerifyPath(digest, letter.LogIndex), StringComparison.Ordinal)
            && times.TrueForAll(t => t is not null) && letter.States([.. times.Select(t => t!.Value)], audit.Trust);
        if (!same)
            audit.Findings.Add("I6", where, "letter-facts", "the letter states other facts than the evidence");

        if (check.SignedAt < anchor.BlockTime - Audit.MaxSkew || row.CertifiedAt is null || row.Index >= size)
            audit.Findings.Add("I6", where, "letter-early", "the letter was there before its evidence");
    }

    /// <summary>What a letter about this size must state. Root, tokens and proof were judged in the walk over the log.</summary>
    private Task<Proven> ProvenAsync(long size, CancellationToken c)
    {
        if (remembered.Count >= MaxRemembered)
            remembered.Clear();

        return remembered.GetOrAdd(size, async s =>
        {
            var (anchor, checkpoint) = (await audit.Tables.AnchorAsync(s, c), await audit.Tables.CheckpointAsync(s, c));
            return new Proven(checkpoint, anchor, anchor is { Final: true } ? Proof(anchor) : null,
                Digest.TryParse(checkpoint?.Root, out var root) ? root : default);
        });
    }

    private static AnchorProof? Proof(AnchorRecordRow anchor)
    {
        try
        {
            using var json = JsonDocument.Parse(anchor.Proof);
            return AnchorProof.Parse(json.RootElement);
        }
        catch (Exception e) when (e is JsonException or FaultException or InvalidOperationException)
        {
            return null;
        }
    }

    [GeneratedRegex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/0x[0-9a-f]{64}\\.pdf\\z", RegexOptions.CultureInvariant)]
    private static partial Regex BlobName();
}
