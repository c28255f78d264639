namespace Notary.Bench;

/// <summary>An instance that starts on storage that is there: how soon it is ready, and what it holds when nothing happens.</summary>
internal static class StartBench
{
    private const double MaxSeconds = 1.0;
    private const double MaxIdleMiB = 160;

    public static async Task<IReadOnlyList<Figure>> RunAsync()
    {
        var seconds = new List<double>();
        double idle = 0;
        await using var platform = await Platform.StartAsync(new PlatformOptions());
        for (var i = 0; i <= Pairs.Count; i++)
        {
            var clock = Stopwatch.StartNew();
            await using var app = await App.StartAsync(platform.AppEnvironment(), executable: BenchApp.Deployed);
            var listening = clock.Elapsed.TotalSeconds;
            await app.ReadyAsync();
            using var process = Process.GetProcessById(app.Process.Id);
            await Console.Error.WriteLineAsync(Figure.Say($"start: listening after {listening:0.00} s, ready after {clock.Elapsed.TotalSeconds:0.00} s, ",
                $"{process.TotalProcessorTime.TotalSeconds:0.00} s of processor time"));

            // The first one makes the tables and containers.
            if (i > 0)
                seconds.Add(clock.Elapsed.TotalSeconds);

            if (i == Pairs.Count)
            {
                await Task.Delay(TimeSpan.FromSeconds(30));
                idle = BenchApp.ReadStatus(app, "VmRSS:");
            }
        }

        return
        [
            new Ceiling("start to ready", seconds.Order().ElementAt(seconds.Count / 2), "s", MaxSeconds,
                $"median of {seconds.Count} starts of the process on storage that is there, until /readyz answers 200"),
            new Ceiling("idle memory", idle, "MiB", MaxIdleMiB, "VmRSS 30 s after the start, with nothing to do"),
        ];
    }
}
