namespace Notary.Cli;

/// <summary>What is answered: an HTTP status and its body.</summary>
internal sealed record WitnessAnswer(int Status, string Body, string ContentType = "text/plain; charset=utf-8");

/// <summary>Decides about one checkpoint, in the order of C2SP tlog-witness.</summary>
internal sealed class WitnessJudge(WitnessKey key, IReadOnlyDictionary<string, WitnessLog> logs, TimeProvider time)
{
    /// <summary>409's type, by which a client knows that the body is a size.</summary>
    private const string SizeType = "text/x.tlog.size";

    /// <summary>Cosigns, or says why not. What it says of the log's state is only said to who has a checkpoint signed by the log.</summary>
    public WitnessAnswer Judge(ReadOnlySpan<byte> body)
    {
        // (1) 400: not a request.
        if (AddCheckpoint.Parse(body) is not { } request || !SignedNote.TryOrigin(request.Note, out var origin))
            return new WitnessAnswer(400, "not an add-checkpoint request\n");

        // (2) 404, 403: whose checkpoint it is.
        if (!logs.TryGetValue(origin, out var log))
            return new WitnessAnswer(404, "this log is not watched\n");

        if (Curve.SignedBy(log.Key, request.Note) is not { } text)
            return new WitnessAnswer(403, "not signed by the log's key\n");

        Checkpoint checkpoint;
        try
        {
            checkpoint = Checkpoint.Parse(text);
        }
        catch (FaultException)
        {
            return new WitnessAnswer(400, "not a checkpoint\n");
        }

        if (request.Old > checkpoint.Size)
            return new WitnessAnswer(400, "the old size is over the checkpoint's\n");

        lock (log.Gate)
        {
            // (3) 409: a client that is behind, or a log that shows two trees of one size.
            if (request.Old != log.Size || (checkpoint.Size == log.Size && log.Size > 0 && checkpoint.Root != log.Root))
                return new WitnessAnswer(409, log.Size.ToString(CultureInfo.InvariantCulture) + "\n", SizeType);

            // (4) 422: a tree that does not continue what was cosigned.
            if (!Merkle.VerifyConsistency(log.Size, log.Root, checkpoint.Size, checkpoint.Root, request.Proof))
                return new WitnessAnswer(422, "the proof does not lead from the cosigned checkpoint to this one\n");

            // (5) Kept before it is signed: a cosignature that left is one that a restart knows of.
            if (checkpoint.Size > log.Size)
                log.Advance(request.Note, checkpoint);

            return new WitnessAnswer(200, key.Cosign(text, time.GetUtcNow()));
        }
    }
}
