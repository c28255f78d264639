using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Notary.Webhooks;

namespace Notary.Bench;

/// <summary>How much later events come to good endpoints when others are bad: the same events, with and without, in turn.</summary>
internal static class WebhookBench
{
    private const int Endpoints = 20;

    /// <summary>One of each kind: three in ten.</summary>
    private static readonly int Bad = WebhookReceiver.BadKinds.Count;

    /// <summary>Events of one run, over all endpoints.</summary>
    private static readonly int Events = int.Parse(Environment.GetEnvironmentVariable("NOTARY_BENCH_WEBHOOKS") ?? "10000", CultureInfo.InvariantCulture);

    /// <summary>Between two groups of events: a load that a good run keeps up with, so that waiting and not throughput is measured.</summary>
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(250);

    private const int PerBeat = 25;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public static async Task<IReadOnlyList<Figure>> RunAsync()
    {
        await using var azurite = await Azurite.StartAsync();
        await using var vault = await VaultServer.StartAsync();
        var keys = new KeyClient(vault.Url, vault.Credential);
        await KeyNames.EnsureCreatedAsync(keys);
        var wrap = await VaultKeyEncryption.OpenAsync(keys, KeyNames.KeyEncryption);
        await OnceAsync(azurite, wrap, bad: false, Events / 10);
        var (with, without) = (new List<double>(), new List<double>());
        for (var i = 0; i < 3; i++)
        {
            foreach (var bad in i % 2 == 0 ? new[] { true, false } : [false, true])
                (bad ? with : without).Add(await OnceAsync(azurite, wrap, bad, Events));

            await Console.Error.WriteLineAsync(Figure.Say($"webhooks: pair {i + 1} of 3, p99 {with[^1]:0} and {without[^1]:0} ms"));
        }

        var ratios = with.Zip(without, (a, b) => a / b).Order().ToList();
        return
        [
            new Ceiling("webhooks: p99 with bad ones", ratios[1], "x", 1.2, Figure.Say(
                $"median of 3 (min {ratios[0]:0.00}, max {ratios[2]:0.00}) against all good in the same run; p99 {with.Order().ElementAt(1):0} and ",
                $"{without.Order().ElementAt(1):0} ms from event to receiver; {Events} events, {Endpoints} endpoints of as many tenants, ",
                $"{Bad} of them bad in six kinds; none lost")),
        ];
    }

    /// <summary>One run on an account of its own; the good endpoints' p99 in milliseconds.</summary>
    private static async Task<double> OnceAsync(Azurite azurite, VaultKeyEncryption wrap, bool bad, int events)
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var storage = StorageAccount.Open(new StorageOptions { ConnectionString = azurite.ConnectionStringFor(azurite.NewAccount()) });
        await storage.Table(Names.Webhooks).CreateIfNotExistsAsync();
        var clock = TimeProvider.System;
        using var bell = new WebhookBell();
        using var sender = new Sender(allowLoopback: true, clock);
        var sink = new EventSink(storage, new Uri("http://127.0.0.1"), bell, clock);
        var desk = new EndpointDesk(storage, wrap, new Listeners(storage, clock), sink, true, clock);
        var good = new List<string>();
        for (var n = 0; n < Endpoints; n++)
        {
            var kind = bad && n < Bad ? WebhookReceiver.BadKinds[n] : "good";
            var made = await desk.CreateAsync($"t{n}", receiver.Endpoint(kind, $"t{n}").AbsoluteUri, "", [],
                RandomNumberGenerator.GetBytes(32), clock.GetUtcNow(), default);
            await receiver.KnowAsync($"t{n}", made.Secret);
            if (n >= Bad)
                good.Add($"t{n}");
        }

        using var end = new CancellationTokenSource();
        var loop = new Deliveries(storage, wrap, sink, sender, bell, clock, NullLogger<Deliveries>.Instance).RunLoopAsync(end.Token);
        var told = new ConcurrentDictionary<string, DateTimeOffset>();
        for (var group = 0; group * PerBeat < events; group++)
        {
            var beat = Task.Delay(Beat);
            await Task.WhenAll(Enumerable.Range(group * PerBeat, PerBeat).GroupBy(n => n % Endpoints).Select(async tenant =>
            {
                var now = clock.GetUtcNow();
                var some = tenant.Select(n => new NewEvent(EventTypes.DepositLogged, $"{n}", now, "",
                    new Dictionary<string, object> { ["index"] = n })).ToList();
                await sink.AppendAsync($"t{tenant.Key}", some, default);

                // From when it is durable: what writing costs is the writer's.
                foreach (var one in some)
                    told[one.Id($"t{tenant.Key}")] = clock.GetUtcNow();
            }));
            await beat;
        }

        var late = new List<double>();
        foreach (var name in good)
        {
            var expected = events / Endpoints;
            var waited = Stopwatch.StartNew();
            IReadOnlyList<ReceivedWebhook> got;
            while ((got = await receiver.GotAsync(name)).Select(one => one.Id).Distinct().Count() < expected)
            {
                if (waited.Elapsed > Patience)
                    throw new InvalidOperationException($"{name} got {got.Count} of {expected}");

                await Task.Delay(100);
            }

            if (!got.All(one => one.Verified))
                throw new InvalidOperationException("the library refused a signature");

            late.AddRange(got.GroupBy(one => one.Id).Select(copies => Math.Max(0.0, copies.Min(one => one.At) - told[copies.Key].ToUnixTimeMilliseconds())));
        }

        await end.CancelAsync();
        await loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return late.Order().ElementAt((int)(late.Count * 0.99));
    }
}
