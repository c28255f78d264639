using System.Threading.Channels;

namespace Notary.Verification.Tests;

/// <summary>Two verifiers that share no code judge the same forgeries alike: ours, and the one in <c>forge/</c>, written from the document alone.</summary>
[TestClass]
public sealed class ForgeTests
{
    private const int AtOnce = 2;

    // Some of every kind; all of them, which takes minutes, when this variable says "all". The others: see forge/README.md.
    private const string HowMany = "NOTARY_FORGE";
    private const int OneIn = 6;
    private const int AtLeast = 5_500;

    public required TestContext TestContext { get; set; }

    [TestMethod]
    [DataRow(20_261_129)]
    public async Task Rung_by_rung_the_verdicts_are_those_of_a_verifier_written_from_the_document(int seed)
    {
        if (Environment.GetEnvironmentVariable("NOTARY_FORGE_SEED") is { } other)
            seed = int.Parse(other, CultureInfo.InvariantCulture);

        var kinds = Environment.GetEnvironmentVariable("NOTARY_FORGE_KINDS");
        var oneIn = kinds is not null || Environment.GetEnvironmentVariable(HowMany) == "all" ? 1 : OneIn;
        var queue = Channel.CreateBounded<Forgery>(64);
        var (judged, differ) = (new List<(string Kind, string Outcome)>(), new List<string>());
        using var judges = new ForgeJudges();
        var judging = Parallel.ForEachAsync(queue.Reader.ReadAllAsync(), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (f, _) =>
        {
            var (outcome, rungs, text) = await judges.JudgeAsync(f);
            lock (judged)
            {
                judged.Add((f.Kind.Split(' ')[0], f.Outcome));
                if (!f.IsJudgedAlike(outcome, rungs))
                    differ.Add(Difference(f, outcome, rungs, text));
            }
        });
        string[] only = kinds is null ? [] : ["--kinds", kinds];
        await foreach (var forgery in NodeForge.RunAsync(["--seed", $"{seed}", "--one-in", $"{oneIn}", .. only]))
            await queue.Writer.WriteAsync(forgery);

        queue.Writer.Complete();
        await judging;
        foreach (var kind in judged.GroupBy(f => f.Kind).OrderBy(g => g.Key, StringComparer.Ordinal))
            TestContext.WriteLine($"{kind.Key}: {kind.Count()}, refused {kind.Count(f => f.Outcome is "failed" or "trust")}");

        TestContext.WriteLine($"seed {seed}: {judged.Count} forgeries, {differ.Count} judged differently");
        if (Environment.GetEnvironmentVariable("NOTARY_FORGE_REPORT") is { } report)
            await File.WriteAllLinesAsync(report, differ);

        Assert.IsTrue(kinds is not null || judged.Count >= AtLeast / oneIn, $"{judged.Count} forgeries");
        Assert.AreEqual("", string.Join('\n', differ.Take(40)), $"{differ.Count} of {judged.Count} judged differently");
    }

    private static string Difference(Forgery f, string outcome, SortedDictionary<string, string> rungs, string text)
    {
        var lines = rungs.Keys.Union(f.Rungs.Keys).Where(k => rungs.GetValueOrDefault(k) != f.Rungs.GetValueOrDefault(k))
            .Select(k => $"  {k}: command [{rungs.GetValueOrDefault(k)}], forge [{f.Rungs.GetValueOrDefault(k)}]");
        return $"{f.Kind}: command {outcome}, forge {f.Outcome}\n{string.Join('\n', lines)}\n{text}\n  forge: {f.Detail}";
    }
}
