namespace Notary.Infra.Tests;

/// <summary>Resource types with the version whose shape the templates were written for, and what no resource may be without.</summary>
[TestClass]
public sealed class ResourceTests
{
    /// <summary>A type or version that is not here has not been compared with the published types.</summary>
    private static readonly Dictionary<string, string> Versions = new(StringComparer.Ordinal)
    {
        ["Microsoft.Authorization/locks"] = "2020-05-01",
        ["Microsoft.Authorization/roleAssignments"] = "2022-04-01",
        ["Microsoft.Authorization/roleDefinitions"] = "2022-04-01",
        ["Microsoft.Compute/galleries"] = "2024-03-03",
        ["Microsoft.Compute/galleries/images"] = "2024-03-03",
        ["Microsoft.Compute/virtualMachines"] = "2025-11-01",
        ["Microsoft.Compute/virtualMachines/extensions"] = "2025-11-01",
        ["Microsoft.DesktopVirtualization/applicationGroups"] = "2025-10-10",
        ["Microsoft.DesktopVirtualization/applicationGroups/desktops"] = "2025-10-10",
        ["Microsoft.DesktopVirtualization/hostPools"] = "2025-10-10",
        ["Microsoft.DesktopVirtualization/workspaces"] = "2025-10-10",
        ["Microsoft.EventGrid/systemTopics"] = "2025-02-15",
        ["Microsoft.EventGrid/systemTopics/eventSubscriptions"] = "2025-02-15",
        ["Microsoft.Insights/actionGroups"] = "2023-01-01",
        ["Microsoft.Insights/components"] = "2020-02-02",
        ["Microsoft.Insights/dataCollectionRuleAssociations"] = "2024-03-11",
        ["Microsoft.Insights/dataCollectionRules"] = "2024-03-11",
        ["Microsoft.Insights/diagnosticSettings"] = "2021-05-01-preview",
        ["Microsoft.Insights/metricAlerts"] = "2018-03-01",
        ["Microsoft.Insights/scheduledQueryRules"] = "2023-12-01",
        ["Microsoft.Insights/webtests"] = "2022-06-15",
        ["Microsoft.Insights/workbooks"] = "2023-06-01",
        ["Microsoft.KeyVault/vaults"] = "2025-05-01",
        ["Microsoft.KeyVault/vaults/keys"] = "2025-05-01",
        ["Microsoft.ManagedIdentity/userAssignedIdentities"] = "2024-11-30",
        ["Microsoft.Network/azureFirewalls"] = "2025-05-01",
        ["Microsoft.Network/firewallPolicies"] = "2025-05-01",
        ["Microsoft.Network/firewallPolicies/ruleCollectionGroups"] = "2025-05-01",
        ["Microsoft.Network/natGateways"] = "2025-05-01",
        ["Microsoft.Network/networkInterfaces"] = "2025-05-01",
        ["Microsoft.Network/networkSecurityGroups"] = "2025-05-01",
        ["Microsoft.Network/networkWatchers"] = "2024-10-01",
        ["Microsoft.Network/networkWatchers/flowLogs"] = "2024-10-01",
        ["Microsoft.Network/privateDnsZones"] = "2024-06-01",
        ["Microsoft.Network/privateDnsZones/virtualNetworkLinks"] = "2024-06-01",
        ["Microsoft.Network/privateEndpoints"] = "2025-05-01",
        ["Microsoft.Network/privateEndpoints/privateDnsZoneGroups"] = "2025-05-01",
        ["Microsoft.Network/publicIPAddresses"] = "2025-05-01",
        ["Microsoft.Network/routeTables"] = "2025-05-01",
        ["Microsoft.Network/virtualNetworks"] = "2025-05-01",
        ["Microsoft.OperationalInsights/workspaces"] = "2025-07-01",
        ["Microsoft.Portal/dashboards"] = "2020-09-01-preview",
        ["Microsoft.Resources/resourceGroups"] = "2025-04-01",
        ["Microsoft.Storage/storageAccounts"] = "2025-06-01",
        ["Microsoft.Storage/storageAccounts/blobServices"] = "2025-06-01",
        ["Microsoft.Storage/storageAccounts/blobServices/containers"] = "2025-06-01",
        ["Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies"] = "2025-06-01",
        ["Microsoft.Storage/storageAccounts/managementPolicies"] = "2025-06-01",
        ["Microsoft.Storage/storageAccounts/queueServices"] = "2025-06-01",
        ["Microsoft.Storage/storageAccounts/queueServices/queues"] = "2025-06-01",
        ["Microsoft.Storage/storageAccounts/tableServices"] = "2025-06-01",
        ["Microsoft.Storage/storageAccounts/tableServices/tables"] = "2025-06-01",
        ["Microsoft.VirtualMachineImages/imageTemplates"] = "2024-02-01",
        ["Microsoft.Web/serverfarms"] = "2025-03-01",
        ["Microsoft.Web/sites"] = "2025-03-01",
        ["Microsoft.Web/sites/basicPublishingCredentialsPolicies"] = "2025-03-01",
        ["Microsoft.Web/sites/config"] = "2025-03-01",
    };

