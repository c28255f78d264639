using Notary.Evidence.Batches;
using Notary.Verification.Letters;

namespace Notary.Verification.Tests;

/// <summary>A test deposit of a sandbox tenant: the command, the browser's verifier and the recipe say so, and none of them lets it pass for a real
/// one.</summary>
[TestClass]
public sealed class TestDepositTests
{
    private const string Words = "A TEST DEPOSIT of a sandbox tenant";

    private static SampleEvidence sample = null!;
    private static BundleVerifier verifier = null!;

    [ClassInitialize]
    public static async Task MakeAsync(TestContext _)
    {
        sample = await SampleEvidence.CreateAsync(shape: new SampleShape { Test = true });
        verifier = new BundleVerifier(sample.Trust);
    }

    [ClassCleanup]
    public static async Task EndAsync()
    {
        verifier.Dispose();
        await sample.DisposeAsync();
    }

    private static BundleContents Genuine => sample.Contents;

    private static async Task<BundleReport> JudgeAsync(Dictionary<string, byte[]> files)
        => await verifier.VerifyAsync(new MemoryStream(Zip(files)), new BundleQuestion(), default);

    private static byte[] Zip(Dictionary<string, byte[]> files)
        => ZipForge.Lay(files.OrderBy(m => BundleMembers.Order(m.Key)).Select(m => (m.Key, m.Value)));

    [TestMethod]
    public async Task It_verifies_and_the_first_thing_said_is_that_it_is_a_test()
    {
        var report = await JudgeAsync(BundleWriter.Files(Genuine));
        Assert.AreEqual(Outcome.Verified, report.Outcome, string.Join('\n', report.Verdicts));
        Assert.AreEqual((Rung.Manifest, Mark.Warn, BundleCodes.TestDeposit),
            (report.Verdicts[0].Rung, report.Verdicts[0].Mark, report.Verdicts[0].Code));
        StringAssert.Contains(report.Verdicts[0].Reason, "测试存证");
        StringAssert.Contains(report.Verdicts[0].Reason, "TEST DEPOSIT");
        Assert.AreEqual(1, report.Verdicts.Count(v => v.Mark != Mark.Pass && v.Code != BundleCodes.Offline));

        await using var real = await SampleEvidence.CreateAsync();
        using var other = new BundleVerifier(real.Trust);
        report = await other.VerifyAsync(new MemoryStream(await real.BundleAsync()), new BundleQuestion(), default);
        Assert.IsFalse(report.IsTest);
        Assert.IsFalse(report.Verdicts.Any(v => v.Mark == Mark.Warn));
    }

