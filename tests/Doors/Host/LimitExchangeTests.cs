using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Notary.Deposits.Tests;
using Notary.Deposits.Usage;
using Notary.Evidence;
using Notary.Host.Access.Limits;

namespace Notary.Host.Tests;

/// <summary>Two instances' limits on one account, with real rows between them and seconds that pass when the test says so.</summary>
[TestClass]
public sealed class LimitExchangeTests
{
    private const int Minutes = 4;

    // What docs/api.md says: an instance knows what others let in so many seconds late.
    private const int Late = 4;

    [TestMethod]
    public async Task TwoInstancesLetInNoMoreThanIsDocumentedAndOverMinutesTheLimit()
    {
        await using var app = await StartAsync();
        var clock = new Seconds();
        Instance[] both = [new(app, clock), new(app, clock)];
        Hammer[] hammers =
        [
            new("requests", new OwnLimits(RequestsPerMinute: 120), 120, PerAsk: 1, Asks: 10, Takes: null),
            new("at-once", new OwnLimits(RequestsPerMinute: 30), 30, PerAsk: 1, Asks: 40, Takes: null),
            new("items", new OwnLimits(ItemsPerMinute: 600), 600, PerAsk: 20, Asks: 3, new TakesDeposit(IsBody: false)),
            new("bytes", new OwnLimits(BytesPerMinute: 60_000), 60_000, PerAsk: 2000, Asks: 3, new TakesDeposit(IsBody: true)),
        ];
        foreach (var hammer in hammers)
            await both[0].Quotas.SetAsync(hammer.Tenant, hammer.Limits, CancellationToken.None);

        for (; clock.Now < Minutes * SlidingWindow.Seconds; clock.Now++)
        {
            foreach (var instance in both)
            {
                foreach (var hammer in hammers)
                {
                    for (var ask = 0; ask < hammer.Asks; ask++)
                        hammer.Let[clock.Now] += await instance.AskAsync(hammer) ? hammer.PerAsk : 0;
                }

                Assert.IsTrue(await instance.AskAsync(Neighbour), $"second {clock.Now}: what others do is not the neighbour's");
            }

            if (clock.Now % (int)LimitsExchange.Pause.TotalSeconds == 0)
            {
                foreach (var instance in both)
                    await instance.Exchange.ExchangeAsync(CancellationToken.None);
            }
        }

        foreach (var hammer in hammers)
        {
            // Beyond the limit: what comes to each within those seconds, and not more than a limit; what one request holds is not cut.
            var late = Math.Min(hammer.Limit, Late * hammer.Asks * hammer.PerAsk);
            var beyond = both.Length * (late + (hammer.PerAsk > 1 ? hammer.PerAsk : 0));
            var bound = Math.Min(hammer.Limit + beyond, both.Length * (hammer.Limit + hammer.PerAsk));
            for (var end = SlidingWindow.Seconds; end <= hammer.Let.Length; end++)
            {
                var within = hammer.Let[(end - SlidingWindow.Seconds)..end].Sum();
                Assert.IsLessThanOrEqualTo(bound, within, $"{hammer.Tenant}, the minute before second {end}");
            }

            var all = hammer.Let.Sum();
            Assert.IsLessThanOrEqualTo((Minutes * hammer.Limit) + beyond, all, $"{hammer.Tenant}: what was too much is paid back");
            Assert.IsGreaterThanOrEqualTo((Minutes - 1) * hammer.Limit, all, $"{hammer.Tenant}: he gets what is his");
        }
    }

    [TestMethod]
    public async Task WhatStorageIsAskedForDoesNotGrowWithTenants()
    {
        const int Tenants = TenantQuotas.CountsAtOnce + 10;
        await using var app = await StartAsync();
        var clock = new Seconds();
        Instance one = new(app, clock), other = new(app, clock);
        var readers = Enumerable.Range(0, Tenants).Select(i => new Hammer($"t{i}", new OwnLimits(), 0, 1, 1, null)).ToList();
        foreach (var reader in readers)
            Assert.IsTrue(await one.AskAsync(reader));

        await other.AskAsync(readers[0]);
        await other.Exchange.ExchangeAsync(CancellationToken.None);
        Assert.AreEqual(2, await CallsAsync(one.Exchange.ExchangeAsync), "tells of all, and hears from all");
        Assert.AreEqual(1, await CallsAsync(one.Exchange.ExchangeAsync), "nothing to tell");
        Assert.AreEqual(1, await CallsAsync(one.Quotas.RefreshAsync), "limits alone: nobody wanted to deposit");

        foreach (var writer in readers)
            Assert.IsTrue(await one.AskAsync(writer with { Takes = new TakesDeposit(IsBody: false) }));

        // The first counts come within the time in which others may write of what they took in before; later ones are the last.
        clock.Now += 20;
        Assert.AreEqual(1 + TenantQuotas.CountsAtOnce, await CallsAsync(one.Quotas.RefreshAsync));
        clock.Now += 100;
        Assert.AreEqual(1 + TenantQuotas.CountsAtOnce, await CallsAsync(one.Quotas.RefreshAsync));
        Assert.AreEqual(1 + Tenants - TenantQuotas.CountsAtOnce, await CallsAsync(one.Quotas.RefreshAsync), "those that had their last are done");
        Assert.AreEqual(1, await CallsAsync(one.Quotas.RefreshAsync));
        Assert.IsTrue(one.Quotas.Known.All(known => known.Ledger.Own.Items == 1), "asking again forgot nobody");
    }

