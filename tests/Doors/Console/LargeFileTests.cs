using System.Text.RegularExpressions;

namespace Notary.Pages.Tests;

/// <summary>Files that are too large for one request, in a real browser: straight to storage, and on from where they broke off.</summary>
[TestClass]
public sealed class LargeFileTests
{
    private static AccountSite site = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => site = await AccountSite.StartAsync();

    [ClassCleanup]
    public static async Task StopAsync() => await site.DisposeAsync();

    [TestMethod]
    public async Task ItGoesStraightToStorageAndComesToItsLetter()
    {
        using var file = new LargeFile(site, 1, "大文件 <i>.bin");
        await using var person = await JoinAsync();
        await ChooseAsync(person, file);
        await ReceivedAsync(person);
        Assert.HasCount(LargeFile.Blocks, file.Taken);
        CollectionAssert.AllItemsAreUnique(file.Taken.ToArray());
        Assert.IsTrue(person.Visit.Requests.Where(r => r.Url.StartsWith(site.Url.ToString(), StringComparison.Ordinal))
            .All(r => (r.PostDataBuffer?.Length ?? 0) < 10_000), "none of it goes by way of the platform");
        await person.Page.GetByRole(AriaRole.Link, new() { Name = "Open" }).ClickAsync();
        await Expect(person.Page.Locator("h1")).ToHaveTextAsync("大文件 <i>.bin");
        await Expect(person.Page.GetByRole(AriaRole.Link, new() { Name = "Storage letter (PDF)" })).ToBeVisibleAsync();
        Assert.AreEqual(file.Sha256, await Sha256Async(person));
        Assert.IsEmpty(await file.LeftAsync());
        Assert.AreEqual("", string.Join('\n', person.Visit.Findings));
    }

    [TestMethod]
    public async Task OnlyThisPageMaySpeakToStorage()
    {
        await using var person = await JoinAsync();
        var storage = site.Blobs.Url.GetLeftPart(UriPartial.Authority);
        foreach (var (path, named) in ((string, bool)[])[("/deposits/new", true), ("/deposits", false), ("/account", false), ("/", false), ("/verify", false)])
        {
            var policy = (await (await person.Visit.GoAsync(path)).AllHeadersAsync())["content-security-policy"];
            Assert.AreEqual(named, policy.Contains(storage, StringComparison.Ordinal), $"{path}: {policy}");
        }

        // And storage answers this site's pages alone.
        using var http = new HttpClient();
        foreach (var (origin, admitted) in ((string, bool)[])[(site.Url.GetLeftPart(UriPartial.Authority), true), ("http://elsewhere.example", false)])
        {
            using var ask = new HttpRequestMessage(HttpMethod.Options, new Uri(site.Storage.Container(Names.Uploads).Uri + "/firm/x?comp=block"));
            ask.Headers.TryAddWithoutValidation("Origin", origin);
            ask.Headers.TryAddWithoutValidation("Access-Control-Request-Method", "PUT");
            using var answer = await http.SendAsync(ask);
            Assert.AreEqual(admitted, answer.IsSuccessStatusCode && answer.Headers.Contains("Access-Control-Allow-Origin"), origin);
        }
    }

    [TestMethod]
    public async Task ItGoesOnWhenTheNetworkIsBack()
    {
        using var file = new LargeFile(site, 2);
        await using var person = await JoinAsync();
        var cut = site.Blobs.Add(new FaultRule("/uploads/.*comp=block&", FaultKind.Callback)
        { Method = "PUT", Nth = 3, Callback = () => person.Page.Context.SetOfflineAsync(true) });
        await ChooseAsync(person, file);
        await SaysAsync(person, "no network");
        Assert.AreEqual(1, cut.Strikes);
        await person.Page.Context.SetOfflineAsync(false);
        await ReceivedAsync(person);
        Assert.HasCount(1, file.Uploads);
        Assert.HasCount(LargeFile.Blocks, file.Taken.Distinct().ToList());
        Assert.IsLessThanOrEqualTo(LargeFile.Blocks + 3, file.Taken.Count, "only what was under way is sent again");
    }

