using Notary.Storage;

namespace Notary.Infra.Tests;

/// <summary>The second account for the evidence: what it is, how it is filled, and that the drill meets what production would.</summary>
[TestClass]
public sealed class StandbyTests
{
    private const string Accounts = "Storage/storageAccounts", Policies = Accounts + "/objectReplicationPolicies";

    [TestMethod]
    [DataRow("prod")]
    [DataRow("drill")]
    public async Task TheStandbyHoldsWhatTheFirstHoldsInAnotherRegionAndIsFilled(string name)
    {
        var snapshot = await Golden.CaseAsync(name);
        var (first, second) = (Account(snapshot, "ev"), Account(snapshot, "sb"));
        Assert.AreNotEqual(first["location"], second["location"]);
        StringAssert.StartsWith(first["sku.name"], "Standard_RA", "its copy can be read while it is lost");
        Assert.AreEqual(first["properties"], second["properties"]);
        CollectionAssert.AreEqual(Under(snapshot, "ev"), Under(snapshot, "sb"));
        Assert.HasCount(2, Under(snapshot, "sb").Where(p => p.Contains("immutabilityPolicies", StringComparison.Ordinal)).ToArray());

        // Blobs that are written once are copied by the service: the destination's half makes the ids, the source's half bears them.
        var policies = snapshot.Of(Policies).Select(p => p.At("properties")).ToArray();
        Assert.HasCount(2, policies);
        foreach (var policy in policies)
        {
            Assert.AreEqual($"{first.Id} {second.Id}", policy.Say("sourceAccount", "destinationAccount"));
            CollectionAssert.AreEqual(
                ((string[])[Names.Originals, Names.Log, Names.Letters, Names.Identity, Names.DrawFiles]).Select(c => $"{c} {c} 1601-01-01T00:00:00Z").ToArray(),
                policy.List("rules").Select(r => r.Say("sourceContainer", "destinationContainer", "filters.minCreationTime")).ToArray());
        }

        // The service takes a rule only between accounts that keep versions, and from one that keeps a feed of changes.
        var services = snapshot.Of(Accounts + "/blobServices").Where(s => s.Duty is "ev" or "sb").Select(s => s.At("properties"));
        Assert.IsTrue(services.All(s => s.Say("isVersioningEnabled", "changeFeed.enabled") == "true true"));
    }

    [TestMethod]
    public async Task AfterATakeoverTheAppWorksOnTheStandbyAndNothingReplicatesOverIt()
    {
        var (before, after) = (await Golden.CaseAsync("drill"), await Golden.CaseAsync("drill-standby"));
        Assert.IsEmpty(after.Of(Policies));
        foreach (var setting in (string[])["EvidenceStorage__blobServiceUri", "EvidenceStorage__tableServiceUri"])
        {
            StringAssert.Contains(before.Settings[setting], Account(before, "ev").Name);
            StringAssert.Contains(after.Settings[setting], Account(after, "sb").Name);
        }

        // Nothing else comes or goes: the app has had its roles on the second account from the beginning.
        CollectionAssert.AreEquivalent(after.Resources.Select(r => r.Id).ToArray(), before.Resources.Except(before.Of(Policies)).Select(r => r.Id).ToArray());
    }

    [TestMethod]
    public void NobodyIsToldToFailAWriteOnceAccountOver()
        => Assert.DoesNotMatchRegex("account failover", string.Concat(((string[])["scripts/deploy", "docs/deployment.md", "docs/operations.md"])
            .Select(f => File.ReadAllText(Path.Combine(Repository.Root, f)))));

    private static Part Account(Snapshot snapshot, string duty) => snapshot.Of(Accounts).Single(a => a.Duty == duty);

    /// <summary>What an account holds and how, without its name.</summary>
    private static string[] Under(Snapshot snapshot, string duty)
        => [.. snapshot.Resources.Except(snapshot.Of(Policies))
            .Where(r => r.Duty == duty && r.Type.StartsWith($"Microsoft.{Accounts}/", StringComparison.Ordinal))
            .Select(r => $"{r.Type} {r.Name.Split('/', 2)[1]} {r["properties"]}").Order(StringComparer.Ordinal)];
}
