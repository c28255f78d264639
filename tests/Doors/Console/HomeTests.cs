namespace Notary.Pages.Tests;

/// <summary>The first page and the documents, as programs and people get them from the app.</summary>
[TestClass]
public sealed class HomeTests
{
    [TestMethod]
    public async Task TheFirstPageShowsTheCheckpointThatTheLogServes()
    {
        var (app, html) = await HomeAsync();
        var lines = (await app.Http.GetStringAsync("v1/log/checkpoint")).Split('\n');
        Assert.Contains(lines[0], html);
        Assert.Contains($"<dd>{long.Parse(lines[1], CultureInfo.InvariantCulture):N0}</dd>", html);
        foreach (var eight in Convert.ToHexStringLower(Convert.FromBase64String(lines[2])).Chunk(8))
            Assert.Contains($"<span>{new string(eight)}</span>", html);
    }

    [TestMethod]
    public async Task EveryLinkOfTheFirstPageLeadsSomewhere()
    {
        var (app, html) = await HomeAsync();
        var links = System.Text.RegularExpressions.Regex.Matches(html, "(?:href|src)=\"(/[^\"]*)\"").Select(m => m.Groups[1].Value).Distinct().ToList();
        Assert.IsGreaterThan(10, links.Count);
        foreach (var link in links)
            Assert.AreEqual(200, (int)(await app.Http.GetAsync(new Uri(link.TrimStart('/'), UriKind.Relative))).StatusCode, link);
    }

    [TestMethod]
    public async Task TheScriptsNameTheLicencesOfTheirLibraries()
    {
        var app = (await Fixture.EvidenceAsync()).App;
        var page = await app.Http.GetStringAsync("verify");
        var worker = System.Text.RegularExpressions.Regex.Match(page, "data-worker=\"/([^\"]+)\"").Groups[1].Value;
        var named = System.Text.RegularExpressions.Regex.Match(await app.Http.GetStringAsync(worker), "^// .*: /(\\S+)").Groups[1].Value;
        var licences = await app.Http.GetStringAsync(named);
        var libraries = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "functions", "Doors", "Console", "package.json")))!["dependencies"]!;
        foreach (var (name, version) in libraries.AsObject())
            Assert.Contains($"\n{name} {version}\n", licences);
    }

    /// <summary>The Functions host asks so, many times a second, until anything answers.</summary>
    [TestMethod]
    public async Task AProbeOfTheFirstPageIsToldThatTheProcessLives()
        => Assert.AreEqual("{\"status\":\"alive\"}", await (await Fixture.EvidenceAsync()).App.Http.GetStringAsync(""));

    [TestMethod]
    public async Task WhatIsNotThereIsSaidToPeopleInAPageAndToProgramsAsAProblem()
    {
        var app = (await Fixture.EvidenceAsync()).App;
        foreach (var (path, accept, page) in new[]
        {
            ("nothing", "text/html,*/*;q=0.8", true), ("nothing", "*/*", false), ("nothing", "text/html;q=0", false), ("v1/nothing", "text/html", false),
            ("documents/none.md", "text/html", true), ("assets/none.css", "*/*", false), ("verify?digest=%FF", "text/html", true),
        })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("Accept", accept);
            using var answer = await app.Http.SendAsync(request);
            Assert.AreEqual(path.Contains('%', StringComparison.Ordinal) ? 400 : 404, (int)answer.StatusCode, path);
            Assert.AreEqual(page ? "text/html" : "application/problem+json", answer.Content.Headers.ContentType!.MediaType, $"{path} {accept}");
        }
    }

    private static async Task<(App App, string Html)> HomeAsync()
    {
        var app = (await Fixture.EvidenceAsync()).App;
        using var request = new HttpRequestMessage(HttpMethod.Get, "");
        request.Headers.TryAddWithoutValidation("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        using var answer = await app.Http.SendAsync(request);
        return (app, await answer.Content.ReadAsStringAsync());
    }
}
