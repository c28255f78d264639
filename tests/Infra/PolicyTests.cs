namespace Notary.Infra.Tests;

/// <summary>What no deployment may be without, whatever else changes in it.</summary>
[TestClass]
public sealed class PolicyTests
{
    private const string PowerOn = "489581de-a3bd-480d-9518-53dea7416b33", UserLogin = "fb879df8-f326-4884-b1cf-06f3ad86be52";

    [TestMethod]
    public async Task StorageVaultAppAndPoolAreClosed()
    {
        var prod = await Golden.CaseAsync("prod");
        foreach (var account in prod.Of("Storage/storageAccounts").Select(a => a.At("properties")))
        {
            Assert.AreEqual("false false false true true TLS1_2", account.Say("allowSharedKeyAccess", "allowBlobPublicAccess", "allowCrossTenantReplication",
                "defaultToOAuthAuthentication", "supportsHttpsTrafficOnly", "minimumTlsVersion"));
        }

        var hidden = prod.Of("Storage/storageAccounts").Where(a => a["properties.publicNetworkAccess"] == "Disabled").Select(a => a.Duty);
        CollectionAssert.AreEquivalent((string[])["ev", "sb", "rt"], hidden.ToArray());
        Assert.AreEqual("true true premium 90 Disabled", prod.One("KeyVault/vaults").At("properties").Say(
            "enablePurgeProtection", "enableRbacAuthorization", "sku.name", "softDeleteRetentionInDays", "publicNetworkAccess"));
        Assert.AreEqual("true 1.2 Disabled UserAssignedIdentity", prod.One("Web/sites").At("properties").Say(
            "httpsOnly", "siteConfig.minTlsVersion", "siteConfig.ftpsState", "functionAppConfig.deployment.storage.authentication.type"));
        Assert.AreEqual("false false", string.Join(' ', prod.Of("Web/sites/basicPublishingCredentialsPolicies").Select(p => p["properties.allow"])));
        var pool = prod.One("DesktopVirtualization/hostPools").At("properties");
        Assert.AreEqual("Personal Direct true", pool.Say("hostPoolType", "personalDesktopAssignmentType", "startVMOnConnect"));
        CollectionAssert.IsSubsetOf((string[])["drivestoredirect:s:", "redirectclipboard:i:0", "redirectprinters:i:0", "redirectcomports:i:0",
            "redirectsmartcards:i:0", "usbdevicestoredirect:s:", "audiocapturemode:i:0", "camerastoredirect:s:"], pool["customRdpProperty"].Split(';'));
    }

    [TestMethod]
    public async Task AnEndpointsNameResolvesInTheZoneOfItsGroup()
    {
        var records = (await Golden.CaseAsync("prod")).Of("Network/privateEndpoints/privateDnsZoneGroups");
        Assert.HasCount(12, records);
        foreach (var record in records.Select(r => r.At("properties.privateDnsZoneConfigs.0")))
        {
            // Group by group, as each service publishes them.
            StringAssert.Contains(record["properties.privateDnsZoneId"], "privatelink." + record.Name switch
            {
                "vault" => "vaultcore.azure.net",
                "connection" => "wvd.microsoft.com",
                var group => group.Split('_')[0] + ".",
            });
        }

        // The service gives an account one endpoint at a time.
        var loops = new Part(await Bicep.BuildAsync("modules/private-endpoints.bicep")).At("resources");
        Assert.AreEqual("serial 1 serial 1", loops.Say("endpoint.copy.mode", "endpoint.copy.batchSize", "record.copy.mode", "record.copy.batchSize"));
    }

