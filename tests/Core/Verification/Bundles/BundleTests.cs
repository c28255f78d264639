using System.Buffers.Binary;
using System.IO.Compression;

namespace Notary.Verification.Tests;

[TestClass]
public sealed class BundleTests
{
    private static SampleEvidence sample = null!;
    private static byte[] bundle = null!;
    private static BundleVerifier verifier = null!;

    [ClassInitialize]
    public static async Task MakeAsync(TestContext _)
    {
        sample = await SampleEvidence.CreateAsync();
        bundle = await sample.BundleAsync();
        verifier = new BundleVerifier(sample.Trust);
    }

    [ClassCleanup]
    public static async Task EndAsync()
    {
        verifier.Dispose();
        await sample.DisposeAsync();
    }

    private static Task<BundleReport> JudgeAsync(byte[] zip, BundleQuestion? question = null)
        => verifier.VerifyAsync(new MemoryStream(zip), question ?? new BundleQuestion(), CancellationToken.None);

    private static string Lines(BundleReport report) => string.Join('\n', report.Verdicts);

    /// <summary>The same members in a new zip, changed on the way; made by another writer than ours.</summary>
    private static byte[] Repack(Func<string, byte[], byte[]?> change, CompressionLevel level = CompressionLevel.Optimal)
    {
        using var output = new MemoryStream();
        using (var to = new ZipArchive(output, ZipArchiveMode.Create, leaveOpen: true))
        using (var from = new ZipArchive(new MemoryStream(bundle)))
        {
            foreach (var entry in from.Entries)
            {
                using var content = new MemoryStream();
                entry.Open().CopyTo(content);
                if (change(entry.FullName, content.ToArray()) is { } bytes)
                {
                    using var target = to.CreateEntry(entry.FullName, level).Open();
                    target.Write(bytes);
                }
            }
        }

        return output.ToArray();
    }

    [TestMethod]
    public async Task Genuine_evidence_passes_every_rung()
    {
        var report = await JudgeAsync(bundle, new BundleQuestion(new MemoryStream(SampleEvidence.Original)));
        Assert.AreEqual(Outcome.Verified, report.Outcome, Lines(report));
        CollectionAssert.AreEquivalent(Enum.GetValues<Rung>().Except([Rung.Item]).ToArray(), report.Verdicts.Select(v => v.Rung).Distinct().ToArray());
        Assert.AreEqual(Mark.Unknown, report.Verdicts.Single(v => v.Rung == Rung.Chain).Mark);
        Assert.AreEqual(4, report.Verdicts.Count(v => v.Rung == Rung.Time));
        Assert.AreEqual(Manifest.Parse(sample.Contents.Manifest.Span).Id, report.Id);
    }

    [TestMethod]
    public async Task The_same_contents_give_the_same_bytes()
        => CollectionAssert.AreEqual(bundle, await sample.BundleAsync());

    /// <summary>As java.util.zip.ZipInputStream reads: local headers alone, forwards, stored data by the size that stands before it.</summary>
    [TestMethod]
    public void A_bundle_is_read_as_a_stream()
    {
        var names = new List<string>();
        var rest = bundle.AsSpan();
        while (BinaryPrimitives.ReadUInt32LittleEndian(rest) == 0x04034b50)
        {
            Assert.AreEqual(0, BinaryPrimitives.ReadUInt16LittleEndian(rest[6..]) & 8, "no data descriptor");
            Assert.AreEqual(0, BinaryPrimitives.ReadUInt16LittleEndian(rest[8..]), "stored");
            var size = (int)BinaryPrimitives.ReadUInt32LittleEndian(rest[22..]);
            var data = 30 + BinaryPrimitives.ReadUInt16LittleEndian(rest[26..]) + BinaryPrimitives.ReadUInt16LittleEndian(rest[28..]);
            Assert.AreEqual(Crc32.HashToUInt32(rest.Slice(data, size)), BinaryPrimitives.ReadUInt32LittleEndian(rest[14..]));
            names.Add(Encoding.UTF8.GetString(rest.Slice(30, BinaryPrimitives.ReadUInt16LittleEndian(rest[26..]))));
            rest = rest[(data + size)..];
        }

        using var archive = new ZipArchive(new MemoryStream(bundle));
        CollectionAssert.AreEqual(archive.Entries.Select(e => e.FullName).ToArray(), names);
        CollectionAssert.Contains(names, "original/0");
    }