    [TestMethod]
    public async Task AnAddressThatIsRefusedIsRenewed()
    {
        using var file = new LargeFile(site, 3);
        await using var person = await JoinAsync();
        site.Blobs.Add(new FaultRule("/uploads/.*comp=block&", FaultKind.Status) { Method = "PUT", Nth = 2, Status = 403 });
        await ChooseAsync(person, file);
        await ReceivedAsync(person);
        var asked = person.Visit.Requests.Where(r => r is { Method: "POST" } && r.Url.EndsWith("/v1/uploads", StringComparison.Ordinal)).ToList();
        Assert.HasCount(2, asked);
        Assert.HasCount(1, file.Uploads);
    }

    [TestMethod]
    public async Task AfterAReloadItGoesOnFromTheBlocksThatAreThere()
    {
        using var file = new LargeFile(site, 4);
        await using var person = await JoinAsync();
        file.HoldAfter(4);
        await ChooseAsync(person, file);
        await file.UntilTakenAsync(4);
        await KeptAsync(person, 4);
        await ChooseAsync(person, file);
        await ReceivedAsync(person);
        Assert.HasCount(1, file.Uploads);
        CollectionAssert.AllItemsAreUnique(file.Taken.ToArray());
        Assert.HasCount(LargeFile.Blocks, file.Taken);
        await KeptAsync(person, 0);
    }

    [TestMethod]
    public async Task AnotherContentUnderTheSameNameIsAnotherUpload()
    {
        using var file = new LargeFile(site, 5);
        await using var person = await JoinAsync();
        file.HoldAfter(4);
        await ChooseAsync(person, file);
        await file.UntilTakenAsync(4);

        // Changed while it is being sent: not mixed.
        File.SetLastWriteTimeUtc(file.Path, DateTime.UnixEpoch);
        await person.Page.Context.SetOfflineAsync(true);
        await SaysAsync(person, "has changed since it was chosen");
        await person.Page.Context.SetOfflineAsync(false);

        // Changed and chosen again.
        file.Change(6);
        await ChooseAsync(person, file);
        await ReceivedAsync(person);
        Assert.HasCount(2, file.Uploads);
        await person.Page.GetByRole(AriaRole.Link, new() { Name = "Open" }).ClickAsync();
        Assert.AreEqual(file.Sha256, await Sha256Async(person));
    }

    [TestMethod]
    public async Task AnotherTenantCannotUseIt()
    {
        using var file = new LargeFile(site, 7);
        await using var person = await JoinAsync();
        file.HoldAfter(1);
        await ChooseAsync(person, file);
        await file.UntilTakenAsync(1);
        await using var stranger = await Person.VisitAsync(site.Url, besides: site.Blobs.Url);
        await stranger.JoinAsync(await site.InviteAsync("other"), "Qian Shi");
        await stranger.Visit.GoAsync("/deposits/new");
        foreach (var method in (string[])["GET", "DELETE"])
            Assert.AreEqual(404, await StatusAsync(stranger, method, $"/v1/uploads/{file.Uploads[0]}"), method);

        // Also with what this browser remembers of it.
        var kept = await person.Page.EvaluateAsync<Dictionary<string, string>>("() => ({ ...localStorage })");
        await stranger.Page.EvaluateAsync("kept => Object.assign(localStorage, kept)", kept);
        await ChooseAsync(stranger, file);
        await ReceivedAsync(stranger);
        Assert.HasCount(2, file.Uploads);
        Assert.HasCount(LargeFile.Blocks, file.Taken.Where(t => t.StartsWith(file.Uploads[1], StringComparison.Ordinal)).ToList());
    }

