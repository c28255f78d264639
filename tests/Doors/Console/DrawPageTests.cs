using Notary.Evidence.Draws;

namespace Notary.Pages.Tests;

/// <summary>The pages of draws, as visitors see them: before, while one runs, and after; on phone, desk and a hall's screen.</summary>
[TestClass]
public sealed class DrawPageTests
{
    private static DrawSite site = null!;

    private static readonly Look Phone = new() { Width = 360, Height = 740, Dark = true, Chinese = false };
    private static readonly Look Hall = new() { Width = 1920, Height = 1080 };

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => site = await DrawSite.StartAsync();

    [ClassCleanup]
    public static async Task StopAsync() => await site.DisposeAsync();

    /// <summary>The one page of a draw, through its whole life, without being loaded again.</summary>
    [TestMethod]
    public async Task AVisitorWatchesADrawFromItsPublicationToItsResult()
    {
        await site.ShowAsync("published");
        await using var visit = await VisitAsync(Hall with { Chinese = false });
        var page = visit.Page;
        await visit.GoAsync(site.Path);
        var now = page.Locator("#now");
        await Assertions.Expect(now).ToHaveTextAsync("On view");
        await Assertions.Expect(page.Locator(".stage-count")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex(@"^1 d 0[56]:\d\d:\d\d$"));
        await Assertions.Expect(page.Locator("#proof")).ToHaveCountAsync(0);
        await LooksAsync(visit, "draw-published-hall");

        await page.Locator("#text").FillAsync("Somebody is twice in the list.");
        await site.ShowAsync("published");
        await Assertions.Expect(page.Locator("[data-live]")).ToHaveAttributeAsync("data-mark", $"{site.Version}/0/0/0/0");
        await Assertions.Expect(page.Locator("#text")).ToHaveValueAsync("Somebody is twice in the list.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send objection" }).PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("received as number 1");

        await site.ShowAsync("committed", commits: 1);
        await Assertions.Expect(now).ToHaveTextAsync("Parties commit");
        await Assertions.Expect(page.Locator("#text")).ToHaveCountAsync(0);
        await Assertions.Expect(page.Locator("tr[data-key]")).ToHaveCountAsync(1);
        await site.ShowAsync("committed", commits: 3);
        await Assertions.Expect(page.Locator("#said")).ToHaveTextAsync("A commit has come: 3 now.");
        await Assertions.Expect(page.Locator("tr.fresh")).ToHaveCountAsync(2);
        await LooksAsync(visit, "draw-committed-hall");

        // A line that breaks, and one that is refused, are mended; what happened meanwhile is there.
        site.Refuses = true;
        site.Drop();
        await Assertions.Expect(page.Locator("#lost")).ToBeVisibleAsync();
        await site.ShowAsync("revealing", commits: 3, reveals: 1);
        site.Refuses = false;
        await Assertions.Expect(now).ToHaveTextAsync("Parties reveal");
        await Assertions.Expect(page.Locator("#lost")).ToBeHiddenAsync();
        await site.ShowAsync("revealing", commits: 3, reveals: 2, closed: true);
        await Assertions.Expect(now).ToHaveTextAsync("Waiting for the beacon");
        await Assertions.Expect(page.Locator("#parties + .table .tag.bad")).ToHaveTextAsync("✗ not opened, left out");

        await site.ShowAsync("drawn", commits: 3, reveals: 2);
        await Assertions.Expect(now).ToHaveTextAsync("Drawn");
        await Assertions.Expect(page.Locator(".round")).ToHaveCountAsync(2);
        await Assertions.Expect(page.Locator("[data-key=place-1-False-1]")).ToContainTextAsync("A");
        await site.ShowAsync("certified", commits: 3, reveals: 2);
        await Assertions.Expect(now).ToHaveTextAsync("Certified");
        await Assertions.Expect(page.Locator("#files").Locator("..")).ToContainTextAsync("公证员乙");
        await LooksAsync(visit, "draw-certified-hall");