    [TestMethod]
    public async Task A_bundle_whose_originals_checksum_was_not_known_is_judged_alike()
    {
        var earlier = await sample.BundleAsync(withCrc: false);
        Assert.AreEqual(bundle.Length + 16, earlier.Length, "a descriptor");
        Assert.AreEqual(Outcome.Verified, (await JudgeAsync(earlier)).Outcome);
    }

    [TestMethod]
    public async Task A_checksum_that_is_not_the_contents_is_not_handed_out()
        => Assert.AreEqual(Fault.EvidenceInvalid, (await Assert.ThrowsExactlyAsync<FaultException>(() => BundleWriter.WriteAsync(new MemoryStream(),
            sample.Contents with { Originals = [new BundleOriginal(0, SampleEvidence.Original.Length,
                _ => Task.FromResult<Stream>(new MemoryStream(SampleEvidence.Original)), 1)] }, default))).Fault);

    [TestMethod]
    public async Task Without_pinned_roots_the_report_says_whose_trust_it_was()
    {
        using var trusting = new BundleVerifier(null);
        var report = await trusting.VerifyAsync(new MemoryStream(bundle), new BundleQuestion(), default);
        Assert.AreEqual(Outcome.Unjudged, report.Outcome);
        Assert.IsTrue(report.OwnTrust);
        StringAssert.Contains(report.Verdicts.Single(v => v.Code == BundleCodes.OwnTrust).Reason, "OWN trust.json");
        var accepted = await trusting.VerifyAsync(new MemoryStream(bundle), new BundleQuestion(AcceptOwnTrust: true), default);
        Assert.AreEqual(Outcome.Verified, accepted.Outcome, Lines(accepted));
        Assert.AreEqual(BundleCodes.OwnTrust, accepted.Verdicts[^1].Code);
    }

    [TestMethod]
    public async Task Evidence_of_another_platform_fails_under_ones_own_roots()
    {
        await using var other = await SampleEvidence.CreateAsync();
        var report = await JudgeAsync(await other.BundleAsync());
        Assert.AreEqual(Outcome.Failed, report.Outcome);
        foreach (var rung in (Rung[])[Rung.Checkpoint, Rung.Time, Rung.Letter])
            Assert.IsTrue(report.Verdicts.Any(v => v.Rung == rung && v.Mark == Mark.Fail), rung.ToString());
    }

    [TestMethod]
    public async Task A_flipped_byte_in_any_member_is_found_and_named()
    {
        using var archive = new ZipArchive(new MemoryStream(bundle));
        foreach (var name in archive.Entries.Select(e => e.FullName).ToList())
        {
            for (var i = 0; i < 3; i++)
            {
                var place = i;
                var zip = Repack((n, bytes) =>
                {
                    if (n == name)
                        bytes[place * (bytes.Length - 1) / 2] ^= 0x01;

                    return bytes;
                });
                var report = await JudgeAsync(zip);
                Assert.AreEqual(Outcome.Failed, report.Outcome, name);
                Assert.IsTrue(report.Verdicts.Any(v => v.Mark == Mark.Fail && v.Subject == name), $"{name} byte {place}/2 is not named:\n{Lines(report)}");
            }
        }
    }

    [TestMethod]
    public async Task A_flipped_bit_anywhere_in_the_file_is_found()
    {
        // Without the original, so that headers and evidence are most of the file.
        var zip = await sample.BundleAsync(withOriginal: false);
        var random = new Random(20_261_122);
        var places = Enumerable.Range(0, 200).Select(_ => random.Next(zip.Length))
            .Concat(Enumerable.Range(0, 60)).Concat(Enumerable.Range(zip.Length - 700, 700));
        foreach (var at in places)
        {
            var changed = (byte[])zip.Clone();
            changed[at] ^= (byte)(1 << random.Next(8));
            var report = await JudgeAsync(changed);
            Assert.AreEqual(Outcome.Failed, report.Outcome, $"byte {at}: {Lines(report)}");
        }
    }

