using System.Security.Cryptography.X509Certificates;

namespace Notary.EndToEnd.Tests;

/// <summary>Letters are archived with the lists that real publishers give, and a revoked key makes none.</summary>
[TestClass]
public sealed class RevocationTests
{
    public required TestContext TestContext { get; set; }

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestMethod]
    public async Task ALetterWaitsForItsListsLastsAndIsNotMadeByARevokedKey()
    {
        await using var scenario = await Scenario.StartAsync(Cancel);
        var revocations = scenario.Platform.LetterAuthority.Revocations;

        // Nobody gives a list: no letter, and it is said why. As soon as somebody does, there is one.
        revocations.Down = true;
        var id = (string)JsonNode.Parse(await scenario.DepositAsync([1, 2, 3], "a", "first", Cancel))!["id"]!;
        await ReasonAsync(scenario, 1, "no revocation list of Model Notary Office Root can be had: HTTP status 503");
        Assert.AreNotEqual("Certified", (string)(await scenario.GetAsync($"v1/deposits/{id}", Cancel))["state"]!);
        revocations.Down = false;
        await scenario.WaitForAsync(id, "Certified", Cancel);
        var (bundle, trust) = await scenario.BundleAsync(id, Cancel);
        var (code, output) = await Scenario.NotaryAsync(null, Cancel, "verify", bundle, "--trust", trust);
        Assert.AreEqual(0, code, output);
        StringAssert.Contains(output, "PAdES B-LTA, archived ");
        StringAssert.Contains(output, "signer: not revoked on the list of ");

        // Revoked afterwards: what it signed holds, by a list as PEM too; by one that says "before" it does not.
        using var signer = X509Certificate2.CreateFromPem(scenario.Platform.LetterChainPem);
        var now = TimeProvider.System.GetUtcNow();
        revocations.Revoke(signer, now, X509RevocationReason.KeyCompromise);
        (code, output) = await VerifyAsync("after.crl", System.Text.Encoding.ASCII.GetBytes(PemEncoding.WriteString("X509 CRL", revocations.List())));
        Assert.AreEqual(0, code, output);
        StringAssert.Contains(output, "(key compromise), after a time-stamp that shows it was there");
        using var root = TestCertificates.CreateRoot("Stranger");
        (code, output) = await VerifyAsync("strange.crl", new TestRevocations(root).List());
        Assert.AreEqual(3, code, output);
        StringAssert.Contains(output, "list-unused");

        // An app that knows makes no more letters.
        await scenario.KillAppAsync();
        await scenario.StartAppAsync(Cancel);
        id = (string)JsonNode.Parse(await scenario.DepositAsync([4, 5, 6], "b", "second", Cancel))!["id"]!;
        await ReasonAsync(scenario, 2, "was revoked on ");
        Assert.AreNotEqual("Certified", (string)(await scenario.GetAsync($"v1/deposits/{id}", Cancel))["state"]!);

        async Task<(int Code, string Output)> VerifyAsync(string name, byte[] list)
        {
            var path = Path.Combine(scenario.Folder.FullName, name);
            await File.WriteAllBytesAsync(path, list, Cancel);
            return await Scenario.NotaryAsync(null, Cancel, "verify", bundle, "--trust", trust, "--crl", path);
        }
    }

    /// <summary>Waits until the process of the first log of a size gives a reason.</summary>
    private async Task ReasonAsync(Scenario scenario, int size, string reason)
    {
        using var http = scenario.App.Client(scenario.Platform.OperatorKey);
        var seen = "";
        await FaultTests.UntilAsync(async () =>
        {
            using var answer = await http.GetAsync(new Uri($"v1/processes/checkpoint/{size:D20}", UriKind.Relative), Cancel);
            seen = await answer.Content.ReadAsStringAsync(Cancel);
            return seen.Contains(reason, StringComparison.Ordinal);
        }, $"its process says \"{reason}\": {seen}");
    }
}
