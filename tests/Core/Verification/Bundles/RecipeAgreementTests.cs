namespace Notary.Verification.Tests;

/// <summary>Two judges that share no code, the command and VERIFY.txt, judge the same forgeries alike.</summary>
[TestClass]
public sealed class RecipeAgreementTests
{
    // Each run of the recipe starts some two hundred programs; more at once only make them wait for each other.
    private const int AtOnce = 2;

    // Some of every kind; all of them, which takes minutes, when this variable says "all".
    private const string HowMany = "NOTARY_RECIPE_MUTANTS";
    private const int OneIn = 20;

    public required TestContext TestContext { get; set; }

    [TestMethod]
    [DataRow(20_261_129)]
    public async Task What_one_of_them_fails_the_other_fails(int seed)
    {
        var all = Environment.GetEnvironmentVariable(HowMany) == "all";
        await using var sample = await SampleEvidence.CreateAsync();
        await using var other = await SampleEvidence.CreateAsync();
        using var own = new BundleVerifier(null);
        using var readers = new BundleVerifier(sample.Trust);
        var cases = new List<(string Kind, Dictionary<string, byte[]> Members)> { ("genuine", BundleWriter.Files(sample.Contents)) };
        for (var k = 0; k < new Mutants(sample, other, new Random(seed)).Kinds.Count; k++)
        {
            // A kind's own numbers, so that the few are among the many.
            var (kind, count, make) = new Mutants(sample, other, new Random(seed + k)).Kinds[k];
            for (var i = 0; i < (all ? count : ((count - 1) / OneIn) + 1); i++)
                cases.Add((kind, await make()));
        }

        var judged = new (bool Command, bool Recipe, bool Unjudged, string Text)[cases.Count];
        await Parallel.ForAsync(0, cases.Count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, c) =>
        {
            var zip = ZipForge.Lay(cases[i].Members.OrderBy(f => BundleMembers.Order(f.Key)).Select(f => (f.Key, f.Value)));
            var replaced = cases[i].Kind == Mutants.Replaced;
            var report = await (replaced ? readers : own).VerifyAsync(new MemoryStream(zip), new BundleQuestion { AcceptOwnTrust = true }, c);
            using var folder = new RecipeFolder(cases[i].Members);
            folder.Write("../trust", sample.Trust.ToBytes());
            var (exit, output) = await folder.RunAsync([], replaced ? new() { ["TRUST"] = "../trust" } : null);
            var words = Mutants.WhyUnjudged(cases[i].Kind, report);
            judged[i] = (report.Outcome == Outcome.Verified, exit == 3, words is not null,
                $"{cases[i].Kind} {i}: {report.Outcome}, exit {exit}: {RecipeFolder.Last(output)}\n  "
                    + string.Join("\n  ", report.Verdicts.Where(v => v.Mark == Mark.Fail)));

            // Never silence, never both.
            var last = RecipeFolder.Last(output);
            Assert.IsTrue(exit == 3 ? last.StartsWith("VERIFIED EXCEPT THE CHAIN: ", StringComparison.Ordinal)
                : exit == 1 && last.StartsWith("FAILED IN STEP ", StringComparison.Ordinal), $"{cases[i].Kind} {i}:\n{output}");
            if (exit == 3 && words is not null)
                StringAssert.Contains(output, words);
        });

        foreach (var kind in cases.Select((c, i) => (c.Kind, judged[i])).GroupBy(c => c.Kind))
        {
            TestContext.WriteLine($"{kind.Key}: {kind.Count()}, both fail {kind.Count(k => !k.Item2.Command && !k.Item2.Recipe)}, "
                + $"both pass {kind.Count(k => k.Item2.Command && k.Item2.Recipe)}, "
                + $"command alone fails {kind.Count(k => !k.Item2.Command && k.Item2.Recipe)}");
        }

        Assert.IsTrue(judged[0].Command && judged[0].Recipe, judged[0].Text);
        Assert.AreEqual("", string.Join('\n', judged.Where(j => j.Command && !j.Recipe).Select(j => j.Text)), "the recipe alone fails");
        Assert.AreEqual("", string.Join('\n', judged.Where(j => !j.Command && j.Recipe && !j.Unjudged).Select(j => j.Text)), "the command alone fails");
    }
}
