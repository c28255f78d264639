using Notary.Identity.Stores;

namespace Notary.Identity.Tests.Provider;

[TestClass]
public sealed class ClientTests
{
    private static readonly NewClient Good = new("名", "用", ["openid"], ["https://a.example/cb"]);

    public static IEnumerable<object[]> Refused =>
    [
        .. new[]
        {
            "http://a.example/cb", "https://a.example/cb#", "https://a.example/cb#x", "https://u:p@a.example/cb", "https://*.example/cb",
            "HTTPS://A.example/cb",
            "https://a.example:443/cb", "https://a.example/x/../cb", "https://a.example/%2e%2e/cb", "https://a.example", "ftp://a.example/cb",
            "javascript:alert(1)",
            "data:text/html,x", "app:/cb", "//a.example/cb", "/cb", "", "https://", "http://localhost/cb", "http://127.0.0.2/cb",
            "http://127.0.0.1.evil.example/cb",
            "https://a.example/cb?code=1", "https://a.example/cb?x=1&st%61te=2", "https://a.example/c b", "https://a.example/\ncb",
            "https://a.example/" + new string('a', 500),
        }.Select(uri => new object[] { $"address {uri}", Good with { RedirectUris = [uri] } }),
        ["logout address", Good with { LogoutUris = ["http://a.example/"] }],
        ["no address", Good with { RedirectUris = [] }],
        ["too many addresses", Good with { RedirectUris = [.. Enumerable.Range(0, 11).Select(n => $"https://a.example/{n}")] }],
        ["an address twice", Good with { RedirectUris = ["https://a.example/cb", "https://a.example/cb"] }],
        ["no name", Good with { Name = "" }],
        ["a blank name", Good with { Name = "  " }],
        ["a long name", Good with { Name = new string('名', 101) }],
        ["a name with a control character", Good with { Name = "a\u0007b" }],
        ["no purpose", Good with { Purpose = "" }],
        ["no scope", Good with { Scopes = [] }],
        ["an unknown scope", Good with { Scopes = ["openid", "operator"] }],
        ["a scope twice", Good with { Scopes = ["openid", "openid"] }],
        ["write without a secret", Good with { Scopes = ["write"], Confidential = false }],
    ];

    [TestMethod]
    [DynamicData(nameof(Refused))]
    public void WhatIsWrongIsRefused(string what, NewClient wanted)
        => Assert.AreEqual(Fault.Malformed, Assert.ThrowsExactly<FaultException>(wanted.Demand, what).Fault);

    [TestMethod]
    [DataRow("https://a.example/cb")]
    [DataRow("https://a.example:8443/cb?x=1")]
    [DataRow("https://xn--fiq228c.example/cb")]
    [DataRow("http://127.0.0.1:7777/cb")]
    [DataRow("http://[::1]:7777/cb")]
    public void WhatIsRightIsTaken(string uri) => (Good with { RedirectUris = [uri] }).Demand();

    [TestMethod]
    public async Task AClientIsItsTenantsAlone()
    {
        await using var bed = await LoginBed.StartAsync();
        var clients = bed.Centre.Clients;
        var mine = await bed.RegisterAsync();
        Assert.IsNull(await clients.FindAsync("beta", mine.Client.Id, default));
        Assert.AreEqual(0, await clients.ListAsync("beta", default).CountAsync());
        Assert.AreEqual(mine.Client.Id, (await clients.ListAsync(LoginBed.Tenant, default).SingleAsync()).Id);
        await Assert.ThrowsExactlyAsync<FaultException>(() => clients.RemoveAsync("beta", mine.Client.Id, default));
        await Assert.ThrowsExactlyAsync<FaultException>(() => clients.RotateAsync("beta", mine.Client.Id, default));

        for (var n = 1; n < ClientDirectory.MaxClients; n++)
            await bed.RegisterAsync();

        Assert.AreEqual(Fault.Conflict, (await Assert.ThrowsExactlyAsync<FaultException>(() => bed.RegisterAsync())).Fault);
        await clients.RemoveAsync(LoginBed.Tenant, mine.Client.Id, default);
        await bed.RegisterAsync();
    }

    [TestMethod]
    public async Task ARotatedSecretOverlapsForADay()
    {
        await using var bed = await LoginBed.StartAsync();
        using var browser = new Browser(bed);
        var first = await bed.RegisterAsync();
        using var rp = new RelyingParty(bed, first);
        browser.SignIn(bed);
        var second = await bed.Centre.Clients.RotateAsync(LoginBed.Tenant, first.Client.Id, default);
        Assert.AreNotEqual(first.Secret, second.Secret);
        foreach (var secret in new[] { first.Secret, second.Secret })
            Assert.AreEqual(201, (await rp.CallAsync("/connect/par", rp.Request(), secret: secret)).Status);

        bed.Clock.Advance(ClientDirectory.Overlap);
        Assert.AreEqual("invalid_client", (await rp.CallAsync("/connect/par", rp.Request(), secret: first.Secret)).Error);
        Assert.AreEqual(201, (await rp.CallAsync("/connect/par", rp.Request(), secret: second.Secret)).Status);

        var row = await bed.Storage.Table(Names.Clients).GetEntityAsync<TableEntity>(first.Client.Id, "client");
        Assert.DoesNotContain(second.Secret!, JsonSerializer.Serialize(row.Value));
    }
}