        // The part that came with the result works like any other.
        await page.Locator("#prove").ClickAsync();
        await Assertions.Expect(page.Locator("#result[data-outcome=unjudged]")).ToBeVisibleAsync();
        await LooksAsync(visit, "draw-proved-hall");
    }

    /// <summary>What a candidate types stays with him, and what he is told is his own.</summary>
    [TestMethod]
    public async Task ACandidateFindsHisOwnFateAndSeesWhatWasTamperedWith()
    {
        await site.ShowAsync("certified", commits: 3, reveals: 2);
        var (files, all) = (site.Files, Enumerable.Range(0, site.Files.List.Count).Select(site.Files.Ticket).ToList());
        CandidateTicket With(params Fate[] fates)
            => all.First(t => t.Name.Length > 1 && t.Fates(files.Draw, files.Result).Select(f => f.Fate).SequenceEqual(fates));
        await using var visit = await VisitAsync(Phone);
        foreach (var (ticket, says) in new[]
        {
            (With(Fate.Won, Fate.WonBefore), "You won in round 1."), (With(Fate.Reserve, Fate.Lost), "You are in reserve in round 1."),
            (With(Fate.OtherGroup, Fate.Won), "You won in round 2."), (With(Fate.Lost, Fate.Lost), "You were not drawn."),
        })
        {
            await LookAsync(visit, ticket.Id + " ", ticket.Name, ticket.Salt, "good");
            var result = visit.Page.Locator("#result");
            await Assertions.Expect(result.Locator(".notice-title")).ToHaveTextAsync(says);
            foreach (var fate in ticket.Fates(files.Draw, files.Result).Where(f => f.Number is not null))
            {
                var number = fate.Number!.Value.ToString("x32", CultureInfo.InvariantCulture);
                await Assertions.Expect(result.Locator("[data-fate]").Nth(fate.Round - 1)).ToContainTextAsync(number);
            }
        }

        await LooksAsync(visit, "draw-mine-lost-phone");
        var winner = With(Fate.Won, Fate.WonBefore);
        await LookAsync(visit, winner.Id, winner.Name + "x", winner.Salt, "missing");
        await LooksAsync(visit, "draw-mine-missing-phone");

        // A winner who is not in the table; a result with another last number; a result of other digests altogether.
        var table = Encoding.UTF8.GetString(files.Files["winners.csv"]);
        var result2 = JsonNode.Parse(files.Files["result.json"])!;
        result2["rounds"]![0]!["lastWinner"] = "00000000000000000000000000000001";
        foreach (var (name, forged, flaw) in new[]
        {
            ("winners.csv", table.Replace(winner.Handle.ToString(), all[0].Handle.ToString(), StringComparison.Ordinal), "table of winners lacks a place"),
            ("result.json", Encoding.UTF8.GetString(Jcs.Canonicalize(result2)), "result’s file has another digest"),
            ("draw.json", Encoding.UTF8.GetString(files.Files["draw.json"]).Replace("\"quota\":12", "\"quota\":13", StringComparison.Ordinal),
                "what was fixed has another"),
        })
        {
            site.Forged[name] = Encoding.UTF8.GetBytes(forged);
            await LookAsync(visit, winner.Id, winner.Name, winner.Salt, "flawed");
            await Assertions.Expect(visit.Page.Locator("#result .notice-bad")).ToContainTextAsync(flaw);
            site.Forged.Clear();
        }

        await LooksAsync(visit, "draw-mine-flawed-phone");
        string[] secret = [winner.Id, winner.Name, Uri.EscapeDataString(winner.Name), winner.Salt.ToString()];
        var sent = visit.Requests.Select(r => $"{r.Method} {r.Url.Split('#')[0]}").ToList();
        Assert.IsTrue(sent.All(r => r.StartsWith("GET ", StringComparison.Ordinal) && !secret.Any(r.Contains)), string.Join('\n', sent));
    }

    /// <summary>The draw again, with the beacon's signature of the platform or of a node that the visitor names; and a list that was changed.</summary>
    [TestMethod]
    public async Task AVisitorComputesTheDrawAgainAndSeesAForgery()
    {
        await site.ShowAsync("certified", commits: 3, reveals: 2);
        await using var visit = await VisitAsync(Phone);
        await visit.GoAsync($"{site.Path}?drand={site.Url}drand");
        await visit.Page.Locator("#prove").ClickAsync();
        await Assertions.Expect(visit.Page.Locator("#result[data-outcome=verified]")).ToBeVisibleAsync();
        await Assertions.Expect(visit.Page.Locator("#result .rung-pass")).ToHaveCountAsync(8);
        await LooksAsync(visit, "draw-verified-phone");

        var list = Encoding.UTF8.GetString(site.Files.Files["public.csv"]).Split('\n');
        site.Forged["public.csv"] = Encoding.UTF8.GetBytes(string.Join('\n', list.Where((_, i) => i != 5)));
        await visit.Page.Locator("#prove").ClickAsync();
        await Assertions.Expect(visit.Page.Locator("#result[data-outcome=failed]")).ToBeVisibleAsync();
        await Assertions.Expect(visit.Page.Locator("[data-rung=list]")).ToHaveAttributeAsync("data-code", "list-differs");
        await LooksAsync(visit, "draw-failed-phone");
        site.Forged.Clear();

        // The signature that the platform shows needs no node, and a false one is seen.
        foreach (var (shown, outcome, code) in new[]
        {
            (site.RightSignature, "verified", ""), (site.RightSignature[..^1] + (site.RightSignature[^1] == '0' ? '1' : '0'), "failed", "beacon-signature"),
        })
        {
            site.Signature = shown;
            await site.ShowAsync("certified", commits: 3, reveals: 2);
            await visit.GoAsync(site.Path);
            await visit.Page.Locator("#prove").ClickAsync();
            await Assertions.Expect(visit.Page.Locator($"#result[data-outcome={outcome}]")).ToBeVisibleAsync();
            await Assertions.Expect(visit.Page.Locator("[data-rung=beacon]")).ToHaveAttributeAsync("data-code", code);
        }

        site.Signature = null;
        await site.ShowAsync("certified", commits: 3, reveals: 2);
        await visit.GoAsync($"{site.Path}?drand=http://127.0.0.1:{ChildProcess.FreePort()}");
        await visit.Page.Locator("#prove").ClickAsync();
        await Assertions.Expect(visit.Page.Locator("[data-rung=beacon]")).ToHaveAttributeAsync("data-code", "beacon-unreachable");
    }

    [TestMethod]
    public async Task EveryPageIsReadWithoutScriptsOnPhoneDeskAndHallAndOnPaper()
    {
        foreach (var look in new[] { Phone, new Look { Scripts = false }, Hall })
        {
            await using var visit = await VisitAsync(look);
            foreach (var (name, path, show) in new (string, string, Func<Task>)[]
            {
                ("draws", "/draws", () => site.ShowAsync("published")), ("draws-none", "/draws?continuation=a", () => site.ShowAsync("published")),
                ("draw-published", site.Path, () => site.ShowAsync("published", kind: "rehearsal")),
                ("draw-list", $"{site.Path}/list", () => site.ShowAsync("published")), ("draw-mine", $"{site.Path}/mine", () => site.ShowAsync("published")),
                ("draw-committed", site.Path, () => site.ShowAsync("committed")),
                ("draw-revealing", site.Path, () => site.ShowAsync("revealing", commits: 3, reveals: 1)),
                ("draw-certified", site.Path, () => site.ShowAsync("certified", commits: 3, reveals: 2)),
                ("draw-winners", $"{site.Path}/winners?round=2&from=101", () => site.ShowAsync("certified", commits: 3, reveals: 2)),
                ("draw-aborted", site.Path, () => site.ShowAsync("aborted", aborted: new JsonObject
                {
                    ["at"] = "2026-12-01T05:00:00Z", ["reason"] = "名单有误，须重新登记。", ["during"] = "published", ["known"] = false,
                })),
            })
            {
                // A hall's screen shows the draw itself; what a page lacks without scripts these four show.
                if (look == Hall ? path != site.Path : !look.Scripts && name is not ("draws" or "draw-mine" or "draw-published" or "draw-certified"))
                    continue;

                await show();
                Assert.AreEqual(200, (await visit.GoAsync(path)).Status, path);
                if (look.Scripts)
                {
                    await LooksAsync(visit, $"{name}-{look}");
                    continue;
                }

                // A judge is a script too: here it is what is there and what is not.
                await visit.PictureAsync($"{name}-plain");
                await visit.PrintAsync($"{name}-plain");
                await Assertions.Expect(visit.Page.Locator(".scripted:visible, [role=timer]:visible")).ToHaveCountAsync(0);
            }
        }
    }

    [TestMethod]
    public async Task APageSpeaksToThePlatformAndTheNodeThatItsVisitorNamed()
    {
        using var http = new HttpClient { BaseAddress = site.Url };
        foreach (var (query, connect) in new[]
        {
            ("", "'self'"), ("?drand=https://drand.example/x", "'self' https://drand.example:443"), ("?drand=http://drand.example", "'self'"),
            ("?drand=https://a;script-src%20*", "'self'"),
        })
        {
            using var answer = await http.GetAsync(new Uri(site.Path[1..] + query, UriKind.Relative));
            Assert.Contains($"script-src 'self'; worker-src 'self'; connect-src {connect};", answer.Headers.GetValues("Content-Security-Policy").Single());
            Assert.Contains("&lt;b&gt;公开&lt;/b&gt;", await answer.Content.ReadAsStringAsync());
        }
    }

    private static async Task LookAsync(Visit visit, string id, string name, Digest salt, string outcome)
    {
        await visit.Page.GotoAsync("about:blank");
        await visit.GoAsync($"{site.Path}/mine#salt={salt}");
        await Assertions.Expect(visit.Page.Locator("#my-salt")).ToBeHiddenAsync();
        await visit.Page.Locator("#my-id").FillAsync(id);
        await visit.Page.Locator("#my-name").FillAsync(name);
        await visit.Page.Locator("#my-name").PressAsync("Enter");
        var result = visit.Page.Locator("#result[data-outcome]");
        await Assertions.Expect(result).ToBeVisibleAsync();
        Assert.AreEqual(outcome, await result.GetAttributeAsync("data-outcome"), await result.InnerTextAsync());
    }

    private static async Task<Visit> VisitAsync(Look look) => await (await Fixture.BrowserAsync()).VisitAsync(site.Url, look);

    private static async Task LooksAsync(Visit visit, string name)
    {
        await visit.PictureAsync(name);
        Assert.AreEqual("", string.Join('\n', (await visit.JudgeAsync()).Where(f => !f.Contains("/events", StringComparison.Ordinal))), name);
    }
}
