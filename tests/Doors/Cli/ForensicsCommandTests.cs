using Notary.Servers;
using Notary.Servers.Forensics;

namespace Notary.Cli.Tests;

/// <summary><c>notary forensics verify</c> over the example of docs/forensics-format.md and over whole recordings.</summary>
[TestClass]
public sealed class ForensicsCommandTests
{
    private static readonly string Cli = File.ReadAllText(Path.Combine(Repository.Root, "docs", "cli.md"));
    private static readonly SortedDictionary<string, byte[]> Example
        = FormatExample.Files(File.ReadAllText(Path.Combine(Repository.Root, "docs", "forensics-format.md")));

    private static SampleEvidence platform = null!;
    private static DirectoryInfo folder = null!;
    private static string recording = null!;

    [ClassInitialize]
    public static async Task MakeAsync(TestContext _)
    {
        platform = await SampleEvidence.CreateAsync();
        folder = Directory.CreateTempSubdirectory("notary-forensics-");
        Recording.Save(Example, At("example"));
        var made = await Recording.MakeAsync(platform, await Clip.MakeAsync(4), new RecordingShape());
        recording = At("recording.zip");
        await File.WriteAllBytesAsync(recording, Recording.Zip(made.Files));
        var spoilt = made.Files["segments/00000001.mp4"].ToArray();
        spoilt[^1] ^= 1;
        await File.WriteAllBytesAsync(At("spoilt.zip"), Recording.Zip(made.With(("segments/00000001.mp4", spoilt))));
        await File.WriteAllBytesAsync(At("trust.json"), platform.Trust.ToBytes());
    }

    [ClassCleanup]
    public static async Task EndAsync()
    {
        folder.Delete(true);
        await platform.DisposeAsync();
    }

    [TestMethod]
    public async Task TheExampleIsJudgedAsTheDocumentSays()
    {
        var run = await Run.AsyncOf("forensics", "verify", At("example"));
        Assert.AreEqual(3, run.Exit, run.Output + run.Error);
        Assert.AreEqual(Shown("$ notary forensics verify example"), run.Output);
        StringAssert.Contains(run.Error, "no --trust file was given");
    }

    [TestMethod]
    public async Task A_whole_recording_under_a_kept_trust_file_is_0()
    {
        var run = await Run.AsyncOf("forensics", "verify", recording, "--trust", At("trust.json"));
        Assert.AreEqual(0, run.Exit, run.Output + run.Error);
        StringAssert.EndsWith(run.Output.TrimEnd(), "VERIFIED");
        StringAssert.Contains(run.Output, "3 segments, 120 frames");
        Assert.AreEqual("", run.Error);

        // Its segments are of four seconds, and each has a head.
        var strict = await Run.AsyncOf("forensics", "verify", recording, "--trust", At("trust.json"), "--most-exposed", "0.5");
        Assert.AreEqual(1, strict.Exit, strict.Output + strict.Error);
        StringAssert.Contains(strict.Output, "[exposed]");
        Assert.AreEqual(0, (await Run.AsyncOf("forensics", "verify", recording, "--trust", At("trust.json"), "--most-exposed", "60")).Exit);
    }

    [TestMethod]
    public async Task A_spoilt_one_is_1_and_says_where()
    {
        var run = await Run.AsyncOf("forensics", "verify", At("spoilt.zip"), "--trust", At("trust.json"), "--json");
        Assert.AreEqual(1, run.Exit, run.Output + run.Error);
        using var json = JsonDocument.Parse(run.Output);
        Assert.AreEqual("failed", json.RootElement.GetProperty("outcome").GetString());
        var frame = json.RootElement.GetProperty("rungs").EnumerateArray().Single(r => r.GetProperty("code").GetString() == "frame-differs");
        Assert.AreEqual((1, 79), (frame.GetProperty("segment").GetInt32(), frame.GetProperty("frame").GetInt32()));
        Assert.AreEqual("paused", json.RootElement.GetProperty("gaps")[0].GetProperty("reason").GetString());
    }

    [TestMethod]
    public async Task Wrong_usage_is_2_and_one_sentence()
    {
        foreach (var wrong in (string[][])[[], [At("nothing")], [At("trust.json")], [recording, "--trust", recording], [""], [recording, "--bad"],
            [recording, "--most-exposed", "0"], [recording, "--most-exposed", "x"]])
        {
            var run = await Run.AsyncOf(["forensics", "verify", .. wrong]);
            Assert.AreEqual(2, run.Exit, string.Join(' ', wrong) + run.Output + run.Error);
            Assert.HasCount(1, run.Error.TrimEnd().Split('\n'), run.Error);
        }
    }

    private static string At(string name) => Path.Combine(folder.FullName, name);

    private static string Shown(string command)
    {
        var lines = Cli.Split('\n').SkipWhile(l => l != "    " + command).Skip(1).TakeWhile(l => l.StartsWith("    ", StringComparison.Ordinal));
        return string.Concat(lines.Select(l => l[4..] + "\n"));
    }
}
