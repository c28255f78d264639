using System.Text.Json;

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
        var findings = file.Values.SelectMany(v => Fit(v.Key, v.Value, main.Parameters[v.Key].Type)).ToArray();
        Assert.IsEmpty(findings, string.Join('\n', findings));
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

    /// <summary>Members that are missing or unknown, and literals that a union does not allow, down through arrays and objects.</summary>
    private static IEnumerable<string> Fit(string at, JsonElement value, string type)
    {
        type = type.TrimEnd('?');
        if (type.EndsWith("[]", StringComparison.Ordinal))
        {
            return value.TryGetProperty("array", out var items) ? items.EnumerateArray().SelectMany((item, i) => Fit($"{at}[{i}]", item, type[..^2])) : Expression(at, value, type);
        }

        var shape = Templates.Named("types.bicep").Types!.GetValueOrDefault(type);
        if (shape?.Members is { } members)
        {
            if (!value.TryGetProperty("object", out var given))
            {
                return Expression(at, value, type);
            }

            var names = given.EnumerateObject().ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal);
            return members.Where(m => !m.Value.Optional && !names.ContainsKey(m.Key)).Select(m => $"{at} lacks {m.Key}")
                .Concat(names.Keys.Where(n => !members.ContainsKey(n) && !shape.Any).Select(n => $"{at} has {n}, which {type} does not know"))
                .Concat(names.Where(n => members.ContainsKey(n.Key)).SelectMany(n => Fit($"{at}.{n.Key}", n.Value, members[n.Key].Type)));
        }

        var choices = (shape is null ? type : shape.Text[(shape.Text.IndexOf('=', StringComparison.Ordinal) + 1)..]).Split('|').Select(c => c.Trim().Trim('\'')).ToArray();
        if (!value.TryGetProperty("literal", out var literal))
        {
            return Expression(at, value, type);
        }

        var text = literal.GetString()!;
        var fits = type switch
        {
            "string" => true,
            "int" => long.TryParse(text, out _),
            "bool" => text is "true" or "false",
            _ => choices.Length == 1 || choices.Contains(text),
        };
        return fits ? [] : [$"{at} is {text}, which is no {type}"];
    }

    /// <summary>Only what the operator's environment says may be left open.</summary>
    private static IEnumerable<string> Expression(string at, JsonElement value, string type)
        => value.TryGetProperty("expression", out var text) && text.GetString()!.Contains("readEnvironmentVariable(", StringComparison.Ordinal) ? [] : [$"{at} is no {type}"];

    private static string Literal(Template file, string name) => file.Values![name].GetProperty("literal").GetString()!;
}
