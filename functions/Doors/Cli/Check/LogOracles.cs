namespace Notary.Cli;

/// <summary>Proofs, checkpoints and manifests.</summary>
internal static class LogOracles
{
    public static Answer Inclusion(Fields line)
    {
        var leaf = line.Has("leafHash") ? line.Digest("leafHash") : Merkle.LeafHash(line.Bytes("leaf"));
        return Merkle.VerifyInclusion(leaf, line.Number("index"), line.Number("size"), line.Digests("proof"), line.Digest("root"))
            ? Answer.Pass("the proof leads from the leaf to the root")
            : Answer.Fail("not-included", "the proof does not lead from that leaf at that index to that root");
    }

    public static Answer Consistency(Fields line)
        => Merkle.VerifyConsistency(line.Number("size1"), line.Digest("root1"), line.Number("size2"), line.Digest("root2"), line.Digests("proof"))
            ? Answer.Pass("the larger tree continues the smaller one")
            : Answer.Fail("not-consistent", "the proof does not show that the larger tree continues the smaller one");

    public static Answer Checkpoint(Fields line)
    {
        var (note, origin, key) = (line.Text("note"), line.Text("origin"), line.Bytes("key"));
        try
        {
            using var verifier = new NoteVerifier(origin, key);
            if (!verifier.TryVerify(note, out var body))
                return Answer.Fail("signature", "no valid signature by that key under that name");

            var checkpoint = Evidence.Checkpoint.Parse(body);
            return checkpoint.Origin == origin
                ? Answer.Pass("signed by that log", ("size", checkpoint.Size), ("root", checkpoint.Root.ToString()))
                : Answer.Fail("origin", "the checkpoint is of another log");
        }
        catch (FaultException e)
        {
            return Answer.Fail(e.Fault.Code(), e.Message);
        }
    }

    public static Answer Manifest(Fields line)
    {
        try
        {
            var manifest = Evidence.Manifest.Parse(line.Bytes("manifest"));
            return Answer.Pass("a manifest in canonical form", ("deposit", manifest.Id.ToString()), ("digest", manifest.ToDigest().ToString()));
        }
        catch (FaultException e)
        {
            return Answer.Fail(e.Fault.Code(), e.Message);
        }
    }
}
