using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using Notary.Evidence.Forensics;
using Notary.Servers.Forensics;
using Notary.Verification.Forensics;
using static Notary.Evidence.Forensics.ForensicsFormat;

namespace Notary.Verification.Tests.Forensics;

/// <summary>Packages as folders and zips: any byte changed is found, what broke off is judged as such, and hostile ones get an answer.</summary>
[TestClass]
public sealed class RecordingPackageTests
{
    /// <summary>Packages with a changed byte that are judged.</summary>
    private const int Flips = 250;

    private static RecordingBed bed = null!;
    private static DirectoryInfo folder = null!;

    [ClassInitialize]
    public static async Task MakeAsync(TestContext _)
    {
        bed = await RecordingBed.MakeAsync();
        folder = Directory.CreateTempSubdirectory("recording-");
        Recording.Save(bed.Honest.Files, folder.FullName);
    }

    [ClassCleanup]
    public static async Task EndAsync()
    {
        folder.Delete(true);
        await bed.DisposeAsync();
    }

    [TestMethod]
    public void Any_byte_changed_anywhere_is_found()
    {
        var names = bed.Honest.Files.Keys.ToArray();
        var places = Gen.Elements(names).SelectMany(n => Gen.Choose(0, bed.Honest.Files[n].Length - 1), (n, at) => (Name: n, At: at));
        var changes = places.SelectMany(_ => Gen.Choose(1, 255), (place, change) => (place.Name, place.At, Change: change)).ToArbitrary();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Flips), Prop.ForAll(changes, c =>
        {
            var path = Path.Combine(folder.FullName, c.Name);
            var bytes = bed.Honest.Files[c.Name].ToArray();
            bytes[c.At] ^= (byte)c.Change;
            File.WriteAllBytes(path, bytes);
            try
            {
                return bed.JudgeFolder(folder.FullName).Outcome != Outcome.Verified;
            }
            finally
            {
                File.WriteAllBytes(path, bed.Honest.Files[c.Name]);
            }
        }));
        var honest = bed.JudgeFolder(folder.FullName);
        Assert.AreEqual(Outcome.Verified, honest.Outcome, RecordingBed.Text(honest));
    }

    [TestMethod]
    public async Task The_lists_are_what_ffmpeg_says_of_the_segments()
    {
        for (var s = 0; s < 3; s++)
        {
            var list = Encoding.ASCII.GetString(bed.Honest.Files[FrameList(s)]).Split('\n')[..^1].Select(l => l.Split(' ')[^1]).ToArray();
            CollectionAssert.AreEqual(await Clip.FrameHashesAsync(bed.Honest.Files[Video(s)]), list);
        }
    }

    [TestMethod]
    public void What_broke_off_is_judged_up_to_there_and_said_so()
    {
        var lines = bed.Honest.Lines;
        var cut = (int)bed.LinkOf(1).N + 1;
        var text = Encoding.UTF8.GetString(Recording.OfLines(lines[..cut])) + lines[cut][..40];
        var broken = bed.Honest.With(
            (ChainFile, Encoding.UTF8.GetBytes(text)), (Video(2), bed.Honest.Files[Video(2)][..9000]),
            (Events(2), null));
        foreach (var name in broken.Keys.Where(n => n[0] is 'm' or 'f').ToList())
            broken.Remove(name);

        foreach (var later in bed.Honest.Links.Where(l => l.N >= cut))
        {
            foreach (var name in (string[])[Statement(later.N), Proof(later.N), Token(later.N, 1), Token(later.N, 2)])
                broken.Remove(name);
        }

        var report = bed.Judge(broken);
        Assert.AreEqual(Outcome.Unjudged, report.Outcome, RecordingBed.Text(report));
        var unknown = report.Findings.Where(f => f.Mark == Mark.Unknown).Select(f => f.Code);
        CollectionAssert.AreEquivalent((string[])["broken-off", "unsealed", "unsealed", "unsealed"], unknown.ToArray(), RecordingBed.Text(report));
        var rest = report.Findings.Single(f => f.Rung == ForensicsRung.Frames && f.Mark == Mark.Unknown);
        StringAssert.Contains(rest.Reason, $"{Whole(bed.Honest.Files[Video(2)].AsSpan(0, 9000))} whole frames");
        Assert.AreEqual((2L, 1L), (report.Segments, report.Findings.Single(f => f.Code == "broken-off").Place.Segment));
    }

    private static int Whole(ReadOnlySpan<byte> video)
    {
        var count = 0;
        for (var size = 0; video.Length >= 8 && (size = BinaryPrimitives.ReadInt32BigEndian(video)) <= video.Length; video = video[size..])
            count += video.Slice(4, 4).SequenceEqual("mdat"u8) ? 1 : 0;

        return count;
    }

    [TestMethod]
    public async Task Without_trust_or_heads_it_is_not_judged_in_full()
    {
        using var trusting = new ForensicsVerifier(null);
        using var package = new RecordingPackage(folder.FullName);
        var report = trusting.Verify(package, null, CancellationToken.None);
        Assert.AreEqual(Outcome.Unjudged, report.Outcome, RecordingBed.Text(report));
        CollectionAssert.AreEqual((string[])["no-trust", "no-trust"], report.Findings.Where(f => f.Mark == Mark.Unknown).Select(f => f.Code).ToArray());
        Assert.IsFalse(report.Longest!.Stamped);

        report = bed.Judge((await bed.RecordAsync(new RecordingShape { Logged = false })).Files);
        Assert.AreEqual(Outcome.Unjudged, report.Outcome, RecordingBed.Text(report));
        CollectionAssert.AreEqual((string[])["no-heads", "no-heads"], report.Findings.Where(f => f.Mark == Mark.Unknown).Select(f => f.Code).ToArray());
    }

    [TestMethod]
    public void Hostile_packages_get_an_answer()
    {
        Assert.ThrowsExactly<InvalidDataException>(() => new RecordingPackage(new MemoryStream([1, 2, 3])));
        Assert.AreEqual(Outcome.Failed, bed.Judge([]).Outcome);
        Assert.AreEqual(Outcome.Failed, bed.Judge(bed.Honest.With((ChainFile, [10, 10, 10]))).Outcome);
        var twice = bed.Judge(bed.Honest.Files.Append(new(ChainFile, bed.Honest.Files[ChainFile])));
        Assert.IsTrue(twice.Findings.Any(f => f.Code == "member-odd" && f.Mark == Mark.Fail), RecordingBed.Text(twice));

        // Folds to a thousandth; more than a segment may have is not unfolded.
        var bomb = bed.Judge(bed.Honest.With((Video(1), new byte[MaxVideo + 1])));
        Assert.IsTrue(bomb.Findings.Any(f => f.Code == "video-missing" && f.Place.Segment == 1), RecordingBed.Text(bomb));

        var linked = Path.Combine(folder.FullName, "captures");
        Directory.CreateSymbolicLink(linked, "/");
        var led = bed.JudgeFolder(folder.FullName);
        Directory.Delete(linked);
        Assert.IsTrue(led.Findings.Any(f => f.Code == "member-odd" && f.Place.File == "captures"), RecordingBed.Text(led));
    }
}
