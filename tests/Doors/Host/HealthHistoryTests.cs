using Azure.Data.Tables;
using Microsoft.Extensions.Logging.Abstractions;
using Notary.Host.Composition;
using Notary.Pages.Watching;
using Notary.Storage;
using Notary.Identity.Tests.People;

namespace Notary.Host.Tests;

/// <summary>The history of the dependencies: what is down is told with its beginning and end, what nobody saw is not called up.</summary>
[TestClass]
public sealed class HealthHistoryTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 8, 0, 0, TimeSpan.Zero);

    [TestMethod]
    public void AnOutageHasItsTimesAndAGapIsUnknown()
    {
        var (record, ended) = (default(HealthRecord), new List<Outage>());
        void Look(int minute, bool up)
        {
            (record, var more) = HealthRecord.Take(record, Sample(minute, up));
            ended.InsertRange(0, more.Reverse());
        }

        for (var minute = 0; minute <= 60; minute++)
            Look(minute, up: minute is < 10 or >= 15);

        Assert.AreEqual(Of(HealthState.Down, 10, 15, "no answer"), ended.Single());
        var strip = Strip(0, 60);
        Assert.AreEqual(55.0 / 60, strip.Availability!.Value, 1e-9);
        Assert.AreEqual(TimeSpan.FromHours(1), strip.Observed);

        // The same look again, or an older one, changes nothing.
        Assert.AreSame(record, HealthRecord.Take(record, Sample(60, up: false)).Record);

        // Nobody looked for an hour, and it was down before: down until it was last seen, then unknown.
        Look(61, up: false);
        Look(62, up: false);
        Look(122, up: true);
        Assert.HasCount(3, ended);
        CollectionAssert.Contains(ended, Of(HealthState.Down, 61, 62, "no answer"));
        CollectionAssert.Contains(ended, new Outage(Outage.Everything, HealthState.Unknown, Start.AddMinutes(62), Start.AddMinutes(122), ""));
        strip = Strip(62, 122);
        Assert.IsNull(strip.Availability, "nobody looked");
        Assert.AreEqual(TimeSpan.Zero, strip.Observed);
        Assert.AreEqual(5.0 + 1, Strip(0, 122).Pieces.Where(p => p.State == HealthState.Down).Sum(p => (p.Until - p.From).TotalMinutes));

        // Before the first look, and after the last, nothing is known.
        strip = record!.Strip("vault", ended, Start.AddDays(-30), Start.AddMinutes(-100), Start.AddMinutes(222));
        Assert.AreEqual(100.0 + 60 + 100, strip.Pieces.Where(p => p.State == HealthState.Unknown).Sum(p => (p.Until - p.From).TotalMinutes), 0.001);

        // A name that nobody knows was never up.
        Assert.IsNull(record.Strip("other", [], Start, Start, Start.AddHours(1)).Availability);

        HealthStrip Strip(int from, int until) => record!.Strip("vault", ended, Start.AddDays(-30), Start.AddMinutes(from), Start.AddMinutes(until));
    }

    [TestMethod]
    public async Task SeveralInstancesWriteOneHistoryAndCatchUpAfterAnOutageOfTables()
    {
        await using var tables = await FaultProxy.StartAsync(Fixture.Storage.TableEndpoint);
        var account = Fixture.Storage.NewAccount();
        var clock = new ShiftedClock();
        var direct = StorageAccount.Open(new StorageOptions { ConnectionString = Fixture.Storage.ConnectionStringFor(account) });
        await direct.Table(Names.Operations).CreateIfNotExistsAsync();
        var through = StorageAccount.Open(new StorageOptions { ConnectionString = Fixture.Storage.ConnectionStringFor(account, table: tables.Url) });
        using var one = History(through, clock);
        using var two = History(through, clock);
        async Task LookAsync(bool up, params HealthHistory[] instances)
        {
            clock.By += TimeSpan.FromMinutes(1);
            foreach (var instance in instances)
                await instance.AddAsync(Sample(0, up).Readings, CancellationToken.None);
        }

        await LookAsync(true, one, two);
        await LookAsync(true, one, two);
        await LookAsync(false, two, one);
        await LookAsync(false, one, two);
        await LookAsync(true, one, two);
        await LookAsync(true, two);
        var (_, ended, _) = await one.ReadAsync(CancellationToken.None);
        Assert.AreEqual(HealthState.Down, ended.Single().State);
        Assert.AreEqual(2, (ended[0].Until - ended[0].From).TotalMinutes, 0.1);

        // Tables do not answer for ten minutes, in which the vault was down for five: taken up afterwards, once.
        tables.Add(new FaultRule(".", FaultKind.Status) { Status = 403, Times = int.MaxValue });
        for (var minute = 0; minute < 10; minute++)
            await LookAsync(minute is < 2 or >= 7, one, two);

        tables.Clear();
        await LookAsync(true, one, two);
        await LookAsync(true, two, one);
        (_, ended, _) = await two.ReadAsync(CancellationToken.None);
        Assert.HasCount(2, ended);
        Assert.AreEqual(5, (ended[0].Until - ended[0].From).TotalMinutes, 0.1);

        // An idle minute of one instance is one write and no read.
        tables.Clear();
        await LookAsync(true, one);
        tables.Clear();
        await LookAsync(true, one);
        Assert.AreEqual("POST", string.Join(' ', tables.Requests.Select(request => request.Method)));

        // What is older than it is kept goes, also when it was written by a build of before.
        clock.By += TimeSpan.FromDays(40);
        await LookAsync(true, one);
        await LookAsync(true, one);
        (_, ended, _) = await one.ReadAsync(CancellationToken.None);
        Assert.AreEqual(Outage.Everything, ended.Single().Name);
        Assert.HasCount(2, await direct.Table(Names.Operations).QueryAsync<TableEntity>().ToListAsync());
    }

    [TestMethod]
    public async Task ADependencyThatFailsAndComesBackIsToldOnThePageAndInTheHistory()
    {
        var platform = await Fixture.PlatformAsync();
        await using var vault = await FaultProxy.StartAsync(platform.Vault.Url);
        await using var provider = await OidcProvider.StartAsync(new Uri(Visitor.Origin));
        await using var app = await TestApp.StartOnAsync(platform, variables =>
        {
            variables["Notary__Vault__Uri"] = vault.Url.ToString();
            variables["EvidenceStorage"] = Fixture.Storage.ConnectionStringFor(Fixture.Storage.NewAccount());
            provider.Configure(variables);
        });
        var looks = app.Services.GetRequiredService<HealthLooks>();
        await UntilAsync(looks, "vault", HealthState.Up);
        vault.Add(new FaultRule(".", FaultKind.Drop) { Times = int.MaxValue });
        await UntilAsync(looks, "vault", HealthState.Down);
        var down = await looks.NowAsync(CancellationToken.None);
        Assert.AreEqual(1, down.Outages.Count(o => o.Name == "vault" && o.Until == down.At), "it still is");
        vault.Clear();
        await UntilAsync(looks, "vault", HealthState.Up);
        await Task.Delay(TimeSpan.FromSeconds(6));
        var back = await looks.NowAsync(CancellationToken.None);
        var outage = back.Outages.Single(o => o.Name == "vault");
        Assert.AreEqual("unreachable", outage.Reason);
        Assert.IsLessThan(back.At, outage.Until);
        var view = back.Dependencies.Single(d => d.Name == "vault");
        Assert.AreEqual(1 - ((outage.Until - outage.From) / view.Day.Observed), view.Day.Availability!.Value, 1e-3);
        Assert.IsLessThan(TimeSpan.FromHours(1), view.Day.Observed, "a platform of today does not claim yesterday");
    }

    private static async Task UntilAsync(HealthLooks looks, string name, HealthState state)
    {
        for (var tries = 0; ; tries++)
        {
            await looks.WatchAsync(Task.CompletedTask, CancellationToken.None);
            var health = await looks.NowAsync(CancellationToken.None);
            if (health.Dependencies.Single(d => d.Name == name) is { Since: not null } seen && seen.State == state)
                return;

            Assert.IsLessThan(60, tries, $"{name} is not {state}");
            await Task.Delay(1000);
        }
    }

    private static HealthHistory History(StorageAccount account, TimeProvider clock)
        => new(account.Table(Names.Operations), clock, NullLogger<HealthHistory>.Instance);

    private static HealthSample Sample(int minute, bool up) => new(Start.AddMinutes(minute),
        [new HealthReading("vault", up ? HealthState.Up : HealthState.Down, up ? "" : "no answer"), new HealthReading("chain", HealthState.Up, "")]);

    private static Outage Of(HealthState state, int from, int until, string reason)
        => new("vault", state, Start.AddMinutes(from), Start.AddMinutes(until), reason);
}
