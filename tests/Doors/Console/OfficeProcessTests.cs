using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Azure.Data.Tables;

namespace Notary.Pages.Tests;

/// <summary>The staff's pages of processes, in a real browser: one that stands is found, understood and mended, once, by whoever may.</summary>
[TestClass]
public sealed class OfficeProcessTests
{
    private const string List = "/office/processes";

    private static AccountSite site = null!;
    private static string path = "";
    private static TableEntity checkpoint = null!;

    /// <summary>A deposit whose checkpoint's note was spoilt after it was stamped: its letter is refused, and the process stands.</summary>
    [ClassInitialize]
    public static async Task StartAsync(TestContext _)
    {
        site = await AccountSite.StartAsync();
        await site.MineAsync(false);
        await DepositAsync(site);
        checkpoint = await site.UntilStampedAsync();
        await site.SetNoteAsync(checkpoint, Regex.Replace(checkpoint.GetString("Note"), "(?<=— \\S+ .{20}).", m => m.Value == "A" ? "B" : "A"));
        await site.MineAsync(true);
        path = $"{List}/checkpoint/{checkpoint.RowKey}";
    }

    [ClassCleanup]
    public static async Task StopAsync() => await site.DisposeAsync();

    [TestMethod]
    public async Task WhatStandsIsFoundUnderstoodAndMendedOnce()
    {
        await using var clerk = await site.ComeAsync("clerk");
        await clerk.UntilAsync(List, "#waiting ~ * tbody tr");
        await Expect(clerk.Page.Locator("tbody tr").First).ToContainTextAsync("parked");
        await Expect(clerk.Page.Locator("tbody tr").First).ToContainTextAsync("Evidence of a deposit did not verify");
        await PicturesAsync(site, "parked", path);

        // Its page says what it carries.
        await clerk.Page.GetByRole(AriaRole.Link, new() { Name = "Checkpoint 1", Exact = true }).ClickAsync();
        await Expect(clerk.Page).ToHaveURLAsync(new Regex(Regex.Escape(path) + "$"));
        await Expect(clerk.Page.Locator("dl.facts")).ToContainTextAsync("final and settled");
        await Expect(clerk.Page.Locator("a[href^='/office/deposits/firm/']")).ToHaveCountAsync(1);
        Assert.AreEqual(3, await clerk.Page.Locator("details form").CountAsync());

        // Without a reason nothing is sent; an empty one that is sent all the same is refused.
        var form = clerk.Page.Locator($"form[action='{path}/resume']");
        await clerk.Page.Locator("summary", new() { HasText = "Resume" }).ClickAsync();
        await form.Locator("button").ClickAsync();
        await Expect(clerk.Page).ToHaveURLAsync(new Regex(Regex.Escape(path) + "$"));
        var (key, token) = (await form.Locator("[name=key]").InputValueAsync(), await form.Locator("[name=antiforgery]").InputValueAsync());
        Assert.AreEqual(400, await PostAsync(clerk, path, "resume", key, token, " "));
        Assert.AreEqual(400, await PostAsync(clerk, path, "terminate", key, token, "without its box"));
        Assert.AreEqual(403, await PostAsync(clerk, path, "resume", key, "", "without the page's token"));

        // Mended, then sent on.
        await site.SetNoteAsync(checkpoint, checkpoint.GetString("Note"));
        await form.Locator("[name=reason]").FillAsync("note restored from the backup <b>&");
        await form.Locator("button").ClickAsync();
        await Expect(clerk.Page.Locator(".time-line .by-person")).ToContainTextAsync("Resumed · 示范书记员 Clerk");
        await Expect(clerk.Page.Locator(".time-line .by-person")).ToContainTextAsync("“note restored from the backup <b>&”");

        // The page follows: its letter comes, and nothing is left to do.
        await Expect(clerk.Page.Locator("[data-follow]")).ToContainTextAsync("completed");

        // The same form again, as after a second press: it was done, and is not done again.
        Assert.AreEqual(200, await PostAsync(clerk, path, "resume", key, token, "note restored from the backup <b>&"));
        Assert.AreEqual(409, await PostAsync(clerk, path, "resume", key, token, "another reason"));
        await clerk.Visit.GoAsync(path);
        await Expect(clerk.Page.Locator(".by-person")).ToHaveCountAsync(1);

        Assert.AreEqual("", string.Join('\n', clerk.Visit.Findings));
    }

    [TestMethod]
    public async Task OneUnderWayIsHeldEndedAndBegunAgain()
    {
        // Without blocks it waits for its anchor for as long as this takes.
        await using var own = await AccountSite.StartAsync();
        await own.MineAsync(false);
        await DepositAsync(own);
        var page = $"{List}/checkpoint/{(await own.UntilStampedAsync()).RowKey}";
        await using var clerk = await own.ComeAsync("clerk", new Look { Chinese = false, Scripts = false });
        await clerk.UntilAsync(page, "text=this anchor is the one under way");
        await MendAsync(clerk, page, "suspend", "Suspend");
        await clerk.UntilAsync(page, "[data-follow] >> text=suspended");
        await MendAsync(clerk, page, "resume", "Resume");
        await clerk.UntilAsync(page, "[data-follow] >> text=under way");

        // What ending it means stands there, and it is confirmed.
        await clerk.Page.Locator("summary", new() { HasText = "Terminate" }).ClickAsync();
        await Expect(clerk.Page.Locator("details[open]")).ToContainTextAsync("no later deposit is anchored or gets its letter");
        await clerk.Page.Locator("details[open] [name=confirmed]").CheckAsync();
        await MendAsync(clerk, page, "terminate", null);
        await clerk.UntilAsync(page, "[data-follow] >> text=terminated");
        await MendAsync(clerk, page, "rewind", "Rewind");
        await clerk.UntilAsync(page, "[data-follow] >> text=under way");
        await Expect(clerk.Page.Locator(".by-person")).ToHaveCountAsync(4);
        await PicturesAsync(own, "mended", page);
        await OthersMayNotAsync(own, page);

        // Survived: with blocks again it goes on from its rows.
        await own.MineAsync(true);
        await clerk.UntilAsync(page, "dl.facts >> text=final");
        Assert.AreEqual("", string.Join('\n', clerk.Visit.Findings));
    }