    [TestMethod]
    public async Task Bytes_before_between_and_after_are_found()
    {
        foreach (var changed in (byte[][])[[.. bundle, 0], [0, .. bundle],
            [.. bundle[..5000], 1, .. bundle[5000..]], bundle[..^1], bundle[..1000], [.. bundle, .. bundle]])
            Assert.AreEqual(Outcome.Failed, (await JudgeAsync(changed)).Outcome);
    }

    [TestMethod]
    public async Task A_repacked_bundle_fails_by_its_container_alone()
    {
        var report = await JudgeAsync(Repack((_, bytes) => bytes));
        Assert.AreEqual("container-changed", report.Verdicts.Single(v => v.Mark == Mark.Fail).Code);
    }

    [TestMethod]
    [DataRow("manifest.json")]
    [DataRow("checkpoint")]
    [DataRow("anchor.json")]
    [DataRow("letter.pdf")]
    [DataRow("trust.json")]
    [DataRow("VERIFY.txt")]
    [DataRow("trust/log.pem")]
    [DataRow("tokens/checkpoint-alpha.tsr")]
    public async Task A_missing_member_is_named(string name)
    {
        var report = await JudgeAsync(Repack((n, bytes) => n == name ? null : bytes));
        Assert.IsTrue(report.Verdicts.Any(v => v.Mark == Mark.Fail && v.Subject == name), Lines(report));
    }

    [TestMethod]
    public async Task Strange_repeated_and_huge_members_are_refused()
    {
        static async Task<BundleReport> With(string name, Stream content)
        {
            using var output = new MemoryStream(Repack((_, b) => b).ToArray().Length + 1024);
            output.Write(Repack((_, b) => b));
            using (var zip = new ZipArchive(output, ZipArchiveMode.Update, leaveOpen: true))
            {
                using var entry = zip.CreateEntry(name, CompressionLevel.SmallestSize).Open();
                content.CopyTo(entry);
            }

            return await JudgeAsync(output.ToArray());
        }

        foreach (var name in (string[])["extra.txt", "../manifest.json", "original/100", "original/00",
            "tokens/manifest-Alpha.tsr", "tokens/x-alpha.tsr", "MANIFEST.JSON", "a\u001bb"])
        {
            var report = await With(name, new MemoryStream([1]));
            Assert.IsTrue(report.Verdicts.Any(v => v.Code is "member-unknown" or "digest-differs"), $"{name}: {Lines(report)}");
            Assert.IsFalse(Lines(report).Contains('\u001b', StringComparison.Ordinal));
        }

        Assert.IsTrue((await With("manifest.json", new MemoryStream([1]))).Verdicts.Any(v => v.Code == "member-repeated"));
        Assert.IsTrue((await With("tokens/manifest-gamma.tsr", new MemoryStream(new byte[64 * 1024 * 1024]))).Verdicts.Any(v => v.Code == "member-too-large"));
    }

    [TestMethod]
    public async Task Garbage_is_not_a_bundle()
    {
        foreach (var bytes in (byte[][])[[], [0x50, 0x4b], new byte[22], new byte[100_000],
            Encoding.ASCII.GetBytes("PK\u0005\u0006" + new string('\0', 18)), [.. "PK\u0005\u0006"u8, .. Enumerable.Repeat((byte)255, 18)]])
        {
            var report = await JudgeAsync(bytes);
            Assert.AreEqual(Outcome.Failed, report.Outcome);
        }
    }

    [TestMethod]
    public async Task The_wrong_original_fails()
    {
        var report = await JudgeAsync(bundle, new BundleQuestion(new MemoryStream([1, 2, 3])));
        Assert.AreEqual("original-differs", report.Verdicts.Single(v => v.Mark == Mark.Fail).Code);
        await Assert.ThrowsExactlyAsync<FaultException>(() => BundleWriter.WriteAsync(
            new MemoryStream(), sample.Contents with
            { Originals = [new BundleOriginal(0, 3, _ => Task.FromResult<Stream>(new MemoryStream([1, 2, 3])))] }, default));
    }

