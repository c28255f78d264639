namespace Notary.Verification.Tests;

/// <summary>VERIFY.txt is run as a stranger would run it.</summary>
[TestClass]
public sealed class RecipeTests
{
    private static SampleEvidence sample = null!;

    [ClassInitialize]
    public static async Task MakeAsync(TestContext _) => sample = await SampleEvidence.CreateAsync();

    [ClassCleanup]
    public static async Task EndAsync() => await sample.DisposeAsync();

    private static Dictionary<string, byte[]> Members(BundleContents? contents = null) => BundleWriter.Files(contents ?? sample.Contents);

    private static Dictionary<string, byte[]> WithOriginal()
        => RecipeFolder.Relisted(new(Members()) { [BundleMembers.Original(0)] = SampleEvidence.Original });

    private static void AssertFails(int step, (int Exit, string Output) run)
    {
        Assert.AreEqual(1, run.Exit, run.Output);
        StringAssert.StartsWith(RecipeFolder.Last(run.Output), $"FAILED IN STEP {step}: ", run.Output);
        Assert.IsFalse(run.Output.Contains("VERIFIED", StringComparison.Ordinal), run.Output);
    }

    private static void AssertHolds((int Exit, string Output) run)
    {
        Assert.AreEqual(3, run.Exit, run.Output);
        StringAssert.StartsWith(RecipeFolder.Last(run.Output), "VERIFIED EXCEPT THE CHAIN: ", run.Output);
        Assert.IsFalse(run.Output.Contains("FAILED", StringComparison.Ordinal), run.Output);
    }

    [TestMethod]
    public async Task Genuine_evidence_holds_but_for_the_chain_and_is_described()
    {
        using var folder = new RecipeFolder(WithOriginal());
        folder.Write("../trust", sample.Trust.ToBytes());
        var run = await folder.RunAsync([], new() { ["TRUST"] = "../trust" });
        AssertHolds(run);
        string[] said =
        [
            Digest.Of(Encoding.UTF8.GetBytes(VerifyRecipe.Script)).ToString(),
            Digest.Of(sample.Contents.Manifest.Span).ToString(),
            Digest.Of(SampleEvidence.Original).ToString(),
            Digest.Of(sample.Trust.LogKeySpki).ToString(),
            .. sample.Trust.Authorities.SelectMany(a => a.Roots).Concat(sample.Trust.LetterRoots).Select(r => Digest.Of(r.RawData).ToString()),
            "CN=Letter Signer", "CN=alpha TSA", "CN=beta TSA", "letter 〔", "〕示范电存字第514号 of 公证处",
            "stated by the office: address 示范市示范路 1 号", "authorities \"Model Authority alpha\"; \"Model Authority beta\";",
            "Not judged:", "revocation", "the pages of the letter",
        ];
        foreach (var text in said)
            StringAssert.Contains(run.Output, text);

        Assert.IsFalse(run.Output.Contains("whose keys these are", StringComparison.Ordinal), run.Output);
    }

    [TestMethod]
    public async Task What_the_reader_did_not_give_is_named()
    {
        using var folder = new RecipeFolder(Members());
        var run = await folder.RunAsync([]);
        AssertHolds(run);
        StringAssert.Contains(run.Output, "whose keys these are");
        StringAssert.Contains(run.Output, "the original: no file was given");
    }

    [TestMethod]
    public async Task Tokens_over_the_manifest_are_not_optional()
    {
        await using var without = await SampleEvidence.CreateAsync(manifestTokens: false);
        using var folder = new RecipeFolder(Members(without.Contents));
        AssertFails(6, await folder.RunAsync([]));
    }

    [TestMethod]
    public async Task A_file_that_is_given_is_looked_for_whatever_its_name()
    {
        using var folder = new RecipeFolder(Members());
        string[] names = ["../my file.pdf", "../合同 v2.pdf", "-rf", "--help", "../$(touch x)'\"\\.pdf", "./here"];
        foreach (var name in names)
            folder.Write(name, SampleEvidence.Original);

        var run = await folder.RunAsync(names);
        AssertHolds(run);
        foreach (var name in names)
            StringAssert.Contains(run.Output, $"{name} is item 0: sha256 {Digest.Of(SampleEvidence.Original)}");

        folder.Write("../other", [1, 2, 3]);
        AssertFails(3, await folder.RunAsync([.. names, "../other"]));
        AssertFails(3, await folder.RunAsync([.. names, "../missing"]));
        AssertFails(1, await folder.RunAsync(["../other"]));
    }

