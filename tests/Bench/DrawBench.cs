using Notary.Evidence.Draws;

namespace Notary.Bench;

/// <summary>Import with root, and drawing, against coreutils' shuf of the same file in the same run; and the memory of both.</summary>
internal static class DrawBench
{
    private const int Winners = 100_000;

    /// <summary>At most four times a full shuf's time.</summary>
    private const double LeastImport = 1 / 4.0;

    /// <summary>At most one and a half times the time of shuf -n.</summary>
    private const double LeastDraw = 1 / 1.5;

    private const double MostGiB = 1.5;

    /// <summary>Shrinks the list, for a trial; the figures that count are of ten million. More, to see that cost grows with the list alone.</summary>
    private static readonly int Candidates
        = int.Parse(Environment.GetEnvironmentVariable("NOTARY_BENCH_DRAW_CANDIDATES") ?? "10000000", CultureInfo.InvariantCulture);

    private static readonly DrawRules Rules = new([], [new DrawRound(Math.Min(Winners, Candidates), 0, [], false, false)]);

    private static readonly ListSecret Secret = new(new byte[ListSecret.Size]);

    public static async Task<IReadOnlyList<Figure>> RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("notary-bench").FullName;
        try
        {
            var file = Path.Combine(folder, "list.csv");
            await WriteAsync(file);
            PublicList? list = null;
            var peak = 0.0;
            var import = await Pairs.MeasureAsync("draw: import and root", "coreutils' shuf of the same file", LeastImport, "candidates/s",
                async () =>
                {
                    var first = list?.Root();
                    list = null;

                    // Whoever completed the last import may still be below on this stack, and hold its list.
                    await Task.Yield();
                    ForgetPeak();
                    var clock = Stopwatch.StartNew();
                    list = await ReadAsync(file);
                    var root = list.Root();
                    var seconds = clock.Elapsed.TotalSeconds;
                    Draw(list);
                    peak = Math.Max(peak, PeakGiB());
                    return first is null || first == root ? Candidates / seconds : throw new InvalidOperationException("another root than before");
                },
                () => ShufAsync(file), $"{Candidates:#,0} candidates, {new FileInfo(file).Length / 1e6:0} MB of CSV to committed list; {Load}");
            var draw = await Pairs.MeasureAsync("draw: winners", $"shuf -n {Winners} of the file", LeastDraw, "candidates/s",
                () => Task.FromResult(Draw(list!)), () => ShufAsync(file, "-n", $"{Winners}"), $"{Winners:#,0} winners from the list in memory; {Load}");
            var whole = await RecomputeAsync(list!, Path.Combine(folder, DrawPublic));
            return
            [
                import, draw,
                new Ceiling("draw: from public.csv", whole, "s", double.PositiveInfinity, $"read, checked by its root, and drawn; {Load}"),
                new Ceiling("draw: peak memory", peak, "GiB", MostGiB, $"VmHWM of this process after import, root and draw of {Candidates:#,0}"),
            ];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private const string DrawPublic = "public.csv";

    /// <summary>Ids as identity numbers are long, in no order; names of two characters.</summary>
    private static async Task WriteAsync(string path)
    {
        await using var file = new StreamWriter(path);
        await file.WriteAsync("id,name\n");
        for (var i = 0L; i < Candidates; i++)
        {
            // An odd factor goes through all residues of a power of two, so no id is there twice.
            var mixed = (i * 0x9E3779B1) & 0xFFFFFFFF;
            var (surname, name) = ((char)(0x4e00 + (i % 5000)), (char)(0x5000 + (i % 77)));
            file.Write(string.Create(CultureInfo.InvariantCulture, $"{110_000_000_000_000_000 + mixed},{surname}{name}\n"));
        }
    }

    private static async Task<PublicList> ReadAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
        return await ListImport.ReadAsync(file, ListFormat.Csv, null, Rules, Secret, null, CancellationToken.None);
    }

    private static double Draw(PublicList list)
    {
        var clock = Stopwatch.StartNew();
        var drawn = Drawing.Run(Rules, list, list.Root(), null, CancellationToken.None).Single();
        return drawn.Winners.Count == Rules.Rounds[0].Quota ? Candidates / clock.Elapsed.TotalSeconds : throw new InvalidOperationException("too few winners");
    }

    private static async Task<double> ShufAsync(string path, params string[] options)
    {
        var clock = Stopwatch.StartNew();
        await Shell.RunAsync("shuf", [.. options, "-o", "/dev/null", path]);
        return Candidates / clock.Elapsed.TotalSeconds;
    }

    private static async Task<double> RecomputeAsync(PublicList list, string path)
    {
        await using (var file = File.Create(path))
            await list.WriteAsync(file, CancellationToken.None);

        var clock = Stopwatch.StartNew();
        await using var rows = File.OpenRead(path);
        var read = await PublicListReader.ReadAsync(rows, Rules, null, CancellationToken.None);
        if (read.Root() != list.Root())
            throw new InvalidOperationException("the public list has another root");

        Draw(read);
        return clock.Elapsed.TotalSeconds;
    }

    /// <summary>What a run before left behind is not this one's.</summary>
    private static void ForgetPeak()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        File.WriteAllText("/proc/self/clear_refs", "5");
    }

    private static double PeakGiB()
        => long.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024.0 / 1024;

    private static string Load => $"load average {File.ReadAllText("/proc/loadavg").Split(' ')[0]}";
}
