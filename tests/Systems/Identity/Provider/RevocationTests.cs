using Microsoft.Extensions.DependencyInjection;
using Notary.Identity.People;
using Notary.Identity.Stores;

namespace Notary.Identity.Tests.Provider;

/// <summary>What has ended opens nothing: codes, refresh tokens, access tokens.</summary>
[TestClass]
public sealed class RevocationTests
{
    private static readonly TimeSpan Felt = Notary.Identity.Provider.AccessTokens.CacheTime;

    private static readonly Dictionary<string, Func<LoginBed, RelyingParty, JsonElement, Task>> Ways = new(StringComparer.Ordinal)
    {
        ["consent taken back"] = (bed, rp, _) => bed.Centre.Consents.RevokeAsync("p1", rp.Client.Client.Id, default),
        ["client removed"] = (bed, rp, _) => bed.Centre.Clients.RemoveAsync(LoginBed.Tenant, rp.Client.Client.Id, default),
        ["member removed"] = (bed, _, _) => Task.FromResult(bed.Standings["p1"] = null),
        ["refresh token given back"] = (_, rp, t) => RevokeAsync(rp, t, "refresh_token"),
        ["access token given back"] = (_, rp, t) => RevokeAsync(rp, t, "access_token"),
        ["code used again"] = (_, rp, t) => rp.RedeemAsync(t.GetProperty("code").GetString()!),
        ["refresh token used again"] = (_, rp, t) => rp.RefreshAsync(t.GetProperty("spent").GetString()!),
        ["grant ended"] = (bed, _, _) => Task.Run(() => bed.Clock.Advance(TimeSpan.FromDays(91))),
    };

    public static IEnumerable<object[]> Ends => Ways.Keys.Select(way => new object[] { way });

    [TestMethod]
    [DynamicData(nameof(Ends))]
    public async Task WhatHasEndedOpensNothing(string how)
    {
        await using var bed = await LoginBed.StartAsync();
        using var browser = new Browser(bed);
        using var rp = new RelyingParty(bed, await bed.RegisterAsync());
        browser.SignIn(bed);
        var code = await rp.CodeAsync(browser);
        var first = (await rp.RedeemAsync(code)).Json;
        var spent = first.GetProperty("refresh_token").GetString()!;
        var tokens = (await rp.RefreshAsync(spent)).Json;
        var (access, refresh) = (tokens.GetProperty("access_token").GetString()!, tokens.GetProperty("refresh_token").GetString()!);
        Assert.IsNotNull(await bed.Centre.FindCallerAsync(access, null, default));

        await Ways[how](bed, rp, JsonSerializer.SerializeToElement(new { code, spent, access_token = access, refresh_token = refresh }));
        bed.Clock.Advance(Felt);
        Assert.IsNull(await bed.Centre.FindCallerAsync(access, null, default), how);
        Assert.IsNull(await bed.Centre.FindCallerAsync(first.GetProperty("access_token").GetString()!, null, default), how);
        var again = await rp.RefreshAsync(refresh);
        Assert.IsTrue(again.Error is "invalid_grant" or "invalid_client", $"{how}: {again.Status} {again.Text}");
        Assert.AreNotEqual(200, (await browser.GetAsync("/connect/userinfo", access)).Status, how);
    }

    [TestMethod]
    public async Task OneOfManyWhoRedeemAtTheSameMomentIsServed()
    {
        await using var bed = await LoginBed.StartAsync();
        using var browser = new Browser(bed);
        using var rp = new RelyingParty(bed, await bed.RegisterAsync());
        browser.SignIn(bed);
        for (var round = 0; round < 3; round++)
        {
            var code = await rp.CodeAsync(browser);
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => rp.RedeemAsync(code)));
            Assert.IsLessThanOrEqualTo(1, answers.Count(a => a.Status == 200));
            Assert.IsTrue(answers.All(a => a.Status == 200 || a.Error == "invalid_grant"), string.Join('\n', answers.Select(a => a.Text)));

