using System.Text.Json;
using System.Text.RegularExpressions;
using Notary.Host;
using Notary.Keys;
using Notary.Servers;
using Notary.Storage;

namespace Notary.Infra.Tests;

/// <summary>The templates against the app's own lists: settings, names, keys, functions.</summary>
[TestClass]
public sealed class AppTests
{
    /// <summary>Settings that make no sense on Azure, each with the reason.</summary>
    private static readonly Dictionary<string, string> NotOnAzure = new(StringComparer.Ordinal)
    {
        [Settings.StorageConnectionString.Name] = "an account key; the three addresses with an identity stand in its place",
        [Settings.VaultDevToken.Name] = "refused unless the vault is on loopback",
        [Settings.Port.Name] = "read only without the Functions host",
        [Settings.FunctionsPort.Name] = "set by the Functions host",
    };

    [TestMethod]
    public void TheAppGetsEverySettingItReadsAndNoOther()
    {
        var functions = Templates.Named("modules/functions.bicep");
        var given = functions.Keys!.Concat(functions.Strings!.Select(s => s.Replace("{}", "{n}", StringComparison.Ordinal)))
            .Where(k => Regex.IsMatch(k, "^(Notary__|EvidenceStorage|OTEL_|NOTARY_|FUNCTIONS_)")).ToHashSet(StringComparer.Ordinal);
        var read = Settings.All.Select(s => s.Name).Except(NotOnAzure.Keys).ToHashSet(StringComparer.Ordinal);
        CollectionAssert.AreEquivalent(read.Order().ToArray(), given.Order().ToArray());
    }

    [TestMethod]
    public void EverySettingReachesTheApp()
    {
        // A list that is declared and then forgotten in the union would pass the comparison above.
        var settings = Templates.Named("modules/functions.bicep").Resources!.Single(r => r.Symbol == "settings");
        Assert.AreEqual("Microsoft.Web/sites/config", settings.Type);
        foreach (var part in (string[])["hostSettings", "appSettings", "authorityNames", "authorityUrls", "authorityRoots", "authorityPolicies", "telemetry"])
        {
            Assert.IsTrue(settings.Text.Contains(part, StringComparison.Ordinal), part);
        }
    }

    [TestMethod]
    public void ContainersTablesAndQueuesAreTheApps()
    {
        var names = Templates.Named("names.bicep").Variables!;
        CollectionAssert.AreEquivalent(Names.AllContainers.ToArray(), Strings(names["writeOnceContainers"]).Concat(Strings(names["changingContainers"])).ToArray());
        CollectionAssert.AreEquivalent(Names.AllTables.ToArray(), Strings(names["evidenceTables"]));
        CollectionAssert.AreEquivalent(Names.AllQueues.ToArray(), Strings(names["eventQueues"]));
        CollectionAssert.AreEquivalent((string[])[Names.Originals, Names.Log], Strings(names["writeOnceContainers"]));
        Assert.AreEqual(Names.Uploads, One(names["uploadsContainer"]));
        Assert.AreEqual(Names.Staging, One(names["stagingContainer"]));
        Assert.AreEqual(Names.UploadsQueue, One(names["uploadsQueue"]));
        Assert.IsFalse(Names.AllContainers.Contains(One(names["deadLetterContainer"])), "the dead letters are not evidence");
    }

    [TestMethod]
    public void KeysAreTheAppsWithItsCurves()
    {
        var names = Templates.Named("names.bicep").Variables!;
        var keys = names["signingKeys"].Value.GetProperty("array").EnumerateArray().Select(k => k.GetProperty("object"))
            .Select(k => (k.GetProperty("name").GetProperty("literal").GetString(), k.GetProperty("curve").GetProperty("literal").GetString())).ToArray();

        // The order is that of the settings in functions.bicep.
        CollectionAssert.AreEqual((ValueTuple<string?, string?>[])[(KeyNames.LogSigner, "P-256"), (KeyNames.LetterSigner, "P-256"), (KeyNames.ChainSender, "P-256K")], keys);
        Assert.AreEqual(KeyNames.KeyEncryption, One(names["wrappingKey"]));
        var functions = Templates.Text("modules/functions.bicep");
        foreach (var (setting, number) in ((Setting, int)[])[(Settings.LogKey, 0), (Settings.LetterKey, 1), (Settings.ChainKey, 2)])
        {
            Assert.IsTrue(functions.Contains($"{setting.Name}: signingKeys[{number}].name", StringComparison.Ordinal), setting.Name);
        }
    }

