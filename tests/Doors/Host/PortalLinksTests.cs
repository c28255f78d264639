using System.IO.Compression;
using Notary.Evidence;
using Notary.Host.Composition;

namespace Notary.Host.Tests;

/// <summary>Links into the Azure portal: whole, encoded, and none where there is no portal.</summary>
[TestClass]
public sealed class PortalLinksTests
{
    private const string Group = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-notary-prod/providers";
    private const string Tenant = "22222222-2222-2222-2222-222222222222";

    [TestMethod]
    public void EveryLinkNamesItsResourceAndItsQuery()
    {
        var links = new PortalLinks(HostSettings.Read(Variables()));
        var id = DepositId.Parse("01900000-0000-7000-8000-000000000000");
        var deposit = links.OfDeposit(id, [0, 2], $"{id}/0xabc.pdf", "odd \"id\"").ToArray();
        Assert.HasCount(6, deposit);
        foreach (var link in deposit.Concat(links.OfProcess("checkpoint-00000000000000004711")).Concat(links.OfPlatform()).Concat(links.OfRequest("x")))
        {
            StringAssert.StartsWith(link.Url, $"https://portal.azure.com/#@{Tenant}/");
            Assert.IsTrue(Uri.IsWellFormedUriString(link.Url, UriKind.Absolute), link.Url);
        }

        var account = Uri.EscapeDataString($"{Group}/Microsoft.Storage/storageAccounts/stevnotary");
        StringAssert.EndsWith(deposit[1].Url, $"/storageAccountId/{account}/path/originals%2F{id}%2F2/isDeleted~/false/tabToload~/0");
        StringAssert.Contains(deposit[2].Url, $"/path/letters%2F{id}%2F0xabc.pdf/");
        Assert.AreEqual("AppTraces | where Message has \"odd \\\"id\\\"\" | project TimeGenerated, SeverityLevel, Message, OperationId "
            + "| order by TimeGenerated asc", Query(deposit[3].Url));
        StringAssert.Contains(Query(deposit[4].Url), $"has \"{id}\"");
        StringAssert.EndsWith(deposit[5].Url, "/asset/Microsoft_Azure_KeyVault/Key/https://kv.example/keys/key-encryption");

        var process = links.OfProcess("checkpoint-00000000000000004711");
        StringAssert.Contains(Query(process[0].Url), "Message has \"checkpoint\" and Message has \"00000000000000004711\"");
        StringAssert.EndsWith(process[2].Url, $"/resource{Group}/Microsoft.Insights/workbooks/33333333-3333-3333-3333-333333333333");
        StringAssert.Contains(Query(links.OfPlatform()[^1].Url), "where event == 30");
    }

    [TestMethod]
    public void WithoutAPortalThereIsNone()
    {
        var links = new PortalLinks(HostSettings.Read(SettingsTests.Complete()));
        Assert.IsEmpty(links.OfPlatform());
        Assert.IsEmpty(links.OfProcess("letters-requested"));
    }

    [TestMethod]
    [DataRow("Notary__Portal__TenantId", "contoso")]
    [DataRow("Notary__Portal__EvidenceAccountId", null)]
    [DataRow("Notary__Portal__EvidenceAccountId", "https://elsewhere.example/")]
    [DataRow("Notary__Portal__WorkspaceId", "/subscriptions/x")]
    [DataRow("Notary__Portal__WorkbookId", Group + "/Microsoft.Insights/workbooks/a?b")]
    [DataRow("Notary__Portal__Url", "http://portal.example/")]
    public void AWrongOneIsRefusedByItsName(string name, string? value)
    {
        var variables = Variables();
        variables[name] = value;
        StringAssert.StartsWith(Assert.ThrowsExactly<SettingException>(() => HostSettings.Read(variables)).Message, name);
    }

    private static Dictionary<string, string?> Variables()
    {
        var variables = SettingsTests.Complete();
        variables["Notary__Vault__Uri"] = "https://kv.example/";
        variables.Remove("Notary__Vault__DevToken");
        variables["Notary__Portal__TenantId"] = Tenant;
        variables["Notary__Portal__EvidenceAccountId"] = $"{Group}/Microsoft.Storage/storageAccounts/stevnotary";
        variables["Notary__Portal__WorkspaceId"] = $"{Group}/Microsoft.OperationalInsights/workspaces/log-notary-prod";
        variables["Notary__Portal__WorkbookId"] = $"{Group}/Microsoft.Insights/workbooks/33333333-3333-3333-3333-333333333333";
        return variables;
    }

    private static string Query(string url)
    {
        var packed = Convert.FromBase64String(Uri.UnescapeDataString(url.Split("/q/")[1].Split('/')[0]));
        using var text = new StreamReader(new GZipStream(new MemoryStream(packed), CompressionMode.Decompress));
        return text.ReadToEnd();
    }
}
