namespace Notary.EndToEnd.Tests;

/// <summary>A file goes in, a letter and a bundle come out, and a stranger accepts them.</summary>
[TestClass]
public sealed class DepositTests
{
    public required TestContext TestContext { get; set; }

    [TestMethod]
    public async Task AFileBecomesABundleThatAStrangerAccepts()
    {
        var cancel = TestContext.CancellationToken;
        await using var scenario = await Scenario.StartAsync(cancel);
        var content = RandomNumberGenerator.GetBytes(300_000);
        var receipt = JsonNode.Parse(await scenario.DepositAsync(content, "合同 🖋.pdf", "first", cancel))!;
        var id = (string)receipt["id"]!;

        var view = await scenario.WaitForAsync(id, "Certified", cancel);
        Assert.HasCount(4, view["times"]!.AsArray());
        var lines = scenario.App.Process.StandardOutput.Split('\n');
        Assert.IsTrue(
            lines.Any(line => line.Contains("letter issued", StringComparison.Ordinal) && line.Contains(Scenario.CorrelationId, StringComparison.Ordinal)),
            "the request's correlation id reaches the certificate");
        CollectionAssert.AreEqual(content, await scenario.GetBytesAsync($"v1/deposits/{id}/original", cancel));

        var (bundle, trust) = await scenario.BundleAsync(id, cancel);
        var original = Path.Combine(scenario.Folder.FullName, "original");
        await File.WriteAllBytesAsync(original, content, cancel);
        var (code, output) = await Scenario.NotaryAsync(null, cancel, "verify", bundle, "--original",
            original, "--trust", trust, "--rpc", scenario.Platform.Anvil.Url.ToString());
        Assert.AreEqual(0, code, output);

        content[17] ^= 1;
        await File.WriteAllBytesAsync(original, content, cancel);
        (code, output) = await Scenario.NotaryAsync(null, cancel, "verify", bundle, "--original", original, "--trust", trust);
        Assert.AreEqual(1, code, output);
        await scenario.FsckAsync(cancel);
    }
}
