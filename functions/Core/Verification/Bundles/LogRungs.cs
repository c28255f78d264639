namespace Notary.Verification;

/// <summary>The manifest is a leaf under the checkpoint's root (RFC 9162 §2.1.3).</summary>
internal static class InclusionRung
{
    public static Verdict Judge(BundleFacts facts)
    {
        const string Subject = BundleMembers.Inclusion;
        if (facts.Proof is not { } proof || facts.ManifestDigest is not { } manifest)
            return Verdict.Fail(Rung.Inclusion, Subject, "proof-malformed", facts.Proof is null ? facts.WhyNoProof : "there is no manifest to prove");

        if (proof.Extra is not null)
            return Verdict.Fail(Rung.Inclusion, Subject, "proof-extra", "the proof carries extra data that nothing authenticates");

        if (proof.CheckpointNote != facts.CheckpointNote)
            return Verdict.Fail(Rung.Inclusion, Subject, "proof-checkpoint", "the proof is for another checkpoint than the one in the bundle");

        // Whoever signed it: the signature is the next rung.
        if (!TryUnsigned(proof.CheckpointNote, out var checkpoint))
            return Verdict.Fail(Rung.Inclusion, Subject, "proof-checkpoint", "the proof's checkpoint cannot be read");

        return Merkle.VerifyInclusion(Merkle.LeafHash(manifest.ToArray()), proof.Index, checkpoint.Size, proof.Path, checkpoint.Root)
            ? Verdict.Pass(Rung.Inclusion, Subject, $"the manifest is entry {proof.Index} of the log's first {checkpoint.Size}")
            : Verdict.Fail(Rung.Inclusion, Subject, "not-included", "the proof does not lead from the manifest to the checkpoint's root");
    }

    private static bool TryUnsigned(string note, out Checkpoint checkpoint)
    {
        checkpoint = new Checkpoint("", 0, default);
        var blank = note.IndexOf("\n\n", StringComparison.Ordinal);
        try
        {
            checkpoint = Checkpoint.Parse(note[..(blank + 1)]);
            return true;
        }
        catch (FaultException)
        {
            return false;
        }
    }
}

/// <summary>The log's key signed the checkpoint, and it is a checkpoint of the log that the reader trusts.</summary>
internal static class CheckpointRung
{
    public static Verdict Judge(BundleFacts facts, Judges judges)
    {
        const string Subject = BundleMembers.Checkpoint;
        if (facts.CheckpointNote is not { } note)
            return Verdict.Fail(Rung.Checkpoint, Subject, "checkpoint-malformed", "the checkpoint is missing or not UTF-8");

        if (!judges.Log.TryVerify(note, out var body))
            return Verdict.Fail(Rung.Checkpoint, Subject, "signature", $"no valid signature by the key of the log {judges.Trust.Origin}");

        try
        {
            facts.Checkpoint = Checkpoint.Parse(body);
        }
        catch (FaultException e)
        {
            return Verdict.Fail(Rung.Checkpoint, Subject, "checkpoint-malformed", e.Message);
        }

        return facts.Checkpoint.Origin != judges.Trust.Origin
            ? Verdict.Fail(Rung.Checkpoint, Subject, "origin", $"the checkpoint is of another log than {judges.Trust.Origin}")
            : facts.Checkpoint.Extensions.Length > 0
            ? Verdict.Fail(Rung.Checkpoint, Subject, "extension", "the checkpoint has extension lines, which this log never writes")
            : Verdict.Pass(Rung.Checkpoint, Subject,
                $"signed by the log {facts.Checkpoint.Origin}: {facts.Checkpoint.Size} entries, root {facts.Checkpoint.Root}");
    }
}

/// <summary>Each authority's token over checkpoint and manifest, under that authority's own roots (RFC 3161).</summary>
internal static class TimeRung
{
    public static IEnumerable<Verdict> Judge(BundleFacts facts, Judges judges, BundleQuestion question)
    {
        var verdicts = new List<Verdict>();
        foreach (var (name, bytes) in facts.Files.Where(f => BundleMembers.TryToken(f.Key, out _, out _)).OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            BundleMembers.TryToken(name, out var over, out var authority);
            var data = over == TokenOver.Manifest ? BundleMembers.Manifest : BundleMembers.Checkpoint;
            if (!judges.Authorities.TryGetValue(authority, out var verifier))
            {
                verdicts.Add(Verdict.Fail(Rung.Time, name, "authority-unknown", $"the trust roots do not know an authority called {authority}"));
            }
            else if (!facts.Digests.TryGetValue(data, out var stamped))
            {
                verdicts.Add(Verdict.Fail(Rung.Time, name, "imprint", $"{data}, which the token should be over, is missing"));
            }
            else
            {
                var check = verifier.CheckResponse(bytes, stamped);
                var standing = check.Ok ? Standing(facts, bytes, check) : default;
                if (check.Ok && !standing.Ok)
                    check = TokenCheck.Fail(TokenCodes.Revoked, standing.Sentence);

                if (check.Ok)
                    facts.Times.Add((authority, over, check));

                verdicts.Add(check.Ok
                    ? Verdict.Pass(Rung.Time, name,
                        $"{authority} saw the {over} at {check.GenTime!.Value.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.FFF'Z'}; {standing.Sentence}")
                    : Verdict.Fail(Rung.Time, name, check.Code, $"the token of {authority}: {check.Reason}"));
            }
        }

        verdicts.AddRange(facts.Revocations.Unused.Select(i => Verdict.Unknown(Rung.Time, question.Lists[i].Name, "list-unused",
            "the revocation list is by nobody in this evidence, or its signature does not hold")));
        string[] overs = [TokenOver.Checkpoint, TokenOver.Manifest];
        verdicts.AddRange(overs.SelectMany(o => judges.Trust.Authorities.Select(a => BundleMembers.Token(o, a.Name))).Where(n => !facts.Files.ContainsKey(n))
            .Select(n => Verdict.Fail(Rung.Time, n, "token-missing", $"{n} is missing: every trusted authority stamps every checkpoint and every manifest")));
        if (judges.Trust.Authorities.Count < 2)
            verdicts.Add(Verdict.Fail(Rung.Time, BundleMembers.Trust, "authority-single",
                $"the trust roots name {judges.Trust.Authorities.Count} time-stamp authorities: one that errs is found out only by another"));
        else if (judges.Trust.SharedRoot() is var (first, second))
            verdicts.Add(Verdict.Fail(Rung.Time, BundleMembers.Trust, "authority-shared",
                $"the authorities {first} and {second} share a root's key: they are one, whatever they are called"));

        return verdicts;
    }

    /// <summary>A token that the letter's archive lists was there when the archive was stamped.</summary>
    private static Standing Standing(BundleFacts facts, ReadOnlyMemory<byte> response, TokenCheck check)
    {
        var digest = TokenResponse.TryParse(response, out var parsed, out _) && parsed.Token is { } token ? Digest.Of(token.Span) : default;
        facts.Tokens.Add(digest);
        facts.Links.AddRange(check.Links);
        return facts.Revocations.Judge(check.Links, check.GenTime!.Value,
            facts.Letter is { Ok: true, Archive: { } archive } letter && archive.Tokens.Contains(digest) ? letter.ArchivedAt : null);
    }
}
