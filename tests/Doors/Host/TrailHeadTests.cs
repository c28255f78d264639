using Notary.Audit;
using Notary.Deposits;

namespace Notary.Host.Tests;

/// <summary>The trail's head becomes a deposit, once a day, whoever tries and whatever was missed.</summary>
[TestClass]
public sealed class TrailHeadTests
{
    // Not the reserved one, whose heads the app's own errand deposits.
    private static readonly Tenant Office = new("heads", "Audit trail", "did:web:office.example", false);
    private static TestApp app = null!;

    /// <summary>Storage of its own on the shared platform: other tests' staff leave no entries in it.</summary>
    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => app = await TestApp.StartOnAsync(
        await Fixture.PlatformAsync(), v => v["EvidenceStorage"] = Fixture.Storage.ConnectionStringFor(Fixture.Storage.NewAccount()));

    [ClassCleanup]
    public static async Task StopAsync() => await app.DisposeAsync();

    [TestMethod]
    public async Task OneADayContinuingTheOneBefore()
    {
        var storage = app.Services.GetRequiredService<StorageAccount>();
        var deposits = (await app.Services.GetRequiredService<Rooms>().OpenAsync(default)).Deposits;
        var clock = new DayClock();

        // Nothing is there, and what is made today is due tomorrow.
        Assert.IsFalse(await new HeadDeposit(storage, clock).RunAsync(Office, deposits, default));
        await app.TenantAsync();
        Assert.IsFalse(await new HeadDeposit(storage, clock).RunAsync(Office, deposits, default));
        clock.Days = 1;

        // Several instances at once, some of them with a head of a later moment.
        var head = await HeadAsync(storage);
        var several = Enumerable.Range(0, 4).Select(_ => new HeadDeposit(storage, clock)).ToList();
        var made = await Task.WhenAll(several.Select(async (instance, n) =>
        {
            if (n > 1)
                await app.GetAsync("/v1/operator/tenants", app.Operator);

            return await instance.RunAsync(Office, deposits, default);
        }));
        Assert.AreEqual(1, made.Count(m => m));
        var today = await AllAsync(deposits);
        Assert.HasCount(1, today);
        Assert.IsGreaterThanOrEqualTo(head.Number, long.Parse(today[0].Notes["number"], System.Globalization.CultureInfo.InvariantCulture));
        Assert.AreEqual(await HashAsync(storage, today[0]), today[0].Items[0].Digests["sha-256"]);
        Assert.IsNull(today[0].Previous);

        // Later that day nobody does, nor an instance that starts anew.
        await app.GetAsync("/v1/operator/tenants", app.Operator);
        Assert.IsFalse(await several[0].RunAsync(Office, deposits, default));
        Assert.IsFalse(await new HeadDeposit(storage, clock).RunAsync(Office, deposits, default));

        // After an outage of three days: the head of now, at once, and once.
        clock.Days = 4;
        Assert.IsTrue(await several[0].RunAsync(Office, deposits, default));
        Assert.IsFalse(await several[1].RunAsync(Office, deposits, default));
        var later = await AllAsync(deposits);
        Assert.HasCount(2, later);
        Assert.AreEqual(today[0].ManifestDigest, later[0].Previous);
        Assert.AreEqual(await HashAsync(storage, later[0]), later[0].Items[0].Digests["sha-256"]);

        // A day on which nothing happened has no deposit.
        clock.Days = 5;
        Assert.IsFalse(await several[0].RunAsync(Office, deposits, default));
        Assert.HasCount(2, await AllAsync(deposits));
    }

    [TestMethod]
    public async Task TheMinutesErrandDoesItForTheReservedTenant()
    {
        await app.Services.GetRequiredService<Errands>().DepositTrailAsync(client: null, CancellationToken.None);
        var tenant = await app.GetAsync($"/v1/operator/tenants/{HeadDeposit.TenantId}", app.Operator);
        Assert.AreEqual(200, tenant.Status, tenant.Text);
    }

    private static async Task<TrailEntry> HeadAsync(StorageAccount storage) => (await new TrailReader(storage).HeadAsync(default))!;

    private static async Task<string> HashAsync(StorageAccount storage, DepositView deposit)
        => (await new TrailReader(storage).OldestAsync(null, null, default).FirstAsync(e => $"{e.Number}" == deposit.Notes["number"])).Hash.ToString();

    private static async Task<IReadOnlyList<DepositView>> AllAsync(DepositService deposits)
        => (await deposits.NewestAsync(Office, null, null, 100, null, default)).Items;

    private sealed class DayClock : TimeProvider
    {
        public int Days { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddDays(Days);
    }
}
