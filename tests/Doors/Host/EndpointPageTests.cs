using System.Text.RegularExpressions;

namespace Notary.Host.Tests;

/// <summary>An owner's endpoints by the pages: once for a wish, the same as by the API, and what is wrong is said with what was filled in.</summary>
[TestClass]
public sealed class EndpointPageTests
{
    private const string Url = "http://127.0.0.1:1/notary";

    [TestMethod]
    public async Task AnEndpointIsMadeOnceChangedRotatedAndDeleted()
    {
        var app = await Fixture.WholeAppAsync();
        var (tenant, owner) = await TenantPageTests.OwnerAsync(app);
        var once = TenantPageTests.OnceOf(await owner.GetAsync("/webhooks"));
        (string, string)[] wish = [("once", once), ("url", Url), ("label", "归档 <b>"), ("which", "all")];
        var made = await owner.PostAsync("/webhooks", wish);
        Assert.AreEqual((200, "no-store"), (made.Status, made.Headers["Cache-Control"]), made.Text);
        var secret = SecretOf(made);
        Assert.AreEqual(secret, SecretOf(await owner.PostAsync("/webhooks", wish)), "the form sent twice");
        var listed = await owner.GetAsync("/webhooks");
        Assert.DoesNotContain(secret, listed.Text);
        var path = Assert.ContainsSingle(Regex.Matches(listed.Text, "/webhooks/ep_[0-9a-f]{32}")).Value;

        // A family that the API set stays one when the page saves what it showed.
        var issued = await app.PostAsync($"/v1/operator/tenants/{tenant}/keys", app.Operator, "{}");
        var (key, api) = (issued.Json.GetProperty("key").GetString()!, $"/v1/webhooks/endpoints/{path.Split('/')[^1]}");
        using var family = TestApp.Json($$"""{"url":"{{Url}}","types":["deposit.*"],"enabled":true}""");
        Assert.AreEqual(200, (await app.SendAsync(HttpMethod.Put, api, key, family)).Status);
        var shown = await owner.GetAsync(path);
        Assert.HasCount(5, FiltersOf(shown).Split(' '));
        var boxes = FiltersOf(shown).Split(' ').Select(type => ($"type-{type}", "on"));
        Assert.AreEqual(303, (await owner.PostAsync(path, [.. wish.Where(f => f.Item1 is "url" or "label"), ("which", "some"), .. boxes])).Status);
        Assert.AreEqual("deposit.*", (await app.GetAsync(api, key)).Json.GetProperty("types")[0].GetString());

        await owner.GetAsync(path);
        (string, string)[] some = [.. wish.Where(f => f.Item1 is "url" or "label"), ("which", "some"), ("type-key.expiring", "on")];
        Assert.AreEqual(303, (await owner.PostAsync(path, some)).Status);
        Assert.AreEqual("key.expiring", FiltersOf(await owner.GetAsync(path)));
        var none = await owner.PostAsync(path, [.. some.Where(f => f.Item1 != "type-key.expiring")]);
        Assert.AreEqual(400, none.Status);
        Assert.Contains("no event is chosen", none.Text);
        Assert.AreEqual("key.expiring", FiltersOf(await owner.GetAsync(path)));

        var rotated = SecretOf(await owner.PostAsync($"{path}/rotate", ("once", once), ("overlap", "3600")));
        Assert.AreNotEqual(secret, rotated);
        Assert.AreEqual(rotated, SecretOf(await owner.PostAsync($"{path}/rotate", ("once", once), ("overlap", "3600"))));
        Assert.AreEqual(303, (await owner.PostAsync($"{path}/disable")).Status);
        Assert.AreEqual(409, (await owner.PostAsync($"{path}/test", ("once", once))).Status);
        Assert.AreEqual(409, (await owner.PostAsync($"{path}/replay", ("once", once), ("since", "2026-01-01T00:00"), ("until", "2026-01-02T00:00"))).Status);
        Assert.AreEqual(303, (await owner.PostAsync($"{path}/enable")).Status);
        var replayed = await owner.PostAsync($"{path}/replay", ("once", once), ("since", "2026-01-01T00:00"), ("until", "2026-01-02T00:00"));
        Assert.AreEqual((303, $"{path}?queued=0"), (replayed.Status, replayed.Headers["Location"]));
        Assert.AreEqual(303, (await owner.PostAsync($"{path}/delete")).Status);
        Assert.AreEqual(404, (await owner.PostAsync($"{path}/delete")).Status);
        Assert.AreEqual(404, (await owner.GetAsync(path)).Status);
    }

    [TestMethod]
    [DataRow("url", "https://hooks.example/", 422)]
    [DataRow("url", "https://10.0.0.1/", 422)]
    [DataRow("which", "none", 400)]
    [DataRow("label", null, 400)]
    [DataRow("once", "", 400)]
    public async Task WhatIsNoWishMakesNoEndpoint(string field, string? value, int status)
    {
        var app = await Fixture.WholeAppAsync();
        var (_, owner) = await TenantPageTests.OwnerAsync(app);
        var fields = new Dictionary<string, string>
        {
            ["once"] = TenantPageTests.OnceOf(await owner.GetAsync("/webhooks")),
            ["url"] = Url,
            ["label"] = "a",
            ["which"] = "all",
        };
        if (value is null)
            fields.Remove(field);
        else
            fields[field] = value;

        var answer = await owner.PostAsync("/webhooks", [.. fields.Select(f => (f.Key, f.Value))]);
        Assert.AreEqual(status, answer.Status, answer.Text);
        Assert.DoesNotContain("/webhooks/ep_", (await owner.GetAsync("/webhooks")).Text);
    }

    private static string SecretOf(Answer page)
    {
        Assert.AreEqual(200, page.Status, page.Text);
        return Regex.Match(page.Text, "<code class=\"link\">(whsec_[^<]+)</code>").Groups[1].Value;
    }

    private static string FiltersOf(Answer page)
        => string.Join(' ', Regex.Matches(page.Text, "name=\"type-([a-z.]+)\" checked").Select(match => match.Groups[1].Value));
}
