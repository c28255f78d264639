namespace Notary.Infra.Tests;

/// <summary>What the compiler says, what it makes of the files, and what the published types say to that.</summary>
[TestClass]
public sealed class CompilerTests
{
    /// <summary>Rules whose findings come with the calendar: a file that nobody touched would fail one day.</summary>
    private static readonly string[] Calendar = ["use-recent-api-versions", "use-recent-module-versions"];

    [TestMethod]
    public async Task NothingIsFoundInAnyFile()
    {
        var lines = await Bicep.LintAsync();
        Assert.IsTrue(lines.Any(l => l.Contains(Calendar[0], StringComparison.Ordinal)), "the old diagnostic settings are always found: were the files read?");
        var bad = lines.Where(l => !Calendar.Any(c => l.Contains($" {c}: ", StringComparison.Ordinal))).ToArray();
        Assert.IsEmpty(bad, string.Join('\n', bad));
    }

    [TestMethod]
    [DataRow("dev")]
    [DataRow("prod")]
    [DataRow("session-host")]
    public async Task WhatIsMadeIsWhatWasAccepted(string name)
    {
        var made = (await Golden.CaseAsync(name)).Canonical();
        if (Environment.GetEnvironmentVariable("NOTARY_GOLDEN") == "write")
            await File.WriteAllLinesAsync(Golden.PathOf(name), made);

        var differences = Golden.Differences(await File.ReadAllLinesAsync(Golden.PathOf(name)), made).ToArray();
        Assert.IsEmpty(differences, "if this is meant, run the test with NOTARY_GOLDEN=write and read what changes in git:\n" + string.Join('\n', differences));
    }

    [TestMethod]
    [DataRow("dev")]
    [DataRow("second")]
    [DataRow("drill-standby")]
    [DataRow("session-host")]
    public async Task EveryResourceIsWhatItsPublishedTypeSays(string name)
    {
        var snapshot = await Golden.CaseAsync(name);
        Assert.IsEmpty(snapshot.Diagnostics, snapshot.Diagnostics.ToJsonString());
        Assert.IsGreaterThan(5, snapshot.Resources.Count);
        var findings = snapshot.Resources.SelectMany(Strict.Findings).Distinct().ToArray();
        Assert.IsEmpty(findings, string.Join('\n', findings));
    }

    [TestMethod]
    [DataRow("Storage/storageAccounts", "sku.name", "\"Standard_LRSX\"", "sku.name is Standard_LRSX, not one of")]
    [DataRow("Storage/storageAccounts", "properties.provisioningState", "\"x\"", "provisioningState is read-only")]
    [DataRow("Storage/storageAccounts", "properties.colour", "\"red\"", "properties.colour is unknown")]
    [DataRow("Storage/storageAccounts", "properties.allowSharedKeyAccess", "\"no\"", "allowSharedKeyAccess is String, not BooleanType")]
    [DataRow("Storage/storageAccounts", "kind", "null", "lacks kind")]
    [DataRow("Storage/storageAccounts/blobServices", "properties.deleteRetentionPolicy.days", "400", "days is or has 400, not 1..365")]
    [DataRow("KeyVault/vaults/keys", "properties.curveName", "\"P-256X\"", "curveName is P-256X")]
    [DataRow("Web/sites", "properties.functionAppConfig.runtime.name", "\"dotnet\"", "runtime.name is dotnet")]
    [DataRow("Insights/metricAlerts", "properties.criteria.failedLocationCount", "null", "lacks failedLocationCount")]
    [DataRow("Insights/metricAlerts", "properties.criteria.odata~type", "\"Other\"", "is Other, not one of")]
    [DataRow("Web/sites", "apiVersion", "\"1999-01-01\"", "is not published")]
    public async Task AMistakeIsFound(string type, string path, string json, string finding)
    {
        var resource = new Part((await Golden.CaseAsync("dev")).Of(type)[0].Json!.DeepClone());
        Assert.IsEmpty(Strict.Findings(resource).ToArray());
        var steps = path.Split('.').Select(s => s.Replace('~', '.')).ToArray();
        var holder = steps[..^1].Aggregate(resource.Json!, (node, step) => node[step]!);
        holder[steps[^1]] = JsonNode.Parse(json);
        Assert.IsTrue(Strict.Findings(resource).Any(f => f.Contains(finding, StringComparison.Ordinal)), string.Join('\n', Strict.Findings(resource)));
    }

    [TestMethod]
    public void ADifferenceIsNamed()
    {
        string[] one = ["/a {\"n\":1,\"s\":{\"x\":true}}"], other = ["/a {\"n\":2,\"s\":{\"x\":true}}", "/b {\"n\":1}"];
        CollectionAssert.AreEqual((string[])["- /a.n = 1", "+ /a.n = 2", "+ /b.n = 1"], Golden.Differences(one, other).ToArray());
        Assert.IsEmpty(Golden.Differences(one, one).ToArray());
    }

    [TestMethod]
    public async Task EveryVersionIsTheNewestThatThePublishedTypesHave()
    {
        // A diagnostic setting's only stable version is older than its preview, and the dashboard's newer preview adds nothing.
        string[] kept = ["Microsoft.Insights/diagnosticSettings", "Microsoft.Portal/dashboards"];
        var used = (await Golden.CaseAsync("second")).Resources.Concat((await Golden.CaseAsync("session-host")).Resources)
            .Select(r => (r.Type, Version: r["apiVersion"])).Where(r => !kept.Contains(r.Type)).Distinct().ToArray();
        foreach (var (type, version) in used)
        {
            Assert.AreEqual(Strict.Index.Resources.Keys.Where(k => k.StartsWith(type + "@", StringComparison.OrdinalIgnoreCase))
                .Select(k => k.Split('@')[1]).Where(v => !v.EndsWith("preview", StringComparison.Ordinal)).Max(StringComparer.Ordinal), version, type);
        }

        // The image's recipe is in no case: its parameters are chosen with the image.
        Assert.AreEqual("2025-10-01", new Part(await Bicep.BuildAsync("image.bicep"))["resources.recipe.apiVersion"]);
    }

    /// <summary>The compiler ignores a rule, an option or a level that it does not know, so that a slip of the pen switches a rule off.</summary>
    [TestMethod]
    public void TheConfigurationsWordsAreTheCompilers()
    {
        var words = BicepBundle.Texts("Azure.Bicep.Core.dll");
        var rules = JsonNode.Parse(Bicep.Text("bicepconfig.json"))!["analyzers"]!["core"]!["rules"]!.AsObject();
        Assert.IsGreaterThan(35, rules.Count);
        foreach (var (rule, options) in rules)
        {
            CollectionAssert.Contains((string[])["error", "warning"], options!["level"]!.ToString(), rule);
            foreach (var word in options!.AsObject().Select(o => o.Key).Except(["level"]).Append(rule))
                Assert.IsTrue(words(word), $"{rule}: the compiler knows no {word}");
        }

        Assert.IsFalse(words("maxAllowedAgeInDays") || words("no-such-rule"), "everything would be found");
    }
}