    [TestMethod]
    public async Task Its_recipe_is_of_a_version_of_its_own_and_says_it_twice()
    {
        using var folder = new RecipeFolder(BundleWriter.Files(Genuine));
        var (exit, output) = await folder.RunAsync([]);
        Assert.AreEqual(3, exit, output);
        Assert.HasCount(3, output.Split(Words), output);
        StringAssert.StartsWith(RecipeFolder.Last(output), "VERIFIED EXCEPT THE CHAIN: ");
        var digest = Digest.Of(Encoding.UTF8.GetBytes(VerifyRecipe.TestScript)).ToString();
        StringAssert.Contains(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "evidence-format.md")), digest);
        StringAssert.StartsWith(VerifyRecipe.TestScript, $"# notary-recipe/{VerifyRecipe.TestVersion}: ");
        StringAssert.EndsWith(VerifyRecipe.TestScript, "\n# MEMBERS\n");
    }

    [TestMethod]
    public async Task An_item_of_a_test_batch_verifies_by_all_three()
    {
        var item = new BatchItem(Digest.Of("one"u8), new byte[32]) { Name = "a.pdf" }.ToBytes();
        Digest[] leaves = [BatchItem.Leaf(item), Digest.Of("its neighbour"u8)];
        await using var batch = await SampleEvidence.CreateAsync(
            shape: new SampleShape { Test = true, Batch = (2, Merkle.Root(leaves)), Name = BatchFormat.ItemsName });
        var files = BundleWriter.Files(batch.Contents with { Item = new BundleItem(item, new ItemProof(0, Merkle.InclusionProof(0, leaves))) });
        using var judge = new BundleVerifier(batch.Trust);
        var report = await judge.VerifyAsync(new MemoryStream(Zip(files)), new BundleQuestion(), default);
        Assert.AreEqual((Outcome.Verified, BundleCodes.TestDeposit), (report.Outcome, report.Verdicts[0].Code), string.Join('\n', report.Verdicts));
        CollectionAssert.AreEqual((string[])["verified test-deposit offline"], Browser(batch.Trust, [Zip(files)]));
        using var folder = new RecipeFolder(files);
        folder.Write("../mine", "one"u8.ToArray());
        var (exit, output) = await folder.RunAsync(["../mine"]);
        Assert.AreEqual(3, exit, output);
        StringAssert.Contains(output, "../mine is item item.json");
        StringAssert.Contains(output, Words);
    }

    /// <summary>Every forgery is laid out and listed anew, under the recipe that fits its manifest.</summary>
    [TestMethod]
    public async Task What_hides_that_it_is_a_test_is_found_by_all_three()
    {
        var manifest = Manifest.Parse(Genuine.Manifest.Span);
        var real = (manifest with { Test = false }).ToBytes();
        var bare = await sample.LetterAsync(f => f with { Test = false });
        (string What, string Code, int Step, Dictionary<string, byte[]> Files)[] forged =
        [
            ("taken out of the manifest", "not-included", 4, Listed(Genuine with { Manifest = real })),
            ("taken out, and of the letter", "not-included", 4, Listed(Genuine with
            {
                Manifest = real, Letter = await sample.LetterAsync(f => f with { Test = false, ManifestDigest = Digest.Of(real) }),
            })),
            ("another value", "manifest-malformed", 3, Spelt("\"test\":true", "\"test\":false")),
            ("another place", "manifest-malformed", 3, Spelt("{\"depositor\"", "{\"test\":true,\"depositor\"")),
            ("not in the letter", "letter-facts", 8, Listed(Genuine with { Letter = bare })),

            // The address is longer by as much as the facts are shorter: what is stated is still shown.
            ("not on the pages", "letter-pages", 0, Listed(Genuine with
            {
                Letter = await sample.LetterShowingAsync(f => f with
                {
                    Test = false, Parties = f.Parties! with { Address = f.Parties.Address + new string('x', ",\"test\":true".Length) },
                }),
            })),
        ];
        var said = Browser(sample.Trust, [.. forged.Select(f => Zip(f.Files))]);
        for (var i = 0; i < forged.Length; i++)
        {
            var (what, code, step, files) = forged[i];
            var report = await JudgeAsync(files);
            Assert.AreEqual(Outcome.Failed, report.Outcome, what);
            Assert.IsTrue(report.Verdicts.Any(v => v.Mark == Mark.Fail && v.Code == code), $"{what}: {string.Join('\n', report.Verdicts)}");
            StringAssert.StartsWith(said[i], "failed ", what);
            CollectionAssert.Contains(said[i].Split(' '), code, what);
            if (step == 0)
                continue;

            using var folder = new RecipeFolder(files);
            var (exit, output) = await folder.RunAsync([]);
            Assert.AreEqual(1, exit, what);
            StringAssert.StartsWith(RecipeFolder.Last(output), $"FAILED IN STEP {step}: ", what);
        }
    }

    /// <summary>What the browser's verifier says, in Node: the outcome, then the codes of all that did not pass.</summary>
    private static string[] Browser(TrustRoots trust, IReadOnlyList<byte[]> zips)
    {
        using var folder = new RecipeFolder(new Dictionary<string, byte[]> { ["trust.json"] = trust.ToBytes() });
        for (var i = 0; i < zips.Count; i++)
            folder.Write($"{i}.zip", zips[i]);

        return [.. NodeForge.Lines(Path.Combine(Repository.Root, "tests", "Core", "Verification", "Bundles", "codes.mjs"), folder.Place, $"{zips.Count}")];
    }

    private static Dictionary<string, byte[]> Listed(BundleContents contents) => BundleWriter.Files(contents);

    private static Dictionary<string, byte[]> Spelt(string from, string to)
    {
        var files = BundleWriter.Files(Genuine);
        files[BundleMembers.Manifest] = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Genuine.Manifest.Span).Replace(from, to, StringComparison.Ordinal));
        var digests = files.Where(f => f.Key != BundleMembers.Recipe).ToDictionary(f => f.Key, f => Digest.Of(f.Value));
        return new(files) { [BundleMembers.Recipe] = VerifyRecipe.Bytes(VerifyRecipe.TestVersion,
            new RecipeSource(Manifest.Parse(Genuine.Manifest.Span), Genuine.Anchor, digests, []))! };
    }
}
