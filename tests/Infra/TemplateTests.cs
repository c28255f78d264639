namespace Notary.Infra.Tests;

/// <summary>The files against each other.</summary>
[TestClass]
public sealed class TemplateTests
{
    [TestMethod]
    public void EveryFileParses()
    {
        Assert.IsGreaterThan(25, Templates.All.Count, "infra/ was not found");
        Pass(Rules.Syntax(Templates.All));
    }

    [TestMethod]
    public void EveryReferenceLeadsSomewhere() => Pass(Rules.References(Templates.All));

    [TestMethod]
    public void EveryNameIsDeclaredAndUsed() => Pass(Rules.NamesUsed(Templates.All));

    [TestMethod]
    public void NoSecretIsShown() => Pass(Rules.Secrets(Templates.All));

    [TestMethod]
    public void EverythingIsDescribed() => Pass(Rules.Descriptions(Templates.All));

    [TestMethod]
    public void ModulesAreDeployedUnderNamesOfTheirOwn()
    {
        foreach (var t in Templates.Bicep)
        {
            var names = t.Modules!.Select(m => (m.Scope, m.Name)).ToArray();
            CollectionAssert.AllItemsAreUnique(names, t.Path);
        }
    }

    [TestMethod]
    public void FilesThatTemplatesLoadAreThere()
    {
        foreach (var t in Templates.Bicep)
        {
            foreach (var loaded in t.Strings!.Where(s => s.EndsWith(".ps1", StringComparison.Ordinal) || s.EndsWith(".json", StringComparison.Ordinal)))
            {
                if (loaded.StartsWith("../", StringComparison.Ordinal))
                {
                    Assert.IsTrue(File.Exists(Path.Combine(Templates.Folder, Path.GetDirectoryName(t.Path)!, loaded)), $"{t.Path} loads {loaded}");
                }
            }
        }

        using var workbook = System.Text.Json.JsonDocument.Parse(Templates.Text("portal/workbook.json"));
        Assert.AreEqual("Notebook/1.0", workbook.RootElement.GetProperty("version").GetString());
        using var linter = System.Text.Json.JsonDocument.Parse(Templates.Text("bicepconfig.json"));
        Assert.AreEqual("error", linter.RootElement.GetProperty("analyzers").GetProperty("core").GetProperty("rules").GetProperty("outputs-should-not-contain-secrets").GetProperty("level").GetString());
    }

    internal static void Pass(IEnumerable<string> findings)
    {
        var all = findings.ToArray();
        Assert.IsEmpty(all, string.Join('\n', all));
    }
}
