using System.Text.Json;
using System.Text.RegularExpressions;
using Azure;
using Azure.Data.Tables;

namespace Notary.Pages.Tests;

/// <summary>The staff's page of health, in a real browser: with a chain that was killed, and with a month of history.</summary>
[TestClass]
public sealed class OfficeHealthTests
{
    private const string Health = "/office/health";

    [TestMethod]
    public async Task AChainThatIsKilledIsToldAndTheMonthIsShown()
    {
        await using var site = await AccountSite.StartAsync();
        await using var auditor = await site.ComeAsync("auditor");
        await UntilAsync(auditor, "Everything answers");
        await Expect(auditor.Page.Locator(".dependencies > li")).ToHaveCountAsync(8);
        await AgeAsync(site);
        await PicturesAsync(site, "well");

        await site.Platform.Anvil.DisposeAsync();
        await UntilAsync(auditor, "is down");
        await Expect(auditor.Page.Locator("[data-follow]")).ToContainTextAsync("Chain: its nodes do not answer");
        await UntilAsync(auditor, "still down");
        await Expect(auditor.Page.Locator("#outages ~ .table tr", new() { HasText = "Chain" })).ToHaveCountAsync(1);
        await Expect(auditor.Page.Locator("#outages ~ .table tr", new() { HasText = "Vault" })).ToContainTextAsync("45 min 0 s");
        await Expect(auditor.Page.Locator("#outages ~ .table tr", new() { HasText = "no instance ran" })).ToHaveCountAsync(1);
        await PicturesAsync(site, "down");
        await auditor.Visit.GoAsync(Health);
        await Expect(auditor.Page.Locator("dt", new() { HasText = "Signs" })).ToHaveCountAsync(1);
        Assert.AreEqual("", string.Join('\n', auditor.Visit.Findings));

        await using var owner = await Person.VisitAsync(site.Url);
        await owner.JoinAsync(await site.InviteAsync(), "Zhang San");
        Assert.AreEqual(403, (await owner.Visit.GoAsync(Health)).Status);
    }

    /// <summary>As if the platform had run for 25 days, with an outage and a night in which nothing ran.</summary>
    private static async Task AgeAsync(AccountSite site)
    {
        var table = site.Table("operations");
        var now = TimeProvider.System.GetUtcNow();
        for (var tries = 0; ; tries++)
        {
            try
            {
                var record = (await table.GetEntityAsync<TableEntity>("health", "record")).Value;
                var states = JsonNode.Parse(record.GetBinary("States"))!;
                foreach (var (_, state) in states.AsObject())
                    state!["Began"] = now.AddDays(-25);

                record["States"] = JsonSerializer.SerializeToUtf8Bytes(states);
                await table.UpdateEntityAsync(record, record.ETag, TableUpdateMode.Replace);
                break;
            }
            catch (RequestFailedException e) when (e.Status is 404 or 412 && tries < 200)
            {
                await Task.Delay(500);
            }
        }

        await AddAsync(table, "vault", "Down", now.AddHours(-7), TimeSpan.FromMinutes(45), "vault-unavailable");
        await AddAsync(table, "*", "Unknown", now.AddDays(-12), TimeSpan.FromHours(9), "");
        await AddAsync(table, "time/national-time", "Down", now.AddDays(-3), TimeSpan.FromHours(3), new string('x', 180));
    }

    private static async Task AddAsync(TableClient table, string name, string state, DateTimeOffset until, TimeSpan length, string reason)
        => await table.UpsertEntityAsync(new TableEntity("health",
            $"o|{DateTimeOffset.MaxValue.UtcTicks - until.UtcTicks:D19}|{Convert.ToHexStringLower(Encoding.UTF8.GetBytes(name))}")
        {
            ["Name"] = name,
            ["State"] = state,
            ["From"] = until - length,
            ["Until"] = until,
            ["Reason"] = reason,
        });

    private static async Task UntilAsync(Person person, string text)
    {
        for (var tries = 0; ; tries++)
        {
            await person.Visit.GoAsync(Health);
            if (await person.Page.Locator("main").GetByText(new Regex(Regex.Escape(text))).CountAsync() > 0)
                return;

            Assert.IsLessThan(240, tries, await person.Page.Locator("main").InnerTextAsync());
            await Task.Delay(1000);
        }
    }

    private static async Task PicturesAsync(AccountSite site, string name)
    {
        foreach (var look in Look.All)
        {
            await using var person = await site.ComeAsync("operator", look);
            await person.Visit.GoAsync(Health);
            await person.Visit.PictureAsync($"health-{name}-{look}");
            Assert.AreEqual("", string.Join('\n', await person.Visit.JudgeAsync()), $"{name} {look}");
        }
    }

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);
}
