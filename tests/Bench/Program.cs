using Notary.Bench;

// Ratios only, each against a peer or a limit run side by side (docs/operations.md, "Speed").
(string Name, Func<Task<Result>> Run)[] all =
[
    ("merkle", MerkleBench.RunAsync),
];
var chosen = args.Length == 0 ? all : [.. all.Where(bench => args.Contains(bench.Name))];
if (chosen.Length == 0)
{
    await Console.Error.WriteLineAsync($"no such benchmark; there are: {string.Join(", ", all.Select(bench => bench.Name))}");
    return 2;
}

var missed = false;
foreach (var (name, run) in chosen)
{
    await Console.Error.WriteLineAsync($"measuring {name}");
    var result = await run();
    missed |= result.Median < result.Goal;
    Console.WriteLine(result);
}

return missed ? 1 : 0;