    [TestMethod]
    public async Task EveryRoleThatIsGivenIsKnownAndNoneIsBroad()
    {
        // As Azure publishes them, the same in every tenant.
        var published = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["b7e6dc6d-f1e8-4753-8033-0f276bb0955b"] = "Storage Blob Data Owner",
            ["ba92f5b4-2d11-453d-a403-e96b0029c9fe"] = "Storage Blob Data Contributor",
            ["2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"] = "Storage Blob Data Reader",
            ["974c5e8b-45b9-4653-ba55-5f855dd0fb88"] = "Storage Queue Data Contributor",
            ["c6a89b2d-59bc-44d0-9896-0f6e12d7b80a"] = "Storage Queue Data Message Sender",
            ["0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"] = "Storage Table Data Contributor",
            ["76199698-9eea-4c19-bc75-cec21354c6b6"] = "Storage Table Data Reader",
            ["3913510d-42f4-4e42-8a64-420c390055eb"] = "Monitoring Metrics Publisher",
            ["e147488a-f6f5-4113-8e2d-b22465e65bf6"] = "Key Vault Crypto Service Encryption User",
            ["14b46e9e-c2b7-41b4-b07b-48a6ebf60603"] = "Key Vault Crypto Officer",
            ["1d18fff3-a72a-46b5-b4a9-0b38a3cd7e63"] = "Desktop Virtualization User",
            [PowerOn] = "Desktop Virtualization Power On Contributor",
            [UserLogin] = "Virtual Machine User Login",
        };
        var prod = await Golden.CaseAsync("prod");
        var own = prod.Of("Authorization/roleDefinitions").ToDictionary(r => r.Name);
        var actions = own.Values.SelectMany(r => Snapshot.Leaves(r.At("properties.permissions").Json, "")).Select(l => l.Value);
        CollectionAssert.AreEqual((string[])["*/read"], actions.Where(a => a.Contains('*', StringComparison.Ordinal)).ToArray());
        var given = prod.Of("Authorization/roleAssignments").Concat((await Golden.CaseAsync("session-host")).Of("Authorization/roleAssignments")).ToArray();
        foreach (var assignment in given)
        {
            Assert.IsTrue(own.ContainsKey(Role(assignment)) || published.ContainsKey(Role(assignment)), Role(assignment));
            Assert.AreNotEqual("", assignment["properties.description"]);
            Assert.MatchesRegex("^[0-9a-f-]{36}$", assignment.Name, "its name is known beforehand: a preview shows it");

            // The one role that counts only at the subscription, and no other there.
            Assert.AreEqual(Role(assignment) == PowerOn, !assignment.Id.Contains("/resourceGroups/", StringComparison.Ordinal), assignment.Id);
        }

        CollectionAssert.AreEquivalent(published.Keys.Concat(own.Keys).ToArray(), given.Select(Role).Distinct().ToArray());

        // Whoever may give roles may give one only.
        var condition = given.Single(a => a["properties.condition"] != "")["properties.condition"];
        Assert.HasCount(2, Regex.Matches(condition, $"RoleDefinitionId\\] ForAnyOfAnyValues:GuidEquals {{{UserLogin}}}"));
    }

    [TestMethod]
    public async Task TheDesktopsSecretsStandInProtectedSettingsOnly()
    {
        var host = await Golden.CaseAsync("session-host");
        foreach (var (secret, place) in ((string, string)[])
            [("registrationToken", "extensions.properties.protectedSettings.commandToExecute"),
            ("recorderKey", "extensions.properties.protectedSettings.commandToExecute"),
            ("adminPassword", "virtualMachines.properties.osProfile.adminPassword")])
        {
            var leaves = host.Resources.SelectMany(r => Snapshot.Leaves(r.Json, r.Type));
            StringAssert.EndsWith(leaves.Single(l => l.Value.Contains($"parameters('{secret}')", StringComparison.Ordinal)).Path, place);
        }

        Assert.AreEqual("Delete", host.One("Compute/virtualMachines")["properties.storageProfile.osDisk.deleteOption"]);
    }

    /// <summary>A recipe cannot be changed, so none may be in what is applied again and again; and it bakes no image that is TrustedLaunch only.</summary>
    [TestMethod]
    public async Task TheImagesRecipeIsDeployedByItself()
    {
        var prod = await Golden.CaseAsync("prod");
        Assert.IsEmpty(prod.Of("VirtualMachineImages/imageTemplates"));
        Assert.AreEqual("SecurityType TrustedLaunchSupported", prod.One("Compute/galleries/images").At("properties.features.0").Say("name", "value"));
    }

    [TestMethod]
    public async Task TwoInstallationsDoNotMeet()
    {
        var (first, second) = (await Golden.CaseAsync("prod"), await Golden.CaseAsync("second"));

        // The desktop service of the tenant has its role once, whoever gives it.
        var shared = first.Resources.Select(r => r.Id).Intersect(second.Resources.Select(r => r.Id)).Single();
        StringAssert.StartsWith(shared, $"/subscriptions/{Bicep.Subscription}/providers/Microsoft.Authorization/roleAssignments/");
        var roles = first.Of("Authorization/roleDefinitions").Concat(second.Of("Authorization/roleDefinitions"));
        CollectionAssert.AllItemsAreUnique(roles.Select(r => r["properties.roleName"]).ToArray());

        // Deployments that are not in a resource group of the installation have names of its own.
        var above = (await Bicep.Main.Value)["resources"]!.AsObject().Select(r => new Part(r.Value)).Where(r => r.Type == "Microsoft.Resources/deployments")
            .Where(r => r["resourceGroup"] is "" or "[parameters('forensics').networkWatcherResourceGroup]").ToArray();
        Assert.HasCount(4, above);
        Assert.IsTrue(above.All(d => d.Name.Contains("variables('stem')", StringComparison.Ordinal)));
    }

    private static string Role(Part assignment) => assignment["properties.roleDefinitionId"].Split('/')[^1];
}
