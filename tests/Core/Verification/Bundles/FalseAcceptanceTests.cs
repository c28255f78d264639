using static Notary.Verification.Tests.ZipForge;

namespace Notary.Verification.Tests;

/// <summary>Bundles in which every signature, proof and digest is right, and something that they say is not: each was once accepted.</summary>
[TestClass]
public sealed class FalseAcceptanceTests
{
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    private static SampleEvidence sample = null!;
    private static BundleVerifier verifier = null!;

    [ClassInitialize]
    public static async Task MakeAsync(TestContext _)
    {
        sample = await SampleEvidence.CreateAsync();
        verifier = new BundleVerifier(sample.Trust);
    }

    [ClassCleanup]
    public static async Task EndAsync()
    {
        verifier.Dispose();
        await sample.DisposeAsync();
    }

    private static string Lines(BundleReport report) => string.Join('\n', report.Verdicts);

    /// <summary>Fails with this code on this rung, and nowhere else.</summary>
    private static void FailsAlone(BundleReport report, Rung rung, string code)
    {
        Assert.AreEqual(Outcome.Failed, report.Outcome, Lines(report));
        var failed = report.Verdicts.Where(v => v.Mark == Mark.Fail).ToList();
        Assert.IsTrue(failed.Count > 0 && failed.TrueForAll(v => v.Rung == rung && v.Code == code), $"{rung} {code}:\n{Lines(report)}");
    }

    private static async Task<BundleReport> JudgeAsync(BundleContents contents, TrustRoots? trust = null)
    {
        using var own = new BundleVerifier(trust ?? sample.Trust);
        return await own.VerifyAsync(new MemoryStream(await sample.BundleAsync(false, contents)), new BundleQuestion(), default);
    }

    private static async Task<BundleReport> JudgeAsync(SampleShape shape, TimeSpan later = default)
    {
        await using var other = await SampleEvidence.CreateAsync(shape: shape);
        using var own = new BundleVerifier(other.Trust);
        return await own.VerifyAsync(new MemoryStream(await other.BundleAsync(false)), new BundleQuestion { Clock = new Later(later) }, default);
    }

    [TestMethod]
    public async Task Tokens_over_the_manifest_are_not_optional()
    {
        await using var without = await SampleEvidence.CreateAsync(manifestTokens: false);
        using var own = new BundleVerifier(without.Trust);
        FailsAlone(await own.VerifyAsync(new MemoryStream(await without.BundleAsync(false)), new BundleQuestion(), default), Rung.Time, "token-missing");
    }

    [TestMethod]
    public async Task A_letter_by_anybody_else_under_the_same_root_is_refused()
    {
        const string TimeStamping = "1.3.6.1.5.5.7.3.8", Documents = "1.3.6.1.5.5.7.3.36";
        (string Code, Func<X509Certificate2, ReadOnlyMemory<byte>, X509Certificate2> Issue)[] others =
        [
            ("signer-unknown", (root, key) => TestCertificates.IssueLetterSigner(root, key.Span, "Somebody Else")),
            ("signer-unknown", (root, key) => TestCertificates.IssueLetterSigner(root, key.Span, SampleEvidence.SignerName, organization: "Another Office")),
            ("signer-unknown", (root, key) => TestCertificates.IssueLetterSigner(root, key.Span, SampleEvidence.SignerName + " ")),
            ("certificate", (root, key) => TestCertificates.IssueLetterSigner(root, key.Span, SampleEvidence.SignerName, [TimeStamping])),
            ("certificate", (root, key) => TestCertificates.IssueLetterSigner(
                root, key.Span, SampleEvidence.SignerName, keyUsage: X509KeyUsageFlags.KeyEncipherment)),
        ];
        foreach (var (code, issue) in others)
            FailsAlone(await JudgeAsync(sample.Contents with { Letter = await sample.LetterByAsync(issue) }), Rung.Letter, code);

        // A renewed certificate of the same signer, for documents, is the office's.
        var renewed = await sample.LetterByAsync((root, key) => TestCertificates.IssueLetterSigner(
            root, key.Span, SampleEvidence.SignerName, [TimeStamping, Documents]));
        Assert.AreEqual(Outcome.Verified, (await JudgeAsync(sample.Contents with { Letter = renewed })).Outcome);
    }

