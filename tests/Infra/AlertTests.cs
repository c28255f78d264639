using System.Text.RegularExpressions;
using Notary.Servers;

namespace Notary.Infra.Tests;

/// <summary>Every alert reads a line that the app really writes, under the names it writes it with.</summary>
[TestClass]
public sealed class AlertTests
{
    private static readonly string Alerts = Templates.Text("modules/alerts.bicep");
    private static readonly string Workbook = Templates.Text("portal/workbook.json");

    [TestMethod]
    public void TheEventsAreTheApps()
    {
        var lines = Directory.GetFiles(Path.Combine(Repository.Root, "functions"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(f => Regex.Matches(File.ReadAllText(f), @"\[LoggerMessage\((\d+), LogLevel\.(\w+), ""([^""]+)""")).ToLookup(m => m.Groups[1].Value);
        var asked = Regex.Matches(Alerts + Workbook, @"event == (\d+)").Select(m => m.Groups[1].Value).Distinct().ToArray();
        CollectionAssert.AreEquivalent((string[])["30", "4006"], asked);
        foreach (var number in asked)
        {
            Assert.HasCount(1, lines[number].ToArray(), $"event {number} is written once");

            // The levels that an operator may choose and still be woken.
            CollectionAssert.Contains((string[])["Warning", "Error"], lines[number].Single().Groups[2].Value, number);
        }

        var written = Regex.Matches(lines["30"].Single().Groups[3].Value + lines["4006"].Single().Groups[3].Value, @"\{(\w+)\}").Select(m => m.Groups[1].Value).ToHashSet();
        var read = Regex.Matches(Alerts + Workbook, @"\bs\.([A-Z]\w+)").Select(m => m.Groups[1].Value).Distinct().ToArray();
        Assert.IsNotEmpty(read);
        CollectionAssert.IsSubsetOf(read, written.ToArray());
    }

    [TestMethod]
    public void TheStateThatCountsAsWellIsTheAppsWord()
    {
        Assert.IsTrue(Alerts.Contains($"tostring(s.Time) != \"{nameof(Timestamping.TimeState.Ok)}\"", StringComparison.Ordinal));
        Assert.IsTrue(Alerts.Contains($"line.Category == \"{typeof(Deposits.Sequencer).FullName}\"", StringComparison.Ordinal));
    }
}
