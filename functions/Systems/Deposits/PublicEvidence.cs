namespace Notary.Deposits;

/// <summary>What anybody may know of a deposit whose manifest digest and log index he holds, for instance from its letter:
/// no name, no size, no depositor.</summary>
/// <param name="Times">Tokens over the checkpoint; those over the manifest are the depositor's.</param>
/// <param name="Anchor">The final anchor that covers it; null while there is none.</param>
public sealed record PublicEvidence(
    string ManifestDigest, long Index, string LogOrigin, long CheckpointSize, string CheckpointRoot, IReadOnlyList<TimeView> Times, AnchorView? Anchor);

/// <summary>Answers from the public log alone, so that it can say nothing that the log does not already say to everyone.</summary>
public sealed class PublicEvidenceReader(StorageAccount storage, PublicLog log, EvidenceFiles files)
{
    private readonly CheckpointTable checkpoints = new(storage);

    /// <summary>The evidence, or null when the digest is not the log's leaf at the index.</summary>
    public async Task<PublicEvidence?> FindAsync(Digest manifest, long index, CancellationToken cancel)
    {
        if (index < 0 || await log.ReadAsync(Names.CheckpointBlob, cancel).ConfigureAwait(false) is not { } newest)
            return null;

        var checkpoint = Parse(Encoding.UTF8.GetString(newest.Bytes));
        if (index >= checkpoint.Size)
            return null;

        var proof = await Tiles.InclusionProofAsync(index, checkpoint.Size, log.ReadTileAsync, cancel).ConfigureAwait(false);
        if (!Merkle.VerifyInclusion(Merkle.LeafHash(manifest.ToArray()), index, checkpoint.Size, proof, checkpoint.Root))
            return null;

        // The evidence a letter names: the anchored checkpoint, or what comes nearest to it so far.
        var anchor = await checkpoints.FirstFinalAnchorAsync(index, cancel).ConfigureAwait(false);
        var covering = anchor is null
            ? await checkpoints.FirstStampedAsync(index, cancel).ConfigureAwait(false)
            : await checkpoints.FindAsync(anchor.Size, cancel).ConfigureAwait(false);
        return new PublicEvidence(
            manifest.ToString(),
            index,
            checkpoint.Origin,
            covering?.Size ?? checkpoint.Size,
            (covering?.Root ?? checkpoint.Root).ToString(),
            covering is null ? [] : files.Times(covering.Tokens, Digest.Of(Encoding.UTF8.GetBytes(covering.Note)), "checkpoint"),
            anchor is null ? null : View(anchor));
    }

    private static AnchorView View(AnchorRow anchor)
    {
        using var json = JsonDocument.Parse(anchor.Proof);
        var proof = AnchorProof.Parse(json.RootElement);
        return new AnchorView(proof.ChainId, proof.Contract.ToString().ToLowerInvariant(),
            proof.TransactionHash, proof.Block, proof.BlockHash, proof.BlockTime, anchor.Size);
    }

    private static Checkpoint Parse(string note) => Checkpoint.Parse(note[..(note.IndexOf("\n\n", StringComparison.Ordinal) + 1)]);
}
