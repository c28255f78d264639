using System.Diagnostics;
using static Notary.Verification.Tests.ZipForge;

namespace Notary.Verification.Tests;

/// <summary>Bundles by authors who want the verifier to pass them, to fall over, or to run out of memory or patience.</summary>
[TestClass]
public sealed class HostileBundleTests
{
    /// <summary>Bytes that judging any of these may allocate in all: a letter is 16 MiB at most.</summary>
    private const long MaxAllocated = 256L * 1024 * 1024;

    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(20);

    private static SampleEvidence sample = null!;
    private static BundleVerifier verifier = null!;
    private static IReadOnlyList<ForgedMember> genuine = [];

    [ClassInitialize]
    public static async Task MakeAsync(TestContext _)
    {
        sample = await SampleEvidence.CreateAsync();
        verifier = new BundleVerifier(sample.Trust);
        genuine = [.. BundleWriter.Files(sample.Contents).OrderBy(f => BundleMembers.Order(f.Key)).Select(f => new ForgedMember(f.Key, f.Value))];
    }

    [ClassCleanup]
    public static async Task EndAsync()
    {
        verifier.Dispose();
        await sample.DisposeAsync();
    }

    private static string Lines(BundleReport report) => string.Join('\n', report.Verdicts);

    /// <summary>Fails with the code, in time, in memory, and without a character that a terminal obeys.</summary>
    private static async Task<BundleReport> FailsAsync(Stream zip, string code, Stream? original = null)
    {
        var (clock, before) = (Stopwatch.StartNew(), GC.GetTotalAllocatedBytes());
        var report = await verifier.VerifyAsync(zip, new BundleQuestion(original), CancellationToken.None);
        Assert.IsLessThan(MaxAllocated, GC.GetTotalAllocatedBytes() - before);
        Assert.IsLessThan(MaxTime, clock.Elapsed);
        Assert.AreEqual(Outcome.Failed, report.Outcome, Lines(report));
        Assert.IsTrue(report.Verdicts.Any(v => v.Mark == Mark.Fail && v.Code == code), $"no {code}:\n{Lines(report)}");
        Assert.IsFalse(report.Verdicts.Any(v => (v.Subject + v.Reason).Any(c => char.IsControl(c) || c is '\u202e' or '\u200b')), Lines(report));
        return report;
    }

    private static Task<BundleReport> FailsAsync(byte[] zip, string code) => FailsAsync(new MemoryStream(zip), code);

    [TestMethod]
    public async Task Bombs_are_not_unfolded()
    {
        // 64 MB of zeros are 64 kB packed. Every member has its bound, whether the zip states its size or lies.
        var zeros = new byte[64_000_000];
        foreach (var name in (string[])["letter.pdf", "manifest.json", "anchor.json", "tokens/manifest-gamma.tsr", "trust.json"])
        {
            var bomb = new ForgedMember(name, zeros) { Deflated = true };
            await FailsAsync(Zip([.. genuine.Where(m => m.Name != name), bomb]), "member-too-large");
            await FailsAsync(Zip([.. genuine.Where(m => m.Name != name), bomb with { Size = 1000 }]), "member-damaged");
        }

        // An original unfolds a hundredfold at most, whatever the manifest says of its size.
        var m = Manifest.Parse(sample.Contents.Manifest.Span);
        foreach (var size in new long?[] { null, zeros.Length, Manifest.MaxSize })
        {
            var manifest = new ForgedMember("manifest.json", (m with { Items = [m.Items[0] with { Size = size }] }).ToBytes());
            var bomb = new ForgedMember("original/0", zeros) { Deflated = true };
            await FailsAsync(Zip([manifest, .. genuine.Skip(1), bomb]), "member-too-large");
            await FailsAsync(Zip([manifest, .. genuine.Skip(1), bomb with { Size = 7 }]), "original-differs");
        }

        // Stated as it is deposited: one byte more is enough.
        await FailsAsync(Zip([.. genuine, new ForgedMember("original/0", zeros) { Deflated = true }]), "original-differs");
    }

