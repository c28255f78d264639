using System.Text.RegularExpressions;

namespace Notary.Pages.Tests;

/// <summary>What a tenant's people do with deposits, in a real browser: hand in, find, follow, take away.</summary>
[TestClass]
public sealed class DepositPageTests
{
    /// <summary>More than is hashed in one piece.</summary>
    private const int LargeBytes = 65 * 1024 * 1024;

    private static AccountSite site = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => site = await AccountSite.StartAsync();

    [ClassCleanup]
    public static async Task StopAsync() => await site.DisposeAsync();

    [TestMethod]
    public async Task AFileIsHandedInFollowedToItsLetterAndFoundAgain()
    {
        await using var person = await Person.VisitAsync(site.Url);
        await person.JoinAsync(await site.InviteAsync(), "Zhang San");
        var content = Encoding.UTF8.GetBytes("甲方与乙方的合同");
        await HandInAsync(person, "files", new FilePayload { Name = "合同 <b>&.txt", MimeType = "text/plain", Buffer = content });
        await person.Page.GetByRole(AriaRole.Link, new() { Name = "Open" }).ClickAsync();
        await Expect(person.Page.Locator("h1")).ToHaveTextAsync("合同 <b>&.txt");

        // The page follows by itself.
        await Expect(person.Page.GetByRole(AriaRole.Link, new() { Name = "Storage letter (PDF)" })).ToBeVisibleAsync();
        await Expect(person.Page.Locator(".state-line li.done")).ToHaveCountAsync(5);
        Assert.AreEqual("%PDF-", Encoding.ASCII.GetString((await DownloadAsync(person, "Storage letter (PDF)"))[..5]));
        CollectionAssert.AreEqual(content, await DownloadAsync(person, "Download"));
        Assert.IsGreaterThan(10_000, (await DownloadAsync(person, "Bundle with originals")).Length);

        // By words, and by the file itself.
        var page = person.Page.Url;
        await person.Visit.GoAsync("/deposits");
        await person.Page.GetByLabel("Name or note").FillAsync("<b>&");
        await person.Page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await Expect(person.Page.Locator("tbody tr")).ToHaveCountAsync(1);
        await person.Page.Locator("[data-digest-file] input").SetInputFilesAsync(
            new FilePayload { Name = "other name.txt", MimeType = "text/plain", Buffer = content });
        await Expect(person.Page).ToHaveURLAsync(new Regex("digest=" + Convert.ToHexStringLower(SHA256.HashData(content))));
        await person.Page.Locator("tbody a").ClickAsync();
        await Expect(person.Page).ToHaveURLAsync(page);
        Assert.AreEqual("", string.Join('\n', person.Visit.Findings));
    }

    /// <param name="intoMemory">Whether the browser reads into memory that is there already, as those before 2023 do not.</param>
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task DigestsOfSmallAndLargeFilesAreOneDepositAndStayHere(bool intoMemory)
    {
        await using var person = await Person.VisitAsync(site.Url);
        var older = 0;
        if (!intoMemory)
        {
            await person.Page.Context.RouteAsync("**/hash-worker*", async route =>
            {
                older++;
                var script = await route.FetchAsync();
                await route.FulfillAsync(new() { Response = script, Body = "delete Blob.prototype.stream;" + await script.TextAsync() });
            });
        }

        await person.JoinAsync(await site.InviteAsync(), "Li Si");
        var path = Path.Combine(Directory.CreateTempSubdirectory("notary").FullName, "large.bin");
        var large = new byte[LargeBytes];
        new Random(1).NextBytes(large);
        await File.WriteAllBytesAsync(path, large);
        var small = Path.Combine(Path.GetDirectoryName(path)!, "small.txt");
        await File.WriteAllTextAsync(small, "small");
        await person.Visit.GoAsync("/deposits/new");
        await person.Page.GetByLabel("Digests alone").CheckAsync();
        await person.Page.GetByLabel("Name of a note").FillAsync("contractNo");
        await person.Page.GetByLabel("The note", new() { Exact = true }).FillAsync("A-17");
        await person.Page.Locator("[data-pick]").First.SetInputFilesAsync([path, small]);
        await Expect(person.Page.Locator("[data-summary]")).ToHaveTextAsync("2 of 2 received");
        Assert.IsTrue(person.Visit.Requests.All(r => (r.PostDataBuffer?.Length ?? 0) < 10_000), "no file leaves the browser");
        Assert.AreEqual(intoMemory, older == 0);
        await person.Page.GetByRole(AriaRole.Link, new() { Name = "Open" }).First.ClickAsync();
        await Expect(person.Page.Locator("h1")).ToHaveTextAsync("large.bin and 1 more");
        await Expect(person.Page.Locator("main")).ToContainTextAsync("A-17");
        var shown = Regex.Replace(await person.Page.Locator("main").InnerTextAsync(), "\\s", "");
        StringAssert.Contains(shown, Convert.ToHexStringLower(SHA256.HashData(large)));
        StringAssert.Contains(shown, Convert.ToHexStringLower(SHA256.HashData("small"u8)));
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        Assert.AreEqual("", string.Join('\n', person.Visit.Findings));
    }

