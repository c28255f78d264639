using Notary.Verification.Letters;

namespace Notary.Verification.Tests;

/// <summary>Bundles whose letter is archived: revocation of every token in them is judged by the lists that the letter carries, and by newer ones.</summary>
[TestClass]
public sealed class LongLifeTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private static SampleEvidence sample = null!;
    private static SampleEvidence plain = null!;

    [ClassInitialize]
    public static async Task MakeAsync(TestContext _)
        => (sample, plain) = (await SampleEvidence.CreateAsync(), await SampleEvidence.CreateAsync(shape: new() { Archived = false }));

    [ClassCleanup]
    public static async Task EndAsync()
    {
        await sample.DisposeAsync();
        await plain.DisposeAsync();
    }

    [TestMethod]
    public async Task An_archived_bundle_passes_and_says_that_nobody_was_revoked()
    {
        var report = await JudgeAsync(sample);
        Assert.AreEqual(Outcome.Verified, report.Outcome, Lines(report));
        Assert.AreEqual(4, report.Verdicts.Count(v => v.Rung == Rung.Time && v.Reason.Contains("; not revoked on the list of ", StringComparison.Ordinal)));
        StringAssert.Contains(Letter(report).Reason, "PAdES B-LTA, archived ");
    }

    [TestMethod]
    public async Task One_that_is_not_passes_and_says_that_revocation_was_not_judged()
    {
        var report = await JudgeAsync(plain);
        Assert.AreEqual(Outcome.Verified, report.Outcome, Lines(report));
        Assert.AreEqual(4, report.Verdicts.Count(v => v.Rung == Rung.Time && v.Reason.EndsWith("; revocation was not judged", StringComparison.Ordinal)));
        StringAssert.Contains(Letter(report).Reason, "PAdES B-T, not archived; signer: revocation was not judged");
    }

    [TestMethod]
    public async Task A_token_by_a_key_revoked_before_fails_and_by_one_revoked_after_passes()
    {
        foreach (var evidence in (SampleEvidence[])[sample, plain])
        {
            // alpha stamped the letter too.
            var before = await JudgeAsync(evidence, List(evidence, 0, -Hour, X509RevocationReason.Superseded));
            Assert.AreEqual("Time revoked, Time revoked, Letter revoked", Failed(before), Lines(before));
            var after = await JudgeAsync(evidence, List(evidence, 0, Hour, X509RevocationReason.Superseded));
            Assert.AreEqual(Outcome.Verified, after.Outcome, Lines(after));
            Assert.AreEqual(2, after.Verdicts.Count(v => v.Rung == Rung.Time && v.Reason.Contains("(superseded), after", StringComparison.Ordinal)));
        }
    }

    [TestMethod]
    public async Task A_compromised_key_leaves_only_what_the_archive_covers()
    {
        var list = List(plain, 0, Hour, X509RevocationReason.KeyCompromise);
        var report = await JudgeAsync(plain, list);
        Assert.AreEqual("Time revoked, Time revoked, Letter revoked", Failed(report), Lines(report));
        list = List(sample, 0, Hour, X509RevocationReason.KeyCompromise);
        report = await JudgeAsync(sample, list);
        Assert.AreEqual(Outcome.Verified, report.Outcome, Lines(report));

        // beta made the archive: with its key in other hands nothing shows that its tokens are older.
        report = await JudgeAsync(sample, List(sample, 1, Hour, X509RevocationReason.KeyCompromise));
        Assert.AreEqual("Time revoked, Time revoked", Failed(report).Split(", Letter")[0], Lines(report));

        // An archive that does not list a token does not cover it.
        var shorter = await sample.ArchivedAsync(a => a with { Tokens = a.Tokens.Skip(1).ToList() });
        report = await JudgeAsync(sample, list, sample.Contents with { Letter = shorter });
        Assert.AreEqual("Time revoked", Failed(report).Split(", Letter")[0], Lines(report));
    }

    [TestMethod]
    public async Task A_revoked_signer_of_letters_fails_by_the_readers_list_and_by_the_letters_own()
    {
        var revocations = sample.LetterRevocations;
        revocations.Revoke(sample.LetterCertificate, Now - Hour, X509RevocationReason.KeyCompromise);
        var report = await JudgeAsync(sample, revocations.List());
        Assert.AreEqual("Letter revoked", Failed(report), Lines(report));
        var own = await sample.ArchivedAsync(a => a with { Lists = [revocations.List(), .. a.Lists.Skip(1)] });
        Assert.AreEqual("Letter revoked", Failed(await JudgeAsync(sample, contents: sample.Contents with { Letter = own })));
    }

    [TestMethod]
    public async Task What_belongs_to_nobody_is_refused()
    {
        using var strange = TestCertificates.CreateRoot("Strange Root CA");
        Func<LetterArchive, LetterArchive>[] changes =
        [
            a => a with { Lists = [.. a.Lists, new TestRevocations(strange).List()] },
            a => a with { Lists = [.. a.Lists, new byte[] { 0x30, 0 }] },
            a => a with { Certificates = [.. a.Certificates, strange.RawData] },
            a => a with { Tokens = [.. a.Tokens, Digest.Of("nothing"u8)] },
        ];
        foreach (var change in changes)
        {
            var letter = await sample.ArchivedAsync(change);
            var report = await JudgeAsync(sample, contents: sample.Contents with { Letter = letter });
            Assert.AreEqual("Letter letter-archive", Failed(report), Lines(report));
        }

        var unused = await JudgeAsync(sample, new TestRevocations(strange).List());
        Assert.AreEqual(Outcome.Unjudged, unused.Outcome, Lines(unused));
        Assert.IsTrue(unused.Verdicts.Any(v => v is { Code: "list-unused", Subject: "newer.crl" }));
    }

    [TestMethod]
    public async Task An_archive_from_the_future_is_out_of_order()
    {
        sample.Authorities[1].TimeOffset = TimeSpan.FromDays(1);
        var letter = await sample.ArchivedAsync(a => a);
        sample.Authorities[1].TimeOffset = TimeSpan.Zero;
        Assert.AreEqual("Status order", Failed(await JudgeAsync(sample, contents: sample.Contents with { Letter = letter })));
    }

    [TestMethod]
    public async Task The_recipe_judges_alike_what_its_tools_can()
    {
        using var strange = TestCertificates.CreateRoot("Strange Root CA");
        var revoked = sample.LetterRevocations;
        revoked.Revoke(sample.LetterCertificate, Now - Hour, X509RevocationReason.KeyCompromise);
        var authority = new TestRevocations(sample.Authorities[0].RootWithKey);
        authority.Revoke(sample.Authorities[0].Certificate, Now - Hour);
        (string Says, Func<LetterArchive, LetterArchive> Change)[] cases =
        [
            ("VERIFIED EXCEPT THE CHAIN: ", a => a),
            ("VERIFIED EXCEPT THE CHAIN: ", a => a with { Lists = [], Certificates = [] }),
            ("FAILED IN STEP 8: the letter's archive has a revocation list of nobody", a => a with { Lists = [new TestRevocations(strange).List()] }),
            ("FAILED IN STEP 8: the letter's archive has a certificate of nobody", a => a with { Certificates = [strange.RawData] }),
            ("FAILED IN STEP 8: the letter's archive has a token that", a => a with { Tokens = [Digest.Of("nothing"u8)] }),
            ("FAILED IN STEP 8: the letter's signature: its certificate was revoked before", a => a with { Lists = [revoked.List()] }),
            (": its certificate was revoked before", a => a with { Lists = [authority.List()] }),
        ];
        foreach (var (says, change) in cases)
        {
            var contents = sample.Contents with { Letter = await sample.ArchivedAsync(change) };
            var (_, output) = await RunAsync(contents);
            StringAssert.Contains(RecipeFolder.Last(output), says, output);
            Assert.AreEqual(says.StartsWith("VERIFIED", StringComparison.Ordinal), (await JudgeAsync(sample, contents: contents)).Outcome == Outcome.Verified);
        }

        // One revision alone is what letters were before: less long life, and said so.
        var (exit, whole) = await RunAsync(plain.Contents);
        Assert.AreEqual(3, exit, whole);
        StringAssert.Contains(whole, "revocation of the certificates: the letter is not archived");

        // Anything else after the signed revision.
        byte[] letter = sample.Contents.Letter.ToArray();
        var first = letter.AsSpan().IndexOf("\n%%EOF\n"u8) + 7;
        foreach (var other in (byte[][])[[.. letter, (byte)'\n'], [.. letter, .. letter[first..]], letter[..^9],
            [.. letter[..^20], (byte)(letter[^20] ^ 1), .. letter[^19..]], [.. letter[..(first + 60)], (byte)'x', .. letter[(first + 61)..]]])
        {
            var (_, output) = await RunAsync(sample.Contents with { Letter = other });
            StringAssert.StartsWith(RecipeFolder.Last(output), "FAILED IN STEP 8: ", output);
        }
    }

    private static async Task<(int Exit, string Output)> RunAsync(BundleContents contents)
    {
        using var folder = new RecipeFolder(BundleWriter.Files(contents));
        return await folder.RunAsync([]);
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private static byte[] List(SampleEvidence evidence, int authority, TimeSpan at, X509RevocationReason reason)
    {
        var who = evidence.Authorities[authority];
        var revocations = new TestRevocations(who.RootWithKey);
        revocations.Revoke(who.Certificate, Now + at, reason);
        return revocations.List(Now + at);
    }

    private static async Task<BundleReport> JudgeAsync(SampleEvidence evidence, byte[]? list = null, BundleContents? contents = null)
    {
        using var verifier = new BundleVerifier(evidence.Trust);
        return await verifier.VerifyAsync(new MemoryStream(await evidence.BundleAsync(false, contents)),
            new BundleQuestion { Lists = list is null ? [] : [("newer.crl", list)] }, default);
    }

    private static Verdict Letter(BundleReport report) => report.Verdicts.Single(v => v.Rung == Rung.Letter);

    private static string Failed(BundleReport report)
        => string.Join(", ", report.Verdicts.Where(v => v.Mark == Mark.Fail && v.Code is not "order-unjudged").Select(v => $"{v.Rung} {v.Code}"));

    private static string Lines(BundleReport report) => string.Join('\n', report.Verdicts);
}