    private static IEnumerable<(Template File, Resource Resource)> All
        => Templates.Bicep.SelectMany(t => t.Resources!.Where(r => !r.Nested).Select(r => (t, r)));

    [TestMethod]
    public void EveryTypeHasItsVersion()
    {
        foreach (var (file, resource) in All)
        {
            Assert.AreEqual(Versions.GetValueOrDefault(resource.Type), resource.ApiVersion, $"{file.Path}: {resource.Symbol} is {resource.Type}");
        }

        CollectionAssert.AreEquivalent(Versions.Keys.ToArray(), All.Select(r => r.Resource.Type).Distinct(StringComparer.Ordinal).ToArray(), "the table names what the templates make");
    }

    [TestMethod]
    public void WhatCanCarryTagsCarriesThem()
    {
        string[] without =
        [
            "Microsoft.Authorization/", "Microsoft.Insights/diagnosticSettings", "Microsoft.Insights/dataCollectionRuleAssociations", "Microsoft.EventGrid/systemTopics/eventSubscriptions",
            "Microsoft.Network/firewallPolicies/ruleCollectionGroups", "Microsoft.Network/privateEndpoints/privateDnsZoneGroups", "Microsoft.Storage/storageAccounts/",
            "Microsoft.Web/sites/", "Microsoft.DesktopVirtualization/applicationGroups/desktops",
        ];
        foreach (var (file, resource) in All.Where(r => !r.Resource.Existing && !without.Any(w => r.Resource.Type.StartsWith(w, StringComparison.Ordinal))))
        {
            Assert.IsTrue(resource.Properties.Contains("tags"), $"{file.Path}: {resource.Symbol} has no tags");
        }
    }

    [TestMethod]
    public void AnEndpointsNameResolvesInTheZoneOfItsGroup()
    {
        // Group by group, as each service publishes them.
        var zones = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["blob"] = "blobZoneId",
            ["queue"] = "queueZoneId",
            ["table"] = "tableZoneId",
            ["vault"] = "vaultZoneId",
            ["sites"] = "siteZoneId",
            ["connection"] = "desktopZoneId",
        };
        var endpoints = System.Text.RegularExpressions.Regex.Matches(Templates.Text("main.bicep"), @"groupId: '(\w+)'\s+zoneId: \w+\.\?outputs\.(\w+)");
        Assert.HasCount(10, endpoints);
        foreach (var endpoint in endpoints.Select(e => (Group: e.Groups[1].Value, Zone: e.Groups[2].Value)))
        {
            Assert.AreEqual(zones.GetValueOrDefault(endpoint.Group), endpoint.Zone);
        }

