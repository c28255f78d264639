using Notary.Lotteries;

namespace Notary.Host.Tests;

/// <summary>The public pages of a real draw, as they come from the app.</summary>
[TestClass]
public sealed class DrawPageTests
{
    [TestMethod]
    public async Task WhatIsPublishedIsShownAndObjectedToAndADraftIsNot()
    {
        var app = await Fixture.WholeAppAsync();
        var (_, key) = await app.TenantAsync("甲公司");
        var id = (await app.PostAsync("/v1/draws", key, DrawTests.Draw("rehearsal", "校车座位 <i>演练</i>"))).Json.GetProperty("drawId").GetString()!;
        var visitor = new Visitor(app);
        string[] pages = [$"/draws/{id}", $"/draws/{id}/list", $"/draws/{id}/mine", $"/draws/{id}/winners"];
        foreach (var page in pages.Append("/draws/none"))
            Assert.AreEqual(404, (await visitor.GetAsync(page)).Status, page);

        using var list = new ByteArrayContent(Encoding.UTF8.GetBytes(DrawTests.List));
        list.Headers.Add("Content-Type", "text/csv");
        await app.SendAsync(HttpMethod.Put, $"/v1/draws/{id}/list", key, list);
        await app.SendAsync(HttpMethod.Post, $"/v1/draws/{id}/submit", key);
        Assert.Contains($"<a href=\"/draws/{id}\">校车座位 &lt;i&gt;演练&lt;/i&gt;</a>", (await visitor.GetAsync("/draws")).Text);
        foreach (var page in pages[..3])
        {
            var shown = await visitor.GetAsync(page);
            Assert.AreEqual(200, shown.Status, page);
            Assert.Contains("演练：校车座位 &lt;i&gt;", shown.Text);
        }

        Assert.AreEqual(404, (await visitor.GetAsync(pages[3])).Status, "nobody has won yet");
        Assert.Contains("张*", (await visitor.GetAsync(pages[1])).Text);
        Assert.AreEqual(400, (await visitor.GetAsync($"{pages[1]}?from=0")).Status);
        Assert.AreEqual(400, (await visitor.GetAsync($"{pages[0]}?drand=ftp://a")).Status);

        // A form that was not on our page, one that is too long, one that is good.
        await visitor.GetAsync(pages[0]);
        (await app.SendAsync(HttpMethod.Post, $"{pages[0]}/objections", null,
            new FormUrlEncodedContent(new Dictionary<string, string> { ["text"] = "why?" }))).MustBe(403, "forbidden");
        var wrong = await visitor.PostAsync($"{pages[0]}/objections", ("text", new string('长', LotteryLimits.MaxText + 1)), ("contact", "<b>"));
        Assert.AreEqual(400, wrong.Status);
        Assert.Contains("value=\"&lt;b&gt;\"", wrong.Text);
        var sent = await visitor.PostAsync($"{pages[0]}/objections", ("text", "名单里少了一个人。\r\n请核对。"), ("contact", ""));
        Assert.AreEqual($"303 {pages[0]}?objection=1#objections", $"{sent.Status} {sent.Headers["Location"]}");
        Assert.Contains("编号 1", (await visitor.GetAsync($"{pages[0]}?objection=1")).Text);
        var known = (await app.GetAsync($"/v1/draws/{id}/objections", key)).Text;
        Assert.Contains("请核对。", known);
    }
}