    [TestMethod]
    public async Task Members_that_lie_over_each_other_are_refused()
    {
        var kernel = new ForgedMember("original/0", new byte[400_000]) { Deflated = false };
        var over = Enumerable.Range(1, 99).Select(i => new ForgedMember($"original/{i}", kernel.Data) { SameAs = genuine.Count });
        await FailsAsync(Zip([.. genuine, kernel, .. over]), "member-damaged");

        // In our own layout too: the directory names one place twice.
        await FailsAsync(Zip([genuine[0], .. genuine.Skip(1).Select(g => g with { SameAs = 0 })]), "container-changed");
    }

    [TestMethod]
    public async Task A_directory_of_a_million_members_is_not_read()
    {
        var entry = Zip([new ForgedMember("a", [])]);
        var central = entry.AsSpan(31, 47).ToArray();
        using var zip = new MemoryStream();
        zip.Write(entry.AsSpan(0, 31));
        for (var i = 0; i < 1_000_000; i++)
            zip.Write(central);

        zip.Write([.. U32(0x06064b50), .. U64(44), .. U16(45), .. U16(45), .. U32(0),
            .. U32(0), .. U64(1_000_000), .. U64(1_000_000), .. U64(47_000_000), .. U64(31)]);
        zip.Write([.. U32(0x07064b50), .. U32(0), .. U64(47_000_031), .. U32(1)]);
        zip.Write([.. U32(0x06054b50), .. U16(0), .. U16(0), .. U16(0xffff), .. U16(0xffff), .. U32(0xffffffff), .. U32(0xffffffff), .. U16(0)]);
        await FailsAsync(zip, "not-a-bundle");

        // Some thousands are read, and only as many judged as a bundle can have.
        var many = await FailsAsync(Zip([.. genuine, .. Enumerable.Range(0, 5000).Select(i => new ForgedMember($"extra-{i}", []))]), "container-changed");
        Assert.IsTrue(many.Verdicts.Any(v => v.Reason.Contains("members, and no bundle has more", StringComparison.Ordinal)), Lines(many));
        Assert.IsLessThan(300, many.Verdicts.Count);
    }

    [TestMethod]
    public async Task Names_have_one_spelling()
    {
        foreach (var name in (string[])
        [
            "/manifest.json", "../manifest.json", "a/../manifest.json", "./manifest.json", "C:\\manifest.json",
            "tokens\\manifest-alpha.tsr", "manifest.json ", " manifest.json", "manifest.json.", "manifest.json/", "Manifest.json",
            "MANIFEST.JSON", "original/０", "original/0 ", "original/-1", "original/1e1", "trust/tsa-e\u0301.pem", "trust/tsa-\u00e9.pem",
            "letter\u200b.pdf", "fdp.\u202erettel", "checkpoint\n", "\u001b[2Jcheckpoint", "", new string('a', 60_000),
        ])
        {
            await FailsAsync(Zip([.. genuine, new ForgedMember(name, [1])]), "member-unknown");
            await FailsAsync(Lay([.. genuine.Select(g => (g.Name, g.Data)), (name, [1])]), name.Length < 1000 ? "member-unknown" : "container-changed");
        }

        foreach (var twice in (string[])["manifest.json", "trust.json", "letter.pdf", "original/0"])
        {
            byte[] data = twice == "original/0" ? SampleEvidence.Original : genuine.Single(g => g.Name == twice).Data;
            ForgedMember[] members = [.. genuine,
                .. twice == "original/0" ? [new ForgedMember(twice, data)] : Array.Empty<ForgedMember>(), new ForgedMember(twice, data)];
            await FailsAsync(Zip(members), "member-repeated");
            await FailsAsync(Lay(members.OrderBy(m => BundleMembers.Order(m.Name)).Select(m => (m.Name, m.Data))), "member-repeated");
        }
    }

