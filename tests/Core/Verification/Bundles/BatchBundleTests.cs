using Notary.Evidence.Batches;

namespace Notary.Verification.Tests;

/// <summary>Bundles about one item of a batch: genuine, and each part of it exchanged, under the command, the browser's verifier and the recipe.</summary>
[TestClass]
public sealed class BatchBundleTests
{
    private const int Number = 700;
    private static readonly byte[] Content = Encoding.UTF8.GetBytes("what item 700 is the digest of");
    private static SampleEvidence sample = null!;
    private static BundleContents genuine = null!;
    private static BundleVerifier verifier = null!;
    private static List<byte[]> items = null!;
    private static List<Digest> leaves = null!;

    [ClassInitialize]
    public static async Task MakeAsync(TestContext _)
    {
        items = [.. Enumerable.Range(0, 1001).Select(n => new BatchItem(n == Number ? Digest.Of(Content) : Digest.Of(BitConverter.GetBytes(n)), Salt(n))
        {
            Name = $"第 {n} 份.pdf", Reference = $"A-{n}", Size = n == Number ? Content.Length : n,
        }.ToBytes())];
        leaves = [.. items.Select(i => BatchItem.Leaf(i))];
        sample = await SampleEvidence.CreateAsync(shape: new SampleShape { Batch = (items.Count, Merkle.Root(leaves)), Name = BatchFormat.ItemsName });
        genuine = With(items[Number], Path(Number));
        verifier = new BundleVerifier(sample.Trust);
    }

    [ClassCleanup]
    public static async Task EndAsync()
    {
        verifier.Dispose();
        await sample.DisposeAsync();
    }

    private static byte[] Salt(int n) => Digest.Of(BitConverter.GetBytes(~n)).ToArray();

    private static ItemProof Path(int number) => new(number, Merkle.InclusionProof(number, leaves));

    private static BundleContents With(byte[] item, ItemProof proof) => sample.Contents with { Item = new BundleItem(item, proof) };

    private static async Task<BundleReport> JudgeAsync(byte[] zip, byte[]? original = null)
        => await verifier.VerifyAsync(new MemoryStream(zip), new BundleQuestion(original is null ? null : new MemoryStream(original)), default);

    [TestMethod]
    public async Task A_genuine_item_passes_every_rung_and_discloses_no_other()
    {
        var zip = await sample.BundleAsync(withOriginal: false, genuine);
        var report = await JudgeAsync(zip, Content);
        Assert.AreEqual(Outcome.Verified, report.Outcome, string.Join('\n', report.Verdicts));
        CollectionAssert.AreEquivalent(Enum.GetValues<Rung>(), report.Verdicts.Select(v => v.Rung).Distinct().ToArray());
        StringAssert.Contains(report.Verdicts.Single(v => v.Rung == Rung.Item).Reason, $".{Number}: item {Number} of 1001");
        Assert.AreEqual($"A-{Number}", report.Item!.Reference);
        Assert.AreEqual(Outcome.Failed, (await JudgeAsync(zip, [1])).Outcome, "another original");
        foreach (var neighbour in (int[])[Number - 1, Number + 1])
        {
            Assert.AreEqual(-1, zip.AsSpan().IndexOf(Encoding.UTF8.GetBytes($"A-{neighbour}")));
            Assert.AreEqual(-1, zip.AsSpan().IndexOf(Encoding.UTF8.GetBytes(System.Buffers.Text.Base64Url.EncodeToString(Salt(neighbour)))));
        }

        // The batch by itself is a deposit like any other.
        report = await JudgeAsync(await sample.BundleAsync(withOriginal: false, sample.Contents));
        Assert.AreEqual(Outcome.Verified, report.Outcome, string.Join('\n', report.Verdicts));
        Assert.IsFalse(report.Verdicts.Any(v => v.Rung == Rung.Item));
    }

    [TestMethod]
    public async Task The_recipe_holds_for_the_item_and_its_file()
    {
        using var folder = new RecipeFolder(BundleWriter.Files(genuine));
        folder.Write("../mine", Content);
        var (exit, output) = await folder.RunAsync(["../mine"]);
        Assert.AreEqual(3, exit, output);
        StringAssert.Contains(output, $"item {Number} of the batch: sha256 {Digest.Of(Content)}");
        StringAssert.Contains(output, "../mine is item item.json");
        Assert.AreEqual(Digest.Of(Encoding.UTF8.GetBytes(VerifyRecipe.BatchScript)).ToString(),
            Digest.Of(await File.ReadAllBytesAsync(System.IO.Path.Combine(Repository.Root, "functions", "Core", "Verification", "Bundles", "recipe-3.sh")))
                .ToString());
        StringAssert.Contains(await File.ReadAllTextAsync(System.IO.Path.Combine(Repository.Root, "docs", "evidence-format.md")),
            Digest.Of(Encoding.UTF8.GetBytes(VerifyRecipe.BatchScript)).ToString());
    }

