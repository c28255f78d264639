using System.Reflection;
using Mode = Notary.Servers.TimestampAuthorityMode;

namespace Notary.Verification.Tests;

[TestClass]
public sealed class TokenResponseTests
{
    [TestMethod]
    public async Task A_wrapped_token_is_the_granted_response_it_came_in()
    {
        await using var authority = await TimestampAuthority.StartAsync();
        var answer = authority.Answer(Asked.New().Query);
        Assert.IsTrue(TokenResponse.TryParse(answer, out var response, out _));
        Assert.IsTrue(response is { Status: 0, IsGranted: true, StatusText: "", FailInfo: null });
        CollectionAssert.AreEqual(answer, TokenResponse.Wrap(response.Token!.Value));
    }

    [TestMethod]
    public async Task A_refusals_reason_is_read_and_made_printable()
    {
        await using var authority = await TimestampAuthority.StartAsync();
        Assert.IsTrue(TokenResponse.TryParse(authority.Answer(Asked.New().Query, Mode.Rejected), out var response, out _));
        Assert.IsTrue(response is { Status: 2, IsGranted: false, FailInfo: "systemFailure", Token: null });
        Assert.AreEqual("status 2, systemFailure, \"not today  X-Forged: line\"", response.Describe());
    }

    [TestMethod]
    public async Task Openssl_reads_the_authoritys_refusal_alike()
    {
        await using var authority = await TimestampAuthority.StartAsync();
        using var openssl = new OpenSsl();
        openssl.Write("data", "x"u8);
        await openssl.MustAsync("ts", "-query", "-data", "data", "-sha256", "-tspolicy", "2.999.99", "-cert", "-out", "query.tsq");
        openssl.Write("refused.tsr", authority.Answer(openssl.Read("query.tsq")));
        var (_, text) = await openssl.RunAsync("ts", "-reply", "-in", "refused.tsr", "-text");
        StringAssert.Contains(text, "Rejected");
        StringAssert.Contains(text, "the requested TSA policy is not supported");
        Assert.IsTrue(TokenResponse.TryParse(openssl.Read("refused.tsr"), out var response, out _));
        Assert.AreEqual("unacceptedPolicy", response.FailInfo);
    }

    [TestMethod]
    public void Every_code_is_explained_to_outsiders()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "trusted-time.md"));
        foreach (var code in typeof(TokenCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetRawConstantValue()!))
            StringAssert.Contains(page, $"`{code}`");
    }
}
