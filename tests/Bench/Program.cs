using Notary.Bench;

// Each against a peer or a limit run side by side (docs/operations.md, "Speed").
(string Name, Func<Task<IReadOnlyList<Figure>>> Run)[] all =
[
    ("merkle", MerkleBench.RunAsync),
    ("letters", LetterBench.RunAsync),
    ("bundles", BundleBench.RunAsync),
    ("anchors", AnchorBench.RunAsync),
    ("digests", DigestBench.RunAsync),
    ("bulk", BulkBench.RunAsync),
    ("calls", CallsBench.RunAsync),
    ("upload", UploadBench.RunAsync),
    ("takein", TakeInBench.RunAsync),
    ("certified", CertifiedBench.RunAsync),
    ("start", StartBench.RunAsync),
    ("console", ConsoleBench.RunAsync),
    ("draw", DrawBench.RunAsync),
    ("forensics", ForensicsBench.RunAsync),
    ("webhooks", WebhookBench.RunAsync),
    ("scale", ScaleBench.RunAsync),
];
var chosen = args.Length == 0 ? all : [.. all.Where(bench => args.Contains(bench.Name))];
if (chosen.Length == 0 || args.Except(all.Select(bench => bench.Name)).Any())
{
    await Console.Error.WriteLineAsync($"no such benchmark; there are: {string.Join(", ", all.Select(bench => bench.Name))}");
    return 2;
}

var missed = false;
foreach (var (name, run) in chosen)
{
    var clock = Stopwatch.StartNew();
    foreach (var figure in await run())
    {
        missed |= !figure.Met;
        Console.WriteLine(figure);
    }

    await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{name}: {clock.Elapsed.TotalSeconds:0} s"));
}

return missed ? 1 : 0;
