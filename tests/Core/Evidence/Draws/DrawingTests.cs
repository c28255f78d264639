using FsCheck;

namespace Notary.Evidence.Tests.Draws;

/// <summary>Who wins: by the rules, for every input; and by chance alone, over many seeds.</summary>
[TestClass]
public sealed class DrawingTests
{
    private const int Draws = 10_000;
    private const int Candidates = 1_000;
    private const int Heaviest = 10;

    /// <summary>Quota, reserves, tickets' weights on, earlier winners take part.</summary>
    private static readonly Arbitrary<DrawRound> Rounds = Gen.Choose(1, 40).SelectMany(quota => Gen.Choose(0, 20).SelectMany(reserves =>
        Gen.Choose(0, 3).SelectMany(flags => Gen.Choose(0, 7).Select(groups => DrawBed.Round(quota, reserves, (flags & 1) != 0, (flags & 2) != 0,
            [.. new[] { "A", "B", "C" }.Where((_, i) => (groups & (1 << i)) != 0)]))))).ToArbitrary();

    [TestMethod]
    public void WinnersAreTheSmallestOfThoseWhoTakePart()
    {
        var lists = new[] { 1, 2, 17, 100 }.Select(count => DrawBed.ListAsync("id,group,weight\n" + string.Concat(Enumerable.Range(0, count)
            .Select(i => $"{i},{"ABC"[i % 3]},{1 + (i * 7 % 100)}\n")), new DrawRules(["A", "B", "C"], [DrawBed.Round(1)])).GetAwaiter().GetResult()).ToArray();
        var seed = 0;
        Prop.ForAll(Rounds, Rounds, Rounds, (a, b, c) =>
        {
            var (rules, list) = (new DrawRules(["A", "B", "C"], [a, b, c]), lists[++seed % lists.Length]);
            var won = new HashSet<int>();
            foreach (var (drawn, round) in Drawing.Run(rules, list, DrawBed.Hash(seed), null, CancellationToken.None).Zip(rules.Rounds))
            {
                // The definition: a number for each who takes part, sorted.
                var key = new RoundKey(DrawBed.Hash(seed), drawn.Round);
                var all = Enumerable.Range(0, list.Count)
                    .Where(i => (round.Groups.Count == 0 || round.Groups.Contains(list[i].Group)) && (round.EarlierWinners || !won.Contains(i)))
                    .Select(i => key.Smallest(list[i].Handle, round.Weights ? list[i].Weight : 1, i)).Order().ToList();
                Assert.AreEqual(all.Count, drawn.Eligible);
                Assert.IsTrue(all.Take(round.Quota).Select(t => t.Index + 1).SequenceEqual(drawn.Winners.Select(w => w.Position)));
                Assert.IsTrue(all.Skip(round.Quota).Take(round.Reserves).Select(t => t.Index + 1).SequenceEqual(drawn.Reserves.Select(w => w.Position)));
                Assert.IsTrue(round.EarlierWinners || !drawn.Winners.Any(w => won.Contains(w.Position - 1)), "nobody wins twice");
                Assert.AreEqual(drawn.Winners.Count, drawn.Winners.Select(w => w.Position).Distinct().Count());
                won.UnionWith(drawn.Winners.Select(w => w.Position - 1));
            }
        }).QuickCheckThrowOnFailure();
    }