    [TestMethod]
    public async Task Headers_that_tell_two_stories_are_refused()
    {
        ForgedMember[] Changed(Func<ForgedMember, ForgedMember> change) => [.. genuine.Select((g, i) => i == 0 ? change(g) : g)];

        await FailsAsync(Zip(Changed(g => g with { LocalName = "elsewhere.txt" })), "container-changed");
        await FailsAsync(Zip(Changed(g => g with { Flags = 1 })), "container-changed");
        await FailsAsync(Zip(Changed(g => g with { Flags = 1, Deflated = true })), "container-changed");
        await FailsAsync(Zip(Changed(g => g with { Attributes = 0xA1FF_0000 })), "container-changed");
        await FailsAsync(Zip(Changed(g => g with { Size = 5 })), "container-changed");
        await FailsAsync(Zip(Changed(g => g with { PackedSize = 5 })), "container-changed");
        await FailsAsync(Zip(Changed(g => g with { PackedSize = 0xfffffff0, Size = 0xfffffff0 })), "container-changed");

        // zip64: sizes of 2⁶³, less than nothing, a field that is cut, fields that nobody asked for.
        foreach (var extra in (byte[][])[[.. U16(1), .. U16(16), .. U64(1UL << 63), .. U64(1UL << 63)],
            [.. U16(1), .. U16(16), .. U64(ulong.MaxValue), .. U64(ulong.MaxValue)], [.. U16(1), .. U16(28), .. U64(1)], [1], [.. U16(0x7075), .. U16(1), 1]])
        {
            await FailsAsync(Zip(Changed(g => g with { Extra = extra, Size = uint.MaxValue, PackedSize = uint.MaxValue })), "container-changed");
            await FailsAsync(Zip(Changed(g => g with { Extra = extra })), "container-changed");
        }

        // The same through an original, which is read last and streamed.
        foreach (var original in (ForgedMember[])[new("original/0", SampleEvidence.Original) { Flags = 1 },
            new("original/0", SampleEvidence.Original) { PackedSize = 5, Size = 5 }, new("original/0", SampleEvidence.Original)
                { Extra = [.. U16(1), .. U16(16), .. U64(ulong.MaxValue), .. U64(ulong.MaxValue)], Size = uint.MaxValue, PackedSize = uint.MaxValue }])
            await FailsAsync(Zip([.. genuine, original]), "container-changed");

        // Ends that point elsewhere: before the file, behind it, at each other.
        foreach (var (entries, size, start) in new[] { (0, 0u, 0u), (1, 46u, uint.MaxValue - 1),
            (0xffff, uint.MaxValue, uint.MaxValue), (genuine.Count, 0u, 4u), (genuine.Count, uint.MaxValue, 0u) })
        {
            byte[] end = [.. U32(0x06054b50), .. U16(0), .. U16(0), .. U16(entries), .. U16(entries), .. U32(size), .. U32(start), .. U16(0)];
            var report = await verifier.VerifyAsync(new MemoryStream(Zip(genuine, end)), new BundleQuestion(), CancellationToken.None);
            Assert.AreEqual(Outcome.Failed, report.Outcome, Lines(report));
            report = await verifier.VerifyAsync(new MemoryStream([.. Zip(genuine), .. end]), new BundleQuestion(), CancellationToken.None);
            Assert.AreEqual(Outcome.Failed, report.Outcome, Lines(report));
        }
    }

    [TestMethod]
    public void Random_headers_never_bring_the_reader_down()
    {
        var random = new Random(4711);
        var small = genuine.Select(g => g with { Data = g.Data[..Math.Min(g.Data.Length, 64)] }).ToList();
        byte[][] zips = [Zip([.. small, new ForgedMember("original/0", new byte[100]) { Deflated = true }]),
            Zip([.. small.Select(s => s with { Deflated = true })]), Lay(small.Select(s => (s.Name, s.Data)))];
        for (var i = 0; i < 12_000; i++)
        {
            var zip = (byte[])zips[i % zips.Length].Clone();
            for (var n = random.Next(1, 8); n > 0; n--)
            {
                var at = random.Next(2) == 0 ? random.Next(zip.Length) : zip.Length - 1 - random.Next(Math.Min(zip.Length, 900));
                zip[at] = random.Next(3) switch { 0 => 0xff, 1 => 0, _ => (byte)random.Next(256) };
            }

            var parts = BundleReader.Read(new MemoryStream(zip, 0, random.Next(20) == 0 ? random.Next(zip.Length) : zip.Length));
            foreach (var original in parts.Originals)
            {
                try
                {
                    using var content = original.Open();
                    content.CopyTo(Stream.Null);
                }
                catch (Exception e) when (BundleReader.IsUnreadable(e))
                {
                }
            }
        }
    }

