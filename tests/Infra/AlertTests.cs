namespace Notary.Infra.Tests;

/// <summary>Every alert reads a line that the app really writes, under the names it writes it with.</summary>
[TestClass]
public sealed class AlertTests
{
    private static readonly string Alerts = Bicep.Text("modules/alerts.bicep");
    private static readonly string Workbook = Bicep.Text("portal/workbook.json");
    private static readonly string Links = File.ReadAllText(
        Path.Combine(Repository.Root, "functions", "Doors", "Host", "Composition", "PortalLinks.cs"));

    [TestMethod]
    public void TheEventsAreTheApps()
    {
        var lines = Directory.GetFiles(Path.Combine(Repository.Root, "functions"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(f => Regex.Matches(File.ReadAllText(f), @"\[LoggerMessage\((\d+), LogLevel\.(\w+), ((?:""[^""]+""[\s+]*)+)"))
            .ToLookup(m => m.Groups[1].Value);
        var asked = Regex.Matches(Alerts + Workbook + Links, @"event == (\d+)").Select(m => m.Groups[1].Value).Distinct().ToArray();
        CollectionAssert.AreEquivalent((string[])["30", "4006"], asked);
        foreach (var number in asked)
        {
            Assert.HasCount(1, lines[number].ToArray(), $"event {number} is written once");

            // The levels that an operator may choose and still be woken.
            CollectionAssert.Contains((string[])["Warning", "Error"], lines[number].Single().Groups[2].Value, number);
        }

        var written = Regex.Matches(string.Concat(asked.Select(a => lines[a].Single().Groups[3].Value)), @"\{(\w+)\}").Select(m => m.Groups[1].Value);
        var read = Regex.Matches(Alerts + Workbook, @"\bs\.([A-Z]\w+)").Select(m => m.Groups[1].Value).Distinct().ToArray();
        Assert.IsNotEmpty(read);
        CollectionAssert.IsSubsetOf(read, written.ToArray());
    }

    [TestMethod]
    public void TheStateThatCountsAsWellIsTheAppsWord()
    {
        StringAssert.Contains(Alerts, $"tostring(s.Time) != \"{nameof(Timestamping.TimeState.Ok)}\"");
        StringAssert.Contains(Alerts, $"line.Category == \"{typeof(Deposits.Sequencer).FullName}\"");
    }

    [TestMethod]
    public void EveryTableThatIsAskedIsFilled()
    {
        // Which setting sends the lines; a service with tables of its own uses them only when told `Dedicated`.
        var filled = new Dictionary<string, (string File, string Says, bool Dedicated)>(StringComparer.Ordinal)
        {
            ["AppTraces"] = ("modules/monitoring.bicep", "IngestionMode: 'LogAnalytics'", false),
            ["StorageQueueLogs"] = ("modules/storage-account.bicep", "category: 'StorageWrite'", false),
            ["AegDeliveryFailureLogs"] = ("modules/events.bicep", "categoryGroup: 'allLogs'", true),
            ["AzureDiagnostics"] = ("modules/keyvault.bicep", "categoryGroup: 'allLogs'", false),
            ["WVDConnections"] = ("modules/avd-control.bicep", "categoryGroup: 'allLogs'", false),
            ["AZFWApplicationRule"] = ("modules/firewall.bicep", "categoryGroup: 'allLogs'", true),
        };
        var asked = Regex.Matches(Alerts + Workbook, @"(?:query: '|""query"": ""|= ')([A-Z]\w+) \|").Select(m => m.Groups[1].Value).Distinct().ToArray();
        CollectionAssert.AreEquivalent(filled.Keys.ToArray(), asked);
        var linked = Regex.Matches(Links, @"""([A-Z]\w+) \|").Select(m => m.Groups[1].Value).Distinct().ToArray();
        Assert.IsNotEmpty(linked);
        CollectionAssert.IsSubsetOf(linked, filled.Keys.ToArray(), "what the console's links ask");
        foreach (var (table, (file, says, dedicated)) in filled)
        {
            Assert.IsTrue(Bicep.Text(file).Contains(says, StringComparison.Ordinal), $"{table}: {file} does not say {says}");
            Assert.AreEqual(dedicated, Bicep.Text(file).Contains("logAnalyticsDestinationType: 'Dedicated'", StringComparison.Ordinal), $"{table}: {file}");
        }

        // Columns of AppTraces that the links ask for: those of Azure Monitor's reference, and what the line's own JSON has.
        var columns = Regex.Matches(Links, @"project ([\w, ]+?) \|").SelectMany(m => m.Groups[1].Value.Split(", ")).Distinct().ToArray();
        CollectionAssert.IsSubsetOf(columns, (string[])["TimeGenerated", "SeverityLevel", "Message", "OperationId", "s"]);

        // Storage writes its status as text: a comparison with a number would be refused whenever the rule runs.
        Assert.DoesNotMatchRegex(@"\bStatusCode == \d", Alerts + Workbook);
    }

    /// <summary>A signature is foreign when neither column that may name its maker names the app.</summary>
    [TestMethod]
    public async Task AForeignSignatureIsSeenInEveryColumn()
    {
        var query = (await Golden.CaseAsync("prod")).One("Insights/scheduledQueryRules", "-foreign-signature")["properties.criteria.allOf.0.query"];
        foreach (var column in (string[])["identity_claim_oid_g", "identity_claim_http_schemas_microsoft_com_identity_claims_objectidentifier_g"])
        {
            // A column that no line has filled yet does not exist, and a plain name would make the query fail for ever.
            Assert.HasCount(1, Regex.Matches(query, column));
            StringAssert.Contains(query, $"tostring(column_ifexists(\"{column}\", \"\"))");
        }

        Assert.MatchesRegex("extend who = coalesce\\(.*id-notary-prod-app", query);
    }
}