    [TestMethod]
    public async Task OneCandidateNoneEligibleAndAQuotaBeyondAll()
    {
        var rules = new DrawRules(["A", "B"], [DrawBed.Round(5, 5, groups: "A"), DrawBed.Round(1, 1, groups: "A"), DrawBed.Round(1, 1, groups: "B")]);
        var list = await DrawBed.ListAsync("id,group\n1,A\n", rules);
        var rounds = Drawing.Run(rules, list, DrawBed.Hash(1), null, CancellationToken.None).ToList();
        Assert.AreEqual("1 1/0, 0 0/0, 0 0/0", string.Join(", ", rounds.Select(r => $"{r.Eligible} {r.Winners.Count}/{r.Reserves.Count}")));

        var all = DrawBed.Rules(DrawBed.Round(DrawRules.MaxCandidates, DrawRules.MaxCandidates));
        var many = await DrawBed.ListAsync(30_000, _ => 1);
        var drawn = Drawing.Run(all, many, DrawBed.Hash(2), null, CancellationToken.None).Single();
        Assert.HasCount(30_000, drawn.Winners);
        Assert.IsTrue(drawn.Winners.Zip(drawn.Winners.Skip(1), (a, b) => a.Number < b.Number).All(before => before));
    }

    [TestMethod]
    public async Task EveryoneWinsEquallyOften()
    {
        const int Quota = 100;
        var list = await DrawBed.ListAsync(Candidates, _ => 1);
        var wins = new int[Candidates];
        foreach (var drawn in Many(DrawBed.Rules(DrawBed.Round(Quota)), list))
        {
            foreach (var winner in drawn.Winners)
                wins[winner.Position - 1]++;
        }

        // Within a draw nobody wins twice, so counts vary less than independent ones: by (N − q)/(N − 1) of them.
        var expected = Draws * (double)Quota / Candidates;
        var scale = (Candidates - Quota) / (Candidates - 1.0);
        Likely(wins.Sum(w => (w - expected) * (w - expected) / expected) / scale, Candidates - 1);
    }

    [TestMethod]
    public async Task WeightsWinInProportion()
    {
        var list = await DrawBed.ListAsync(Candidates, i => 1 + (i % Heaviest));
        var (byWeight, byCandidate) = (new double[Heaviest + 1], new double[Candidates]);
        foreach (var drawn in Many(DrawBed.Rules(DrawBed.Round(1, weights: true)), list))
        {
            byWeight[list[drawn.Winners[0].Position - 1].Weight]++;
            byCandidate[drawn.Winners[0].Position - 1]++;
        }

        var each = Draws / (double)list.Tickets;
        var classes = Enumerable.Range(1, Heaviest).Select(w => (Won: byWeight[w], Expected: w * (Candidates / Heaviest) * each)).ToList();
        Likely(classes.Sum(c => (c.Won - c.Expected) * (c.Won - c.Expected) / c.Expected), classes.Count - 1);

        // A candidate of weight 1 is expected to win one in five runs of all this: put those together that are too few by themselves.
        const double Least = 5;
        var (chi, cells, won, wanted) = (0.0, 0, 0.0, 0.0);
        foreach (var i in Enumerable.Range(0, Candidates).OrderBy(i => list[i].Weight))
        {
            (won, wanted) = (won + byCandidate[i], wanted + (list[i].Weight * each));
            if (wanted < Least)
                continue;

            chi += (won - wanted) * (won - wanted) / wanted;
            (cells, won, wanted) = (cells + 1, 0, 0);
        }

        Likely(chi, cells - 1);
    }

    private static IEnumerable<DrawnRound> Many(DrawRules rules, PublicList list)
        => Enumerable.Range(0, Draws).Select(i => Drawing.Run(rules, list, DrawBed.Hash(i), null, CancellationToken.None).Single());

    /// <summary>Between the 0.001 and 0.999 quantiles of χ² (Wilson and Hilferty's cube root, close to exact from 50 degrees of freedom on).</summary>
    private static void Likely(double chi, int degrees)
    {
        const double Normal = 3.0902;
        var (mean, deviation) = (1 - (2.0 / (9 * degrees)), Math.Sqrt(2.0 / (9 * degrees)));
        var (low, high) = (degrees * Math.Pow(mean - (Normal * deviation), 3), degrees * Math.Pow(mean + (Normal * deviation), 3));
        Assert.IsTrue(chi >= low && chi <= high, $"chi squared {chi:0.0} of {degrees} degrees is not within {low:0.0} and {high:0.0}");
    }
}
