using Notary.Soak;

// What it takes to believe that nothing is lost (docs/operations.md, "Soak").
(string Name, Func<SoakOptions, Task<Result>> Run)[] all =
[
    ("faults", FaultRun.RunAsync),
    ("kills", KillRun.RunAsync),
    ("malformed", MalformedRun.RunAsync),
    ("uploads", UploadRun.RunAsync),
    ("batches", BatchRun.RunAsync),
    ("webhooks", WebhookRun.RunAsync),
];
SoakOptions options;
IReadOnlyList<string> names;
try
{
    (options, names) = SoakOptions.Parse(args);
}
catch (FormatException wrong)
{
    await Console.Error.WriteLineAsync(wrong.Message);
    return 2;
}

if (names.Except(all.Select(run => run.Name)).FirstOrDefault() is { } unknown)
{
    await Console.Error.WriteLineAsync($"no run is called {unknown}; there are: {string.Join(", ", all.Select(run => run.Name))}");
    return 2;
}

var missed = false;
foreach (var (name, run) in all.Where(run => names.Count == 0 || names.Contains(run.Name)))
{
    SoakOptions.Say($"{name}, --seed {options.Seed}");
    Result result;
    try
    {
        result = await run(options);
    }
    catch (Exception failure)
    {
        SoakOptions.Say(failure.ToString());
        result = new Result(name, $"broke off: {failure.Message}", "to come to its end", Met: false);
    }

    missed |= !result.Met;
    Console.WriteLine(result);
}

return missed ? 1 : 0;
