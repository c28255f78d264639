using Notary.Bench.Scale;

namespace Notary.Bench;

/// <summary>The model of docs/scale.md: its small cases against real runs here, its figures against today's, and its tables.</summary>
internal static class ScaleBench
{
    /// <summary>How far a prediction may be off, as a factor either way.</summary>
    private const double Near = 1.3;

    /// <summary>Figures recorded on another day, at another load, may be off by so much before the tables want to be made anew.</summary>
    private const double Recorded = 2;

    private const int WarmUp = 1500, Alone = 250, Together = 600, Rounds = 3, Attempts = 5, Singles = 5, Letters = 90, Items = 300_000;

    /// <summary>Part of the processors that must be there for the asking before and after a round that counts.</summary>
    private const double Quiet = 0.85;

    /// <summary>Azurite's third process.</summary>
    private const int TableService = 2;

    private static readonly int[] Crowds = [2, 8];

    private static readonly TimeSpan Burn = TimeSpan.FromMilliseconds(400);

    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(3), Look = TimeSpan.FromMilliseconds(20), Patience = TimeSpan.FromMinutes(2);

    public static async Task<IReadOnlyList<Figure>> RunAsync()
    {
        await using var platform = await Platform.StartAsync(new PlatformOptions());
        List<Figure> figures = [.. await ScaleCalls.RunAsync(platform)];
        await using var app = await BenchApp.StartAsync(platform);
        await Load.RunAsync(WarmUp, () => Deposit.AgainAsync(app.Tenant));
        var content = RandomNumberGenerator.GetBytes(Measured.FileBytes);
        Task File() => Deposit.FileAsync(app.Tenant, new MemoryStream(content), Digest.Of(content));
        await Load.RunAsync(Alone, () => Deposit.DigestAsync(app.Tenant));
        await Load.RunAsync(Alone / 2, File);
        await QuietAsync(app);

        figures.AddRange(await CrowdsAsync(platform, app));
        figures.Add(await LogAsync(platform, app));

        var digest = await ProcessorAsync(app, Together, () => Load.RunAsync(Together, () => Deposit.DigestAsync(app.Tenant)));
        var file = await ProcessorAsync(app, Alone, () => Load.RunAsync(Alone, File));
        figures.Add(Compare("scale: processor, a digest", digest, Measured.Digest, 1e3, "ms"));
        figures.Add(Compare("scale: processor, a file", file, Measured.File, 1e3, "ms"));
        figures.AddRange(await LettersAsync(platform, app, digest));
        var item = await ProcessorAsync(app, Items, () => ScaleCalls.SendAsync(app.Tenant, ScaleCalls.Body(Items)));
        figures.Add(Compare("scale: processor, an item", item, Measured.Item, 1e6, "us"));
        Console.WriteLine(ScaleTables.All());
        return figures;
    }

    /// <summary>What a client alone takes says what several take together, on a machine that nobody else is using.</summary>
    private static async Task<IReadOnlyList<Figure>> CrowdsAsync(Platform platform, BenchApp app)
    {
        var runs = Crowds.ToDictionary(clients => clients, _ => new List<(double Real, double Model, Machine Machine, double Quiet)>());
        var free = new Times { Table = default, BlobRead = default, BlobWrite = default, Vault = default };
        for (var attempt = 0; attempt < Attempts && runs.Values.Any(of => of.Count(run => run.Quiet >= Quiet) < Rounds); attempt++)
        {
            foreach (var (clients, of) in runs)
            {
                var before = Available();
                var machine = await AloneAsync(app, platform.Azurite.Services[TableService].Id);
                var real = await Load.RunAsync(Together, () => Deposit.DigestAsync(app.Tenant), clients);
                var model = SmallModel.Run(new Offer(0), Together, clients, free, machine).PerSecond;
                of.Add((real, model, machine, Math.Min(before, Available()) / Environment.ProcessorCount));
            }
        }

        return [.. runs.Select(crowd =>
        {
            var quiet = crowd.Value.Where(run => run.Quiet >= Quiet).ToList();
            var judged = quiet.Count >= Rounds;
            var counted = judged ? quiet : crowd.Value;
            var (real, model, machine, _) = counted.OrderBy(run => run.Model / run.Real).ElementAt(counted.Count / 2);
            var one = machine.Client + machine.App + machine.Storage + machine.Other;
            var why = judged ? Figure.Say($"median of {quiet.Count} rounds in which nobody else used the machine")
                : Figure.Say($"others used it in {crowd.Value.Count - quiet.Count} of {crowd.Value.Count} rounds: not judged");
            return new Ceiling($"scale: {crowd.Key} clients", Off(real, model), "x off", judged ? Near : double.PositiveInfinity, Figure.Say(
                $"{real:0} digests/s measured, {model:0} by the model, which knows one client: {one * 1e3:0.0} ms, ",
                $"of them {machine.Client * 1e3:0.0} the client's, {machine.App * 1e3:0.0} the app's, {machine.Storage * 1e3:0.0} the table server's; {why}"));
        })];
    }