    /// <summary>Every forgery is a whole new bundle, laid out and listed anew: only the evidence itself can give it away.</summary>
    [TestMethod]
    public async Task Whatever_is_exchanged_is_found_by_all_three()
    {
        var item = BatchItem.Parse(items[Number]);
        var (path, another) = (Path(Number), new BatchItem(item.Sha256, new byte[32]).ToBytes());
        var longer = new ItemProof(Number, [.. path.Path, Digest.Of("x"u8)]);
        (string What, string Code, Dictionary<string, byte[]> Members)[] forged =
        [
            ("another name", "item-not-included", Files(With((item with { Name = "other" }).ToBytes(), path))),
            ("another digest", "item-not-included", Files(With((item with { Salt = item.Salt, Size = 1 }).ToBytes(), path))),
            ("another salt", "item-not-included", Files(With((item with { Salt = new byte[32] }).ToBytes(), path))),
            ("a neighbour's path", "item-not-included", Files(With(items[Number], Path(Number + 1)))),
            ("the path under another number", "item-not-included", Files(With(items[Number], path with { Index = Number + 1 }))),
            ("a hash of the path", "item-not-included", Files(With(items[Number], path with { Path = [Digest.Of("x"u8), .. path.Path.Skip(1)] }))),
            ("a path cut short", "item-not-included", Files(With(items[Number], path with { Path = [.. path.Path.SkipLast(1)] }))),
            ("a path too long", "item-not-included", Files(With(items[Number], longer))),
            ("beyond the count", "item-not-included", Files(With(items[Number], path with { Index = items.Count }))),
            ("of another batch", "item-not-included", Files(With(another, new ItemProof(0, [])))),
            ("no canonical item", "item-malformed", Files(With([.. items[Number], (byte)'\n'], path))),
            ("no item at all", "item-malformed", Files(With("{}"u8.ToArray(), path))),
            ("no path", "item-proof-malformed", Changed(BundleMembers.ItemProof, _ => "x\n"u8.ToArray())),
            ("a path of another spelling", "item-proof-malformed", Changed(BundleMembers.ItemProof, b => Encoding.UTF8.GetBytes(
                Encoding.UTF8.GetString(b).Replace($"index {Number}", $"index 0{Number}", StringComparison.Ordinal)))),
            ("a path without its item", "item-malformed", Without(BundleMembers.Item)),
            ("an item without its path", "item-proof-malformed", Without(BundleMembers.ItemProof)),
            ("another count", "item-not-included", Manifested(m => m with { ItemCount = Number })),
            ("another root", "item-not-included", Manifested(m => m with { ItemsRoot = Digest.Of("x"u8) })),
            ("no batch", "item-of-no-batch", Manifested(m => m with { Kind = "file", ItemCount = null, ItemsRoot = null })),
        ];
        var zips = forged.Select(f => ZipForge.Lay(f.Members.OrderBy(m => BundleMembers.Order(m.Key)).Select(m => (m.Key, m.Value)))).ToList();
        for (var i = 0; i < forged.Length; i++)
        {
            var report = await JudgeAsync(zips[i]);
            Assert.AreEqual(forged[i].Code, report.Verdicts.Single(v => v.Rung == Rung.Item).Code, forged[i].What);
            Assert.AreEqual(Outcome.Failed, report.Outcome, forged[i].What);
        }

        // The browser's, in Node.
        using var folder = new RecipeFolder(new Dictionary<string, byte[]> { ["trust.json"] = sample.Trust.ToBytes() });
        zips.Add(await sample.BundleAsync(withOriginal: false, genuine));
        for (var i = 0; i < zips.Count; i++)
            folder.Write($"{i}.zip", zips[i]);

        var said = NodeForge.Lines(System.IO.Path.Combine(Repository.Root, "tests", "Core", "Verification", "Bundles", "items.mjs"), folder.Place,
            $"{zips.Count}");
        Assert.AreEqual(string.Join('\n', [.. forged.Select(f => $"failed {f.Code}"), "verified ok"]), string.Join('\n', said));

        // The recipe stops at step 1 where a part is missing, and at step 3 at all else.
        foreach (var i in (int[])[0, 4, 8, 12, 14, 16])
        {
            using var unpacked = new RecipeFolder(forged[i].Members);
            var (exit, output) = await unpacked.RunAsync([]);
            Assert.AreEqual(1, exit, forged[i].What);
            StringAssert.StartsWith(RecipeFolder.Last(output), $"FAILED IN STEP {(i == 14 ? 1 : 3)}: ", forged[i].What);
        }
    }

    private static Dictionary<string, byte[]> Files(BundleContents contents) => BundleWriter.Files(contents);

    private static Dictionary<string, byte[]> Changed(string name, Func<byte[], byte[]> change)
    {
        var files = Files(genuine);
        files[name] = change(files[name]);
        return Relisted(files);
    }

    private static Dictionary<string, byte[]> Without(string name)
    {
        var files = Files(genuine);
        files.Remove(name);
        return Relisted(files);
    }

    private static Dictionary<string, byte[]> Manifested(Func<Manifest, Manifest> change)
        => Changed(BundleMembers.Manifest, b => change(Manifest.Parse(b)).ToBytes());

    private static Dictionary<string, byte[]> Relisted(Dictionary<string, byte[]> files)
    {
        var digests = files.Where(f => f.Key != BundleMembers.Recipe).ToDictionary(f => f.Key, f => Digest.Of(f.Value));
        return new(files) { [BundleMembers.Recipe] = VerifyRecipe.Bytes(VerifyRecipe.BatchVersion,
            new RecipeSource(Manifest.Parse(files[BundleMembers.Manifest]), sample.Contents.Anchor, digests, []))! };
    }
}