    [TestMethod]
    public async Task CalledOffItLeavesNothing()
    {
        using var file = new LargeFile(site, 8);
        await using var person = await JoinAsync();
        file.HoldAfter(2);
        await ChooseAsync(person, file);
        await file.UntilTakenAsync(2);
        Assert.IsNotEmpty(await file.LeftAsync());
        await Button(person, "Cancel").ClickAsync();
        await SaysAsync(person, "nothing is left of it");
        Assert.IsEmpty(await file.LeftAsync());
        await KeptAsync(person, 0);

        // He thinks better of it.
        await ChooseAsync(person, file);
        await ReceivedAsync(person);
        Assert.HasCount(2, file.Uploads);
        Assert.IsEmpty(await file.LeftAsync());
    }

    [TestMethod]
    public async Task WithTheKeyboardAloneItIsChosenPausedAndContinued()
    {
        using var file = new LargeFile(site, 9);
        await using var person = await JoinAsync();
        var held = file.HoldAfter(2);
        await person.Visit.GoAsync("/deposits/new");
        await person.Page.ChooseAsync(person.Page.Locator("[data-pick]"), chooser => chooser.SetFilesAsync(file.Path));
        await file.UntilTakenAsync(2);
        await TabToAsync(person, "document.activeElement.matches('tbody [data-part=pause]')");
        await person.Page.Keyboard.PressAsync("Space");
        await SaysAsync(person, "paused");
        await Expect(Button(person, "Continue")).ToBeFocusedAsync();

        // What was under way breaks off, and nothing new begins before he says so.
        await person.Page.Context.SetOfflineAsync(true);
        await person.Page.Context.SetOfflineAsync(false);
        await file.UntilTakenAsync(6);
        Assert.AreEqual(4, held.Strikes);
        await person.Page.Keyboard.PressAsync("Enter");
        await ReceivedAsync(person);
        Assert.HasCount(LargeFile.Blocks, file.Taken);
    }

    private static async Task<Person> JoinAsync()
    {
        var person = await Person.VisitAsync(site.Url, besides: site.Blobs.Url);
        await person.JoinAsync(await site.InviteAsync(), "Zhang San");
        return person;
    }

    /// <summary>The page anew, and the file chosen there.</summary>
    private static async Task ChooseAsync(Person person, LargeFile file)
    {
        await person.Visit.GoAsync("/deposits/new");
        await person.Page.Locator("[data-pick]").First.SetInputFilesAsync(file.Path);
    }

    private static Task ReceivedAsync(Person person) => Expect(person.Page.Locator("[data-summary]")).ToHaveTextAsync("1 of 1 received");

    private static Task SaysAsync(Person person, string words) => Expect(person.Page.Locator("[data-part=says]")).ToContainTextAsync(words);

    private static ILocator Button(Person person, string name) => person.Page.Locator("tbody").GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    /// <summary>Waits until the browser knows so many blocks to be there.</summary>
    private static async Task KeptAsync(Person person, int blocks)
        => await person.Page.WaitForFunctionAsync(
            "blocks => (Object.values({ ...localStorage }).map(kept => JSON.parse(kept).done ?? '').join('').match(/1/g) ?? []).length === blocks", blocks);

    private static async Task TabToAsync(Person person, string there)
    {
        for (var i = 0; i < 40 && !await person.Page.EvaluateAsync<bool>(there); i++)
            await person.Page.Keyboard.PressAsync("Tab");

        Assert.IsTrue(await person.Page.EvaluateAsync<bool>(there), there);
    }

    /// <summary>Of the deposit whose page it is.</summary>
    private static async Task<string> Sha256Async(Person person)
    {
        await Assertions.Expect(person.Page).ToHaveURLAsync(new Regex("/deposits/[0-9a-f-]{36}"));
        return await person.Page.EvaluateAsync<string>(
            "async () => (await (await fetch('/v1' + location.pathname, { headers: { accept: 'application/json' } })).json()).items[0].digests['sha-256']");
    }

    private static async Task<int> StatusAsync(Person person, string method, string path)
        => await person.Page.EvaluateAsync<int>("async ([method, path]) => (await fetch(path, { method, headers: { accept: '*/*', "
            + "'x-antiforgery': document.querySelector('[data-antiforgery]').dataset.antiforgery } })).status", new object[] { method, path });

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);
}
