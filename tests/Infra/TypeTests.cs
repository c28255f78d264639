namespace Notary.Infra.Tests;

/// <summary>Resources against the published types, and values against the types these files declare.</summary>
[TestClass]
public sealed class TypeTests
{
    [TestMethod]
    public void EveryResourceIsWhatItsPublishedTypeSays()
    {
        Assert.IsGreaterThan(50, Facts.All.Count, "Types/ was not found");
        var checker = new Checker(Templates.Bicep, Facts.All);
        checker.Resources();
        Pass(checker);
    }

    [TestMethod]
    public void ModulesAndOutputsGiveWhatIsDeclared()
    {
        var checker = new Checker(Templates.Bicep, Facts.All);
        checker.Modules();
        checker.Outputs();
        Pass(checker);
    }

    [TestMethod]
    public void NoFactIsLeftOver()
    {
        var used = Templates.Bicep.SelectMany(t => t.Resources!).Select(r => $"{r.Type}@{r.ApiVersion}").ToHashSet(StringComparer.Ordinal);
        CollectionAssert.IsSubsetOf(Facts.All.Keys.ToArray(), used.ToArray());
    }

    [TestMethod]
    public void MistakesInTheRealFilesAreFound()
    {
        (string File, string Right, string Wrong, string Finding)[] mistakes =
        [
            ("modules/functions.bicep", "minTlsVersion: '1.2'", "minTlsVersion: '1.9'", "siteConfig.minTlsVersion is 1.9"),
            ("modules/functions.bicep", "n => authorities[n].name)", "n => 1)", "settings.properties.* is 1"),
            ("modules/storage-account.bicep", "{ delete: { daysAfterCreationGreaterThan", "{ delete: { daysAfterCreation", "version.delete.daysAfterCreation is unknown"),
            ("modules/forensics-network.bicep", "['0-65535']", "['*']", "destinationPortRanges[0] is *"),
            ("modules/firewall.bicep", "ruleType: 'ApplicationRule'", "ruleType: 'AppRule'", "ruleType is AppRule"),
            ("modules/alerts.bicep", "      failedLocationCount: 2\n", "", "lacks failedLocationCount"),
            ("modules/avd-control.bicep", "    loadBalancerType: 'Persistent'", "    objectId: 'x'", "objectId is read-only"),
            ("session-host.bicep", "deleteOption: 'Delete', caching", "deleteOption: 'Remove', caching", "osDisk.deleteOption is Remove"),
            ("names.bicep", "'P-256K'", "'P-256X'", "signer.properties.curveName is P-256X"),
            ("types.bicep", "'custom' | 'dotnet-isolated'", "'custom' | 'dotnet'", "runtime.name may be dotnet"),
            ("types.bicep", "  @maxValue(365)\n  softDeleteDays", "  @maxValue(400)\n  softDeleteDays", "softDeleteDays may be 1..400"),
            ("main.bicep", "    guarded: true\n", "    guarded: 'yes'\n", "guarded is yes, which is no true or false"),
        ];
        var folder = Directory.CreateTempSubdirectory("infra-mistakes");
        try
        {
            foreach (var file in Templates.Bicep.Select(t => t.Path))
            {
                var text = Templates.Text(file);
                foreach (var mistake in mistakes.Where(m => m.File == file))
                {
                    Assert.IsTrue(text.Contains(mistake.Right, StringComparison.Ordinal), $"{file} no longer says {mistake.Right}");
                    text = text.Replace(mistake.Right, mistake.Wrong, StringComparison.Ordinal);
                }

                var path = Path.Combine(folder.FullName, file);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllText(path, text);
            }

            var checker = new Checker(Templates.Read(folder.FullName), Facts.All);
            checker.Resources();
            checker.Modules();
            foreach (var mistake in mistakes)
            {
                Assert.IsTrue(checker.Findings.Any(f => f.Contains(mistake.Finding, StringComparison.Ordinal)), $"expected “{mistake.Finding}”, found: {string.Join('\n', checker.Findings)}");
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Everything is followed: a value of which nothing tells the kind would be a hole, so it must be written otherwise.</summary>
    private static void Pass(Checker checker) => TemplateTests.Pass([.. checker.Findings, .. checker.NotFollowed.Select(n => "not followed: " + n)]);
}