    [TestMethod]
    public async Task WhatIsKeptIsKnownElsewhereBeforeItIsWrittenAndTheCountOfWhatIsWrittenLowersItNotTooSoon()
    {
        await using var app = await StartAsync();
        var clock = new Seconds();
        Instance one = new(app, clock), other = new(app, clock);
        var full = new Hammer("full", new OwnLimits(StoredBytes: 1000), 0, 1, 1, new TakesDeposit(IsBody: false));
        await one.Quotas.SetAsync(full.Tenant, full.Limits, CancellationToken.None);
        Assert.IsTrue(await other.AskAsync(full));
        Assert.IsTrue(await one.AskAsync(full));
        await one.Exchange.ExchangeAsync(CancellationToken.None);
        await other.Exchange.ExchangeAsync(CancellationToken.None);
        one.Usage.Add(full.Tenant, new UsageCount { Bytes = 1000 });
        await one.Exchange.ExchangeAsync(CancellationToken.None);
        await other.Exchange.ExchangeAsync(CancellationToken.None);
        Assert.AreEqual(Fault.QuotaExceeded, await other.FaultAsync(full), "told");
        clock.Now += 15;
        await other.Quotas.RefreshAsync(CancellationToken.None);
        Assert.AreEqual(Fault.QuotaExceeded, await other.FaultAsync(full), "counted, and not written by then");

        // An instance that comes now is told late, and by the count at last.
        var third = new Instance(app, clock);
        await one.Usage.FlushAsync(CancellationToken.None);
        Assert.AreEqual(Fault.QuotaExceeded, await third.FaultAsync(full), "written");
        clock.Now += 60;
        await other.Quotas.RefreshAsync(CancellationToken.None);
        Assert.AreEqual(Fault.QuotaExceeded, await other.FaultAsync(full));
        await one.Quotas.SetAsync(full.Tenant, new OwnLimits(StoredBytes: 1001), CancellationToken.None);
        await other.Quotas.RefreshAsync(CancellationToken.None);
        Assert.IsTrue(await other.AskAsync(full), "it was counted once");
    }

    private static Hammer Neighbour { get; } = new("neighbour", new OwnLimits(), 0, PerAsk: 1, Asks: 1, new TakesDeposit(IsBody: true));

    private static async Task<TestApp> StartAsync()
    {
        var app = await TestApp.StartAsync();
        await app.Services.GetRequiredService<StorageAccount>().EnsureCreatedAsync(CancellationToken.None);
        return app;
    }

    private static async Task<int> CallsAsync(Func<CancellationToken, Task> work)
    {
        var calls = CallCount.Begin();
        await work(CancellationToken.None);
        return calls[0];
    }

    /// <summary>Seconds by hand; the time of day is storage's.</summary>
    private sealed class Seconds : TimeProvider
    {
        public int Now { get; set; }

        public override long GetTimestamp() => Now * TimestampFrequency;
    }

    /// <summary>A tenant who asks as often as he can.</summary>
    private sealed record Hammer(string Tenant, OwnLimits Limits, long Limit, int PerAsk, int Asks, TakesDeposit? Takes)
    {
        public long[] Let { get; } = new long[Minutes * SlidingWindow.Seconds];
    }

    /// <summary>What of an app knows of limits, without its server.</summary>
    private sealed class Instance
    {
        public Instance(TestApp app, TimeProvider clock)
        {
            var (storage, rooms) = (app.Services.GetRequiredService<StorageAccount>(), app.Services.GetRequiredService<Rooms>());
            Usage = new UsageMeter(storage, clock);
            Quotas = new TenantQuotas(new LimitsTable(storage.Table(Names.Tenants)), Usage, app.Services.GetRequiredService<HostSettings>(), clock);
            Exchange = new LimitsExchange(Quotas, new SharesTable(storage.Table(Names.Usage)), rooms, clock, NullLogger<LimitsExchange>.Instance);
        }

        public UsageMeter Usage { get; }

        public TenantQuotas Quotas { get; }

        public LimitsExchange Exchange { get; }

        public async Task<bool> AskAsync(Hammer tenant) => await FaultAsync(tenant) is not { } fault || (fault == Fault.RateLimited ? false
            : throw new AssertFailedException(fault.ToString()));

        /// <summary>Asks, and takes in what the request holds, as the middleware and the rooms do.</summary>
        public async Task<Fault?> FaultAsync(Hammer tenant)
        {
            var http = new DefaultHttpContext();
            http.SetEndpoint(new Endpoint(null, tenant.Takes is { } takes ? new EndpointMetadataCollection(takes) : EndpointMetadataCollection.Empty, null));
            http.Request.Body = new MemoryStream(new byte[tenant.PerAsk]);
            try
            {
                await Quotas.DemandAsync(http, tenant.Tenant, CancellationToken.None);
                await http.Request.Body.CopyToAsync(Stream.Null);
                if (tenant.Takes is not null)
                    Usage.Add(tenant.Tenant, new UsageCount { Items = tenant.Takes.IsBody ? 1 : tenant.PerAsk });

                return null;
            }
            catch (FaultException e)
            {
                return e.Fault;
            }
            finally
            {
                http.Features.Get<TenantQuotas.Upload>()?.Dispose();
            }
        }
    }
}