    [TestMethod]
    public async Task WhatIsNotForHimIsNotThere()
    {
        await using var owner = await Person.VisitAsync(site.Url);
        await owner.JoinAsync(await site.InviteAsync(), "Wang Wu");
        await HandInAsync(owner, "digests", new FilePayload { Name = "secret.txt", MimeType = "text/plain", Buffer = [1] });
        var id = (await owner.Page.GetByRole(AriaRole.Link, new() { Name = "Open" }).GetAttributeAsync("href"))!.Split('/')[^1];

        // Another tenant's owner: as if it were made up.
        await using var stranger = await Person.VisitAsync(site.Url);
        await stranger.JoinAsync(await site.InviteAsync("other"), "Zhao Liu");
        await stranger.Visit.GoAsync("/deposits");
        foreach (var path in (string[])[$"/deposits/{id}", $"/v1/deposits/{id}", $"/v1/deposits/{id}/receipt", $"/v1/deposits/{id}/original"])
            Assert.AreEqual(404, await StatusAsync(stranger, "GET", path, token: true), path);

        Assert.AreEqual(200, await StatusAsync(owner, "GET", $"/v1/deposits/{id}", token: false));
        await stranger.Visit.GoAsync("/deposits");
        await Expect(stranger.Page.GetByText("secret.txt")).ToHaveCountAsync(0);

        // What changes something needs the page's token.
        Assert.AreEqual(403, await StatusAsync(owner, "POST", "/v1/deposits", token: false));
        Assert.AreEqual(400, await StatusAsync(owner, "POST", "/v1/deposits", token: true), "it came through, to be refused for its body");

        // Who only reads.
        await owner.Visit.GoAsync("/members");
        await owner.Page.Locator("input[name=address]").FillAsync("reader@example.com");
        await owner.Page.Locator("form[action='/members/invitations'] select").SelectOptionAsync("viewer");
        await owner.Page.Locator("form[action='/members/invitations'] button").ClickAsync();
        await using var reader = await Person.VisitAsync(site.Url);
        await reader.JoinAsync(await owner.Page.Locator("code.link").InnerTextAsync(), "Sun Qi");
        Assert.AreEqual(403, (await reader.Visit.GoAsync("/deposits/new")).Status);
        Assert.AreEqual(200, (await reader.Visit.GoAsync($"/deposits/{id}")).Status);
        Assert.AreEqual(403, await StatusAsync(reader, "POST", "/v1/deposits", token: true));

        // Nobody.
        await using var nobody = await Person.VisitAsync(site.Url);
        await nobody.Visit.GoAsync($"/deposits/{id}");
        await Expect(nobody.Page).ToHaveURLAsync(new Regex("/sign-in\\?return="));
        Assert.AreEqual(401, await StatusAsync(nobody, "GET", $"/v1/deposits/{id}", token: false));
    }

    public static IEnumerable<object[]> Looks => Look.All.Select(look => new object[] { look });

    [TestMethod]
    [DynamicData(nameof(Looks))]
    public async Task EveryPageIsAccessibleAndFits(object look)
    {
        var how = (Look)look;
        await using var person = await Person.VisitAsync(site.Url, how);
        await person.JoinAsync(await site.InviteAsync("other"), "欧阳娜娜 Nana Ouyang");
        await JudgeAsync(person, how, "deposits-nothing", "/deposits?text=nothing-has-this-name");
        await HandInAsync(person, "digests", Enumerable.Range(0, 3).Select(i => new FilePayload
        {
            Name = i == 0 ? new string('长', 100) + ".pdf" : $"a-rather-long-name-without-any-blank-in-it-{how}-{i}.pdf",
            MimeType = "application/pdf",
            Buffer = [(byte)i],
        }).ToArray());
        await JudgeAsync(person, how, "deposit-new", null);
        await person.Page.Locator("[data-part=link]").First.ClickAsync();
        await Expect(person.Page.Locator(".state-line")).ToBeVisibleAsync();
        await JudgeAsync(person, how, "deposit", null);
        await JudgeAsync(person, how, "deposits", "/deposits");
    }

    private static async Task JudgeAsync(Person person, Look look, string name, string? path)
    {
        if (path is not null)
            Assert.AreEqual(200, (await person.Visit.GoAsync(path)).Status, path);

        await person.Visit.PictureAsync($"{name}-{look}");
        Assert.AreEqual("", string.Join('\n', await person.Visit.JudgeAsync()), $"{name} {look}");
    }

    private static async Task HandInAsync(Person person, string what, params FilePayload[] files)
    {
        await person.Visit.GoAsync("/deposits/new");
        await person.Page.Locator($"input[value={what}]").CheckAsync();
        await person.Page.Locator("[data-pick]").First.SetInputFilesAsync(files);
        await Expect(person.Page.Locator("[data-part=link]:visible")).ToHaveCountAsync(files.Length);
    }

    private static async Task<byte[]> DownloadAsync(Person person, string link)
    {
        var download = await person.Page.RunAndWaitForDownloadAsync(
            () => person.Page.GetByRole(AriaRole.Link, new() { Name = link, Exact = true }).ClickAsync());
        await using var stream = await download.CreateReadStreamAsync();
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    /// <summary>As a script on the page sends it, with the page's token or without.</summary>
    private static async Task<int> StatusAsync(Person person, string method, string path, bool token)
        => await person.Page.EvaluateAsync<int>(
            "async ([method, path, token]) => (await fetch(path, { method, body: method === 'GET' ? undefined : '{}', headers: { "
                + "accept: '*/*', 'content-type': 'application/json', ...(token && { 'x-antiforgery': document.querySelector('[name=antiforgery]').value }) "
                + "} })).status", new object[] { method, path, token });

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);

    private static IPageAssertions Expect(IPage page) => Assertions.Expect(page);
}
