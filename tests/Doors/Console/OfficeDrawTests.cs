using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace Notary.Pages.Tests;

/// <summary>Two notaries publish a draw with keys of their own, each once, and one of them ends it, in a real browser with an authenticator.</summary>
[TestClass]
public sealed class OfficeDrawTests
{
    [TestMethod]
    public async Task TwoNotariesPublishWithKeysOfTheirOwnAndOneAborts()
    {
        var site = await Fixture.DrawsAsync();
        using var http = new HttpClient { BaseAddress = site.Url };
        http.DefaultRequestHeaders.Authorization = new("Bearer", site.Key);
        var id = await SubmitAsync(http, "示范市二〇二六年第三期保障性住房摇号 <b>Housing</b>");

        await using var first = await site.ComeAsync("notary");
        await first.Visit.GoAsync("/office/draws");
        await JudgeAsync(first);
        await first.Visit.PictureAsync("office-draws");
        await first.Page.Locator($"a[href='/office/draws/{id}']").First.ClickAsync();
        await Expect(first.Page.Locator("#approve ~ .notice, #approve ~ * .notice").First).ToContainTextAsync("no signing key");
        await first.Page.GetByRole(AriaRole.Link, new() { Name = "Enrol one" }).ClickAsync();
        await JudgeAsync(first);
        await first.Page.Locator("form[data-passkey] button").ClickAsync();
        await Expect(first.Page.Locator("td code").First).ToBeVisibleAsync();
        await JudgeAsync(first);
        await first.Visit.PictureAsync("office-signing");

        await first.Visit.GoAsync($"/office/draws/{id}");
        await JudgeAsync(first);
        await first.Visit.PictureAsync("office-draw");
        await first.Page.SetViewportSizeAsync(360, 800);
        foreach (var page in (string[])["/office/draws", "/office/signing", $"/office/draws/{id}"])
        {
            await first.Visit.GoAsync(page);
            await JudgeAsync(first);
            await first.Visit.PictureAsync($"phone{page.Replace(id, "one", StringComparison.Ordinal).Replace('/', '-')}");
        }

        var plan = await first.Page.EvaluateAsync<string>("async path => (await fetch(path)).text()", $"/office/draws/{id}/files/plan.json");
        Assert.AreEqual(id, (string?)JsonNode.Parse(plan)!["drawId"]);
        await first.Page.Locator("form[data-passkey] button").ClickAsync();
        await Expect(first.Page.Locator("main")).ToContainTextAsync("1 of two notaries");

        // Nobody else sees it yet, and the same notary is not another one.
        Assert.AreEqual(404, (int)(await http.GetAsync(new Uri($"v1/public/draws/{id}", UriKind.Relative))).StatusCode);
        await first.Page.Locator("form[data-passkey] button").ClickAsync();
        await Expect(first.Page.Locator("[data-says=failed]")).ToBeVisibleAsync();

        await using var second = await site.ComeAsync("notary2");
        await second.Visit.GoAsync("/office/signing");
        await second.Page.Locator("form[data-passkey] button").ClickAsync();
        await Expect(second.Page.Locator("td code").First).ToBeVisibleAsync();
        await second.Visit.GoAsync($"/office/draws/{id}");
        await second.Page.Locator("form[data-passkey] button").ClickAsync();
        await Expect(second.Page.Locator("main .tag").First).ToContainTextAsync("Published");
        var seen = JsonNode.Parse(await http.GetStringAsync(new Uri($"v1/public/draws/{id}", UriKind.Relative)))!;
        Assert.AreEqual("published", (string?)seen["state"]);
        Assert.HasCount(2, seen["approvals"]!.AsArray());

        // A clerk looks and changes nothing.
        await using var clerk = await site.ComeAsync("clerk");
        await clerk.Visit.GoAsync($"/office/draws/{id}");
        await Expect(clerk.Page.Locator("form[action$='/abort'], form[data-passkey]")).ToHaveCountAsync(0);

        await second.Page.Locator("summary").ClickAsync();
        await second.Page.Locator("input[name=reason]").FillAsync("名单有误 A mistake in the list");
        await second.Page.Locator("input[name=confirmed]").CheckAsync();
        await JudgeAsync(second);
        await second.Visit.PictureAsync("office-abort");
        await second.Page.Locator("button.danger").ClickAsync();
        await Expect(second.Page.Locator("main .tag").First).ToContainTextAsync("Aborted");
        seen = JsonNode.Parse(await http.GetStringAsync(new Uri($"v1/public/draws/{id}", UriKind.Relative)))!;
        Assert.AreEqual("名单有误 A mistake in the list", (string?)seen["aborted"]!["reason"]);

        // Everybody sees the keys; one that is removed stays listed, with when.
        await first.Visit.GoAsync("/office/signing");
        await first.Page.Locator("form[action$='/remove'] button").ClickAsync();
        await Expect(first.Page.Locator("main .empty")).ToBeVisibleAsync();
        await first.Visit.GoAsync("/draws/signers");
        await Expect(first.Page.Locator("main tbody tr")).ToHaveCountAsync(2);
        await Expect(first.Page.Locator("main tbody .tag.ok")).ToHaveCountAsync(1);
        await JudgeAsync(first);
        await first.Visit.PictureAsync("phone-signers");
        var signers = JsonNode.Parse(await http.GetStringAsync(new Uri("v1/public/signers", UriKind.Relative)))!["signers"]!.AsArray();
        Assert.AreEqual("True, False", string.Join(", ", signers.Select(s => s!["until"] is not null)));
        foreach (var signer in signers)
            Assert.AreEqual((string?)signer!["sha256"], Digest.Of(System.Buffers.Text.Base64Url.DecodeFromChars((string)signer["key"]!)).ToString());

        // What was done stands in the trail.
        await using var auditor = await site.ComeAsync("auditor");
        await auditor.Visit.GoAsync("/office/trail");
        await Expect(auditor.Page.Locator("main")).ToContainTextAsync("名单有误 A mistake in the list");
        foreach (var person in (Person[])[first, second, clerk, auditor])
            Assert.AreEqual("", string.Join('\n', person.Visit.Findings.Where(f => !f.Contains("409", StringComparison.Ordinal))));
    }

