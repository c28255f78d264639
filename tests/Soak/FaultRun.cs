namespace Notary.Soak;

/// <summary>Every place from which a deposit's way writes, struck in every manner: each deposit ends certified, once, without anybody's help.</summary>
internal static class FaultRun
{
    /// <summary>Replays at a time: more only wait for each other on two cores.</summary>
    private const int Workers = 2;

    /// <summary>Replays on one platform: its audit grows with them.</summary>
    private const int ReplaysEach = 25;

    /// <summary>More than a storage client's own retries.</summary>
    private const int Burst = 7;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    /// <summary>A place that the deposit did not pass again by then is reported as not struck.</summary>
    private static readonly TimeSpan StrikePatience = TimeSpan.FromSeconds(20);

    private static readonly string[] Manners = ["answer lost", "killed before", "killed after", "503 burst", "409"];

    public static async Task<Result> RunAsync(SoakOptions options)
    {
        await using var azurite = await Azurite.StartAsync();
        var sites = await FindAsync(azurite);
        sites.ForEach(site => SoakOptions.Say($"site {site}"));
        var work = new ConcurrentQueue<(string Site, string Manner)>(sites.SelectMany(_ => Manners, (site, manner) => (site, manner)));
        var counts = new Counts(work.Count);
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(() => WorkAsync(azurite, work, counts))));
        return new Result(
            "faults",
            SoakOptions.Text(
                $"{sites.Count} write sites x {Manners.Length} manners = {counts.All} replays, {counts.Struck} struck, {counts.All - counts.Failed} ",
                $"certified once with one leaf, one anchor and the same receipt; {counts.Audits} audits, {counts.BadAudits} not clean"),
            "all certified, all audits clean, 95 % struck",
            counts is { Failed: 0, BadAudits: 0 } && counts.Struck >= 0.95 * counts.All && counts.All > 0);
    }

    /// <summary>The places that two deposits in a row both pass, after a first one that also set the platform up.</summary>
    private static async Task<List<string>> FindAsync(Azurite azurite)
    {
        await using var bed = await FaultBed.StartAsync(azurite);
        await bed.Stage.CertifiedAsync(bed.Request("first"u8.ToArray(), "first"), Patience);
        HashSet<string>? common = null;
        for (var i = 0; i < 2; i++)
        {
            await Task.Delay(TimeSpan.FromSeconds(2));
            var seen = new ConcurrentDictionary<string, bool>();
            bed.Watch(name => seen.TryAdd(name, true));
            await bed.Stage.CertifiedAsync(bed.Request(Encoding.UTF8.GetBytes($"deposit {i}"), $"deposit {i}"), Patience);
            await Task.Delay(TimeSpan.FromSeconds(2));
            common = common is null ? [.. seen.Keys] : [.. common.Intersect(seen.Keys)];
        }

        return [.. common!.Order(StringComparer.Ordinal)];
    }

    private static async Task WorkAsync(Azurite azurite, ConcurrentQueue<(string Site, string Manner)> work, Counts counts)
    {
        while (!work.IsEmpty)
        {
            await using var bed = await FaultBed.StartAsync(azurite);
            for (var i = 0; i < ReplaysEach && work.TryDequeue(out var item); i++)
            {
                try
                {
                    await ReplayAsync(bed, item.Site, item.Manner, counts);
                }
                catch (Exception failure)
                {
                    counts.Fail();
                    SoakOptions.Say($"FAILED {item.Manner}: {item.Site}: {failure.Message}\n{bed.Output}");
                    break;
                }
            }

            bed.Clear();
            counts.Audit(await bed.Stage.FsckAsync());
        }
    }

    private static async Task ReplayAsync(FaultBed bed, string site, string manner, Counts counts)
    {
        var clock = Stopwatch.StartNew();
        var deaths = bed.Stage.ReadySeconds.Count;
        var (leaves, anchors) = bed.Deposits++ == 0 ? (0, 0) : (await bed.Stage.LeavesAsync(), (await bed.Stage.AnchorsAsync()).Count);
        var rule = bed.Strike(site, manner, Burst);
        var request = bed.Request(Encoding.UTF8.GetBytes($"{manner} at {site}"), $"{manner} {bed.Deposits}");
        var receipt = await bed.Stage.CertifiedAsync(request, Patience);
        while (rule.Strikes == 0 && clock.Elapsed < StrikePatience)
            await Task.Delay(100);

        bed.Clear();
        while (rule.Strikes > 0 && manner.StartsWith("killed", StringComparison.Ordinal) && bed.Stage.ReadySeconds.Count == deaths && clock.Elapsed < Patience)
            await Task.Delay(50);

        Demand(await bed.Stage.CertifiedAsync(request, Patience) == receipt, "the receipt changed");
        Demand(await bed.Stage.LeavesAsync() == leaves + 1, "not one leaf");
        var now = await bed.Stage.AnchorsAsync();
        Demand(now.Count == anchors + 1 && now.Distinct().Count() == now.Count, $"{now.Count - anchors} anchors");
        counts.Done(rule.Strikes > 0);
        SoakOptions.Say(
            SoakOptions.Text($"{counts.Finished}/{counts.All} {clock.Elapsed.TotalSeconds:0.0} s {(rule.Strikes > 0 ? "" : "not struck ")}{manner}: {site}"));
    }

    private static void Demand(bool holds, string otherwise)
    {
        if (!holds)
            throw new InvalidOperationException(otherwise);
    }

    private sealed class Counts(int all)
    {
        private int finished, failed, struck, audits, badAudits;

        public int All => all;

        public int Finished => finished;

        public int Failed => failed;

        public int Struck => struck;

        public int Audits => audits;

        public int BadAudits => badAudits;

        public void Done(bool wasStruck)
        {
            Interlocked.Increment(ref finished);
            Interlocked.Add(ref struck, wasStruck ? 1 : 0);
        }

        public void Fail()
        {
            Interlocked.Increment(ref finished);
            Interlocked.Increment(ref failed);
        }

        public void Audit(string? found)
        {
            Interlocked.Increment(ref audits);
            if (found is not null)
            {
                Interlocked.Increment(ref badAudits);
                SoakOptions.Say($"fsck: {found}");
            }
        }
    }
}
