namespace Notary.Infra.Tests;

/// <summary>scripts/deploy against a stand-in for az that writes down how it was called and answers as ARM would: there is no Azure here.</summary>
[TestClass]
public sealed class DeployScriptTests
{
    private static readonly string Script = Path.Combine(Repository.Root, "scripts", "deploy");

    private const string First = "the-evidenceAccountName", Second = "the-standbyAccountName";

    [TestMethod]
    public async Task MissingParametersAreNamedAllAtOnce()
    {
        var run = await RunAsync("plan prod", complete: false);
        Assert.AreEqual(2, run.Code);
        Assert.IsEmpty(Bicep.Needed("params/prod.bicepparam").Where(n => !run.Error.Contains(n, StringComparison.Ordinal)).ToArray());
        Assert.IsEmpty(run.Calls);
    }

    [TestMethod]
    [DataRow("plan prod", 0)]
    [DataRow("copy prod", 0)]
    [DataRow("apply dev", 2)]
    [DataRow("lock prod", 2)]
    [DataRow("takeover prod", 2)]
    [DataRow("image prod README.md", 2)]
    [DataRow("spares prod 2 /image", 2)]
    public async Task WithoutAYesNothingIsChanged(string arguments, int code)
    {
        var run = await RunAsync(arguments, "no\n");
        Assert.AreEqual(code, run.Code, run.Error);
        Assert.AreEqual(code == 2, run.Error.Contains("nothing was changed", StringComparison.Ordinal));
        Assert.IsFalse(run.Calls.Any(Changes), string.Join('\n', run.Calls));
    }

    [TestMethod]
    public async Task WithAYesTheTemplateIsDeployed()
    {
        var run = await RunAsync("apply dev", "yes\n");
        var create = run.Calls.Single(c => c.StartsWith("deployment sub create --name notary-dev ", StringComparison.Ordinal));
        StringAssert.Contains(create, "--template-file infra/main.bicep --parameters infra/params/dev.bicepparam");
        var shown = run.Calls.FindIndex(c => c.StartsWith("deployment sub what-if", StringComparison.Ordinal));
        Assert.IsTrue(shown >= 0 && shown < run.Calls.IndexOf(create), "shown first");
        StringAssert.Contains(run.Out, "answer at the-publicUrl");
    }

    [TestMethod]
    public async Task EveryProviderIsRegistered()
    {
        var registered = Regex.Match(await File.ReadAllTextAsync(Script), "for provider in ([^;]+);").Groups[1].Value.Split(' ');

        // Every subscription has the first two. The others are in no snapshot: the app's subnet, the image's recipe and the component need them.
        var used = (await Golden.CaseAsync("prod")).Resources.Concat((await Golden.CaseAsync("session-host")).Resources)
            .Select(r => r.Type.Split('/')[0]["Microsoft.".Length..]).Distinct().Except(["Authorization", "Resources"]);
        CollectionAssert.AreEquivalent(used.Concat(["App", "VirtualMachineImages", "ContainerInstance", "AlertsManagement"]).ToArray(), registered);
    }

    [TestMethod]
    public async Task LockingTakesBothAccountsAndSaysWhatTheParametersMustSayAfterwards()
    {
        var run = await RunAsync("lock prod", "yes\nyes\nyes\nyes\n");
        var locked = run.Calls.Select(c => Regex.Match(c, "policy lock .* --account-name (.*) --container-name (.*) --if-match tag")).Where(m => m.Success);
        CollectionAssert.AreEqual((string[])[$"{First} originals", $"{First} log", $"{Second} originals", $"{Second} log"],
            locked.Select(m => $"{m.Groups[1]} {m.Groups[2]}").ToArray());
        StringAssert.Contains(run.Out, "set wormLocked to true in infra/params/prod.bicepparam");
    }

    [TestMethod]
    public async Task SparesAndImagesGoWhereTheOutputsSayAndSecretsAreNotOnTheCommandLine()
    {
        var spares = await RunAsync("spares prod 2 /image", "yes\n");
        var made = spares.Calls.Single(c => c.StartsWith("deployment group create --resource-group the-broker.sessionsGroup ", StringComparison.Ordinal));
        StringAssert.Contains(made, "count=2 imageVersionId=/image subnetId=the-broker.subnetId logRuleId=the-broker.logRuleId platformUrl=the-publicUrl");
        Assert.IsTrue(spares.Calls.Any(c => Regex.IsMatch(c, "^desktop.* hostpool update --resource-group the-broker.poolGroup --name the-broker.poolName ")));
        Assert.IsFalse(spares.Calls.Append(spares.Error).Any(c => Regex.IsMatch(c, "k3y-of-the-recorder|t0ken-of-the-pool")));

        var image = await RunAsync("image prod README.md", "yes\n");
        var recipe = image.Calls.Single(c => c.StartsWith("deployment group create --resource-group the-broker.poolGroup ", StringComparison.Ordinal));
        StringAssert.Contains(recipe, "image=@README.md definitionId=the-broker.imageDefinitionId identityId=the-broker.bakerId");
        Assert.AreEqual("image builder run --resource-group the-broker.poolGroup --name it-notary-prod-1", image.Calls[^1]);
    }