    /// <summary>Each forgery is written as a whole new bundle, recipe and all: only the evidence itself can give it away.</summary>
    [TestMethod]
    public async Task Forged_evidence_in_a_well_made_bundle_fails_on_its_rung()
    {
        var c = sample.Contents;
        var manifest = Manifest.Parse(c.Manifest.Span);
        var other = manifest with { Depositor = "did:web:thief.example" };
        var body = new Checkpoint(SampleEvidence.Origin, SampleEvidence.LogSize, Digest.Of("x"u8)).ToBody();
        (Rung Rung, BundleContents Forged)[] forgeries =
        [
            (Rung.Inclusion, c with { Manifest = other.ToBytes() }),
            (Rung.Inclusion, c with { Inclusion = c.Inclusion with { Index = 512 } }),
            (Rung.Inclusion, c with { Inclusion = c.Inclusion with { Extra = [1] } }),
            (Rung.Inclusion, c with { Inclusion = c.Inclusion with { CheckpointNote = sample.SignNote(body) } }),
            (Rung.Checkpoint, c with
                { Inclusion = c.Inclusion with { CheckpointNote = c.Inclusion.CheckpointNote.Replace("— notary", "— notaxy", StringComparison.Ordinal) } }),
            (Rung.Time, c with { Tokens = [.. c.Tokens.Select(t => t with { Token = sample.Stamp(Digest.Of("other"u8)) })] }),
            (Rung.Time, c with { Tokens = [.. c.Tokens.Select(t => t with { Authority = t.Authority == "alpha" ? "beta" : "alpha" })] }),
            (Rung.Time, c with { Tokens = [.. c.Tokens.Where(t => t.Authority == "alpha")] }),
            (Rung.Time, c with { Tokens = [.. c.Tokens.Where(t => t.Over == TokenOver.Checkpoint)] }),
            (Rung.Chain, c with { Anchor = c.Anchor with { Size = 1 } }),
            (Rung.Chain, c with { Anchor = c.Anchor with { Block = 43 } }),
            (Rung.Chain, c with { Anchor = c.Anchor with { ReceiptProof = [] } }),
            (Rung.Chain, c with { Anchor = c.Anchor with { TransactionProof = [] } }),
            (Rung.Letter, c with { Letter = await sample.LetterAsync(f => f with { Depositor = "did:web:thief.example" }) }),
            (Rung.Letter, c with { Letter = await sample.LetterAsync(f => f with { Items = [f.Items[0] with { Name = "x.pdf" }] }) }),
            (Rung.Letter, c with { Letter = await sample.LetterAsync(f => f with { LogIndex = 1 }) }),
            (Rung.Letter, c with { Letter = await sample.LetterAsync(f => f with { Times = [.. f.Times.Take(3)] }) }),
            (Rung.Letter, c with { Letter = await sample.LetterAsync(
                f => f with { Times = [f.Times[0] with { GenTime = f.Times[0].GenTime.AddDays(-1) }, .. f.Times.Skip(1)] }) }),
            (Rung.Letter, c with { Letter = await sample.LetterAsync(f => f with { Block = 41 }) }),
            (Rung.Letter, c with { Letter = await sample.LetterAsync(f => f with { Notes = new Dictionary<string, string>() }) }),
        ];
        foreach (var (rung, forged) in forgeries)
        {
            var report = await JudgeAsync(await sample.BundleAsync(contents: forged));
            Assert.IsTrue(report.Verdicts.Any(v => v.Mark == Mark.Fail && v.Rung == rung), $"{rung}:\n{Lines(report)}");
            Assert.IsFalse(report.Verdicts.Any(v => v.Mark == Mark.Fail && v.Rung == Rung.Bytes), Lines(report));
        }
    }

    [TestMethod]
    public async Task Evidence_out_of_order_in_time_fails()
    {
        // The platform says that it received the deposit an hour after it was stamped.
        var m = Manifest.Parse(sample.Contents.Manifest.Span);
        var late = m with { ReceivedAt = m.ReceivedAt.AddHours(1) };
        var report = await JudgeAsync(await sample.BundleAsync(contents: sample.Contents with { Manifest = late.ToBytes() }));
        Assert.IsTrue(report.Verdicts.Any(v => v is { Rung: Rung.Status, Mark: Mark.Fail, Code: "order" }), Lines(report));
    }
}