    /// <summary>One client, and what its deposits take of the machine.</summary>
    private static async Task<Machine> AloneAsync(BenchApp app, int table)
    {
        var (client, host, storage) = (Of(Environment.ProcessId), Of(app.ProcessId), Of(table));
        var seconds = 1 / await Load.RunAsync(Alone, () => Deposit.DigestAsync(app.Tenant), 1);
        double Each(int process, double before) => (Of(process) - before) / Alone;
        var machine = new Machine(Each(Environment.ProcessId, client), Each(app.ProcessId, host), Each(table, storage), 0, Environment.ProcessorCount);
        return machine with { Other = Math.Max(0, seconds - machine.Client - machine.App - machine.Storage) };
    }

    /// <summary>Processors that whoever asks for all of them is given now.</summary>
    private static double Available()
    {
        var (clock, before) = (Stopwatch.StartNew(), Of(Environment.ProcessId));
        Parallel.For(0, Environment.ProcessorCount, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, _ =>
        {
            while (clock.Elapsed < Burn)
            {
            }
        });
        return (Of(Environment.ProcessId) - before) / clock.Elapsed.TotalSeconds;
    }

    /// <summary>One deposit of an idle app, until it is in the log.</summary>
    private static async Task<Figure> LogAsync(Platform platform, BenchApp app)
    {
        var times = await TimesAsync(platform);
        var seconds = new List<double>();
        var table = app.Storage.Table(Names.Deposits);
        for (var i = 0; i < Singles; i++)
        {
            await Task.Delay(Idle);
            var clock = Stopwatch.StartNew();
            var id = DepositId.Parse(await Deposit.DigestAsync(app.Tenant));
            while (!(await table.GetEntityAsync<Azure.Data.Tables.TableEntity>(DepositKeys.Shard("firm"), DepositKeys.Deposit("firm", id), ["Index"]))
                .Value.ContainsKey("Index"))
                await Task.Delay(Look);

            seconds.Add(clock.Elapsed.TotalSeconds);
        }

        var measured = seconds.Order().ElementAt(Singles / 2);
        var model = SmallModel.Run(new Offer(0), 1, 1, times, size: 1000).Log;
        return new Ceiling("scale: POST to the log", Off(measured, model), "x off", Near, Figure.Say(
            $"{measured:0.00} s measured on an idle app, median of {Singles}; {model:0.00} s by the model, fed with requests measured one by one: table ",
            $"{times.Table.Median * 1e3:0.0}, blob written {times.BlobWrite.Median * 1e3:0.0}, read {times.BlobRead.Median * 1e3:0.0}, ",
            $"signature {times.Vault.Median * 1e3:0.0} ms"));
    }

