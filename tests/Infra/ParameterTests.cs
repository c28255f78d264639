namespace Notary.Infra.Tests;

/// <summary>The parameter files against main.bicep and the types it speaks.</summary>
[TestClass]
public sealed class ParameterTests
{
    public static IEnumerable<object[]> Files => Templates.ParameterFiles.Select(f => new object[] { f.Path });

    [TestMethod]
    [DynamicData(nameof(Files))]
    public void FitsMain(string path)
    {
        var file = Templates.Named(path);
        var main = Templates.Resolve(Templates.All, file, file.Using!);
        Assert.IsNotNull(main, $"{path} uses {file.Using}");
        Assert.AreEqual("main.bicep", main.Path);
        var given = file.Values!.Keys.ToArray();
        CollectionAssert.IsSubsetOf(given, main.Parameters!.Keys.ToArray());
        CollectionAssert.IsSubsetOf(main.Parameters.Where(p => p.Value.Required).Select(p => p.Key).ToArray(), given);
        var checker = new Checker(Templates.All, Facts.All);
        checker.Parameters(file, main);
        TemplateTests.Pass([.. checker.Findings, .. checker.NotFollowed]);
    }

    [TestMethod]
    public void ThereAreTwo() => CollectionAssert.AreEquivalent((string[])["params/dev.bicepparam", "params/prod.bicepparam"], Templates.ParameterFiles.Select(f => f.Path).ToArray());

    [TestMethod]
    public void TheNamesOfStorageAndVaultFit()
    {
        foreach (var file in Templates.ParameterFiles)
        {
            var (workload, environment) = (Literal(file, "workload"), Literal(file, "environmentName"));
            Assert.MatchesRegex("^[a-z][a-z0-9]{2,7}$", workload);

            // As main.bicep builds them: st, workload, environment, duty, eight more; kv-workload-environment- and six.
            Assert.IsLessThanOrEqualTo(24, $"st{workload}{environment}rt12345678".Length, file.Path);
            Assert.IsLessThanOrEqualTo(24, $"kv-{workload}-{environment}-123456".Length, file.Path);
        }
    }

    [TestMethod]
    public void ProductionIsWriteOncePrivateAndSurvivesItsRegion()
    {
        var prod = Templates.Named("params/prod.bicepparam").Values!;
        Assert.AreEqual("true", prod["retention"].GetProperty("object").GetProperty("worm").GetProperty("literal").GetString());
        Assert.AreEqual("true", prod["network"].GetProperty("object").GetProperty("private").GetProperty("literal").GetString());
        Assert.AreEqual("Standard_GZRS", prod["retention"].GetProperty("object").GetProperty("redundancy").GetProperty("literal").GetString());
    }

    private static string Literal(Template file, string name) => file.Values![name].GetProperty("literal").GetString()!;
}