    [TestMethod]
    public async Task A_trust_file_of_the_first_format_names_no_signer()
    {
        var first = TrustRoots.Parse(Jcs.Canonicalize(First(sample.Trust)));
        var other = await sample.LetterByAsync((root, key) => TestCertificates.IssueLetterSigner(root, key.Span, "Somebody Else"));
        var report = await JudgeAsync(sample.Contents with { Letter = other, Trust = first }, first);
        Assert.AreEqual(Outcome.Verified, report.Outcome, Lines(report));
    }

    private static JsonObject First(TrustRoots trust)
    {
        var node = JsonNode.Parse(trust.ToBytes())!.AsObject();
        (node["format"], node["letterRoots"]) = ("notary-trust/1", node["letters"]!["roots"]!.DeepClone());
        node.Remove("letters");
        foreach (var authority in node["authorities"]!.AsArray())
            authority!.AsObject().Remove("legalName");

        return node;
    }

    [TestMethod]
    public async Task Facts_that_nothing_bound_are_bound()
    {
        Func<LetterFacts, LetterFacts>[] changes =
        [
            f => f with { Number = LetterFacts.NumberOf(f.ReceivedAt, f.Parties!.ShortName, f.LogIndex + 1) },
            f => f with { Number = LetterFacts.NumberOf(f.ReceivedAt.AddYears(-1), f.Parties!.ShortName, f.LogIndex) },
            f => f with { Office = f.Office with { English = "Another Office" } },
            f => f with { Number = LetterFacts.NumberOf(f.ReceivedAt, null, f.LogIndex) },
            f => Renamed(f, "另处"),
            f => By(f, by => by with { LegalName = "Another Authority" }),
            f => By(f, by => by with { Policy = "1.2.3" }),
            f => By(f, by => by with { Certificate = Digest.Of("x"u8) }),
            f => f with { VerifyUrl = new Uri("https://notary.example/verify") },
            f => f with { VerifyUrl = new Uri(f.VerifyUrl.OriginalString + "1") },
            f => f with { VerifyUrl = new Uri(f.VerifyUrl.OriginalString.Replace("https", "ftp", StringComparison.Ordinal)) },
            f => f with { IssuedAt = new DateTimeOffset(1999, 1, 1, 0, 0, 0, TimeSpan.Zero) },
            f => f with { IssuedAt = new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero) },
            f => f with { Times = [.. f.Times, f.Times[^1]] },
        ];
        foreach (var change in changes)
            FailsAlone(await JudgeAsync(sample.Contents with { Letter = await sample.LetterAsync(change) }), Rung.Letter, "letter-facts");
    }

    [TestMethod]
    public async Task Pages_of_another_deposit_are_refused()
    {
        Func<LetterFacts, LetterFacts>[] changes =
        [
            f => f with { Id = DepositId.New(TimeProvider.System) },
            f => f with { DepositorName = "Film Example" },
            f => f with { Depositor = "did:web:film.example" },
            f => f with { ReceivedAt = f.ReceivedAt.AddHours(f.ReceivedAt.Hour > 12 ? -1 : 1) },
            f => f with { BlockTime = f.BlockTime.AddMinutes(f.BlockTime.Minute > 30 ? -1 : 1) },
            f => f with { IssuedAt = f.IssuedAt.AddMinutes(f.IssuedAt.Minute > 30 ? -1 : 1) },
            f => f with { Items = [f.Items[0] with { Name = "合同 v3.pdf" }] },
            f => f with { Items = [f.Items[0] with { Size = f.Items[0].Size + 1 }] },
            f => f with { Items = [ManifestItem.Of(f.Items[0].Name, f.Items[0].Size, f.Items[0].MediaType, Digest.Of("x"u8))] },
            f => f with { ManifestDigest = Digest.Of("x"u8) },
            f => f with { Notes = new Dictionary<string, string> { ["contractNo"] = "A-18" } },
            f => f with { Times = [f.Times[0] with { Serial = Changed(f.Times[0].Serial) }, .. f.Times.Skip(1)] },
            f => f with { Times = [f.Times[1], f.Times[0], .. f.Times.Skip(2)] },
            f => f with { LogIndex = f.LogIndex + 1 },
            f => f with { CheckpointSize = f.CheckpointSize + 1 },
            f => f with { CheckpointRoot = Digest.Of("x"u8) },
            f => f with { Transaction = "0x" + Digest.Of("x"u8) },
            f => f with { Block = f.Block + 1 },
            f => f with { ChainId = f.ChainId + 1 },
            f => f with { Office = f.Office with { English = "Notary Orifice"[..13] } },
            f => f with { Parties = f.Parties! with { Address = "示范市示范路 2 号" } },
            f => f with { Parties = f.Parties! with { Operator = "示范平面有限公司" } },
            f => f with { Parties = f.Parties! with { ChainName = "示范存储链" } },
            f => f with { Parties = f.Parties! with { ChainOperator = "示范链经营有限公司" } },
            f => f with { Times = [.. f.Times.Select(t => t with { By = t.By! with { LegalName = t.By.LegalName[..^1] + "e" } })] },
            f => f with { Times = [.. f.Times.Select(t => t with { By = t.By! with { Policy = t.By.Policy[..^1] + (t.By.Policy[^1] == '1' ? "2" : "1") } })] },
            f => By(f, by => by with { Certificate = Digest.Of("x"u8) }),
        ];
        for (var i = 0; i < changes.Length; i++)
        {
            var report = await JudgeAsync(sample.Contents with { Letter = await sample.LetterShowingAsync(changes[i]) });
            var failed = report.Verdicts.Where(v => v.Mark == Mark.Fail).ToList();
            Assert.IsTrue(failed is [{ Code: "letter-pages" }], $"change {i}:\n{Lines(report)}");
        }
    }

    [TestMethod]
    [DataRow("合同-عقد 2026.pdf", "合同-عدق 2026.pdf")]
    [DataRow("هي شركة.pdf", "شركة هي.pdf")]
    [DataRow("हिन्दी.pdf", "हन्दिी.pdf")]
    [DataRow("བོད་ཡིག.pdf", "བོད་ཡུག.pdf")]
    public async Task A_name_in_joined_and_stacked_letters_is_read_as_it_was_typed(string name, string other)
    {
        await using var named = await SampleEvidence.CreateAsync(shape: new SampleShape { Name = name });
        var good = await JudgeAsync(named.Contents, named.Trust);
        Assert.AreEqual(Outcome.Verified, good.Outcome, Lines(good));
        var letter = await named.LetterShowingAsync(f => f with { Items = [f.Items[0] with { Name = other }] });
        var report = await JudgeAsync(named.Contents with { Letter = letter }, named.Trust);
        Assert.IsTrue(report.Verdicts.Where(v => v.Mark == Mark.Fail).ToList() is [{ Code: "letter-pages" }], Lines(report));
    }

    private static LetterFacts By(LetterFacts f, Func<LetterAuthority, LetterAuthority> change)
        => f with { Times = [f.Times[0] with { By = change(f.Times[0].By!) }, .. f.Times.Skip(1)] };

    private static LetterFacts Renamed(LetterFacts f, string shortName) => f with
    {
        Parties = f.Parties! with { ShortName = shortName },
        Number = LetterFacts.NumberOf(f.ReceivedAt, shortName, f.LogIndex),
    };

    [TestMethod]
    public async Task Names_that_the_trust_file_does_not_have_are_the_letters_own()
    {
        var earlier = sample.Trust.WithoutNames();
        var named = await sample.LetterAsync(f => Renamed(f, "另处") with
        {
            Times = [.. f.Times.Select(t => t with { By = t.By! with { LegalName = $"Another {t.Authority}" } })],
        });
        Assert.AreEqual(Outcome.Verified, (await JudgeAsync(sample.Contents with { Letter = named, Trust = earlier }, earlier)).Outcome);

        // But an authority has one name, and what the token itself says is the token's.
        foreach (var change in (Func<LetterAuthority, LetterAuthority>[])[by => by with { LegalName = "Another" }, by => by with { Policy = "1.2.3" }])
        {
            var letter = await sample.LetterAsync(f => By(f, change));
            FailsAlone(await JudgeAsync(sample.Contents with { Letter = letter, Trust = earlier }, earlier), Rung.Letter, "letter-facts");
        }

        // And a letter of the first version is judged by what it says, also by a trust file that knows more.
        var first = await sample.LetterAsync(SampleEvidence.FirstVersion);
        Assert.AreEqual(Outcome.Verified, (await JudgeAsync(sample.Contents with { Letter = first })).Outcome);
        var wrong = await sample.LetterAsync(f => SampleEvidence.FirstVersion(f) with { Number = f.Number });
        FailsAlone(await JudgeAsync(sample.Contents with { Letter = wrong }), Rung.Letter, "letter-facts");
    }

    private static string Changed(string serial) => (serial[0] == '1' ? '2' : '1') + serial[1..];

    [TestMethod]
    public async Task Evidence_out_of_order_in_time_is_refused()
    {
        (string What, SampleShape Shape, TimeSpan Clock)[] wrong =
        [
            ("stamped a year after the letter", new SampleShape { Alpha = Year, Block = Year }, 2 * Year),
            ("received ten years before", new SampleShape { Received = -10 * Year }, default),
            ("thirty days apart", new SampleShape { Beta = TimeSpan.FromDays(30), Block = TimeSpan.FromDays(30), Letter = TimeSpan.FromDays(30) }, Year),
            ("in the future", new SampleShape { Received = Year, Alpha = Year, Beta = Year, Block = Year, Letter = Year }, default),
            ("stamped before receipt", new SampleShape { Received = TimeSpan.FromHours(1) }, Year),
            ("anchored before the stamp", new SampleShape { Beta = TimeSpan.FromHours(1), Letter = TimeSpan.FromHours(2) }, Year),
        ];
        foreach (var (what, shape, clock) in wrong)
        {
            var report = await JudgeAsync(shape, clock);
            Assert.IsTrue(report.Verdicts.Any(v => v is { Rung: Rung.Status, Mark: Mark.Fail, Code: "order" }), $"{what}:\n{Lines(report)}");
        }

        // An authority that was out for six days holds a deposit up, and makes nothing false.
        var days = TimeSpan.FromDays(6);
        var good = await JudgeAsync(new SampleShape { Beta = days, Block = days, Letter = days }, TimeSpan.FromDays(10));
        Assert.AreEqual(Outcome.Verified, good.Outcome, Lines(good));
        StringAssert.Contains(good.Verdicts.Single(v => v is { Rung: Rung.Status, Subject: "order" }).Reason, "120 seconds");
    }

    [TestMethod]
    public async Task One_authority_is_not_two()
    {
        FailsAlone(await JudgeAsync(new SampleShape { Authorities = ["alpha"] }), Rung.Time, "authority-single");
        FailsAlone(await JudgeAsync(new SampleShape { Authorities = ["alpha", "alpha-too"] }), Rung.Time, "authority-shared");
    }

    [TestMethod]
    public async Task Not_before_is_of_the_trusted_chain_and_before_the_anchor()
    {
        var hash = "0x" + new string('b', 64);
        foreach (var head in (ChainHead[])[new(1, 40, hash), new(SampleEvidence.ChainId, 43, hash), new(SampleEvidence.ChainId, 42, hash)])
            FailsAlone(await JudgeAsync(new SampleShape { NotBefore = head }), Rung.Chain, "not-before");
    }

    [TestMethod]
    public async Task Not_before_is_asked_for()
    {
        var anchor = sample.Contents.Anchor;
        var named = Manifest.Parse(sample.Contents.Manifest.Span).NotBefore!;
        (Mark Mark, string? Hash)[] answers = [(Mark.Pass, named.Hash), (Mark.Fail, "0x" + new string('c', 64)), (Mark.Unknown, null)];
        foreach (var (mark, hash) in answers)
        {
            await using var node = await AnsweringNode.StartAsync(anchor, named.Block, hash);
            using var http = new HttpClient();
            var report = await verifier.VerifyAsync(new MemoryStream(await sample.BundleAsync(false)), new BundleQuestion(null, node.Url, http), default);
            var chain = report.Verdicts.Where(v => v.Rung == Rung.Chain).ToList();
            Assert.AreEqual(Mark.Pass, chain.Single(v => v.Subject == BundleMembers.Anchor).Mark, Lines(report));
            Assert.AreEqual(mark, chain.Single(v => v.Subject == BundleMembers.Manifest).Mark, Lines(report));
            Assert.AreEqual(mark switch { Mark.Pass => Outcome.Verified, Mark.Fail => Outcome.Failed, _ => Outcome.Unjudged }, report.Outcome);
        }
    }

    [TestMethod]
    public async Task Somebody_elses_keys_are_found_also_without_a_trust_file_in_the_bundle()
    {
        await using var stranger = await SampleEvidence.CreateAsync();
        var pem = BundleMembers.PemFiles(stranger.Trust).ToDictionary(p => p.Name, p => p.Bytes);
        var files = BundleWriter.Files(sample.Contents);
        files[BundleMembers.Trust] = "garbage"u8.ToArray();
        var genuine = await verifier.VerifyAsync(new MemoryStream(Whole(files)), new BundleQuestion(), default);
        FailsAlone(genuine, Rung.Bytes, "trust-malformed");

        files[BundleMembers.LettersPem] = pem[BundleMembers.LettersPem];
        var report = await verifier.VerifyAsync(new MemoryStream(Whole(files)), new BundleQuestion(), default);
        Assert.IsTrue(report.Verdicts.Any(v => v is { Code: "pem-differs", Subject: BundleMembers.LettersPem }), Lines(report));

        // Without any trust nobody can tell, and that is said, of every rung.
        using var trusting = new BundleVerifier(null);
        report = await trusting.VerifyAsync(new MemoryStream(Whole(files)), new BundleQuestion(), default);
        Assert.AreEqual(Outcome.Failed, report.Outcome);
        Assert.HasCount(4, report.Verdicts.Where(v => v is { Mark: Mark.Unknown, Code: "pem-unjudged" }).ToList(), Lines(report));
        CollectionAssert.AreEquivalent(Enum.GetValues<Rung>().Except([Rung.Item]).ToArray(), report.Verdicts.Select(v => v.Rung).Distinct().ToArray());
        Assert.AreEqual(Mark.Pass, report.Verdicts.Single(v => v.Rung == Rung.Inclusion).Mark);
    }

    [TestMethod]
    public async Task The_recipe_is_judged_also_when_manifest_or_anchor_cannot_be_read()
    {
        foreach (var name in (string[])[BundleMembers.Manifest, BundleMembers.Anchor])
        {
            var files = BundleWriter.Files(sample.Contents);
            (files[name], files[BundleMembers.Checkpoint]) = ("{}"u8.ToArray(), [1]);
            var report = await verifier.VerifyAsync(
                new MemoryStream(Lay(files.OrderBy(f => BundleMembers.Order(f.Key)).Select(f => (f.Key, f.Value)))), new BundleQuestion(), default);
            CollectionAssert.AreEquivalent(new[] { name, BundleMembers.Checkpoint },
                report.Verdicts.Where(v => v.Code == "digest-differs").Select(v => v.Subject).ToArray(), Lines(report));
            Assert.IsTrue(report.Verdicts.Any(v => v is { Mark: Mark.Fail, Code: "recipe-differs" }), Lines(report));
        }
    }

    /// <summary>The members with a recipe that lists them.</summary>
    private static byte[] Whole(Dictionary<string, byte[]> files)
    {
        var digests = files.Where(f => f.Key != BundleMembers.Recipe).ToDictionary(f => f.Key, f => Digest.Of(f.Value));
        files[BundleMembers.Recipe] = VerifyRecipe.Bytes(VerifyRecipe.Version,
            new RecipeSource(Manifest.Parse(sample.Contents.Manifest.Span), sample.Contents.Anchor, digests, []))!;
        return Lay(files.OrderBy(f => BundleMembers.Order(f.Key)).Select(f => (f.Key, f.Value)));
    }

    private sealed class Later(TimeSpan offset) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + offset;
    }
}