    private static ILocatorAssertions Expect(ILocator part) => Assertions.Expect(part);

    private static async Task JudgeAsync(Person person) => Assert.AreEqual("", string.Join('\n', await person.Visit.JudgeAsync()));

    /// <summary>A draft with three candidates and hours for each part, submitted.</summary>
    private static async Task<string> SubmitAsync(HttpClient http, string title)
    {
        static string At(int hours) => TimeProvider.System.GetUtcNow().AddHours(hours).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        async Task<JsonNode> SendAsync(HttpMethod method, string path, string body, string type)
        {
            using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = new StringContent(body, null, type) };
            using var answer = await http.SendAsync(request);
            var text = await answer.Content.ReadAsStringAsync();
            Assert.IsTrue(answer.IsSuccessStatusCode, text);
            return JsonNode.Parse(text)!;
        }

        var draw = await SendAsync(HttpMethod.Post, "v1/draws", $$$"""
            {"title":{{{JsonSerializer.Serialize(title)}}},"kind":"draw","rules":{"groups":["A","B"],"rounds":[
              {"quota":1,"reserves":1,"groups":["A"],"earlierWinners":false,"weights":false},
              {"quota":1,"reserves":0,"groups":[],"earlierWinners":false,"weights":true}]},
             "schedule":{"objectionsUntil":"{{{At(1)}}}","commitsUntil":"{{{At(2)}}}","revealsUntil":"{{{At(3)}}}"},"beacon":"drand"}
            """, "application/json");
        var id = (string)draw["drawId"]!;
        await SendAsync(HttpMethod.Put, $"v1/draws/{id}/list", "id,name,group,weight\n1,张三,A,1\n2,李四,A,3\n3,Ann,B,2\n", "text/csv");
        await SendAsync(HttpMethod.Post, $"v1/draws/{id}/submit", "{}", "application/json");
        return id;
    }
}
