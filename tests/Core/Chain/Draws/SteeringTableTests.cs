using System.Text.RegularExpressions;

namespace Notary.Chain.Tests.Draws;

/// <summary>docs/threat-model.md names for each attempt to steer a draw the tests that show it refused or visible: they are there.</summary>
[TestClass]
public sealed partial class SteeringTableTests
{
    private const string Section = "## Steering a draw";

    /// <summary>Those that a draw must withstand.</summary>
    private static readonly string[] Attempts =
    [
        "the list is edited", "a second result", "a secret is revealed late", "a reveal does not match", "another block or chain", "a reorganisation",
        "a thousand seeds", "it is held again", "one person approves twice", "a rehearsal is passed off",
    ];

    [TestMethod]
    public void Every_attempt_has_its_tests_and_they_exist()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "threat-model.md"));
        var rows = text.Split(Section)[1].Split("\n## ")[0].Split('\n').Where(l => l.StartsWith("| ", StringComparison.Ordinal)).Skip(1).ToList();
        Assert.HasCount(Attempts.Length, rows);
        var sources = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*Tests*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal)).Select(File.ReadAllText).ToList();
        foreach (var (row, attempt) in rows.Zip(Attempts))
        {
            StringAssert.StartsWith(row, $"| {attempt}");
            var named = Named().Matches(row);
            Assert.IsGreaterThan(0, named.Count, attempt);
            foreach (var test in named.Select(m => (Class: m.Groups[1].Value, Method: m.Groups[2].Value)))
                Assert.IsTrue(sources.Any(s => s.Contains($"class {test.Class}", StringComparison.Ordinal)
                    && Regex.IsMatch(s, $@"\[(TestMethod|DataRow|DynamicData)[^{{}};]*\b{test.Method}\(")), $"{test.Class}.{test.Method}");
        }
    }

    [GeneratedRegex("`([A-Z][A-Za-z]*Tests)\\.([A-Za-z_0-9]+)`")]
    private static partial Regex Named();
}
