namespace Notary.Pages.Tests;

/// <summary>The pages in a real browser: on phone and desk, light and dark, in both languages, by axe and by the policy that binds them.</summary>
[TestClass]
public sealed class BrowserTests
{
    public static IEnumerable<object[]> PhoneAndDesk => Looks.Take(3);

    public static IEnumerable<object[]> Looks => Look.All.Select(look => new object[] { look });

    [TestMethod]
    [DynamicData(nameof(Looks))]
    public async Task TheDesignSystemIsAccessibleAndFits(object look)
    {
        var site = await Fixture.GalleryAsync();
        await JudgeAsync(site.Url, (Look)look, "gallery", "/gallery", 200);
    }

    [TestMethod]
    [DynamicData(nameof(Looks))]
    public async Task EveryPublicPageIsAccessibleAndFits(object look)
    {
        var evidence = await Fixture.EvidenceAsync();
        var (digest, index) = (evidence.Deposit["manifestDigest"]!.ToString(), evidence.Deposit["index"]!.GetValue<long>());
        foreach (var (name, path, status) in new[]
        {
            ("home", "/", 200), ("verify", "/verify", 200), ("draws-of-app", "/draws", 200),
            ("found", evidence.VerifyPath, 200), ("not-found", $"/verify/{digest}?index={index + 1}", 404),
            ("malformed", $"/verify/{digest}?index=x", 400), ("no-index", $"/verify/{digest}", 200), ("nothing", "/nothing/here", 404),
        })
            await JudgeAsync(evidence.App.Url, (Look)look, name, path, status);
    }

    [TestMethod]
    [DynamicData(nameof(PhoneAndDesk))]
    public async Task TheExplorersPagesAreAccessibleAndFit(object look)
    {
        var evidence = await Fixture.EvidenceAsync();
        var anchor = JsonNode.Parse(await evidence.App.Http.GetStringAsync("v1/public/chain/anchors?limit=1"))!["anchors"]![0]!;
        string Of(string name) => anchor[name]!.ToString();
        foreach (var (name, path, status) in new[]
        {
            ("chain", "/chain", 200), ("chain-anchors", "/chain/anchors", 200), ("chain-covering", "/chain/anchors?index=0", 200),
            ("chain-blocks", "/chain/blocks?before=3", 200), ("chain-block", $"/chain/blocks/{Of("block")}", 200),
            ("chain-transaction", $"/chain/transactions/{Of("transaction")}", 200), ("chain-account", $"/chain/accounts/{Of("sender")}", 200),
            ("chain-nothing", "/chain/search?q=nothing", 404),
        })
            await JudgeAsync(evidence.App.Url, (Look)look, name, path, status);

        await JudgeAsync(evidence.App.Url, (Look)look, "chain-no-consortium", "/chain/consortium", 200);
        var gallery = await Fixture.GalleryAsync();
        await JudgeAsync(gallery.Url, (Look)look, "chain-consortium", "/chain/consortium", 200);
        foreach (var id in new[] { 1, 3, 4 })
            await JudgeAsync(gallery.Url, (Look)look, $"chain-proposal-{id}", $"/chain/proposals/{id}", 200);
    }

    /// <summary>From a search to an anchor's transaction by what the pages offer, without a script.</summary>
    [TestMethod]
    public async Task WhatIsLookedForOnTheChainIsFound()
    {
        var evidence = await Fixture.EvidenceAsync();
        await using var visit = await (await Fixture.BrowserAsync()).VisitAsync(evidence.App.Url, new Look { Scripts = false, Chinese = false });
        await visit.GoAsync("/chain");
        var transaction = await visit.Page.Locator("a[href^='/chain/transactions/']").First.GetAttributeAsync("href");
        async Task SearchAsync(string text, string leadsTo)
        {
            await visit.GoAsync("/chain");
            await visit.Page.GetByLabel("Look for").FillAsync(text);
            await visit.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Look up" }).ClickAsync();
            StringAssert.EndsWith(visit.Page.Url, leadsTo);
        }

        await SearchAsync($" {transaction!.Split('/')[^1].ToUpperInvariant().Replace("0X", "", StringComparison.Ordinal)} ", transaction);
        await Assertions.Expect(visit.Page.Locator("main")).ToContainTextAsync("Computed again.");
        await Assertions.Expect(visit.Page.Locator("main")).ToContainTextAsync("EvidenceAnchor.Anchored");
        await visit.Page.Locator("a[href^='/chain/blocks/']").First.ClickAsync();
        await visit.Page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "Transactions", Exact = false }).WaitForAsync();
        await SearchAsync("１", "/chain/blocks/1");
        var hash = await visit.Page.Locator("dd code.hex").First.TextContentAsync();
        await SearchAsync(hash!, $"/chain/blocks/{hash}");
        await SearchAsync(evidence.Deposit["manifestDigest"]!.ToString(), $"/verify/{evidence.Deposit["manifestDigest"]}");
        await SearchAsync("<b>nothing", "/chain/search?q=%3Cb%3Enothing");
        await Assertions.Expect(visit.Page.Locator(".field-error")).ToContainTextAsync("The chain has no such block");
        Assert.AreEqual("", string.Join('\n', visit.Findings));
    }

    /// <summary>Reading needs no script.</summary>
    [TestMethod]
    public async Task PagesAreReadWithoutScripts()
    {
        var evidence = await Fixture.EvidenceAsync();
        await using var visit = await (await Fixture.BrowserAsync()).VisitAsync(evidence.App.Url, new Look { Scripts = false, Chinese = false });
        await visit.GoAsync("/");
        await Assertions.Expect(visit.Page.Locator("dl.facts")).ToContainTextAsync("notary.local/log");
        await visit.GoAsync("/verify");
        await Assertions.Expect(visit.Page.Locator("#file")).ToBeDisabledAsync();
        Assert.Contains("<noscript><div class=\"notice notice-info\"", await evidence.App.Http.GetStringAsync("verify"));
        await visit.Page.GetByLabel("Manifest SHA-256").FillAsync(evidence.Deposit["manifestDigest"]!.ToString().ToUpperInvariant());
        await visit.Page.GetByLabel("Log index").FillAsync($" {evidence.Deposit["index"]} ");
        await visit.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Check" }).ClickAsync();
        await Assertions.Expect(visit.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("This digest is in the log");
        StringAssert.EndsWith(visit.Page.Url, evidence.VerifyPath);

        // The language that was chosen is kept.
        await visit.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "中文" }).ClickAsync();
        await visit.GoAsync("/");
        Assert.AreEqual("zh-CN", await visit.Page.Locator("html").GetAttributeAsync("lang"));
        Assert.AreEqual("", string.Join('\n', visit.Findings));
    }

    private static async Task JudgeAsync(Uri site, Look look, string name, string path, int status)
    {
        await using var visit = await (await Fixture.BrowserAsync()).VisitAsync(site, look);
        var answer = await visit.GoAsync(path);
        Assert.AreEqual(status, answer.Status, path);
        Assert.AreEqual(look.Chinese ? "zh-CN" : "en", await visit.Page.Locator("html").GetAttributeAsync("lang"), path);
        Assert.AreEqual(0, await visit.ShiftAsync(), 0.001, $"{path} {look} moves while it comes");
        await visit.PictureAsync($"{name}-{look}");
        if (look.Width == 1280)
            await visit.PrintAsync($"{name}-{look}");

        Assert.AreEqual("", string.Join('\n', await visit.JudgeAsync()), $"{path} {look}");
    }
}