    private static async Task<IReadOnlyList<Figure>> LettersAsync(Platform platform, BenchApp app, double digest)
    {
        int Tokens() => platform.Authorities.Sum(authority => authority.Requests);
        var (signs, tokens) = (platform.Vault.Calls("sign"), Tokens());
        var (checkpoints, anchors) = (await CountAsync(app, DepositKeys.CheckpointPartition), await CountAsync(app, DepositKeys.AnchorPartition));
        var ids = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var processor = await ProcessorAsync(app, Letters, async () =>
        {
            await Load.RunAsync(Letters, async () => ids.Enqueue(await Deposit.EagerAsync(app.Tenant)));
            foreach (var id in ids)
            {
                for (var clock = Stopwatch.StartNew(); !await Rows.IsCertifiedAsync(app.Storage, id); await Task.Delay(Look * 10))
                {
                    if (clock.Elapsed > Patience)
                        throw new InvalidOperationException($"{id} is not Certified after {clock.Elapsed}: {await app.DescribeAsync(id)}");
                }
            }
        });
        checkpoints = await CountAsync(app, DepositKeys.CheckpointPartition) - checkpoints;
        anchors = await CountAsync(app, DepositKeys.AnchorPartition) - anchors;
        var (each, signed) = ((Tokens() - tokens - (2 * checkpoints)) / (double)Letters, platform.Vault.Calls("sign") - signs - checkpoints - anchors);
        return
        [
            new Ceiling("scale: tokens a letter", Math.Abs(each - LetterModel.Tokens), "off", 0.1, Figure.Say(
                $"{each:0.00} asked for, {LetterModel.Tokens} in the model; those over {checkpoints} checkpoints are left out")),
            new Ceiling("scale: signatures a letter", Math.Abs((signed / (double)Letters) - 1), "off", 0.05, Figure.Say(
                $"{signed} for {Letters} letters, 1 each in the model; those of {checkpoints} checkpoints and {anchors} anchors are left out")),
            Compare("scale: processor, a letter", processor - digest, Measured.Letter, 1e3, "ms"),
        ];
    }

    private static Ceiling Compare(string name, double today, double recorded, double factor, string unit)
        => new(name, Off(today, recorded), "x off", Recorded, Figure.Say($"{today * factor:0.00} {unit} today, {recorded * factor:0.00} in the tables"));

    private static double Off(double a, double b) => Math.Max(a / b, b / a);

    /// <summary>Processor seconds of the app for each of so many, what follows within the next seconds included.</summary>
    private static async Task<double> ProcessorAsync(BenchApp app, int count, Func<Task> work)
    {
        await QuietAsync(app);
        var before = Of(app.ProcessId);
        await work();
        await QuietAsync(app);
        return (Of(app.ProcessId) - before) / count;
    }

    /// <summary>Nothing waits, nor is anything to be indexed.</summary>
    private static async Task QuietAsync(BenchApp app)
    {
        async Task<bool> UnindexedAsync() => (await app.Tenant.GetStringAsync(new Uri("v1/batches/items?reference=none", UriKind.Relative)))
            .Contains("\"unindexed\":[\"", StringComparison.Ordinal);
        for (var clock = Stopwatch.StartNew(); await Rows.PendingAsync(app.Storage) > 0 || await UnindexedAsync(); await Task.Delay(Look * 10))
        {
            if (clock.Elapsed > Patience)
                throw new InvalidOperationException("the app does not come to rest");
        }

        await Task.Delay(Idle);
    }

    /// <summary>Requests one by one, straight to the servers.</summary>
    private static async Task<Times> TimesAsync(Platform platform)
    {
        const int Times = 40;
        var storage = StorageAccount.Open(new StorageOptions { ConnectionString = platform.Azurite.ConnectionStringFor(platform.Azurite.NewAccount()) });
        var (table, container) = (storage.Table(Names.Deposits), storage.Container(Names.Log));
        await table.CreateIfNotExistsAsync();
        await container.CreateIfNotExistsAsync();
        var signer = await VaultSigner.OpenAsync(new KeyClient(platform.Vault.Url, platform.Vault.Credential), KeyNames.LogSigner);
        async Task<Latency> MedianAsync(Func<int, Task> once)
        {
            var all = new List<double>();
            for (var i = 0; i < Times; i++)
            {
                var clock = Stopwatch.StartNew();
                await once(i);
                all.Add(clock.Elapsed.TotalSeconds);
            }

            return new Latency(all.Order().ElementAt(Times / 2), 0);
        }

        return new Times
        {
            Table = await MedianAsync(_ => table.SubmitTransactionAsync(Rows.OfDigest())),
            BlobWrite = await MedianAsync(i => container.GetBlobClient($"{i}").UploadAsync(new BinaryData(new byte[2048]))),
            BlobRead = await MedianAsync(i => container.GetBlobClient($"{i}").DownloadContentAsync()),
            Vault = await MedianAsync(_ => signer.SignAsync(new byte[Digest.Size])),
        };
    }

    private static async Task<int> CountAsync(BenchApp app, string partition)
        => await app.Storage.Table(Names.Checkpoints)
            .QueryAsync($"PartitionKey eq '{partition}' and RowKey lt '{DepositKeys.Head}'", select: ["RowKey"]).CountAsync();

    private static double Of(int process) => Process.GetProcessById(process).TotalProcessorTime.TotalSeconds;
}
