using Notary.Host;
using Notary.Keys;
using Notary.Storage;

namespace Notary.Infra.Tests;

/// <summary>What is deployed against the app's own lists: settings, names, keys, functions.</summary>
[TestClass]
public sealed class AppTests
{
    /// <summary>Settings that make no sense on Azure, each with the reason.</summary>
    private static readonly Dictionary<string, string> NotOnAzure = new(StringComparer.Ordinal)
    {
        ["EvidenceStorage"] = "an account key; the three addresses with an identity stand in its place",
        ["Notary__Vault__DevToken"] = "refused unless the vault is on loopback",
        ["Notary__Forensics__Agent"] = "desktops of the app's own machine; Azure's come from machines of their own",
        ["Notary__Forensics__Folder"] = "likewise",
        ["Notary__Forensics__Arguments"] = "likewise",
        ["Notary__Forensics__Probe"] = "likewise",
        ["Notary__Forensics__Azure__ResourceManager"] = "Azure's own by default; tests have another",
        ["Notary__Forensics__Azure__Graph"] = "likewise",
        ["Notary__Webhooks__AllowLoopback"] = "for local runs: refused unless the platform is on loopback",
        ["NOTARY_PORT"] = "read only without the Functions host",
        ["FUNCTIONS_CUSTOMHANDLER_PORT"] = "set by the Functions host",
        ["Functions__Worker__HostEndpoint"] = "set by the Functions host",
    };

