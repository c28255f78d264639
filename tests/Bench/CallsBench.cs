using System.Globalization;
using System.Security.Cryptography;
using Notary.Evidence;
using Notary.Servers;
using Notary.Storage;

namespace Notary.Bench;

/// <summary>Requests that reach storage for each deposit, counted in front of it.</summary>
internal static class CallsBench
{
    private const int Digests = 400;
    private const int Files = 200;
    private const int FileBytes = 4096;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static async Task<IReadOnlyList<Figure>> RunAsync()
    {
        await using var platform = await Platform.StartAsync(new PlatformOptions());
        var content = RandomNumberGenerator.GetBytes(FileBytes);
        return
        [
            await CountAsync(platform, "storage calls a digest", Digests, 1.1, Deposit.DigestAsync),
            await CountAsync(platform, "storage calls a file", Files, 2.1, tenant => Deposit.FileAsync(tenant, new MemoryStream(content), Digest.Of(content))),
        ];
    }

    private static async Task<Ceiling> CountAsync(Platform platform, string name, int deposits, double goal, Func<HttpClient, Task> deposit)
    {
        await using var blob = await FaultProxy.StartAsync(platform.Azurite.BlobEndpoint);
        await using var queue = await FaultProxy.StartAsync(platform.Azurite.QueueEndpoint);
        await using var table = await FaultProxy.StartAsync(platform.Azurite.TableEndpoint);
        await using var app = await BenchApp.StartAsync(platform, blob.Url, queue.Url, table.Url);
        await deposit(app.Tenant);
        await SequencedAsync(app.Storage);

        FaultProxy[] all = [blob, queue, table];
        foreach (var proxy in all)
        {
            proxy.Clear();
        }

        await Load.RunAsync(deposits, () => deposit(app.Tenant));
        await SequencedAsync(app.Storage);
        var requests = all.SelectMany(proxy => proxy.Requests).ToList();
        var counted = requests.Where(request => !IsLook(request)).ToList();
        if (Environment.GetEnvironmentVariable("NOTARY_BENCH_CALLS") is not null)
        {
            foreach (var kind in requests.GroupBy(r => $"{(IsLook(r) ? "look " : "")}{r.Method} {r.Status} {System.Text.RegularExpressions.Regex.Replace(r.Path, "notarytest[0-9]+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{8,}", "*")}"[..]).OrderByDescending(g => g.Count()))
            {
                await Console.Error.WriteLineAsync($"{kind.Count(),6} {kind.Key[..Math.Min(150, kind.Key.Length)]}");
            }
        }

        return new Ceiling(name, counted.Count / (double)deposits, "calls", goal, string.Create(
            CultureInfo.InvariantCulture,
            $"{counted.Count} requests counted in front of Azurite for {deposits} deposits, letter on request, {Load.Concurrency} clients at once, until all are in the log; without {requests.Count - counted.Count} looks for due work, which an idle app makes too"));
    }

    /// <summary>Made by the clock, not by deposits: a look into the queues, and one for processes that are due.</summary>
    private static bool IsLook(ProxiedRequest request)
        => request.Method == "GET" && (request.Path.Contains("/messages?", StringComparison.Ordinal) || request.Path.Contains($"/{Names.Processes}()?", StringComparison.Ordinal));

    private static async Task SequencedAsync(StorageAccount storage)
    {
        for (var waited = TimeSpan.Zero; await Rows.PendingAsync(storage) > 0; waited += Quiet)
        {
            if (waited > Patience)
            {
                throw new InvalidOperationException("deposits wait for the sequencer for too long");
            }

            await Task.Delay(Quiet);
        }
    }
}