            var refresh = (await rp.TokensAsync(browser)).GetProperty("refresh_token").GetString()!;
            answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => rp.RefreshAsync(refresh)));
            Assert.IsLessThanOrEqualTo(1, answers.Count(a => a.Status == 200));
            var next = answers.FirstOrDefault(a => a.Status == 200)?.Json.GetProperty("refresh_token").GetString() ?? refresh;
            Assert.AreEqual("invalid_grant", (await rp.RefreshAsync(next)).Error, "the chain has ended for all of them");
        }
    }

    [TestMethod]
    public async Task ADemotionIsFeltByTokensThatAreOut()
    {
        await using var bed = await LoginBed.StartAsync();
        using var browser = new Browser(bed);
        using var rp = new RelyingParty(bed, await bed.RegisterAsync());
        browser.SignIn(bed);
        var tokens = await rp.TokensAsync(browser);
        bed.Standings["p1"] = new(Role.Viewer, "张三");
        var access = tokens.GetProperty("access_token").GetString()!;
        Assert.AreEqual("read", string.Join(' ', (await bed.Centre.FindCallerAsync(access, null, default))!.Scopes));
        var next = (await rp.RefreshAsync(tokens.GetProperty("refresh_token").GetString()!)).Json;
        Assert.DoesNotContain("write", next.GetProperty("scope").GetString()!);
        Assert.AreEqual("viewer", Jwt.Payload(next.GetProperty("id_token").GetString()!).GetProperty("role").GetString());
    }

    [TestMethod]
    public async Task AConsentIsToAPurposeAndToNoMoreThanWasAsked()
    {
        await using var bed = await LoginBed.StartAsync();
        using var browser = new Browser(bed);
        using var rp = new RelyingParty(bed, await bed.RegisterAsync());
        browser.SignIn(bed);
        await rp.TokensAsync(browser, ("scope", "openid read"));
        Assert.AreEqual(302, (await browser.GetAsync(RelyingParty.Authorize(rp.Request(("scope", "openid read"))))).Status);
        Assert.AreEqual(200, (await browser.GetAsync(RelyingParty.Authorize(rp.Request(("scope", "openid read write"))))).Status, "more is asked for");
        Assert.AreEqual(200, (await browser.GetAsync(RelyingParty.Authorize(rp.Request(("scope", "openid"), ("prompt", "consent"))))).Status);

        var kept = await bed.Centre.Consents.ListAsync("p1", default).ToListAsync();
        Assert.AreEqual("归档合同 archive contracts: openid read", $"{kept.Single().Purpose}: {string.Join(' ', kept[0].Scopes)}");
        Assert.IsFalse(kept[0].Covers("another purpose", ["read"]));
        await bed.Centre.Consents.RevokeAsync("p1", rp.Client.Client.Id, default);
        await bed.Centre.Consents.RevokeAsync("p1", rp.Client.Client.Id, default);
        Assert.AreEqual(200, (await browser.GetAsync(RelyingParty.Authorize(rp.Request(("scope", "openid read"))))).Status, "it is asked again");
    }

    [TestMethod]
    public async Task ACodeOnAConsentThatAnotherInstanceHasTakenBackOpensNothing()
    {
        await using var bed = await LoginBed.StartAsync();
        using var browser = new Browser(bed);
        using var rp = new RelyingParty(bed, await bed.RegisterAsync());
        browser.SignIn(bed);
        await rp.TokensAsync(browser);
        await rp.TokensAsync(browser);
        await new Consents(bed.Storage.Table(Names.Consents), bed.Clock).RevokeAsync("p1", rp.Client.Client.Id, default);
        if ((await browser.GetAsync(RelyingParty.Authorize(rp.Request()))).Sent.TryGetValue("code", out var code))
            Assert.AreEqual("invalid_grant", (await rp.RedeemAsync(code)).Error);

        bed.Clock.Advance(Felt);
        Assert.AreEqual(200, (await browser.GetAsync(RelyingParty.Authorize(rp.Request()))).Status, "it is asked again");
    }

    [TestMethod]
    public async Task WhatHasEndedIsDeletedAndNothingElse()
    {
        await using var bed = await LoginBed.StartAsync();
        using var browser = new Browser(bed);
        using var rp = new RelyingParty(bed, await bed.RegisterAsync());
        browser.SignIn(bed);
        var kept = (await rp.TokensAsync(browser)).GetProperty("refresh_token").GetString()!;
        await rp.PushAsync();
        await rp.CodeAsync(browser, ("scope", "openid"));
        var grants = bed.Storage.Table(Names.Grants);
        Assert.AreEqual(6, await grants.QueryAsync<TableEntity>().CountAsync());
        Assert.AreEqual(0, await bed.Centre.PruneAsync(100, default));

        bed.Clock.Advance(TimeSpan.FromDays(3));
        Assert.AreEqual(2, await bed.Centre.PruneAsync(2, default), "a bound");
        Assert.AreEqual(1, await bed.Centre.PruneAsync(100, default));
        Assert.AreEqual(200, (await rp.RefreshAsync(kept)).Status);

        // OpenIddict's own way to it must not fail either.
        var clients = new ClientDirectory(bed.Storage.Table(Names.Clients), bed.Clock);
        var table = new Grants(grants, clients, new Consents(bed.Storage.Table(Names.Consents), bed.Clock), bed.Clock);
        bed.Clock.Advance(TimeSpan.FromDays(100));
        Assert.IsGreaterThan(0, await new TokenStore(table, new FreshGrant()).PruneAsync(bed.Clock.GetUtcNow(), default));
        Assert.AreEqual(0, await new GrantStore(table).PruneAsync(bed.Clock.GetUtcNow(), default));
        Assert.AreEqual(0, await grants.QueryAsync<TableEntity>().CountAsync());
    }

    private static Task<Page> RevokeAsync(RelyingParty rp, JsonElement tokens, string kind)
        => rp.CallAsync("/connect/revoke", new() { ["token"] = tokens.GetProperty(kind).GetString()!, ["token_type_hint"] = kind });
}
