using Notary.Verification.Letters;

namespace Notary.Verification;

/// <summary>Judges bundles from their bytes and trust roots alone. One instance for many bundles: keys and certificate chains are loaded once.</summary>
/// <remarks>
/// 1. Bytes: container, members, recipe, original. 2. Manifest, and the item of a batch. 3. Inclusion. 4. Checkpoint. 5. Time, each token.
/// 6. Chain. 7. Letter. 8. Status: whose trust, and whether the times agree. A rung whose input is missing fails under that member's name.
/// </remarks>
public sealed class BundleVerifier : IDisposable
{
    private readonly Judges? pinned;

    /// <param name="pinned">The reader's own trust roots; null to fall back on each bundle's, which the report then says.</param>
    public BundleVerifier(TrustRoots? pinned) => this.pinned = pinned is null ? null : new Judges(pinned);

    /// <param name="bundle">Seekable, read from its beginning; whatever it holds, the answer is a report.</param>
    /// <param name="question">What the reader adds.</param>
    public async Task<BundleReport> VerifyAsync(Stream bundle, BundleQuestion question, CancellationToken c)
    {
        using var parts = BundleReader.Read(bundle);
        var verdicts = new List<Verdict>();
        var facts = new BundleFacts(parts, pinned) { Revocations = new Revocations([.. question.Lists.Select(l => l.Der)]) };

        // 1 and 2. What the files are, without trust in anybody.
        verdicts.AddRange(BytesRung.Judge(parts, facts));
        verdicts.AddRange(await OriginalRung.JudgeAsync(parts, facts, question.Original, c));
        verdicts.Add(facts.ManifestVerdict);
        if (facts.Manifest is { Test: true })
            verdicts.Add(Verdict.Warn(Rung.Manifest, BundleMembers.Manifest, BundleCodes.TestDeposit, BundleCodes.TestWords));

        verdicts.AddRange(ItemRung.Judge(facts));

        // 4 to 7 need somebody's trust roots.
        var own = pinned is null ? OwnTrust(facts) : null;
        using (own)
        {
            verdicts.Add(InclusionRung.Judge(facts));
            if ((pinned ?? own) is not { } judges)
            {
                verdicts.AddRange(new[] { Rung.Checkpoint, Rung.Time, Rung.Chain, Rung.Letter }.Select(r => Verdict.Unknown(r, BundleMembers.Trust,
                    "trust-unreadable", "cannot be judged without trust roots")));
                verdicts.Add(Verdict.Fail(Rung.Status, BundleMembers.Trust, "trust-unreadable",
                    "no trust roots were given and the bundle's own cannot be read"));
                return Report();
            }

            if (facts.Files.TryGetValue(BundleMembers.Letter, out var letter))
                facts.Letter = judges.Letters.Check(letter, facts.Revocations);

            verdicts.Add(CheckpointRung.Judge(facts, judges));
            verdicts.AddRange(TimeRung.Judge(facts, judges, question));
            verdicts.AddRange(await ChainRung.JudgeAsync(facts, judges.Trust, question, c));
            verdicts.Add(LetterRung.Judge(facts, judges));
            verdicts.AddRange(StatusRung.Judge(facts, judges.Trust, pinned is not null, question));
            return Report();
        }

        BundleReport Report() => new(facts.Manifest?.Id, facts.ManifestDigest, [.. verdicts.OrderBy(v => v.Mark != Mark.Warn).ThenBy(v => v.Rung)])
        {
            OwnTrust = pinned is null,
            Manifest = facts.Manifest,
            Item = facts.Item,
            Stamps = [.. facts.Times.Select(t => new StampedTime(t.Authority, t.Over, t.Check.GenTime!.Value + (t.Check.Accuracy ?? TimeSpan.Zero)))],
        };
    }

    public void Dispose() => pinned?.Dispose();

    private static Judges? OwnTrust(BundleFacts facts) => facts.Trust is { } trust ? new Judges(trust) : null;
}

/// <summary>Trust roots made ready for judging.</summary>
internal sealed class Judges(TrustRoots trust) : IDisposable
{
    public TrustRoots Trust => trust;

    public byte[] TrustBytes { get; } = trust.ToBytes();

    public IReadOnlyDictionary<string, byte[]> PemFiles { get; } = Pem(trust);

    public NoteVerifier Log { get; } = new(trust.Origin, trust.LogKeySpki);

    public IReadOnlyDictionary<string, TokenVerifier> Authorities { get; }
        = trust.Authorities.ToDictionary(a => a.Name, a => new TokenVerifier(a.Roots, a.PolicyOid), StringComparer.Ordinal);

    public LetterVerifier Letters { get; } = new(trust.LetterRoots, trust.Authorities, trust.Issuer);

    public static Dictionary<string, byte[]> Pem(TrustRoots trust)
        => BundleMembers.PemFiles(trust).ToDictionary(p => p.Name, p => p.Bytes, StringComparer.Ordinal);

    public void Dispose() => Log.Dispose();
}
