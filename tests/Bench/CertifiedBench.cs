namespace Notary.Bench;

/// <summary>The whole way of a deposit, from POST to its letter, against the app as it was (<see cref="FormerBuild"/>) on the same servers.</summary>
internal static class CertifiedBench
{
    private const int Crowd = 1000;

    /// <summary>Single deposits on an idle app; their median counts, since the place of a POST between two blocks is luck.</summary>
    private const int Singles = 7;

    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("NOTARY_BENCH_ROUNDS") ?? "3", CultureInfo.InvariantCulture);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public static async Task<IReadOnlyList<Figure>> RunAsync()
    {
        var former = await FormerBuild.ExecutableAsync();
        await using var platform = await Platform.StartAsync(new PlatformOptions());
        var (crowds, singles, files) = (new List<(double, double)>(), new List<(double, double)>(), new List<(double, double)>());
        for (var round = 0; round < Rounds; round++)
        {
            crowds.Add(await BothAsync(round, executable => CrowdAsync(platform, executable)));
            singles.Add(await BothAsync(round, executable => SingleAsync(platform, executable)));
            files.Add(await BothAsync(round, executable => CallsAsync(platform, executable)));
            await Console.Error.WriteLineAsync(Figure.Say(
                $"certified: round {round + 1} of {Rounds}, {crowds[^1].Item1:0.0} and {crowds[^1].Item2:0.0} a second; ",
                $"{singles[^1].Item1:0.00} and {singles[^1].Item2:0.00} s; {files[^1].Item1:0} and {files[^1].Item2:0} calls"));
        }

        return
        [
            Compare("digests certified", 4, crowds, "deposits/s",
                $"{Crowd} with eager letters by {Load.Concurrency} clients at once, from the first POST until each is Certified", more: true),
            Compare("time to Certified", 1 / 0.8, singles, "s",
                $"median of {Singles} single digest deposits on an idle app, blocks of a second, 3 confirmations", more: false),
            Compare("calls of a file's whole way", 1 / 0.5, files, "calls",
                "requests in front of Azurite from POST until Certified, all in, of one file on an idle app", more: false),
        ];

        async Task<(double, double)> BothAsync(int round, Func<string, Task<double>> run)
        {
            if (round % 2 == 0)
            {
                var ours = await run(BenchApp.Deployed);
                return (ours, await run(former));
            }

            var theirs = await run(former);
            return (await run(BenchApp.Deployed), theirs);
        }
    }

    private static Ratio Compare(string name, double goal, List<(double Ours, double Former)> runs, string unit, string inside, bool more)
        => new(name, "the app as it was at 6f9f9a5", goal, [.. runs.Select(r => more ? r.Ours / r.Former : r.Former / r.Ours)], Figure.Say(
            $"medians {Median(runs.Select(r => r.Ours)):0.##} and {Median(runs.Select(r => r.Former)):0.##} {unit}; {inside}"));

    /// <returns>Certified deposits a second.</returns>
    private static async Task<double> CrowdAsync(Platform platform, string executable)
    {
        await using var app = await BenchApp.StartAsync(platform, executable: executable);
        await CertifiedAsync(app, await Deposit.EagerAsync(app.Tenant));
        var ids = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var clock = Stopwatch.StartNew();
        await Load.RunAsync(Crowd, async () => ids.Enqueue(await Deposit.EagerAsync(app.Tenant)));
        foreach (var id in ids)
            await CertifiedAsync(app, id);

        return Crowd / clock.Elapsed.TotalSeconds;
    }

    /// <returns>Seconds from POST to Certified.</returns>
    private static async Task<double> SingleAsync(Platform platform, string executable)
    {
        await using var app = await BenchApp.StartAsync(platform, executable: executable);
        await CertifiedAsync(app, await Deposit.EagerAsync(app.Tenant));
        var seconds = new List<double>();
        for (var i = 0; i < Singles; i++)
        {
            // Longer than the anchors' interval, and somewhere else between two blocks each time.
            await Task.Delay(TimeSpan.FromSeconds(8) + TimeSpan.FromMilliseconds(110 * i));
            var clock = Stopwatch.StartNew();
            await CertifiedAsync(app, await Deposit.EagerAsync(app.Tenant));
            seconds.Add(clock.Elapsed.TotalSeconds);
        }

        return Median(seconds);
    }

    /// <returns>Requests that reached storage from a file's POST until its letter was there.</returns>
    private static async Task<double> CallsAsync(Platform platform, string executable)
    {
        await using var blob = await FaultProxy.StartAsync(platform.Azurite.BlobEndpoint);
        await using var queue = await FaultProxy.StartAsync(platform.Azurite.QueueEndpoint);
        await using var table = await FaultProxy.StartAsync(platform.Azurite.TableEndpoint);
        await using var app = await BenchApp.StartAsync(platform, blob.Url, queue.Url, table.Url, executable);
        var content = RandomNumberGenerator.GetBytes(4096);
        await CertifiedAsync(app, await Deposit.FileAsync(app.Tenant, new MemoryStream(content), Digest.Of(content), "eager"));
        await Task.Delay(TimeSpan.FromSeconds(15));
        FaultProxy[] all = [blob, queue, table];
        foreach (var proxy in all)
            proxy.Clear();

        content = RandomNumberGenerator.GetBytes(4096);
        var id = await Deposit.FileAsync(app.Tenant, new MemoryStream(content), Digest.Of(content), "eager");
        // Seen from storage itself: a question to the app would be counted.
        for (var clock = Stopwatch.StartNew(); !await Rows.IsCertifiedAsync(app.Storage, id); await Task.Delay(Look))
        {
            if (clock.Elapsed > Patience)
                throw new InvalidOperationException($"{id} is not Certified after {clock.Elapsed}");
        }

        var requests = all.SelectMany(proxy => proxy.Requests).ToList();
        if (Environment.GetEnvironmentVariable("NOTARY_BENCH_CALLS") is not null)
            await CallsBench.TellAsync(requests);

        return requests.Count;
    }

    private static async Task CertifiedAsync(BenchApp app, string id)
    {
        for (var clock = Stopwatch.StartNew(); await Deposit.StateAsync(app.Tenant, id) != "Certified"; await Task.Delay(Look))
        {
            if (clock.Elapsed > Patience)
                throw new InvalidOperationException($"{id} is not Certified after {clock.Elapsed}: {await app.DescribeAsync(id)}");
        }
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(values.Count() / 2);
}
