using Microsoft.Playwright;
using Notary.Browser;

namespace Notary.Bench;

/// <summary>Hashing in the browser, by the page of new deposits, against coreutils' sha256sum of the same files in the same run.</summary>
internal static class HashBench
{
    /// <summary>Renderer: the page with its workers. What a tab may hold on a small machine.</summary>
    private const double MostMiB = 500;

    private const int Files = 64;
    private const int FileMiB = 16;

    /// <summary>Shrinks the file, for a trial; the figures that count are of 4,096.</summary>
    private static readonly int MiB = int.Parse(Environment.GetEnvironmentVariable("NOTARY_BENCH_HASH_MIB") ?? "4096", CultureInfo.InvariantCulture);

    public static async Task<IReadOnlyList<Figure>> RunAsync(ConsoleSite site)
    {
        var folder = Directory.CreateTempSubdirectory("notary-bench").FullName;
        try
        {
            var large = Path.Combine(folder, "large.bin");
            await using (var file = File.Create(large))
                file.SetLength(MiB * 1024L * 1024);

            var many = new List<string>();
            for (var i = 0; i < Files; i++)
            {
                many.Add(Path.Combine(folder, $"{i:00}.bin"));
                await File.WriteAllBytesAsync(many[^1], RandomNumberGenerator.GetBytes(FileMiB * 1024 * 1024));
            }

            var peak = 0.0;
            var one = await Pairs.MeasureAsync("hashing a large file", "coreutils' sha256sum of the same file", 1, "MiB/s",
                async () =>
                {
                    var (rate, memory) = await OursAsync(site, [large], MiB);
                    peak = Math.Max(peak, memory);
                    return rate;
                },
                () => SumAsync([large], MiB), $"{MiB:#,0} MiB, chosen on the page, digest alone handed in; {ConsoleSite.Busy}", warm: false);
            var all = await Pairs.MeasureAsync("hashing many files", "coreutils' sha256sum of the same files, one after the other", 1, "MiB/s",
                async () => (await OursAsync(site, many, Files * FileMiB)).Rate, () => SumAsync(many, Files * FileMiB),
                $"{Files} files of {FileMiB} MiB; {ConsoleSite.Busy}", warm: false);
            return [one, all, new Ceiling("renderer's peak memory", peak, "MiB", MostMiB, $"VmHWM, the largest renderer after {MiB:#,0} MiB")];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>From choosing to the receipt, in a page of its own.</summary>
    private static async Task<(double Rate, double PeakMiB)> OursAsync(ConsoleSite site, List<string> files, double mib)
    {
        await using var visit = await site.SignInAsync();
        var page = visit.Page;
        await visit.GoAsync("/deposits/new");
        await page.Locator("input[value=digests]").CheckAsync();
        var clock = Stopwatch.StartNew();
        await page.Locator("[data-pick]").First.SetInputFilesAsync(files);
        await Assertions.Expect(page.Locator("[data-summary]")).ToHaveTextAsync($"{files.Count} of {files.Count} received");
        var rate = mib / clock.Elapsed.TotalSeconds;
        var session = await site.Browser.DebugAsync();
        var processes = (await session.SendAsync("SystemInfo.getProcessInfo"))!.Value.GetProperty("processInfo").EnumerateArray();
        return (rate, processes.Where(p => p.GetProperty("type").GetString() == "renderer").Max(p => PeakMiB(p.GetProperty("id").GetInt32())));
    }

    private static async Task<double> SumAsync(List<string> files, double mib)
    {
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(new ProcessStartInfo("sha256sum", files) { RedirectStandardOutput = true })!;
        var lines = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length == files.Count
            ? mib / clock.Elapsed.TotalSeconds : throw new InvalidOperationException("sha256sum did not do all files");
    }

    private static double PeakMiB(int process)
        => long.Parse(File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024.0;
}
