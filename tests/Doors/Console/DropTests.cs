namespace Notary.Pages.Tests;

/// <summary>Files and folders dropped on the page by the browser's own drag and drop.</summary>
[TestClass]
public sealed class DropTests
{
    private const int Many = 500;

    private static AccountSite site = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => site = await AccountSite.StartAsync();

    [ClassCleanup]
    public static async Task StopAsync() => await site.DisposeAsync();

    [TestMethod]
    public async Task AFolderAndAFileAreHandedInWithTheirPaths()
    {
        var folder = Directory.CreateTempSubdirectory("notary");
        foreach (var (path, text) in ((string, string)[])[("证据/a.txt", "a"), ("证据/deep/er/b.txt", "b"), ("证据/deep/c.txt", "c"), ("alone.txt", "d")])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder.FullName, path))!);
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, path), text);
        }

        await using var person = await PersonAsync("files");
        await DropAsync(person, Path.Combine(folder.FullName, "证据"), Path.Combine(folder.FullName, "alone.txt"));
        await Expect(person.Page.Locator("[data-summary]")).ToHaveTextAsync("4 of 4 received");
        CollectionAssert.AreEquivalent((string[])["证据/a.txt", "证据/deep/er/b.txt", "证据/deep/c.txt", "alone.txt"],
            (await person.Page.Locator("[data-part=name]").AllInnerTextsAsync()).ToArray());
        Assert.AreEqual("", string.Join('\n', await person.Visit.JudgeAsync()));
        folder.Delete(recursive: true);
    }

    [TestMethod]
    public async Task HundredsAreHandedInAndThePageAnswersMeanwhile()
    {
        var folder = Directory.CreateTempSubdirectory("notary");
        for (var i = 0; i < Many; i++)
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, $"{i:000}.txt"), $"{i}");

        await using var person = await PersonAsync("digests");

        // A page that answers is drawn while it works: every summary that a frame shows is noted.
        await person.Page.EvaluateAsync("""
            () => {
              window.shown = new Set();
              const look = () => { shown.add(document.querySelector('[data-summary]').textContent); requestAnimationFrame(look); };
              look();
            }
            """);
        await DropAsync(person, folder.FullName);
        await Expect(person.Page.Locator("[data-summary]")).ToHaveTextAsync($"{Many} of {Many} received");
        Assert.HasCount(Many / 100, person.Visit.Requests.Where(r => r.Url.EndsWith("/v1/deposits", StringComparison.Ordinal)).ToList());
        var links = await person.Page.Locator("[data-part=link]").EvaluateAllAsync<string[]>("links => [...new Set(links.map(link => link.href))]");
        Assert.HasCount(Many / 100, links);
        Assert.IsGreaterThan(3, await person.Page.EvaluateAsync<int>("() => shown.size"), "the page was not drawn before all was done");
        folder.Delete(recursive: true);
    }

    private static async Task<Person> PersonAsync(string what)
    {
        var person = await Person.VisitAsync(site.Url, besides: site.Blobs.Url);
        await person.JoinAsync(await site.InviteAsync(), "Zhang San");
        await person.Visit.GoAsync("/deposits/new");
        await person.Page.Locator($"input[value={what}]").CheckAsync();
        return person;
    }

    private static async Task DropAsync(Person person, params string[] paths)
    {
        var zone = person.Page.Locator("[data-drop]");
        await zone.ScrollIntoViewIfNeededAsync();
        var box = (await zone.BoundingBoxAsync())!;
        foreach (var type in (string[])["dragEnter", "dragOver", "drop"])
        {
            await person.Debugger.SendAsync("Input.dispatchDragEvent", new Dictionary<string, object>
            {
                ["type"] = type,
                ["x"] = box.X + (box.Width / 2),
                ["y"] = box.Y + 10,
                ["data"] = new Dictionary<string, object> { ["items"] = Array.Empty<object>(), ["files"] = paths, ["dragOperationsMask"] = 1 },
            });
            if (type == "dragOver")
                await Expect(zone).ToHaveClassAsync("drop over");
        }
    }

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);
}