    [TestMethod]
    public void OnlyTheWrappingKeyRotatesByItself()
    {
        var keys = Templates.Named("modules/keyvault.bicep").Resources!.Where(r => r.Type == "Microsoft.KeyVault/vaults/keys").ToDictionary(r => r.Symbol);
        Assert.IsTrue(keys["wrapper"].Text.Contains("rotationPolicy", StringComparison.Ordinal));
        Assert.IsFalse(keys["signer"].Text.Contains("rotationPolicy", StringComparison.Ordinal), "a signer's public half is published");
        Assert.IsFalse(keys["wrapper"].Text.Contains("expiryTime", StringComparison.Ordinal), "an expired version could not be trusted to unwrap for decades");
    }

    [TestMethod]
    public void FunctionsThatTheTemplatesNameExist()
    {
        var triggers = Triggers();
        var named = Templates.Named("modules/functions.bicep").Strings!.Where(s => s.StartsWith("function:", StringComparison.Ordinal)).Select(s => s["function:".Length..]).ToArray();
        Assert.IsNotEmpty(named);
        CollectionAssert.IsSubsetOf(named, triggers.Keys.ToArray());

        // Whatever a function waits on is a queue that the templates make.
        var queues = triggers.Values.SelectMany(t => t).Where(b => b.GetProperty("type").GetString() == "queueTrigger").ToArray();
        Assert.HasCount(1, queues);
        foreach (var queue in queues)
        {
            CollectionAssert.Contains(Strings(Templates.Named("names.bicep").Variables!["eventQueues"]), queue.GetProperty("queueName").GetString());
            Assert.AreEqual(Settings.StorageConnection, queue.GetProperty("connection").GetString());
        }
    }

    [TestMethod]
    public void EventsAreFilteredAsTheAppReadsThem()
    {
        var app = File.ReadAllText(Path.Combine(Repository.Root, "functions", "Doors", "Host", "Triggers", "UploadEvent.cs"));
        var finished = Regex.Match(app, @"Finished = \[([^\]]+)\]").Groups[1].Value.Split(',').Select(s => s.Trim().Trim('"')).ToArray();
        var subscription = Templates.Named("modules/events.bicep").Resources!.Single(r => r.Type.EndsWith("/eventSubscriptions", StringComparison.Ordinal)).Text;
        CollectionAssert.AreEquivalent(finished, Regex.Match(subscription, @"'data\.api', values: \[([^\]]+)\]").Groups[1].Value.Split(',').Select(s => s.Trim().Trim('\'')).ToArray());
        Assert.IsTrue(subscription.Contains("'/blobServices/default/containers/${uploadsContainer}/blobs/'", StringComparison.Ordinal));
        Assert.IsTrue(subscription.Contains("CloudEventSchemaV1_0", StringComparison.Ordinal));
    }

    private static Dictionary<string, JsonElement[]> Triggers()
        => Directory.GetFiles(Path.Combine(Repository.Root, "functions", "Doors", "Host", "Triggers"), "function.json", SearchOption.AllDirectories)
            .ToDictionary(
                f => Path.GetFileName(Path.GetDirectoryName(f)!),
                f => JsonDocument.Parse(File.ReadAllText(f)).RootElement.GetProperty("bindings").EnumerateArray().ToArray());

    private static string?[] Strings(Variable v) => [.. v.Value.GetProperty("array").EnumerateArray().Select(e => e.GetProperty("literal").GetString())];

    private static string? One(Variable v) => v.Value.GetProperty("literal").GetString();
}
