namespace Notary.Host.Tests;

/// <summary>Strangers are bounded by address; probes and known tenants are not bounded by strangers.</summary>
[TestClass]
public sealed class RateLimitTests
{
    [TestMethod]
    public async Task StrangersAreBoundedByTheAddressThatTheFrontEndSaw()
    {
        await using var app = await TestApp.StartOnAsync(
            await Fixture.PlatformAsync(),
            v => (v["Notary__RateLimits__ClientPerSecond"], v["Notary__RateLimits__ClientBurst"]) = ("1", "3"), underFunctions: true);
        var (_, key) = await app.TenantAsync();
        async Task<int> AskAsync(string from, string? bearer = null)
            => (await app.GetAsync(bearer is null ? "/v1/log/tile/nothing" : "/v1/deposits", bearer, ("X-Forwarded-For", from))).Status;
        static string MadeUp() => $"ntk_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}_{new string('0', 64)}";

        var flood = new List<int>();
        for (var port = 1000; port < 1020; port++)
            flood.Add(await AskAsync($"10.9.9.{port % 7}, 203.0.113.7:{port}"));

        Assert.AreEqual(404, flood[0]);
        Assert.Contains(429, flood);
        Assert.AreEqual(404, await AskAsync("203.0.113.8:1"), "another address has its own bucket");
        Assert.AreEqual(200, await AskAsync("203.0.113.9:1", key));

        var guesses = new List<int>();
        for (var i = 0; i < 20; i++)
            guesses.Add(await AskAsync($"[2001:db8::{i:x}]:99", MadeUp()));

        Assert.AreEqual(401, guesses[0]);
        Assert.Contains(429, guesses, "one IPv6 network shares a bucket");
        for (var i = 0; i < 20; i++)
        {
            Assert.AreEqual(200, await AskAsync("203.0.113.9:1", key), "a known key needs no look-up");
            Assert.AreEqual(200, (await app.GetAsync("/healthz", null, ("X-Forwarded-For", "203.0.113.7:1"))).Status);
        }
    }
}