    /// <summary>Write-once containers forbid an account's failover: the standby is completed from the copy that can be read.</summary>
    [TestMethod]
    public async Task TheStandbyIsCompletedFromTheSecondary()
    {
        var run = await RunAsync("takeover prod", "yes\n");
        string[] expected =
        [
            "functionapp stop --resource-group the-platformGroupName --name the-appName",
            $"lock delete --name evidence --resource-group the-standbyGroupName --resource-type Microsoft.Storage/storageAccounts --resource-name {Second}",
            $"storage account or-policy delete --resource-group the-standbyGroupName --account-name {Second} --policy-id p0licy",
            Tables($"{First}-secondary", "mirror "),
            .. ((string[])["originals", "log", "letters", "staging"]).Select(c => $"azcopy copy https://{First}-secondary.blob.core.windows.net/{c} "
                + $"https://{Second}.blob.core.windows.net/{c} --recursive --overwrite={(c == "staging" ? "true" : "false")}"),
        ];
        CollectionAssert.AreEqual(expected, run.Calls.Where(c => Changes(c) || Regex.IsMatch(c, "^(azcopy|node) ")).ToArray());
        StringAssert.Contains(run.Out, "set retention.standby.active to true");
    }

    [TestMethod]
    public async Task TheNightlyCopyReadsTheFirstAccount() => Assert.AreEqual(Tables(First, ""), (await RunAsync("copy prod")).Calls[^1]);

    private static string Tables(string from, string mirror)
        => $"node scripts/copy-tables.mjs https://{from}.table.core.windows.net https://{Second}.table.core.windows.net "
            + mirror + string.Join(' ', Storage.Names.AllTables);

    private static bool Changes(string call) => Regex.IsMatch(call, "^[a-z -]* (create|update|delete|lock|stop|run|config-zip) ");

    private sealed record Outcome(int Code, string Out, string Error, List<string> Calls);

    private static async Task<Outcome> RunAsync(string arguments, string input = "", bool complete = true)
    {
        var folder = Directory.CreateTempSubdirectory("infra-az");
        try
        {
            string In(string name) => Path.Combine(folder.FullName, name);
            ChildTool.StandIn("az-deploy", In("az"));
            ChildTool.StandIn("written-down", In("azcopy"));
            ChildTool.StandIn("written-down", In("node"));
            await File.WriteAllTextAsync(In("answers.json"), new JsonObject
            {
                ["deployment sub show"] = (await Deployment.Value).DeepClone(),
                ["deployment group create"] = JsonNode.Parse("""{ "properties": { "outputs": { "recipeName": { "value": "it-notary-prod-1" } } } }"""),
                ["desktopvirtualization hostpool retrieve-registration-token"] = JsonNode.Parse("""{ "token": "t0ken-of-the-pool" }"""),
                ["storage account or-policy list"] = JsonNode.Parse("""[{ "policyId": "p0licy" }]"""),
                ["storage container immutability-policy show"] = JsonNode.Parse("""{ "etag": "tag" }"""),
            }.ToJsonString());
            var environment = Bicep.Needed($"params/{arguments.Split(' ')[1]}.bicepparam").Where(_ => complete).ToDictionary(n => n, _ => "x");
            environment["PATH"] = folder.FullName + ":" + Environment.GetEnvironmentVariable("PATH");
            environment["NOTARY_RECORDER_KEY"] = "k3y-of-the-recorder";
            var (code, output, error) = await ChildTool.RunAsync(Script, arguments.Split(' '), Repository.Root, environment, input);
            Assert.IsTrue(code == 0 || input != "yes\n", error);
            return new Outcome(code, output, error, File.Exists(In("calls")) ? [.. await File.ReadAllLinesAsync(In("calls"))] : []);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>A finished deployment with the outputs that the compiled template has, in ARM's shape: each under `value`, objects member by member.</summary>
    private static readonly Lazy<Task<JsonNode>> Deployment = new(async () =>
    {
        var template = await Bicep.Main.Value;
        var outputs = template["outputs"]!.AsObject().Select(o => KeyValuePair.Create<string, JsonNode?>(o.Key, new JsonObject
        {
            ["value"] = o.Value!["$ref"] is { } shape
                ? new JsonObject(template["definitions"]![shape.ToString().Split('/')[^1]]!["properties"]!.AsObject()
                    .Select(m => KeyValuePair.Create<string, JsonNode?>(m.Key, $"the-{o.Key}.{m.Key}")))
                : JsonValue.Create($"the-{o.Key}"),
        }));
        return new JsonObject { ["properties"] = new JsonObject { ["outputs"] = new JsonObject(outputs) } };
    });
}
