using System.Text.RegularExpressions;

namespace Notary.Bench;

/// <summary>Requests that reach storage for each deposit, counted in front of it.</summary>
internal static class CallsBench
{
    private const int Deposits = 1000;
    private const int FileBytes = 4096;

    /// <summary>The sequencer's question for deposits that wait.</summary>
    private const string PendingQuery = @"/deposits\(\)\?.*RowKey%20ge%20%27p%7C%27";

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static async Task<IReadOnlyList<Figure>> RunAsync()
    {
        await using var platform = await Platform.StartAsync(new PlatformOptions());
        var content = RandomNumberGenerator.GetBytes(FileBytes);
        Task File(HttpClient tenant) => Deposit.FileAsync(tenant, new MemoryStream(content), Digest.Of(content));
        return
        [
            await CountAsync(platform, "storage calls a digest", 1.1, Deposit.DigestAsync, oneBatch: true),
            await CountAsync(platform, "  as they come", double.PositiveInfinity, Deposit.DigestAsync, oneBatch: false),
            await CountAsync(platform, "storage calls a file", 2.1, File, oneBatch: true),
            await CountAsync(platform, "  as they come", double.PositiveInfinity, File, oneBatch: false),
        ];
    }

    /// <param name="oneBatch">Holds the sequencer's look for new deposits until all are there: what each batch costs is then shared by all of them,
    /// as in a log under load.</param>
    private static async Task<Ceiling> CountAsync(Platform platform, string name, double goal, Func<HttpClient, Task> deposit, bool oneBatch)
    {
        await using var blob = await FaultProxy.StartAsync(platform.Azurite.BlobEndpoint);
        await using var queue = await FaultProxy.StartAsync(platform.Azurite.QueueEndpoint);
        await using var table = await FaultProxy.StartAsync(platform.Azurite.TableEndpoint);
        await using var app = await BenchApp.StartAsync(platform, blob.Url, queue.Url, table.Url);
        await deposit(app.Tenant);
        await SequencedAsync(app.Storage);
        await SettledAsync(platform);

        FaultProxy[] all = [blob, queue, table];
        foreach (var proxy in all)
            proxy.Clear();

        var arrived = new TaskCompletionSource();
        if (oneBatch)
            table.Add(new FaultRule(PendingQuery, FaultKind.Delay) { Callback = () => arrived.Task });

        await Load.RunAsync(Deposits, () => deposit(app.Tenant));
        arrived.SetResult();
        await SequencedAsync(app.Storage);
        var requests = all.SelectMany(proxy => proxy.Requests).ToList();
        var counted = requests.Where(request => !IsLook(request)).ToList();
        var batches = requests.Count(
            request => request.Method == "PUT" && request.Path.Contains($"/{Names.Staging}/{Names.StagePrefix}", StringComparison.Ordinal));
        if (Environment.GetEnvironmentVariable("NOTARY_BENCH_CALLS") is not null)
            await TellAsync(counted);

        return new Ceiling(name, counted.Count / (double)Deposits, "calls", goal, string.Create(
            CultureInfo.InvariantCulture,
            $"{counted.Count} requests counted in front of Azurite for {Deposits} deposits in {batches} batch(es), letter on request, {Load.Concurrency} "
                + $"clients at once, until all are in the log; besides {requests.Count - counted.Count} looks for due work, which an idle app makes too"));
    }

    /// <summary>What was counted, by kind.</summary>
    public static async Task TellAsync(IEnumerable<ProxiedRequest> requests)
    {
        foreach (var kind in requests.GroupBy(
            r => $"{r.Method} {r.Status} {Regex.Replace(r.Path, "notarytest[0-9]+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{8,}", "*")}")
            .OrderByDescending(g => g.Count()))
            await Console.Error.WriteLineAsync($"{kind.Count(),6} {kind.Key}");
    }

    /// <summary>Made by the clock, not by deposits: a look into the queues, and the task hub's leases.</summary>
    private static bool IsLook(ProxiedRequest request)
        => request.Method == "GET" && (request.Path.Contains("/messages?", StringComparison.Ordinal)
            || request.Path.Contains($"/{Names.TaskHub}Partitions", StringComparison.Ordinal));

    /// <summary>The anchor of what came before is no longer watched: watching costs by the clock.</summary>
    private static async Task SettledAsync(Platform platform)
    {
        await Task.Delay(Quiet * 2);
        await platform.Anvil.MineAsync(70);
        await Task.Delay(Quiet * 2);
    }

    private static async Task SequencedAsync(StorageAccount storage)
    {
        for (var waited = TimeSpan.Zero; await Rows.PendingAsync(storage) > 0; waited += Quiet)
        {
            if (waited > Patience)
                throw new InvalidOperationException("deposits wait for the sequencer for too long");

            await Task.Delay(Quiet);
        }
    }
}
