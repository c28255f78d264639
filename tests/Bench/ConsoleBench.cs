namespace Notary.Bench;

/// <summary>What people feel of the console: 1. a list page at any depth; 2. what a page weighs and whether it moves; 3. hashing; 4. sign-ins.</summary>
internal static class ConsoleBench
{
    public static async Task<IReadOnlyList<Figure>> RunAsync()
    {
        var parts = (Environment.GetEnvironmentVariable("NOTARY_BENCH_CONSOLE") ?? "pages hashing logins list").Split(' ');
        await using var site = await ConsoleSite.StartAsync();
        var figures = new List<Figure>();
        foreach (var part in parts)
        {
            figures.AddRange(part switch
            {
                "pages" => await PageBench.RunAsync(site),
                "hashing" => await HashBench.RunAsync(site),
                "logins" => await LoginBench.RunAsync(site),
                "list" => await ListBench.RunAsync(site),
                _ => throw new InvalidOperationException($"NOTARY_BENCH_CONSOLE: there is no {part}"),
            });
        }

        return figures;
    }
}