    [TestMethod]
    public async Task An_original_of_ten_gigabytes_that_is_none_costs_nothing()
    {
        const long Size = 10L * 1024 * 1024 * 1024;
        var path = Path.GetTempFileName();
        await using var file = new FileStream(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 4096, FileOptions.DeleteOnClose);
        var files = new List<ZipMember>();
        foreach (var g in genuine)
        {
            var member = new ZipMember(g.Name, g.Data.Length, Crc32.HashToUInt32(g.Data), false, file.Position);
            await file.WriteAsync(ZipLayout.LocalHeader(member));
            await file.WriteAsync(g.Data);
            files.Add(member);
        }

        var original = new ZipMember("original/0", Size, 0, true, file.Position);
        await file.WriteAsync(ZipLayout.LocalHeader(original));
        file.Position += Size;
        await file.WriteAsync(ZipLayout.Descriptor(original));
        files.Add(original);
        await file.WriteAsync(ZipLayout.Directory(files, file.Position));
        await FailsAsync(file, "original-differs");

        // And as the file that a reader compares: what is larger than every item is none of them.
        var genuineZip = new MemoryStream(await sample.BundleAsync());
        await FailsAsync(genuineZip, "original-differs", file);
    }

    [TestMethod]
    public async Task Files_with_a_second_spelling_are_refused_on_their_rung()
    {
        static byte[] Bom(byte[] b) => [0xef, 0xbb, 0xbf, .. b];
        static byte[] Crlf(byte[] b) => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(b).Replace("\n", "\r\n", StringComparison.Ordinal));
        static byte[] Blank(byte[] b) => [.. b, (byte)' '];
        static byte[] Line(byte[] b) => [.. b, (byte)'\n'];
        static byte[] Spaced(byte[] b) => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(b).Replace("\":", "\": ", StringComparison.Ordinal));
        static byte[] Escaped(byte[] b)
            => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(b).Replace("\"format\"", "\"\\u0066ormat\"", StringComparison.Ordinal));
        static byte[] Twice(byte[] b) => Encoding.UTF8.GetBytes("{\"format\":\"x\"," + Encoding.UTF8.GetString(b)[1..]);
        static byte[] TwiceSame(byte[] b)
            => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(b).Replace("\"format\":", "\"format\":\"notary\",\"format\":", StringComparison.Ordinal));
        static byte[] Invalid(byte[] b) => [.. b[..^1], 0xff, b[^1]];

        foreach (var (name, rung) in new[] { ("manifest.json", Rung.Manifest), ("anchor.json", Rung.Chain) })
        {
            foreach (var change in (Func<byte[], byte[]>[])[Bom, Blank, Line, Spaced, Escaped, Twice, TwiceSame, Invalid])
            {
                var report = await FailsAsync(With(sample, name, change), rung == Rung.Manifest ? "manifest-malformed" : "anchor-malformed");
                Assert.IsTrue(report.Verdicts.Any(v => v.Rung == rung && v.Mark == Mark.Fail), Lines(report));
            }
        }

        foreach (var change in (Func<byte[], byte[]>[])[Bom, Crlf, Blank, Line, Invalid])
        {
            await FailsAsync(With(sample, "inclusion.tlog-proof", change), change == Line || change == Blank ? "proof-checkpoint" : "proof-malformed");
            await FailsAsync(With(sample, "checkpoint", change), "proof-checkpoint");
        }

        // trust.json of the bundle decides only for those who let it: it must be strict for them.
        using var trusting = new BundleVerifier(null);
        foreach (var change in (Func<byte[], byte[]>[])[Bom, Blank, Line, Spaced, Escaped, Twice, TwiceSame, Invalid])
        {
            var report = await trusting.VerifyAsync(new MemoryStream(With(sample, "trust.json", change)),
                new BundleQuestion(AcceptOwnTrust: true), CancellationToken.None);
            Assert.IsTrue(report.Verdicts.Any(v => v.Code == "trust-unreadable"), Lines(report));
            Assert.AreEqual(Outcome.Failed, report.Outcome);
        }
    }

    [TestMethod]
    public async Task A_letter_with_anything_appended_is_refused()
    {
        var letter = sample.Contents.Letter.ToArray();
        var text = Encoding.Latin1.GetString(letter);
        var xref = text[(text.LastIndexOf("startxref\n", StringComparison.Ordinal) + 10)..].Split('\n')[0];
        byte[] update = Encoding.Latin1.GetBytes($"4 0 obj\n<< /Type /Page >>\nendobj\nxref\n4 1\n{letter.Length:D10} "
            + $"00000 n \ntrailer\n<< /Size 5 /Root 1 0 R /Prev {xref} >>\nstartxref\n{letter.Length + 40}\n%%EOF\n");
        byte[][] letters =
        [
            [.. letter, .. update], [.. letter, .. letter], [.. letter, (byte)'\n'], [.. letter, 0], [(byte)'\n', .. letter],
            Encoding.Latin1.GetBytes(text.Replace("%%EOF", "%%EOF\n%%EOF", StringComparison.Ordinal)),
            Encoding.Latin1.GetBytes(text.Replace("/Prev", "/Pre", StringComparison.Ordinal)
                .Replace("trailer\n<<", "trailer\n<< /Prev 9 ", StringComparison.Ordinal)),
            Encoding.Latin1.GetBytes(text.Replace("trailer\n<<", "trailer\n<< /XRefStm 9 ", StringComparison.Ordinal)),
            Encoding.Latin1.GetBytes(text.Replace("\n", "\r\n", StringComparison.Ordinal)), letter[..^7], [],
        ];
        foreach (var changed in letters)
            await FailsAsync(await sample.BundleAsync(contents: sample.Contents with { Letter = changed }), "malformed");
    }

    [TestMethod]
    public async Task A_bundles_own_trust_roots_of_any_kind_are_judged()
    {
        using var p521 = ECDsa.Create(ECCurve.NamedCurves.nistP521);
        using var rsa = RSA.Create(1024);
        X509Certificate2 Root(CertificateRequest request) => request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        var roots = new[] { Root(new CertificateRequest("CN=a", p521, HashAlgorithmName.SHA512)),
            Root(new CertificateRequest("CN=\u001b[2J", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)) };
        using var trusting = new BundleVerifier(null);
        foreach (var root in roots)
        {
            var trust = JsonNode.Parse(sample.Trust.ToBytes())!;
            trust["letters"]!["roots"] = new JsonArray(Convert.ToBase64String(root.RawData));
            trust["authorities"]![0]!["roots"] = new JsonArray(Convert.ToBase64String(root.RawData));
            foreach (var key in (byte[][])[sample.Trust.LogKeySpki, p521.ExportSubjectPublicKeyInfo(), rsa.ExportSubjectPublicKeyInfo(), [1, 2, 3], []])
            {
                trust["log"]!["key"] = Convert.ToBase64String(key);
                var report = await trusting.VerifyAsync(new MemoryStream(With(sample, "trust.json", _ => Jcs.Canonicalize(trust))),
                    new BundleQuestion(AcceptOwnTrust: true), CancellationToken.None);
                Assert.AreEqual(Outcome.Failed, report.Outcome, Lines(report));
            }
        }
    }
}
