using System.Threading.Channels;

namespace Notary.Verification.Tests;

/// <summary>Two verifiers that share no code, ours and the one in <c>forge/</c>, written in JavaScript from the document alone, judge the same forgeries alike.</summary>
[TestClass]
public sealed class ForgeTests
{
    private const int AtOnce = 2;

    public required TestContext TestContext { get; set; }

    [TestMethod]
    [DataRow(20_261_129)]
    public async Task Rung_by_rung_the_verdicts_are_those_of_a_verifier_written_from_the_document(int seed)
    {
        seed = int.Parse(Environment.GetEnvironmentVariable("NOTARY_FORGE_SEED") ?? seed.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        var kinds = Environment.GetEnvironmentVariable("NOTARY_FORGE_KINDS");
        var queue = Channel.CreateBounded<Forgery>(64);
        var (judged, differ) = (new List<Forgery>(), new List<string>());
        using var judges = new Judges();
        var judging = Parallel.ForEachAsync(queue.Reader.ReadAllAsync(), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (f, _) =>
        {
            var (outcome, rungs, text) = await judges.JudgeAsync(f);
            lock (judged)
            {
                judged.Add(f);
                if (outcome != f.Outcome || !(f.Loose == "rungs" || Comparable(rungs, f).SequenceEqual(Comparable(f.Rungs, f))))
                    differ.Add(Difference(f, outcome, rungs, text));
            }
        });
        await foreach (var forgery in NodeForge.RunAsync(["--seed", $"{seed}", .. kinds is null ? Array.Empty<string>() : ["--kinds", kinds]]))
            await queue.Writer.WriteAsync(forgery);

        queue.Writer.Complete();
        await judging;
        foreach (var kind in judged.GroupBy(f => f.Kind.Split(' ')[0]).OrderBy(g => g.Key, StringComparer.Ordinal))
            TestContext.WriteLine($"{kind.Key}: {kind.Count()}, refused {kind.Count(f => f.Outcome is "failed" or "trust")}");

        TestContext.WriteLine($"seed {seed}: {judged.Count} forgeries, {differ.Count} judged differently");
        if (Environment.GetEnvironmentVariable("NOTARY_FORGE_REPORT") is { } report)
            await File.WriteAllLinesAsync(report, differ);

        Assert.IsTrue(kinds is not null || judged.Count >= 2_000, $"{judged.Count} forgeries");
        Assert.AreEqual("", string.Join('\n', differ.Take(40)), $"{differ.Count} of {judged.Count} judged differently");
    }

    /// <summary>What both must say. A member that no bundle has stands nowhere, so whether the order is wrong besides is not asked.</summary>
    private static IEnumerable<(string Rung, string Verdicts)> Comparable(SortedDictionary<string, string> rungs, Forgery f)
        => rungs.Select(r => (r.Key, f.Loose == "codes"
            ? r.Value.Contains("fail", StringComparison.Ordinal) ? "fail" : r.Value.Contains("unknown", StringComparison.Ordinal) ? "unknown" : ""
            : r.Value.Contains("member-unknown", StringComparison.Ordinal) ? r.Value.Replace("fail container-changed, ", "", StringComparison.Ordinal) : r.Value));

    private static string Difference(Forgery f, string outcome, SortedDictionary<string, string> rungs, string text)
    {
        var lines = rungs.Keys.Union(f.Rungs.Keys).Where(k => rungs.GetValueOrDefault(k) != f.Rungs.GetValueOrDefault(k))
            .Select(k => $"  {k}: command [{rungs.GetValueOrDefault(k)}], forge [{f.Rungs.GetValueOrDefault(k)}]");
        return $"{f.Kind}: command {outcome}, forge {f.Outcome}\n{string.Join('\n', lines)}\n{text}\n  forge: {f.Detail}";
    }

    /// <summary>The command's verifier, one for each trust file.</summary>
    private sealed class Judges : IDisposable
    {
        private readonly Dictionary<string, BundleVerifier?> byTrust = [];

        public async Task<(string Outcome, SortedDictionary<string, string> Rungs, string Text)> JudgeAsync(Forgery f)
        {
            var rungs = new SortedDictionary<string, string>(StringComparer.Ordinal);
            if (Of(f.Trust) is not { } verifier)
                return ("trust", rungs, "");

            var report = await verifier.VerifyAsync(new MemoryStream(f.Bundle), new BundleQuestion { Clock = new At(f.Now) }, default);
            foreach (var rung in report.Verdicts.GroupBy(v => v.Rung))
            {
                rungs[Lower(rung.Key)] = string.Join(
                    ", ", rung.Where(v => v.Mark != Mark.Pass).Select(v => $"{Lower(v.Mark)} {v.Code}").Distinct().Order(StringComparer.Ordinal));
            }

            return (Lower(report.Outcome), rungs, string.Join('\n', report.Verdicts.Where(v => v.Mark != Mark.Pass).Select(v => $"    {v.Rung} {v.Subject} {v.Mark} {v.Code}: {v.Reason}")));
        }

        private static string Lower(Enum value) => value.ToString().ToLowerInvariant();

        private BundleVerifier? Of(byte[]? trust)
        {
            var key = trust is null ? "" : Convert.ToHexString(SHA256.HashData(trust));
            lock (byTrust)
            {
                if (!byTrust.TryGetValue(key, out var verifier))
                    byTrust[key] = verifier = Make(trust);

                return verifier;
            }
        }

        private static BundleVerifier? Make(byte[]? trust)
        {
            try
            {
                return new BundleVerifier(trust is null ? null : TrustRoots.Parse(trust));
            }
            catch (FaultException)
            {
                return null;
            }
        }

        public void Dispose()
        {
            foreach (var verifier in byTrust.Values)
                verifier?.Dispose();
        }
    }

    private sealed class At(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