    /// <summary>Settings that the Functions host reads, some of them the app too.</summary>
    private static readonly Dictionary<string, string> OfTheHost = new(StringComparer.Ordinal)
    {
        ["AzureWebJobsDisableHomepage"] = "true",
        ["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true",
        ["FUNCTIONS_REQUEST_BODY_SIZE_LIMIT"] = "268435456",
    };

    private static readonly string[] Sources = Directory.GetFiles(Path.Combine(Repository.Root, "functions"), "*.cs", SearchOption.AllDirectories);

    [TestMethod]
    public async Task TheAppGetsEverySettingItReadsAndNoOther()
    {
        var given = (await Golden.CaseAsync("second")).Settings;
        var own = given.Json!.AsObject().Select(g => Regex.Replace(g.Key, @"__\d+__", "__{n}__")).Distinct()
            .Where(k => !OfTheHost.ContainsKey(k) && !Regex.IsMatch(k, "^(AzureWebJobsStorage__|APPLICATIONINSIGHTS_)"));
        CollectionAssert.AreEquivalent(Settings.All.Select(s => s.Name).Except(NotOnAzure.Keys).Except(OfTheHost.Keys).ToArray(), own.ToArray());
        foreach (var (name, value) in OfTheHost)
            Assert.AreEqual(value, given[name], name);

        // Flex Consumption has its runtime elsewhere and refuses these.
        Assert.AreEqual(" ", given.Say("FUNCTIONS_WORKER_RUNTIME", "FUNCTIONS_EXTENSION_VERSION"));
    }

    [TestMethod]
    public async Task TheRuntimeIsTheOneThatTheAppIsBuiltFor()
    {
        var app = (await Golden.CaseAsync("prod")).One("Web/sites").At("properties.functionAppConfig");
        var framework = Regex.Match(File.ReadAllText(Path.Combine(Repository.Root, "Directory.Build.props")), "<TargetFramework>net([0-9.]+)<").Groups[1].Value;
        Assert.AreEqual($"dotnet-isolated {framework}", app.Say("runtime.name", "runtime.version"));

        // What is always there: HTTP, durable functions, and functions by name.
        var groups = app.List("scaleAndConcurrency.alwaysReady").Select(g => g.Name).ToArray();
        CollectionAssert.AreEqual((string[])["http", "durable"], groups[..2]);
        var functions = Sources.SelectMany(f => Regex.Matches(File.ReadAllText(f), @"\[Function\((?:""|nameof\()(\w+)").Select(m => m.Groups[1].Value));
        CollectionAssert.IsSubsetOf(groups[2..], functions.Select(f => "function:" + f).ToArray());
        Assert.HasCount(3, groups);
    }

    [TestMethod]
    public async Task ContainersTablesAndQueuesAreTheApps()
    {
        var snapshot = await Golden.CaseAsync("prod");
        string[] Children(string duty, string kind)
            => [.. snapshot.Of("Storage/storageAccounts/" + kind).Where(r => r.Duty == duty).Select(r => r.Name.Split('/')[2])];
        foreach (var account in (string[])["ev", "sb"])
        {
            CollectionAssert.AreEquivalent(Names.AllContainers.ToArray(), Children(account, "blobServices/containers"));
            CollectionAssert.AreEquivalent(Names.AllTables.ToArray(), Children(account, "tableServices/tables"));
            CollectionAssert.AreEquivalent((string[])[Names.Originals, Names.Log], Children(account, "blobServices/containers/immutabilityPolicies"));

            // What may be deleted by its age: nothing but uploads and stages.
            var rules = snapshot.Of("Storage/storageAccounts/managementPolicies").Single(r => r.Duty == account).At("properties.policy.rules");
            Assert.AreEqual($"{Names.Uploads}/ {Names.Staging}/ ", rules.Say("0.definition.filters.prefixMatch.0", "1.definition.filters.prefixMatch.0", "2"));
        }

        CollectionAssert.AreEquivalent(Names.AllQueues.ToArray(), Children("eq", "queueServices/queues"));
        Assert.IsFalse(Children("eq", "blobServices/containers").Any(Names.AllContainers.Contains), "the dead letters are not evidence");
    }

    [TestMethod]
    public async Task KeysAreTheAppsWithItsCurves()
    {
        var snapshot = await Golden.CaseAsync("prod");
        var keys = snapshot.Of("KeyVault/vaults/keys").ToDictionary(k => k.Name.Split('/')[1], k => k.At("properties"));
        foreach (var (setting, name, curve) in ((Setting, string, string)[])
            [(Settings.LogKey, KeyNames.LogSigner, "P-256"), (Settings.LetterKey, KeyNames.LetterSigner, "P-256"),
            (Settings.ChainKey, KeyNames.ChainSender, "P-256K"), (Settings.DrawKey, KeyNames.DrawSender, "P-256K"),
            (Settings.LoginKey, KeyNames.LoginSigner, "P-256")])
        {
            Assert.AreEqual(name, snapshot.Settings[setting.Name]);
            Assert.AreEqual($"EC-HSM {curve} sign verify false", keys[name].Say("kty", "curveName", "keyOps.0", "keyOps.1", "attributes.exportable"));
            Assert.AreEqual("", keys[name]["rotationPolicy"], "a signer's public half is published");
        }

        var wrapper = keys[KeyNames.KeyEncryption];
        Assert.AreEqual("RSA-HSM 3072 wrapKey unwrapKey false", wrapper.Say("kty", "keySize", "keyOps.0", "keyOps.1", "attributes.exportable"));
        Assert.AreEqual("rotate", wrapper["rotationPolicy.lifetimeActions.0.action.type"]);
        Assert.AreEqual("", wrapper["rotationPolicy.attributes.expiryTime"], "an expired version could not be trusted to unwrap for decades");
        Assert.HasCount(6, keys);
    }

    [TestMethod]
    public async Task EventsAreFilteredAsTheAppReadsThem()
    {
        var app = File.ReadAllText(Sources.Single(f => Path.GetFileName(f) == "UploadEvent.cs"));
        var finished = Regex.Matches(Regex.Match(app, @"Finished = \[([^\]]+)\]").Value, "\"(\\w+)\"").Select(m => m.Groups[1].Value).ToArray();
        var subscription = (await Golden.CaseAsync("prod")).One("EventGrid/systemTopics/eventSubscriptions").At("properties");
        CollectionAssert.AreEquivalent(finished, subscription.List("filter.advancedFilters.0.values").Select(v => v.Json!.ToString()).ToArray());
        Assert.AreEqual($"/blobServices/default/containers/{Names.Uploads}/blobs/", subscription["filter.subjectBeginsWith"]);
        Assert.AreEqual(Names.UploadsQueue, subscription["deliveryWithResourceIdentity.destination.properties.queueName"]);
        Assert.AreEqual("CloudEventSchemaV1_0", subscription["eventDeliverySchema"]);
    }
}