        (string Zone, string File)[] names =
        [
            ("privatelink.blob.{}", "network"), ("privatelink.queue.{}", "network"), ("privatelink.table.{}", "network"), ("privatelink.vaultcore.azure.net", "network"),
            ("privatelink.azurewebsites.net", "network"), ("privatelink.azurewebsites.net", "forensics-network"), ("privatelink.wvd.microsoft.com", "forensics-network"),
        ];
        foreach (var (zone, file) in names)
        {
            CollectionAssert.Contains(Templates.Named($"modules/{file}.bicep").Strings!.ToArray(), zone);
        }
    }

    [TestMethod]
    public void BuiltInRolesAreTheOnesTheirNamesSay()
    {
        // As Azure publishes them, the same in every tenant.
        var published = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["blobDataOwner"] = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
            ["blobDataContributor"] = "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
            ["queueDataContributor"] = "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
            ["queueMessageSender"] = "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a",
            ["tableDataContributor"] = "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
            ["metricsPublisher"] = "3913510d-42f4-4e42-8a64-420c390055eb",
            ["keyWrapper"] = "e147488a-f6f5-4113-8e2d-b22465e65bf6",
            ["keyOfficer"] = "14b46e9e-c2b7-41b4-b07b-48a6ebf60603",
            ["desktopUser"] = "1d18fff3-a72a-46b5-b4a9-0b38a3cd7e63",
            ["desktopPowerOn"] = "489581de-a3bd-480d-9518-53dea7416b33",
            ["machineUserLogin"] = "fb879df8-f326-4884-b1cf-06f3ad86be52",
        };
        var roles = Templates.Named("roles.bicep").Variables!["builtInRoles"].Value.GetProperty("object").EnumerateObject().Select(r => (r.Name, r.Value.GetProperty("literal").GetString()!)).ToArray();
        CollectionAssert.AreEquivalent(published.Select(r => (r.Key, r.Value)).ToArray(), roles);
    }

    [TestMethod]
    public void StorageOpensToIdentitiesOnly()
        => Says("storage-account.bicep", "account", "allowSharedKeyAccess: false", "allowBlobPublicAccess: false", "defaultToOAuthAuthentication: true",
            "allowCrossTenantReplication: false", "minimumTlsVersion: 'TLS1_2'", "supportsHttpsTrafficOnly: true");

    [TestMethod]
    public void TheVaultKeepsItsKeys()
    {
        Says("keyvault.bicep", "vault", "enablePurgeProtection: true", "enableRbacAuthorization: true", "name: 'premium'", "softDeleteRetentionInDays: 90");
        Says("keyvault.bicep", "signer", "kty: 'EC-HSM'", "exportable: false", "keyOps: ['sign', 'verify']");
        Says("keyvault.bicep", "wrapper", "kty: 'RSA-HSM'", "keySize: 3072", "exportable: false", "keyOps: ['wrapKey', 'unwrapKey']");
    }

    [TestMethod]
    public void TheAppIsReachedOverTlsWithoutPasswords()
    {
        Says("functions.bicep", "app", "httpsOnly: true", "minTlsVersion: '1.2'", "ftpsState: 'Disabled'", "type: 'UserAssignedIdentity'");
        Says("functions.bicep", "noPassword", "allow: false");
    }

    [TestMethod]
    public void DesktopsPassNothingToTheirUsersMachine()
    {
        var pool = Templates.Named("modules/avd-control.bicep");
        foreach (var off in (string[])["drivestoredirect:s:", "redirectclipboard:i:0", "redirectprinters:i:0", "redirectcomports:i:0", "redirectsmartcards:i:0", "usbdevicestoredirect:s:", "audiocapturemode:i:0", "camerastoredirect:s:"])
        {
            CollectionAssert.Contains(pool.Strings!.ToArray(), off);
        }

        Says("avd-control.bicep", "pool", "hostPoolType: 'Personal'", "personalDesktopAssignmentType: 'Direct'");
        Assert.IsTrue(Templates.Text("session-host.bicep").Contains("deleteOption: 'Delete'", StringComparison.Ordinal));
    }

    [TestMethod]
    public void RoleAssignmentsHaveStableNamesAndSayWhy()
    {
        var assignments = All.Where(r => r.Resource.Type == "Microsoft.Authorization/roleAssignments").ToArray();
        Assert.IsGreaterThan(15, assignments.Length);
        foreach (var (file, resource) in assignments)
        {
            Assert.IsTrue(resource.Text.Contains("name: guid(", StringComparison.Ordinal), $"{file.Path}: {resource.Symbol}");
            foreach (var property in (string[])["properties.principalId", "properties.principalType", "properties.roleDefinitionId", "properties.description"])
            {
                Assert.IsTrue(resource.Properties.Contains(property), $"{file.Path}: {resource.Symbol} has no {property}");
            }
        }
    }

    [TestMethod]
    public void NoRoleIsBroad()
    {
        // Owner, Contributor, User Access Administrator.
        string[] broad = ["8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "b24988ac-6180-42a0-ab88-20f7382dd24c", "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"];
        foreach (var file in Templates.Bicep)
        {
            Assert.IsFalse(broad.Any(b => Templates.Text(file.Path).Contains(b, StringComparison.OrdinalIgnoreCase)), file.Path);
        }

        foreach (var file in Templates.Bicep.Where(t => t.Resources!.Any(r => r.Type == "Microsoft.Authorization/roleDefinitions")))
        {
            var actions = file.Strings!.Where(s => s.StartsWith("Microsoft.", StringComparison.Ordinal) || s.StartsWith('*')).ToArray();
            Assert.IsFalse(actions.Any(a => a.Contains('*', StringComparison.Ordinal) && a != "*/read"), file.Path);
        }
    }

    private static void Says(string file, string symbol, params string[] lines)
    {
        var text = Templates.Named("modules/" + file).Resources!.Single(r => r.Symbol == symbol).Text;
        foreach (var line in lines)
        {
            Assert.IsTrue(text.Contains(line, StringComparison.Ordinal), $"{file}: {symbol} does not say {line}");
        }
    }
}
