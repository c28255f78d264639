using System.IO.Compression;
using Notary.Servers;

namespace Notary.Cli.Tests;

/// <summary><c>notary draw verify</c> over a draw that was held on a real chain: whole it passes, and whatever is changed is named.</summary>
[TestClass]
public sealed class DrawVerifyTests
{
    private static DrawStage stage = null!;
    private static StagedDraw draw = null!, rehearsal = null!;
    private static string folder = null!;

    private static string At(string name) => Path.Combine(folder, name);

    [ClassInitialize]
    public static async Task HoldAsync(TestContext _)
    {
        stage = await DrawStage.CreateAsync();
        folder = Directory.CreateTempSubdirectory("notary-verify").FullName;
        draw = await stage.HoldAsync(At("draw"));
        rehearsal = await stage.HoldAsync(At("rehearsal"), rehearsal: true);
        await File.WriteAllBytesAsync(At("trust.json"), stage.Deposits.Trust.ToBytes());
        await File.WriteAllTextAsync(At("notaries.txt"), stage.Keys);
        await File.WriteAllBytesAsync(At("drand.json"), await stage.Beacon.InfoAsync());
        await DrawStage.ZipAsync(At("draw"), At("bundle.zip"));
    }

    [ClassCleanup]
    public static async Task EndAsync()
    {
        await stage.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>With all that an auditor can bring, where nothing else is said.</summary>
    private static Task<Run> VerifyAsync(string bundle, params string[] more)
    {
        (string, string)[] given =
            [("--trust", At("trust.json")), ("--notaries", At("notaries.txt")), ("--drand", At("drand.json")), ("--rpc", stage.Anvil.Url.ToString())];
        return Run.AsyncOf(["draw", "verify", bundle, .. more, .. given.Where(g => !more.Contains(g.Item1)).SelectMany(g => new[] { g.Item1, g.Item2 })]);
    }

    [TestMethod]
    public async Task A_whole_draw_is_verified()
    {
        var run = await VerifyAsync(At("bundle.zip"));
        Assert.AreEqual(0, run.Exit, run.Output + run.Error);
        Assert.EndsWith("\nVERIFIED\n", run.Output);
        var unknown = run.Output.Split('\n').Where(l => l.StartsWith("UNKNOWN", StringComparison.Ordinal));
        Assert.IsTrue(unknown.All(l => l.EndsWith("[offline]", StringComparison.Ordinal)), run.Output);
        Assert.Contains("approved by 公证员 notary-1 (notary-1) and 公证员 notary-2 (notary-2)", run.Output);
        var json = JsonDocument.Parse((await VerifyAsync(At("draw"), "--json")).Output).RootElement;
        Assert.AreEqual(("verified", "draw"), (json.GetProperty("outcome").GetString(), json.GetProperty("kind").GetString()));
        Assert.AreEqual(draw.Result.ToDigest().ToString(), json.GetProperty("result").GetString());
    }

    /// <summary>What the audit of storage compares: the row as the platform keeps it, and the same files.</summary>
    [TestMethod]
    public void A_stored_draw_is_compared_with_what_two_notaries_approved()
    {
        var files = Directory.GetFiles(At("draw"), "*.json").ToDictionary(f => Path.GetFileName(f), File.ReadAllBytes);
        var (list, commitment) = (draw.Draw.List, draw.Draw.Commitment().ToString());
        var row = new LotteryRow
        {
            Id = draw.Draw.Id.ToString(), Tenant = "organiser", Terms = draw.Plan.Terms.ToBytes(), State = "Certified", Step = "end", CreatedAt = default,
            List = new(list.Root.ToString(), list.Candidates, list.Tickets, new("", 0, ""), new("", [])), Frozen = new(commitment),
            Seed = new(draw.Result.Seed.ToString()), Result = draw.Result.ToDigest().ToString(),
            Files = files.Keys.Concat(["public.csv", "bundle.zip"]).Select(n => (Name: n, Sha256: ""))
                .Append((Name: "winners.csv", Sha256: draw.Result.WinnersDigest.ToString()))
                .ToDictionary(f => f.Name, f => new LotteryRow.StoredFile("", 0, f.Sha256)),
        };
        Assert.AreEqual("", string.Join(' ', LotteryFacts.Wrong(row, files)));
        files["approvals.json"] = stage.Approve(draw, people: 1).ToBytes();
        Assert.AreEqual("draw-approvals", LotteryFacts.Wrong(row, files).Single().Code);
        files.Remove("approvals.json");
        row = row with { Files = row.Files.Where(f => f.Key != "approvals.json").ToDictionary() };
        Assert.AreEqual("draw-incomplete", LotteryFacts.Wrong(row, files).Single().Code);
    }

    [TestMethod]
    public async Task A_rehearsal_never_passes_as_a_draw()
    {
        var run = await VerifyAsync(At("rehearsal"));
        Assert.AreEqual(1, run.Exit, run.Output);
        Assert.Contains("this is a REHEARSAL (演练), NOT A DRAW", run.Output);
        var meant = await VerifyAsync(At("rehearsal"), "--rehearsal");
        Assert.AreEqual(0, meant.Exit, meant.Output);
        Assert.EndsWith("\nVERIFIED AS A REHEARSAL: NO DRAW\n", meant.Output);
        Assert.AreEqual("rehearsed", Json(await VerifyAsync(At("rehearsal"), "--rehearsal", "--json")).GetProperty("outcome").GetString());
        Assert.AreEqual(1, (await VerifyAsync(At("bundle.zip"), "--rehearsal")).Exit);

        // Passed off as a draw, with approvals made for it.
        var forged = Copy("rehearsal");
        Change(forged, "draw.json", "\"kind\":\"rehearsal\"", "\"kind\":\"draw\"");
        Change(forged, "plan.json", "\"kind\":\"rehearsal\"", "\"kind\":\"draw\"");
        Change(forged, "result.json", "\"kind\":\"rehearsal\"", "\"kind\":\"draw\"");
        var fake = rehearsal with { Draw = rehearsal.Draw with { Rehearsal = false } };
        await File.WriteAllBytesAsync(Path.Combine(forged, "approvals.json"), stage.Approve(fake).ToBytes());
        CollectionAssert.IsSubsetOf(new[] { "chain chain-differs", "commitment deposit-differs" }, await FailedAsync(forged));
    }

    [TestMethod]
    public async Task What_nobody_could_judge_is_not_verified()
    {
        var alone = await Run.AsyncOf("draw", "verify", At("bundle.zip"));
        Assert.AreEqual(3, alone.Exit, alone.Output);
        Assert.Contains("the deposits' own trust.json was used", alone.Error);
        Assert.EndsWith("\nNOT JUDGED IN FULL\n", alone.Output);
        foreach (var why in new[] { "UNKNOWN chain", "UNKNOWN beacon", "notaries: that the keys are those of notaries", "WARNING" })
            Assert.Contains(why, alone.Output);

        string[] given = ["draw", "verify", At("bundle.zip"), "--trust", At("trust.json"), "--notaries", At("notaries.txt"), "--rpc"];
        var silent = await Run.AsyncOf([.. given, "http://127.0.0.1:1/"]);
        Assert.AreEqual(3, silent.Exit);
        Assert.Contains("[chain-unreachable]", silent.Output);
        var unnamed = await Run.AsyncOf([.. given, stage.Anvil.Url.ToString()]);
        Assert.AreEqual(3, unnamed.Exit);
        Assert.Contains("[drand-unknown]", unnamed.Output);
        await File.WriteAllTextAsync(At("other.md"), "# another");
        var spec = await VerifyAsync(At("bundle.zip"), "--spec", At("other.md"), "--json");
        Assert.Contains("program spec-differs", Failed(spec));
        await File.WriteAllTextAsync(At("nobody.txt"), stage.Keys.Split('\n')[1] + "\n");
        Assert.Contains("approvals notary-unknown", Failed(await VerifyAsync(At("bundle.zip"), "--notaries", At("nobody.txt"), "--json")));
        await using var others = await SampleEvidence.CreateAsync();
        await File.WriteAllBytesAsync(At("others.json"), others.Trust.ToBytes());
        Assert.Contains("commitment signature", Failed(await VerifyAsync(At("bundle.zip"), "--trust", At("others.json"), "--json")));
        foreach (var wrong in (string[][])[["draw", "verify", At("nowhere.zip")], ["draw", "verify", At("trust.json")], ["draw", "verify"],
            ["draw", "verify", At("bundle.zip"), "--notaries", At("trust.json")], ["draw", "verify", At("bundle.zip"), "--drand", At("trust.json")]])
        {
            Assert.AreEqual(2, (await Run.AsyncOf(wrong)).Exit, string.Join(' ', wrong));
        }
    }

    [TestMethod]
    public async Task Other_draws_are_judged_by_what_they_are()
    {
        var block = await stage.HoldAsync(At("block"), source: Chain.Draws.BeaconSource.Block);
        Assert.AreEqual(0, (await VerifyAsync(At("block"))).Exit);
        Assert.AreEqual(BeaconKind.Block, block.Result.Beacon.Kind);

        await stage.HoldAsync(At("late"), source: Chain.Draws.BeaconSource.Block, revealsUntil: -1);
        CollectionAssert.AreEqual(new[] { "commitment stamped-late" }, await FailedAsync(At("late")));
        await stage.HoldAsync(At("aborted"), abort: true);
        CollectionAssert.AreEqual(new[] { "chain draw-aborted" }, await FailedAsync(At("aborted")));

        // With lists of the auditor's: of whoever has signed, and of nobody in it.
        await File.WriteAllBytesAsync(At("letters.crl"), stage.Deposits.LetterRevocations.List().ToArray());
        Assert.AreEqual(0, (await VerifyAsync(At("draw"), "--crl", At("letters.crl"))).Exit);
        await using (var others = await SampleEvidence.CreateAsync())
        {
            await File.WriteAllBytesAsync(At("others.crl"), others.LetterRevocations.List().ToArray());
        }

        var unused = await VerifyAsync(At("draw"), "--crl", At("others.crl"));
        Assert.AreEqual(3, unused.Exit, unused.Output);
        Assert.Contains("[list-unused]", unused.Output);

        // Without a certificate; and packed with a file twice.
        var less = Copy("draw");
        File.Delete(Path.Combine(less, "certificate.pdf"));
        Assert.AreEqual(0, (await VerifyAsync(less)).Exit);

        // Who the notaries are, somebody must say: the auditor's list, or the office's certificate.
        string[] given = ["--trust", At("trust.json"), "--drand", At("drand.json"), "--rpc", stage.Anvil.Url.ToString()];
        var certified = await Run.AsyncOf(["draw", "verify", At("bundle.zip"), .. given]);
        Assert.AreEqual(0, certified.Exit, certified.Output);
        Assert.Contains("PASS    approvals  notaries: the office's certificate names them", certified.Output);
        Assert.AreEqual(3, (await Run.AsyncOf(["draw", "verify", less, .. given])).Exit);
        await DrawStage.ZipAsync(less, At("twice.zip"));
        await using (var zip = await ZipFile.OpenAsync(At("twice.zip"), ZipArchiveMode.Update))
        {
            await zip.CreateEntryFromFileAsync(At("trust.json"), "winners.csv");
        }

        Assert.Contains("files member-twice", await FailedAsync(At("twice.zip")));
    }

    [TestMethod]
    public async Task Whatever_is_changed_is_named()
    {
        (string File, string From, string To, string Named)[] texts =
        [
            ("plan.json", "\"title\":\"二", "\"title\":\"三", "approvals approval-missing"),
            ("plan.json", "\"parties\":[]", "\"parties\":[\"0x1111111111111111111111111111111111111111\"]", "approvals approval-invalid"),
            ("plan.json", "\"kind\":\"draw\"", "\"kind\":\"rehearsal\"", "plan plan-differs"),
            ("plan.json", "\"quota\":3", "\"quota\":4", "plan plan-differs"),
            ("plan.json", "\"beacon\":\"drand\"", "\"beacon\":\"block\"", "plan plan-differs"),
            ("plan.json", "\"candidates\":40", "\"candidates\":41", "plan plan-differs"),
            ("plan.json", "{\"beacon\"", "{ \"beacon\"", "plan malformed"),
            ("draw.json", "\"quota\":3", "\"quota\":4", "commitment deposit-differs"),
            ("draw.json", "\"quota\":3", "\"quota\":4", "approvals approval-missing"),
            ("draw.json", "\"quota\":3", "\"quota\":4", "chain chain-differs"),
            ("draw.json", "\"quota\":3", "\"quota\":4", "result result-differs"),
            ("draw.json", "\"kind\":\"draw\"", "\"kind\":\"rehearsal\"", "kind rehearsal"),
            ("draw.json", "\"candidates\":40", "\"candidates\":41", "list list-differs"),
            ("draw.json", "\"tickets\":79", "\"tickets\":80", "list list-differs"),
            ("draw.json", "\"chainId\":31337", "\"chainId\":31338", "chain draw-wrong-chain"),
            ("draw.json", "\"registry\":\"0x", "\"registry\":\"1x", "draw malformed"),
            ("draw.json", "\"kind\":\"drand\"", "\"kind\":\"none\"", "draw malformed"),
            ("draw.json", "\"spec\":\"notary-draw/1\"", "\"spec\":\"notary-draw/2\"", "draw malformed"),
            ("public.csv", ",3,A,", ",2,A,", "list list-differs"),
            ("public.csv", ",A,", ",B,", "list list-differs"),
            ("public.csv", "张*", "李*", "list list-differs"),
            ("public.csv", "handle,weight", "weight,handle", "list malformed"),
            ("public.csv", ",A,", ",C,", "list malformed"),
            ("reveals.json", "\"kind\":\"drand\"", "\"kind\":\"block\"", "beacon beacon-kind"),
            ("reveals.json", "\"secret\":null", "\"secret\":\"" + new string('1', 64) + "\"", "reveals reveal-differs"),
            ("reveals.json", "\"party\":\"0x", "\"party\":\"0X", "reveals malformed"),
            ("result.json", "\"winners\":3", "\"winners\":4", "result result-differs"),
            ("result.json", "\"winners\":3", "\"winners\":4", "chain chain-result"),
            ("result.json", "\"winners\":3", "\"winners\":4", "approvals approval-missing"),
            ("result.json", "\"winners\":3", "\"winners\":4", "result deposit-differs"),
            ("result.json", "\"kind\":\"draw\"", "\"kind\":\"rehearsal\"", "result result-differs"),
            ("result.json", "\"rows\":12", "\"rows\":13", "result result-differs"),
            ("result.json", "{\"beacon\"", "{\"beacon\" ", "result malformed"),
            ("winners.csv", "1,winner,1,", "1,winner,2,", "winners winners-differ"),
            ("winners.csv", "2,reserve,1,", "2,winner,6,", "winners winners-differ"),
            ("winners.csv", "round,place", "place,round", "winners winners-differ"),
            ("approvals.json", "\"notary\":\"notary-1\"", "\"notary\":\"notary-0\"", "approvals approval-missing"),
            ("approvals.json", "\"rpId\":\"notary.example\"", "\"rpId\":\"notary.evil\"", "approvals approval-missing"),
            ("approvals.json", "\"step\":\"publish\"", "\"step\":\"commit\"", "approvals malformed"),
            ("approvals.json", "\"signature\":\"ME", "\"signature\":\"MF", "approvals approval-invalid"),
        ];
        (string Name, Action<string> Do, string Named)[] others =
        [
            .. "plan.json public.csv reveals.json result.json winners.csv approvals.json evidence/commitment.zip evidence/result.zip".Split(' ')
                .Select(f => ($"no {f}", (Action<string>)(at => File.Delete(Path.Combine(at, f))), "files missing")),
            ("no draw.json", at => File.Delete(Path.Combine(at, "draw.json")), "draw missing"),
            ("a file more", at => File.WriteAllText(Path.Combine(at, "list.txt"), "张三"), "files unknown-member"),
            ("a drawing id", at => Swap(at, "draw.json", draw.Draw.Id.ToString()), "chain draw-unknown"),
            ("another list root", at => Swap(at, "draw.json", draw.Draw.List.Root.ToString()), "list list-differs"),
            ("another specification", at => Swap(at, "draw.json", draw.Draw.SpecDigest.ToString()), "commitment deposit-differs"),
            ("another drand chain", at => Swap(at, "draw.json", stage.Drand.Hash.ToString()), "beacon beacon-chain"),
            ("another beacon", at => Swap(at, "reveals.json", draw.Result.Beacon.Value.ToString()), "beacon beacon-differs"),
            ("another beacon's seed", at => Swap(at, "reveals.json", draw.Result.Beacon.Value.ToString()), "chain chain-seed"),
            ("another secret", at => Swap(at, "reveals.json", draw.Result.Reveals[0].Secret.ToString()), "reveals reveal-differs"),
            ("a reveal left out", at => Change(at, "reveals.json", $"\"{draw.Result.Reveals[1].Secret}\"", "null"), "chain chain-reveals"),
            ("another seed", at => Swap(at, "result.json", draw.Result.Seed.ToString()), "seed seed-differs"),
            ("another table", at => Swap(at, "result.json", draw.Result.WinnersDigest.ToString()), "result result-differs"),
            ("another handle", at => Swap(at, "public.csv", draw.List[0].Handle.ToString()), "list list-differs"),
            ("another winner", at => Swap(at, "winners.csv", File.ReadAllLines(Path.Combine(at, "winners.csv"))[1].Split(',')[4]), "winners winners-differ"),
            ("a candidate less", at => Lines(at, "public.csv", l => l.RemoveAt(5)), "list list-differs"),
            ("a candidate twice", at => Lines(at, "public.csv", l => l.Insert(5, l[5])), "list malformed"),
            ("candidates in another order", at => Lines(at, "public.csv", l => (l[1], l[2]) = (l[2], l[1])), "list malformed"),
            ("a winner less", at => Lines(at, "winners.csv", l => l.RemoveAt(1)), "winners winners-differ"),
            ("one notary", at => Write(at, "approvals.json", stage.Approve(draw, people: 1).ToBytes()), "approvals approval-missing"),
            ("another draw's approvals", at => Change(at, "approvals.json", draw.Draw.Id.ToString(), rehearsal.Draw.Id.ToString()), "approvals draw-differs"),
            ("a rehearsal's deposit", at => Write(at, "evidence/commitment.zip", Read("rehearsal/evidence/commitment.zip")), "commitment deposit-differs"),
            ("deposits in each other's place", at => Write(at, "evidence/result.zip", Read("draw/evidence/commitment.zip")), "result deposit-differs"),
            ("a deposit cut off", at => Write(at, "evidence/result.zip", Read("draw/evidence/result.zip")[..^100]), "result not-a-bundle"),
            ("another draw's certificate", at => Write(at, "certificate.pdf", Read("rehearsal/certificate.pdf")), "certificate certificate-differs"),
            ("a certificate of another time", at => Change(at, "approvals.json", "T08:00:00Z", "T07:00:00Z"), "certificate certificate-differs"),
            ("a notary called otherwise", at => Change(at, "approvals.json", "公证员 notary-1", "公证员 notary-9"), "certificate certificate-differs"),
            ("a certificate's bit", at => Bit(at, "certificate.pdf", 3000), "certificate digest"),
            ("no certificate at all", at => Write(at, "certificate.pdf", [.. "%PDF-1.7"u8]), "certificate malformed"),
            ("a bit of a deposit", at => Bit(at, "evidence/commitment.zip", 600), "commitment container-changed"),
        ];
        var all = texts.Select(t => ($"{t.File}: {t.From} → {t.To}", (Action<string>)(at => Change(at, t.File, t.From, t.To)), t.Named))
            .Concat(others).ToList();
        Assert.IsGreaterThanOrEqualTo(60, all.Count);
        var (wrong, documented) = (new List<string>(), await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "cli.md")));
        foreach (var (name, change, named) in all)
        {
            var at = Copy("draw");
            change(at);
            var failed = await FailedAsync(at);
            if (!failed.Contains(named))
                wrong.Add($"{name}: {string.Join(", ", failed)}, not {named}");

            // The evidence's own codes have another document.
            var code = named.Split(' ')[1];
            if (code is not ("container-changed" or "not-a-bundle" or "digest") && !documented.Contains($"`{code}`", StringComparison.Ordinal))
                wrong.Add($"{named} is not in docs/cli.md");

            Directory.Delete(at, recursive: true);
        }

