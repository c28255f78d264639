namespace Notary.Pages.Tests;

/// <summary>The browser's verifier with a node that the visitor names: what the node says counts, and nobody else is spoken to.</summary>
[TestClass]
public sealed class NodeTests
{
    [TestMethod]
    public async Task ABlockThatTheNodeHasIsOnTheChain()
    {
        var evidence = await Fixture.EvidenceAsync();
        await using var visit = await OpenAsync(evidence, evidence.Node);
        Assert.AreEqual(("verified", "pass ok"), await JudgeAsync(visit, evidence.Bundle));
        await Assertions.Expect(visit.Page.Locator("#result [data-rung=chain]")).ToContainTextAsync("Its block is on the chain");
        await visit.PictureAsync("verified-node");

        // That it asked, and whom, is all that was elsewhere.
        var node = evidence.Node.GetLeftPart(UriPartial.Authority);
        Assert.IsNotEmpty(visit.Findings);
        Assert.IsTrue(visit.Findings.All(f => f.StartsWith($"asks elsewhere: {node}", StringComparison.Ordinal)), string.Join('\n', visit.Findings));
        var sent = visit.Requests.Where(r => r.Url.StartsWith(node, StringComparison.Ordinal)).Sum(r => r.PostData?.Length ?? 0);
        Assert.IsLessThan(1000, sent, "a block's number and an address, not a file");

        // What is wrong by itself is asked about nowhere.
        var asked = visit.Requests.Count;
        byte[] forged = [.. evidence.Bundle];
        forged[Array.LastIndexOf(forged, (byte)'D') - 40_000] ^= 1;
        Assert.AreEqual("failed", (await JudgeAsync(visit, forged)).Outcome);
        await visit.Page.Locator("input[name=trust][value=bundle]").CheckAsync();
        await Assertions.Expect(visit.Page.Locator("#result[data-kind=bundle]")).ToBeVisibleAsync();
        Assert.IsGreaterThanOrEqualTo(asked, visit.Requests.Count);
    }

    [TestMethod]
    public async Task WhatTheNodeDoesNotConfirmIsNotVerified()
    {
        var evidence = await Fixture.EvidenceAsync();
        await using var other = await Anvil.StartAsync(new AnvilOptions());
        await using var foreign = await Anvil.StartAsync(new AnvilOptions { ChainId = 1337 });
        foreach (var (node, outcome, chain) in new[]
        {
            (other.Url, "failed", "fail anchor-not-canonical"),
            (foreign.Url, "failed", "fail anchor-wrong-chain"),
            (new Uri($"http://127.0.0.1:{ChildProcess.FreePort()}"), "unjudged", "unknown chain-unreachable"),
        })
        {
            await using var visit = await OpenAsync(evidence, node);
            Assert.AreEqual((outcome, chain), await JudgeAsync(visit, evidence.Bundle));
        }
    }

    [TestMethod]
    public async Task ThePolicyNamesTheNodeAndNothingThatANameCouldSmuggleIn()
    {
        var evidence = await Fixture.EvidenceAsync();
        foreach (var (typed, connect) in new[]
        {
            ("https://node.example/rpc?key=a b", "https://node.example:443"), ("https://NODE.example", "https://node.example:443"),
            ("https://节点.example", "https://xn--3px729a.example:443"),
            ("http://[::1]:8545/", "http://[::1]:8545"), ("http://localhost:1", "http://localhost:1"),
            ("", "'none'"), ("http://node.example", "'none'"), ("ftp://node.example", "'none'"), ("https://user@node.example", "'none'"),
            ("https://a;script-src *", "'none'"), ("https://node.example#a", "'none'"), ("javascript:1", "'none'"), ("*", "'none'"), ("'self'", "'none'"),
            ("https://*.example", "'none'"), ("https://a,b", "'none'"), ("https://node_a.example", "'none'"), ("data:text/html,a", "'none'"),
        })
        {
            using var answer = await evidence.App.Http.GetAsync(new Uri("verify?node=" + Uri.EscapeDataString(typed), UriKind.Relative));
            var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
            Assert.Contains($"connect-src {connect};", policy, typed);
            Assert.AreEqual(typed.Length == 0 || connect != "'none'" ? 200 : 400, (int)answer.StatusCode, typed);
            Assert.Contains("script-src 'self'; worker-src 'self';", policy);
        }
    }

    private static async Task<Visit> OpenAsync(Fixture.Evidence evidence, Uri node)
    {
        var visit = await (await Fixture.BrowserAsync()).VisitAsync(evidence.App.Url, new Look { Chinese = false });
        await visit.GoAsync("/verify");
        await visit.Page.Locator("[name=node]").FillAsync(node.AbsoluteUri);
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Use this node" }).ClickAsync();
        await Assertions.Expect(visit.Page.Locator("#verifier[data-node]")).ToBeVisibleAsync();
        await Assertions.Expect(visit.Page.Locator("#stays")).ToContainTextAsync(node.GetLeftPart(UriPartial.Authority));
        await Assertions.Expect(visit.Page.Locator("#file")).ToBeEnabledAsync();
        Assert.AreEqual("", string.Join('\n', await visit.JudgeAsync()));
        return visit;
    }

    private static async Task<(string Outcome, string Chain)> JudgeAsync(Visit visit, byte[] bundle)
    {
        await visit.Page.Locator("#file").SetInputFilesAsync(new FilePayload { Name = "a.evidence.zip", MimeType = "application/zip", Buffer = bundle });
        var result = visit.Page.Locator("#result[data-kind=bundle]");
        await Assertions.Expect(result).ToBeVisibleAsync();
        var anchor = visit.Page.Locator("#result [data-rung=chain] li").First;
        return ((await result.GetAttributeAsync("data-outcome"))!,
            $"{await anchor.GetAttributeAsync("data-mark")} {await anchor.GetAttributeAsync("data-code")}");
    }
}