    [TestMethod]
    public async Task The_recipe_stops_at_every_changed_missing_and_further_member()
    {
        var members = WithOriginal();
        using var folder = new RecipeFolder(members);
        foreach (var (name, bytes) in members.Where(m => m.Key != BundleMembers.Recipe))
        {
            var changed = (byte[])bytes.Clone();
            changed[changed.Length / 2] ^= 1;
            folder.Write(name, changed);
            AssertFails(1, await folder.RunAsync([]));
            File.Delete(Path.Combine(folder.Place, name));
            AssertFails(1, await folder.RunAsync([]));
            folder.Write(name, bytes);
        }

        foreach (var name in (string[])["further", "tokens/checkpoint-gamma.tsr", "original/1", ".hidden", "a\nb"])
        {
            folder.Write(name, [1]);
            AssertFails(1, await folder.RunAsync([]));
            File.Delete(Path.Combine(folder.Place, name));
        }

        folder.Write("../elsewhere", members[BundleMembers.Letter]);
        File.Delete(Path.Combine(folder.Place, BundleMembers.Letter));
        File.CreateSymbolicLink(Path.Combine(folder.Place, BundleMembers.Letter), "../elsewhere");
        AssertFails(1, await folder.RunAsync([]));
    }

    /// <summary>Beyond the list of digests: under a list that fits, what stands behind each member must stop the run, in its step.</summary>
    [TestMethod]
    [DataRow("trust/log.pem", 60, 2)]
    [DataRow("manifest.json", 300, 3)]
    [DataRow("inclusion.tlog-proof", 60, 4)]
    [DataRow("checkpoint", 10, 4)]
    [DataRow("tokens/checkpoint-alpha.tsr", 400, 6)]
    [DataRow("tokens/manifest-beta.tsr", 400, 6)]
    [DataRow("letter.pdf", 5000, 8)]
    [DataRow("original/0", 5000, 3)]
    public async Task The_recipe_does_not_rest_on_the_list_of_digests(string name, int at, int step)
    {
        var members = WithOriginal();
        members[name][at] ^= 1;
        using var folder = new RecipeFolder(RecipeFolder.Relisted(members));
        AssertFails(step, await folder.RunAsync([]));
    }

