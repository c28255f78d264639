using Notary.Verification.Letters;

namespace Notary.Verification;

/// <summary>The letter is signed, whole, and states what the evidence says: a genuine letter over other facts does not pass.</summary>
internal static class LetterRung
{
    public static Verdict Judge(BundleFacts facts, Judges judges)
    {
        const string Subject = BundleMembers.Letter;
        if (facts.Letter is not { } check)
            return Verdict.Fail(Rung.Letter, Subject, "member-missing", "the letter is missing");

        if (!check.Ok)
            return Verdict.Fail(Rung.Letter, Subject, check.Code, $"the letter: {check.Reason}");

        facts.SignedAt = check.SignedAt;
        var differing = Differences(check, facts, judges.Trust).ToList();
        if (differing.Count > 0)
            return Verdict.Fail(Rung.Letter, Subject, "letter-facts",
                $"the letter is genuine, but what it states differs from the evidence: {string.Join(", ", differing)}");

        if (Strange(check, facts) is { } strange)
            return Verdict.Fail(Rung.Letter, Subject, "letter-archive", $"the letter's archive has {strange}");

        return Verdict.Pass(Rung.Letter, Subject, $"letter {check.Facts!.Number}, "
            + $"signed by {check.Signer} no later than {check.SignedAt!.Value.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}, states these facts "
            + $"and shows them on its pages; the depositor's name{Claimed(check.Facts)} the office's claim; {check.LongLife}");
    }

    /// <summary>What the archive has and nobody in this evidence needs: it is stamped, but nobody's word that it belongs here.</summary>
    private static string? Strange(LetterCheck check, BundleFacts facts)
    {
        if (check.Archive is not { } archive)
            return null;

        var chains = facts.Links.Concat(check.Links).ToList();
        var known = chains.SelectMany(l => new[] { l.CertificateDigest, l.IssuerDigest }).ToHashSet();
        return archive.Tokens.Except(facts.Tokens).Any() ? "a token that is not in the bundle"
            : archive.Certificates.Any(c => !known.Contains(Digest.Of(c.Span))) ? "a certificate of nobody in this evidence"
            : archive.Lists.Any(list => Digest.Of(list.Span) is var digest && !chains.Exists(l => RevocationList.Read(list, digest, l) is not null))
            ? "a revocation list of nobody in this evidence"
            : null;
    }

    /// <summary>The names of the statements that differ.</summary>
    private static IEnumerable<string> Differences(LetterCheck check, BundleFacts facts, TrustRoots trust)
    {
        var letter = check.Facts!;
        if (facts.Manifest is not { } manifest || facts.Proof is not { } proof || facts.Checkpoint is not { } checkpoint || facts.Anchor is not { } anchor)
        {
            yield return "the evidence itself does not hold";
            yield break;
        }

        (string Statement, bool Same)[] compared =
        [
            ("deposit", letter.Id == manifest.Id),
            ("depositor", letter.Depositor == manifest.Depositor),
            ("time of receipt", letter.ReceivedAt == manifest.ReceivedAt),
            ("kind", letter.Kind == manifest.Kind),
            ("whether it is a test", letter.Test == manifest.Test),
            ("items", letter.Items.Select(Spell).SequenceEqual(manifest.Items.Select(Spell))),
            ("manifest digest", letter.ManifestDigest == facts.ManifestDigest),
            ("notes", Pairs(letter.Notes).SequenceEqual(Pairs(manifest.Notes))),
            ("number", letter.Number == LetterFacts.NumberOf(manifest.ReceivedAt, letter.Parties?.ShortName, proof.Index)),
            ("office", letter.IsOf(trust.Issuer)),
            ("address for verification", letter.VerifyUrl is { Scheme: "http" or "https" } url
                && url.OriginalString.EndsWith(LetterFacts.VerifyPath(facts.ManifestDigest!.Value, proof.Index), StringComparison.Ordinal)),
            ("time of issue", letter.IssuedAt >= anchor.BlockTime - StatusRung.MaxSkew && letter.IssuedAt <= check.SignedAt + StatusRung.MaxSkew),
            ("times", letter.States([.. facts.Times.Select(t => (t.Authority, t.Over, t.Check))], trust)),
            ("log", letter.LogOrigin == checkpoint.Origin && letter.LogIndex == proof.Index
                && letter.CheckpointSize == checkpoint.Size && letter.CheckpointRoot == checkpoint.Root),
            ("chain", letter.ChainId == anchor.ChainId && letter.Contract == anchor.Contract && letter.Transaction == anchor.TransactionHash),
            ("block", letter.Block == anchor.Block && letter.BlockHash == anchor.BlockHash && letter.BlockTime == anchor.BlockTime),
        ];
        foreach (var (statement, same) in compared)
        {
            if (!same)
                yield return statement;
        }
    }

    private static string Claimed(LetterFacts letter)
        => letter.Parties is null ? " is" : ", the office's address and the names of platform's operator, chain and chain's operator are";

    private static (string, long?, string, string) Spell(ManifestItem item)
        => (item.Name, item.Size, item.MediaType, string.Join(' ', Pairs(item.Digests)));

    private static IOrderedEnumerable<KeyValuePair<string, string>> Pairs(IReadOnlyDictionary<string, string> map)
        => map.OrderBy(p => p.Key, StringComparer.Ordinal);
}