        Assert.AreEqual("", string.Join('\n', wrong));
    }

    private static JsonElement Json(Run run) => JsonDocument.Parse(run.Output).RootElement;

    /// <summary>The rungs that failed, each with its code.</summary>
    private static List<string> Failed(Run run)
    {
        Assert.AreEqual(1, run.Exit, run.Output + run.Error);
        return [.. Json(run).GetProperty("rungs").EnumerateArray().Where(r => r.GetProperty("mark").GetString() == "fail")
            .Select(r => $"{r.GetProperty("rung")} {r.GetProperty("code")}")];
    }

    private static async Task<List<string>> FailedAsync(string bundle) => Failed(await VerifyAsync(bundle, "--json"));

    private static string Copy(string name)
    {
        var to = Directory.CreateTempSubdirectory("notary-changed").FullName;
        foreach (var file in Directory.EnumerateFiles(At(name), "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(At(name), file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return to;
    }

    /// <summary>The first place alone.</summary>
    private static void Change(string at, string file, string from, string to)
    {
        var (path, text) = (Path.Combine(at, file), File.ReadAllText(Path.Combine(at, file)));
        var found = text.IndexOf(from, StringComparison.Ordinal);
        Assert.IsGreaterThanOrEqualTo(0, found, $"{file} has no {from}");
        File.WriteAllText(path, text[..found] + to + text[(found + from.Length)..]);
    }

    /// <summary>Another last digit.</summary>
    private static void Swap(string at, string file, string hex) => Change(at, file, hex, hex[..^1] + (hex[^1] == '0' ? '1' : '0'));

    private static void Lines(string at, string file, Action<List<string>> change)
    {
        var lines = File.ReadAllLines(Path.Combine(at, file)).ToList();
        change(lines);
        File.WriteAllText(Path.Combine(at, file), string.Concat(lines.Select(l => l + "\n")));
    }

    private static void Write(string at, string file, byte[] bytes) => File.WriteAllBytes(Path.Combine(at, file), bytes);

    private static byte[] Read(string file) => File.ReadAllBytes(At(file));

    private static void Bit(string at, string file, int index)
    {
        var bytes = File.ReadAllBytes(Path.Combine(at, file));
        bytes[index] ^= 1;
        Write(at, file, bytes);
    }
}