    /// <summary>Before anything is hashed: a form that is not the format's stops the run in the step that reads it.</summary>
    [TestMethod]
    [DataRow(BundleMembers.Trust, 2, "\"organization\":", "\"organisation\":")]
    [DataRow(BundleMembers.Trust, 2, "\"policy\":", "\"polity\":")]
    [DataRow(BundleMembers.Trust, 2, "\"chainId\":1337", "\"chainId\":0")]
    [DataRow(BundleMembers.Trust, 2, "\"senders\":[]", "\"senders\":[\"0x00\"]")]
    [DataRow(BundleMembers.Trust, 2, "notary-trust/3", "notary-trust/1")]
    [DataRow(BundleMembers.Trust, 2, "notary-trust/3", "notary-trust/2")]
    [DataRow(BundleMembers.Trust, 2, "\"legalName\":", "\"legatName\":")]
    [DataRow(BundleMembers.Trust, 2, "\"shortName\":", "\"shortMane\":")]
    [DataRow(BundleMembers.Manifest, 3, "\"depositor\":\"did:", "\"depositor\":\"dad:")]
    [DataRow(BundleMembers.Manifest, 3, "\"hash\":\"0x", "\"hash\":\"0x0")]
    [DataRow(BundleMembers.Manifest, 3, "\"block\":40,", "")]
    [DataRow(BundleMembers.Manifest, 3, ",\"previous\":null", "")]
    [DataRow(BundleMembers.Manifest, 3, "\"size\":100000", "\"sise\":100000")]
    [DataRow(BundleMembers.Manifest, 3, "\"kind\":\"file\"", "\"kind\":\"fail\"")]
    [DataRow(BundleMembers.Anchor, 7, "\"receiptProof\":[", "\"receiptProof\":[],\"receiptProog\":[")]
    [DataRow(BundleMembers.Anchor, 7, ",\"transactionIndex\":0", "")]
    public async Task What_the_format_does_not_have_is_refused(string name, int step, string from, string to)
    {
        var members = Members();
        var text = Encoding.UTF8.GetString(members[name]);
        StringAssert.Contains(text, from);
        members[name] = Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal));
        using var folder = new RecipeFolder(RecipeFolder.Relisted(members));
        AssertFails(step, await folder.RunAsync([]));
    }

    [TestMethod]
    [DataRow("eth_getBlockByNumber", "hash")]
    [DataRow("eth_getTransactionReceipt", "from")]
    [DataRow("eth_getTransactionReceipt", "logs")]
    [DataRow("eth_call", null)]
    public async Task A_node_that_says_otherwise_is_believed(string method, string? member)
        => AssertFails(10, await AskAsync(NotBefore.Hash, (asked, reply) =>
        {
            if (asked == method && member is null)
                reply["result"] = "0x00";
            else if (asked == method && reply["result"] is JsonObject result)
                result[member!] = member == "logs" ? new JsonArray() : "0x00";
        }));

    [TestMethod]
    public async Task Of_a_node_that_has_all_of_it_it_is_verified()
    {
        var run = await AskAsync(NotBefore.Hash, null);
        Assert.AreEqual(0, run.Exit, run.Output);
        Assert.AreEqual("VERIFIED", RecipeFolder.Last(run.Output));
        AssertFails(10, await AskAsync("0x" + new string('c', 64), null));

        // What is not answered is not judged, and that is said.
        AssertHolds(await AskAsync(null, null));
        run = await AskAsync(NotBefore.Hash, (asked, reply) => reply.Remove(asked == "eth_getTransactionReceipt" ? "result" : ""));
        AssertHolds(run);
        StringAssert.Contains(run.Output, "refused eth_getTransactionReceipt");
    }

    private static ChainHead NotBefore => Manifest.Parse(sample.Contents.Manifest.Span).NotBefore!;

    private static async Task<(int Exit, string Output)> AskAsync(string? otherHash, Action<string, JsonObject>? lie)
    {
        await using var node = await AnsweringNode.StartAsync(sample.Contents.Anchor, NotBefore.Block, otherHash, lie);
        using var folder = new RecipeFolder(Members());
        return await folder.RunAsync([], new() { ["RPC"] = node.Url.ToString() });
    }

    [TestMethod]
    public async Task A_clean_copy_of_the_script_runs_in_place_of_a_changed_one()
    {
        using var folder = new RecipeFolder(Members());
        folder.Write("../clean.sh", Encoding.UTF8.GetBytes(VerifyRecipe.Script));
        AssertHolds(await folder.RunAsync([], script: "../clean.sh"));
        var recipe = Encoding.UTF8.GetString(Members()[BundleMembers.Recipe]);
        folder.Write(BundleMembers.Recipe, Encoding.UTF8.GetBytes(recipe.Replace("set -eu\n", "set -eu\necho VERIFIED; exit 0\n", StringComparison.Ordinal)));
        AssertFails(1, await folder.RunAsync([], script: "../clean.sh"));
    }

    /// <summary>A witness's signature may stand before the log's own, which is picked by name and key id.</summary>
    [TestMethod]
    public async Task A_witness_before_the_log_does_not_break_it()
    {
        // Its own, since the block must not be long before the stamps.
        await using var fresh = await SampleEvidence.CreateAsync();
        var note = fresh.Contents.Inclusion.CheckpointNote;
        var witness = Convert.ToBase64String([1, 2, 3, 4, .. new byte[64]]);
        var at = note.IndexOf("\n\n", StringComparison.Ordinal) + 2;
        var before = await RestampedAsync(fresh, $"{note[..at]}— witness.example {witness}\n{note[at..]}");
        var namesake = await RestampedAsync(fresh, $"{note[..at]}— {SampleEvidence.Origin} {witness}\n{note[at..]}");
        var alone = await RestampedAsync(fresh, $"{note[..at]}— witness.example {witness}\n");
        AssertHolds(await RunAsync(before));
        AssertHolds(await RunAsync(namesake));
        AssertFails(5, await RunAsync(alone));

        static async Task<(int, string)> RunAsync(BundleContents contents)
        {
            using var folder = new RecipeFolder(Members(contents));
            return await folder.RunAsync([]);
        }
    }

    /// <summary>All else genuine, and one time that cannot be: each would have passed the first recipe.</summary>
    [TestMethod]
    public async Task Times_out_of_order_fail()
    {
        var c = sample.Contents;
        (string Authority, string Over, double Minutes)[] moved =
            [("alpha", TokenOver.Checkpoint, -600), ("beta", TokenOver.Manifest, 60 * 24 * 365)];
        foreach (var (authority, over, minutes) in moved)
        {
            var tokens = c.Tokens.Select(t => t.Authority == authority && t.Over == over
                ? t with { Token = sample.Stamp(authority, Over(c, over), TimeSpan.FromMinutes(minutes)) } : t).ToList();
            var forged = c with { Tokens = tokens };
            forged = forged with { Letter = await sample.LetterAsync(forged) };
            using var folder = new RecipeFolder(Members(forged));
            AssertFails(9, await folder.RunAsync([]));
        }

        await using var early = await SampleEvidence.CreateAsync(shape: new SampleShape { Received = TimeSpan.FromDays(-30) });
        using var other = new RecipeFolder(Members(early.Contents));
        AssertFails(9, await other.RunAsync([]));
    }

    private static Digest Over(BundleContents c, string over)
        => over == TokenOver.Manifest ? Digest.Of(c.Manifest.Span) : Digest.Of(Encoding.UTF8.GetBytes(c.Inclusion.CheckpointNote));

    /// <summary>The evidence with another checkpoint file, stamped and stated anew.</summary>
    private static async Task<BundleContents> RestampedAsync(SampleEvidence sample, string note)
    {
        var c = sample.Contents with { Inclusion = sample.Contents.Inclusion with { CheckpointNote = note } };
        c = c with { Tokens = [.. c.Tokens.Select(t => t with { Token = sample.Stamp(t.Authority, Over(c, t.Over)) })] };
        return c with { Letter = await sample.LetterAsync(c) };
    }
}
