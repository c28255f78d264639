using Notary.Evidence.Forensics;

namespace Notary.Evidence.Tests.Forensics;

/// <summary>Links, lines, reports and statements have one spelling, and what is beyond a bound is never written.</summary>
[TestClass]
public sealed class ChainTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);
    private static readonly DepositId Session = DepositId.Parse("019b7b0e-8d2e-7c3a-9f10-0123456789ab");
    private static readonly Digest Hash = Digest.Of("content"u8);
    private static readonly Part Content = new(7, Hash);

    private static readonly LinkBody[] Bodies =
    [
        new LinkBody.Cleanliness(Content, true),
        new LinkBody.Input(true),
        new LinkBody.Segment(0, Content, new Lines(40, Content), 0, 3_900_000, new Lines(2, Content), Moment(10), Moment(3_900_010)),
        new LinkBody.Gap(GapReason.FramesDropped, 3_900_000, 4_500_000, 600_000),
        new LinkBody.Gap(GapReason.ClockJump, 5_000_000, 5_100_000, -2_000_000),
        new LinkBody.Mark("此处重要", new NamedPart("0001.png", Content)),
        new LinkBody.Mark("without a picture", null),
        new LinkBody.File("合同 (1).pdf", new NamedPart("files/0001", Content), FileOrigin.Download, "https://site.example/a"),
        new LinkBody.File("mail.eml", new NamedPart("files/0002", Content), FileOrigin.Upload, null),
        new LinkBody.Capture(1, "https://site.example/", [new NamedPart("captures/0001/page.png", Content)]),
        new LinkBody.Input(false),
        new LinkBody.Close(CloseReason.Exit, 1, 40, 1),
    ];

    [TestMethod]
    public void EveryKindIsReadAsItWasWritten()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var writer = new ChainWriter(key);
        var previous = default(Digest);
        var n = 0;
        foreach (var body in Bodies.Prepend(Open(key)))
        {
            var appended = writer.Append(body, Moment(n * 1000));
            Assert.IsTrue(ChainLine.TryRead(appended.Line.AsSpan()[..^1], out var link, out var signature));
            Assert.IsTrue(key.VerifyData(link, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
            Assert.AreEqual(appended.Head, Digest.Of(link));
            var read = Link.Parse(link);
            Assert.AreEqual((n, previous, Moment(n * 1000)), (read.N, read.Previous, read.Written));
            CollectionAssert.AreEqual(link.ToArray(), read.ToBytes());
            if (body is not (LinkBody.Open or LinkBody.Capture))
                Assert.AreEqual(body, read.Body);

            (previous, n) = (appended.Head, n + 1);
        }

        Assert.ThrowsExactly<InvalidOperationException>(() => writer.Append(new LinkBody.Input(true), Moment(n * 1000)));
    }

    [TestMethod]
    public void UnknownMembersOtherSpellingsAndWhatIsBeyondABoundAreRefused()
    {
        var mark = Encoding.UTF8.GetString(new Link(1, Hash, Moment(5), new LinkBody.Mark("note", null)).ToBytes());
        _ = Link.Parse(Encoding.UTF8.GetBytes(mark));
        foreach (var (from, to) in ((string, string)[])[
            ("\"note\":\"note\"", "\"note\":\"note\",\"other\":1"), ("\"kind\":\"mark\"", "\"kind\":\"bark\""),
            ("\"n\":1", "\"n\":-1"), ("\"n\":1", "\"n\":1.5"), ("\"n\":1", "\"n\":1.0"), (".678Z", ".6780Z"), (".678Z", ".678+00:00"),
            ("\"elapsed\":5,", ""), ("{", "{ "), (Hash.ToString(), Hash.ToString().ToUpperInvariant()), ("\"note\":\"note\"", "\"note\":\"\""),
            ("\"note\":\"note\"", $"\"note\":\"{new string('x', 4097)}\""), ("\"note\":\"note\"", "\"note\":null")])
        {
            var spoilt = mark.Replace(from, to, StringComparison.Ordinal);
            Assert.AreNotEqual(mark, spoilt);
            Assert.AreEqual(Fault.Malformed, Assert.ThrowsExactly<FaultException>(() => Link.Parse(Encoding.UTF8.GetBytes(spoilt)), spoilt).Fault);
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var writer = new ChainWriter(key);
        Assert.ThrowsExactly<InvalidOperationException>(() => writer.Append(new LinkBody.Input(true), Moment(0)));
        writer.Append(Open(key), Moment(0));
        foreach (var path in (string[])["files/../chain.ndjson", "/files/a", "files", "captures/a", "files/.a", "files/a b", "files//a"])
        {
            Assert.ThrowsExactly<FaultException>(
                () => writer.Append(new LinkBody.File("a", new NamedPart(path, Content), FileOrigin.Upload, null), Moment(0)), path);
        }

        // What was refused left no link behind.
        Assert.AreEqual(1, writer.Append(new LinkBody.Input(true), Moment(0)).Link.N);
    }

    [TestMethod]
    public void ALineHasOneSpelling()
    {
        var link = new Link(1, Hash, Moment(5), new LinkBody.Input(true)).ToBytes();
        var line = ChainLine.Write(link, [.. Hash.ToArray(), .. Hash.ToArray()]).AsSpan()[..^1].ToArray();
        for (var i = 0; i < line.Length; i++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var spoilt = line.ToArray();
                spoilt[i] ^= (byte)(1 << bit);
                if (ChainLine.TryRead(spoilt, out var other, out var signature))
                    Assert.IsFalse(other.SequenceEqual(link) && signature.AsSpan().SequenceEqual((ReadOnlySpan<byte>)[.. Hash.ToArray(), .. Hash.ToArray()]));
            }
        }
    }

    [TestMethod]
    public void FramesAndEventsHaveOneSpelling()
    {
        var frame = new FrameLine(41, 4_100_000, 4059, Hash);
        ReadOnlySpan<byte> lines = [.. frame.ToBytes(), .. frame.ToBytes()];
        Assert.IsTrue(FrameLine.TryTake(ref lines, out var read) && read == frame);
        Assert.AreEqual(frame.ToBytes().Length, lines.Length);
        var text = Encoding.ASCII.GetString(frame.ToBytes());
        foreach (var other in (string[])[
            text[..^1], text.Replace("41 ", "041 ", StringComparison.Ordinal), text.Replace("41 ", "+41 ", StringComparison.Ordinal), " " + text,
            text.Replace(" ", "  ", StringComparison.Ordinal), text.ToUpperInvariant(), text.Replace("\n", "\r\n", StringComparison.Ordinal), "-1" + text, ""])
        {
            lines = Encoding.ASCII.GetBytes(other);
            Assert.IsFalse(FrameLine.TryTake(ref lines, out _), other);
        }

        var line = EventLine.Write(Moment(9), "window", new JsonObject { ["title"] = "片", ["application"] = "chromium" });
        Assert.AreEqual(new EventLine(Moment(9), "window"), EventLine.Parse(line.AsSpan()[..^1]));
        EventLine.Write(Moment(9), "key", new JsonObject { ["down"] = true });
        Assert.ThrowsExactly<FaultException>(() => EventLine.Write(Moment(9), "key", new JsonObject { ["down"] = true, ["key"] = "a" }));
        Assert.ThrowsExactly<FaultException>(() => EventLine.Write(Moment(9), "key", new JsonObject { ["down"] = "a" }));
    }

    [TestMethod]
    public void ADesktopIsCleanWhenEveryCheckPassed()
    {
        var hosts = new CleanlinessCheck("hosts", "127.0.0.1 localhost", "127.0.0.1 localhost", CheckVerdict.Pass);
        foreach (var (checks, clean) in ((CleanlinessCheck[], bool)[])[
            ([hosts], true), ([], false), ([hosts, hosts with { Verdict = CheckVerdict.Fail }], false),
            ([hosts with { Verdict = CheckVerdict.Unknown }], false)])
        {
            var bytes = new CleanlinessReport(Session, Start, checks).ToBytes();
            Assert.AreEqual(clean, CleanlinessReport.Parse(bytes).Clean);
            var (said, lied) = clean ? ("clean", "refused") : ("refused", "clean");
            var lie = Encoding.UTF8.GetString(bytes).Replace($"\"{said}\"", $"\"{lied}\"", StringComparison.Ordinal);
            Assert.ThrowsExactly<FaultException>(() => CleanlinessReport.Parse(Encoding.UTF8.GetBytes(lie)));
        }

        var stated = new StatedHead(Session, 12, Hash, 345);
        var manifest = new Manifest(Session, "digest", "did:web:a.example", Start, Hash.ToArray(),
            [ManifestItem.Of(stated.Name, stated.Size, StatedHead.MediaType, stated.Head)], null, null, stated.Notes);
        Assert.AreEqual(stated, StatedHead.Of(manifest));
        Assert.ThrowsExactly<FaultException>(() => StatedHead.Of(manifest with { Notes = (stated with { Link = 13 }).Notes }));
    }

    private static Arrival Moment(long elapsed) => new(Start, elapsed);

    private static LinkBody.Open Open(ECDsa key) => new(
        Session, key.ExportSubjectPublicKeyInfo(), new Screen(1280, 800, 10), "-c:v libx264", new Dictionary<string, string> { ["ffmpeg"] = "5.1.9" });
}