    [TestMethod]
    public async Task ALongListIsPagedAndFiltered()
    {
        var table = site.Table("notaryInstances");
        for (var i = 0; i < 120; i++)
        {
            await table.AddEntityAsync(new TableEntity($"checkpoint-9{i:D19}", "")
            {
                ["Name"] = "checkpoint",
                ["RuntimeStatus"] = "Completed",
                ["ExecutionId"] = $"{i}",
                ["CreatedTime"] = TimeProvider.System.GetUtcNow(),
                ["LastUpdatedTime"] = TimeProvider.System.GetUtcNow(),
            });
        }

        await using var auditor = await site.ComeAsync("auditor");
        var seen = new HashSet<string>();
        for (var next = $"{List}?kind=checkpoint&state=completed"; next is not null;)
        {
            await auditor.Visit.GoAsync(next);
            foreach (var link in await auditor.Page.Locator("tbody a").AllAsync())
                Assert.IsTrue(seen.Add((await link.GetAttributeAsync("href"))!));

            next = await auditor.Page.Locator("a[rel=next]").CountAsync() == 1 ? await auditor.Page.Locator("a[rel=next]").GetAttributeAsync("href") : null;
        }

        Assert.HasCount(120, seen.Where(s => s.Contains("/checkpoint/9", StringComparison.Ordinal)));
        await auditor.Visit.GoAsync($"{List}?index=0");
        await Expect(auditor.Page).ToHaveURLAsync(new Regex(Regex.Escape(path) + "$"));
        Assert.AreEqual(404, (await auditor.Visit.GoAsync($"{List}?index=99999999")).Status);
        Assert.AreEqual(400, (await auditor.Visit.GoAsync($"{List}?state=3")).Status);
        Assert.AreEqual(400, (await auditor.Visit.GoAsync($"{List}?continuation=AAAA")).Status);
        Assert.AreEqual(404, (await auditor.Visit.GoAsync($"{List}/checkpoint/..%2F..")).Status);
        await auditor.Visit.GoAsync(path);
        await Expect(auditor.Page.Locator("details")).ToHaveCountAsync(0);
        await PicturesAsync(site, "completed", $"{List}?kind=checkpoint&state=completed");
    }

    private static async Task OthersMayNotAsync(AccountSite site, string path)
    {
        await using var auditor = await site.ComeAsync("auditor");
        await auditor.Visit.GoAsync(path);
        await Expect(auditor.Page.Locator("details")).ToHaveCountAsync(0);
        Assert.AreEqual(403, await PostAsync(auditor, path, "suspend", "x", await auditor.Page.Locator("[name=antiforgery]").First.InputValueAsync(), "x"));
        await using var owner = await Person.VisitAsync(site.Url);
        await owner.JoinAsync(await site.InviteAsync(), "Zhang San");
        foreach (var page in (string[])[List, path])
            Assert.AreEqual(403, (await owner.Visit.GoAsync(page)).Status, page);
    }

    private static async Task MendAsync(Person clerk, string path, string act, string? open)
    {
        if (open is not null)
            await clerk.Page.Locator("summary", new() { HasText = open }).ClickAsync();

        var form = clerk.Page.Locator($"form[action='{path}/{act}']");
        await form.Locator("[name=reason]").FillAsync($"to {act} it");
        await form.Locator("button").ClickAsync();
        await Expect(clerk.Page.Locator(".by-person").Last).ToContainTextAsync($"“to {act} it”");
    }

    /// <summary>As a form sends it, without what the browser checks first.</summary>
    private static Task<int> PostAsync(Person person, string path, string act, string key, string token, string reason) => person.Page.EvaluateAsync<int>(
        "async ([path, key, antiforgery, reason]) => (await fetch(path, { method: 'POST', body: new URLSearchParams({ key, antiforgery, reason }) })).status",
        new[] { $"{path}/{act}", key, token, reason });

    private static async Task DepositAsync(AccountSite site)
    {
        using var http = new HttpClient { BaseAddress = site.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", site.Key);
        using var body = new StringContent("甲方与乙方的合同");
        using var made = await http.PostAsync(new Uri("v1/deposits/file?name=contract.txt", UriKind.Relative), body);
        made.EnsureSuccessStatusCode();
    }

    /// <summary>The list and a page as everybody sees them.</summary>
    private static async Task PicturesAsync(AccountSite site, string name, string page)
    {
        foreach (var look in Look.All)
        {
            await using var clerk = await site.ComeAsync("clerk", look);
            foreach (var (what, where) in ((string, string)[])[("processes", List), ("process", page)])
            {
                await clerk.Visit.GoAsync(where);
                foreach (var summary in await clerk.Page.Locator("details > summary").AllAsync())
                    await summary.ClickAsync();

                await clerk.Visit.PictureAsync($"{what}-{name}-{look}");
                Assert.AreEqual("", string.Join('\n', await clerk.Visit.JudgeAsync()), $"{what} {name} {look}");
            }
        }
    }

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);

    private static IPageAssertions Expect(IPage page) => Assertions.Expect(page);
}
