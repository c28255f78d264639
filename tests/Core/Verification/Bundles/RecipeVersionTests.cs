using Notary.Evidence.Ethereum;

namespace Notary.Verification.Tests;

/// <summary>A bundle is judged by the version of the recipe that it was written with, for as long as there are bundles.</summary>
[TestClass]
public sealed class RecipeVersionTests
{
    /// <summary>The bytes that version 1 gives for a fixed bundle. They never change: a better script is version 2.</summary>
    [TestMethod]
    [DataRow(false, "51f2a6922fd7c7d7e209a4a363241acc4981cf9b0df55c1e91a7f0b6674cec1f")]
    [DataRow(true, "0ce6a78b8e5670cf24286975fce87d57483b5fcbc8e63683963920b1fcbeec5d")]
    public void Version_1_is_frozen(bool withOriginal, string expected)
        => Assert.AreEqual(expected, Digest.Of(VerifyRecipe.Bytes(1, Fixed(withOriginal))!).ToString());

    /// <summary>The script is the same for every deposit, and the document publishes its digest: whoever has that knows the recipe of any bundle.</summary>
    [TestMethod]
    public async Task The_script_of_version_2_is_the_published_one_and_the_digests_follow()
    {
        StringAssert.Contains(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "evidence-format.md")),
            Digest.Of(Encoding.UTF8.GetBytes(VerifyRecipe.Script)).ToString());
        StringAssert.EndsWith(VerifyRecipe.Script, "\n# MEMBERS\n");
        Assert.AreEqual(
            VerifyRecipe.Script + string.Concat(Fixed(true).Sums().Select(l => $"# {l}\n")),
            Encoding.UTF8.GetString(VerifyRecipe.Bytes(2, Fixed(true))!));
    }

    [TestMethod]
    public void What_is_written_names_its_version_in_the_first_line()
    {
        var text = Encoding.UTF8.GetString(VerifyRecipe.Bytes(VerifyRecipe.Version, Fixed(false))!);
        StringAssert.StartsWith(text, $"# notary-recipe/{VerifyRecipe.Version}: ");
        Assert.AreEqual(VerifyRecipe.Version, VerifyRecipe.VersionOf(Encoding.UTF8.GetBytes(text)));
        Assert.IsNull(VerifyRecipe.Bytes(VerifyRecipe.Newest + 1, Fixed(false)));
        foreach (var other in (string[])["", "#", "# notary-recipe/", "# notary-recipe/1",
            "# notary-recipe/0: ", "# notary-recipe/01: ", "# notary-recipe/-1: ",
            "# notary-recipe/1000000: ", "#  notary-recipe/1: ", " # notary-recipe/1: ", "# notary-recipe/１: ", "\n# notary-recipe/1: "])
            Assert.IsNull(VerifyRecipe.VersionOf(Encoding.UTF8.GetBytes(other)), other);
    }

    [TestMethod]
    [DataRow("# notary-recipe/5: ", "version 5")]
    [DataRow("# notary-recipe/999999: ", "version 999999")]
    [DataRow("# notary-recipe/9999999: ", "which version")]
    [DataRow("# ", "which version")]
    public async Task A_recipe_of_no_known_version_fails_and_says_why(string to, string why)
    {
        const string from = "# notary-recipe/2: ";
        await using var sample = await SampleEvidence.CreateAsync();
        using var verifier = new BundleVerifier(sample.Trust);
        var report = await verifier.VerifyAsync(new MemoryStream(Rewritten(await sample.BundleAsync(withOriginal: false), from, to)),
            new BundleQuestion(), default);

        // Nothing else is wrong: the container was written as the platform writes it.
        var verdict = report.Verdicts.Single(v => v.Mark == Mark.Fail);
        Assert.AreEqual("recipe-version", verdict.Code);
        Assert.AreEqual(BundleMembers.Recipe, verdict.Subject);
        StringAssert.Contains(verdict.Reason, why);
    }

    /// <summary>Bundles are kept: one with the first recipe is as good as it was.</summary>
    [TestMethod]
    public async Task A_bundle_with_the_first_recipe_passes()
    {
        await using var sample = await SampleEvidence.CreateAsync();
        var files = BundleWriter.Files(sample.Contents);
        var digests = files.Where(f => f.Key != BundleMembers.Recipe).ToDictionary(f => f.Key, f => Digest.Of(f.Value));
        var source = new RecipeSource(Manifest.Parse(sample.Contents.Manifest.Span), sample.Contents.Anchor, digests, []);
        files[BundleMembers.Recipe] = VerifyRecipe.Bytes(1, source)!;
        using var verifier = new BundleVerifier(sample.Trust);
        var zip = ZipForge.Lay(files.OrderBy(f => BundleMembers.Order(f.Key)).Select(f => (f.Key, f.Value)));
        var report = await verifier.VerifyAsync(new MemoryStream(zip), new BundleQuestion(), default);
        Assert.AreEqual(Outcome.Verified, report.Outcome, string.Join('\n', report.Verdicts));
    }

    /// <summary>The bundle with its recipe changed, and laid out as every bundle is.</summary>
    private static byte[] Rewritten(byte[] bundle, string from, string to)
    {
        var zip = new MemoryStream();
        var members = new List<ZipMember>();
        foreach (var old in ZipDirectory.Read(new MemoryStream(bundle), out _)!)
        {
            var bytes = bundle.AsSpan((int)old.DataOffset, (int)old.Size).ToArray();
            if (old.Name == BundleMembers.Recipe)
            {
                var text = Encoding.UTF8.GetString(bytes);
                StringAssert.StartsWith(text, from);
                bytes = Encoding.UTF8.GetBytes(to + text[from.Length..]);
            }

            var member = new ZipMember(old.Name, bytes.Length, Crc32.HashToUInt32(bytes), false, zip.Length);
            zip.Write(ZipLayout.LocalHeader(member));
            zip.Write(bytes);
            members.Add(member);
        }

        zip.Write(ZipLayout.Directory(members, zip.Length));
        return zip.ToArray();
    }

    private static RecipeSource Fixed(bool withOriginal)
    {
        var manifest = new Manifest(
            DepositId.Parse("0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"), "file", "did:web:firm.example", DateTimeOffset.UnixEpoch, new byte[32],
            [ManifestItem.Of("合同.pdf", 5, "application/pdf", Digest.Of("first"u8)), ManifestItem.Of("b", 6, "text/plain", Digest.Of("second"u8))],
            new ChainHead(31337, 1, "0x" + new string('b', 64)), null, new Dictionary<string, string>());
        var anchor = AnchorProof.Parse(JsonSerializer.Deserialize<JsonElement>(
            File.ReadAllBytes(Path.Combine(Repository.Root, "tests", "Core", "Verification", "Ethereum", "anchor.json"))));
        string[] names =
        [
            BundleMembers.Manifest, BundleMembers.Inclusion, BundleMembers.Checkpoint, BundleMembers.Anchor,
            BundleMembers.Letter, BundleMembers.Trust, BundleMembers.LogKeyPem, BundleMembers.LettersPem,
            BundleMembers.Pem("alpha"), BundleMembers.Pem("beta"), BundleMembers.Token(TokenOver.Manifest, "beta"),
            BundleMembers.Token(TokenOver.Checkpoint, "alpha"), BundleMembers.Token(TokenOver.Checkpoint, "beta"),
        ];
        return new RecipeSource(manifest, anchor, names.ToDictionary(n => n, n => Digest.Of(Encoding.UTF8.GetBytes(n))), withOriginal ? [1, 0] : []);
    }
}
