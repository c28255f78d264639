namespace Notary.Infra.Tests;

/// <summary>The rules find what they are for: each case is a small set of files with one mistake planted.</summary>
[TestClass]
public sealed class RulesTests
{
    private const string Good = """
        @description('a')
        param size int

        @description('b')
        output twice int = size
        """;

    [TestMethod]
    [DataRow("param x string = 'y", "does not parse")]
    [DataRow("@description('a')\nparam x string\n", "x is not used")]
    [DataRow("var x = 1\n", "x is not used")]
    [DataRow("@description('a')\noutput o string = nothing\n", "uses nothing, which is not declared")]
    [DataRow("@description('a')\noutput o string = made('x')\n", "calls made")]
    [DataRow("module m 'none.bicep' = {\n  name: 'm'\n}\n", "which is not there")]
    [DataRow("module m 'part.bicep' = {\n  name: 'm'\n}\n", "does not pass size")]
    [DataRow("module m 'part.bicep' = {\n  name: 'm'\n  params: { size: 1, colour: 2 }\n}\n", "passes colour")]
    [DataRow("module m 'part.bicep' = {\n  name: 'm'\n  params: { size: 1 }\n}\n\n@description('a')\noutput o int = m.outputs.thrice\n", "outputs.thrice, which is not there")]
    [DataRow("import { none } from 'part.bicep'\n", "does not export none")]
    [DataRow("@description('a')\n@secure()\nparam p string\n\n@description('b')\noutput o string = p\n", "shows a secret")]
    [DataRow("@description('a')\nparam adminPassword string\n\n@description('b')\noutput o string = take(adminPassword, 1)\n", "is not @secure()")]
    [DataRow("@description('a')\n@secure()\nparam p string = 'hunter2'\n", "default that is written down")]
    [DataRow("resource a 'Microsoft.Storage/storageAccounts@2025-06-01' existing = { name: 'a' }\n\n@description('b')\n@secure()\noutput o string = a.listKeys().keys[0].value\n", "reads a key")]
    [DataRow("@description('a')\n@secure()\nparam p int\n\nmodule m 'part.bicep' = {\n  name: 'm'\n  params: { size: p }\n}\n", "as plain text")]
    [DataRow("output o string = 'x'\n", "o has no description")]
    [DataRow("@description('a')\nparam x object\n\n@description('b')\noutput o string = string(x)\n", "which says nothing")]
    [DataRow("resource a 'Microsoft.Storage/storageAccounts@2025-06-01' existing = { name: 'a' }\n", "existing resource a is not used")]
    public void APlantedMistakeIsFound(string text, string finding)
    {
        var folder = Directory.CreateTempSubdirectory("infra-rules");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "main.bicep"), text);
            File.WriteAllText(Path.Combine(folder.FullName, "part.bicep"), Good);
            var all = Templates.Read(folder.FullName);
            string[] findings = [.. Rules.Syntax(all), .. Rules.References(all), .. Rules.NamesUsed(all), .. Rules.Secrets(all), .. Rules.Descriptions(all)];
            Assert.IsTrue(findings.Any(f => f.Contains(finding, StringComparison.Ordinal)), $"expected “{finding}”, found: {string.Join('\n', findings)}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [TestMethod]
    public void GoodFilesPass()
    {
        var folder = Directory.CreateTempSubdirectory("infra-rules");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "part.bicep"), Good);
            File.WriteAllText(Path.Combine(folder.FullName, "main.bicep"), "module m 'part.bicep' = {\n  name: 'm'\n  params: { size: 1 }\n}\n\n@description('a')\noutput o int = m.outputs.twice\n");
            var all = Templates.Read(folder.FullName);
            TemplateTests.Pass([.. Rules.Syntax(all), .. Rules.References(all), .. Rules.NamesUsed(all), .. Rules.Secrets(all), .. Rules.Descriptions(all)]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
