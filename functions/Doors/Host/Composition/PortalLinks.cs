using System.IO.Compression;
using Notary.Pages.Components;

namespace Notary.Host.Composition;

/// <summary>The way from a thing on the staff's pages to its place in the Azure portal. Pure; every list is empty where the settings name no portal.</summary>
/// <remarks>The portal's addresses are fragments: what follows the # stays in the browser.</remarks>
internal sealed class PortalLinks(HostSettings settings)
{
    // The logs' own bound on a link's query is far above this; a deposit is looked for over the retention of most workspaces.
    private const string Month = "P30D";
    private const string Day = "P1D";

    /// <summary>A deposit's blobs, the keys over them, and what was logged about it.</summary>
    /// <param name="id">The deposit.</param>
    /// <param name="originals">Numbers of the items whose originals are kept.</param>
    /// <param name="letter">Name of its letter's blob; null without one.</param>
    /// <param name="correlationId">Of the request that made it; null when it is not known.</param>
    public IReadOnlyList<PortalLink> OfDeposit(DepositId id, IEnumerable<int> originals, string? letter, string? correlationId)
        => Of(portal =>
        [
            .. originals.Select(item => new PortalLink(
                ($"原件 {item + 1}（密文）", $"Original {item + 1} (encrypted)"), Blob(portal, Names.Originals, Names.OriginalBlob(id, item)))),
            .. letter is null ? Array.Empty<PortalLink>() : [new PortalLink(("保管函", "Letter"), Blob(portal, Names.Letters, letter))],
            .. correlationId is null ? [] : OfRequest(correlationId),
            new(("这件存证的日志", "Logs of the deposit"), Logs(portal, Mentions(id.ToString()), Month)),
            new(("加密原件的密钥", "Key that wraps originals"), Key(portal, settings.Vault.WrapKey)),
        ]);

    /// <summary>What was logged about a process, by us and by the engine, and the log that it works on.</summary>
    /// <param name="instanceId">Kind and id with a hyphen between.</param>
    public IReadOnlyList<PortalLink> OfProcess(string instanceId)
        => Of(portal =>
        [
            new(("这个流程的日志", "Logs of the process"), Logs(portal, Mentions(instanceId.Split('-', 2)), Month)),
            new(("存证日志的容器", "Container of the log"), Container(portal, Names.Log)),
            new(("工作簿", "Workbook"), Resource(portal, portal.WorkbookId)),
        ]);

    /// <summary>What a request and all that followed it logged.</summary>
    public IReadOnlyList<PortalLink> OfRequest(string correlationId)
        => Of(portal => [new(("这次请求的日志", "Logs of the request"), Logs(portal, Mentions(correlationId), Month))]);

    /// <summary>The dependencies themselves, the pulse and the workbook.</summary>
    public IReadOnlyList<PortalLink> OfPlatform()
        => Of(portal =>
        [
            new(("工作簿", "Workbook"), Resource(portal, portal.WorkbookId)),
            new(("存储账户", "Storage account"), Resource(portal, portal.EvidenceAccountId + "/containersList")),
            .. Keys().Select(name => new PortalLink(($"密钥 {name}", $"Key {name}"), Key(portal, name))),
            new(("脉搏，一天", "Pulse, one day"), Logs(portal, PulseQuery, Day)),
        ]);

    /// <summary>Lines of the app's log that mention all of some words; they are put in quotes as KQL has them.</summary>
    internal static string Mentions(params IEnumerable<string> words)
        => "AppTraces | where " + string.Join(" and ", words.Select(word => $"Message has \"{Quoted(word)}\""))
            + " | project TimeGenerated, SeverityLevel, Message, OperationId | order by TimeGenerated asc";

    private const string PulseQuery = "AppTraces | where Message startswith \"{\" | extend line = parse_json(Message) "
        + "| extend event = toint(line.EventId), s = line.State | where event == 30 | project TimeGenerated, s | order by TimeGenerated desc";

    private IEnumerable<string> Keys()
        => new[]
        {
            settings.Vault.LogKey, settings.Vault.LetterKey, settings.Vault.ChainKey, settings.Draws is null ? null : settings.Vault.DrawKey,
            settings.Vault.WrapKey, settings.Vault.LoginKey,
        }.OfType<string>();

    private IReadOnlyList<PortalLink> Of(Func<PortalSettings, IReadOnlyList<PortalLink>> links) => settings.Portal is { } portal ? links(portal) : [];

    private static string Resource(PortalSettings portal, string path) => $"{Root(portal)}/resource{path}";

    private static string Container(PortalSettings portal, string name)
        => $"{Root(portal)}/blade/Microsoft_Azure_Storage/ContainerMenuBlade/~/overview/storageAccountId/{Segment(portal.EvidenceAccountId)}/path/{name}";

    private static string Blob(PortalSettings portal, string container, string name)
        => $"{Root(portal)}/blade/Microsoft_Azure_Storage/BlobPropertiesBladeV2/storageAccountId/{Segment(portal.EvidenceAccountId)}"
            + $"/path/{Segment($"{container}/{name}")}/isDeleted~/false/tabToload~/0";

    private string Key(PortalSettings portal, string name)
        => $"{Root(portal)}/asset/Microsoft_Azure_KeyVault/Key/{new Uri(settings.Vault.Uri, $"keys/{name}")}";

    // As the portal's own "copy link to query" has it: the text, compressed.
    private static string Logs(PortalSettings portal, string query, string span)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize))
            gzip.Write(Encoding.UTF8.GetBytes(query));

        return $"{Root(portal)}/blade/Microsoft_OperationsManagementSuite_Workspace/Logs.ReactView/resourceId/{Segment(portal.WorkspaceId)}"
            + $"/source/LogsBlade.AnalyticsShareLinkToQuery/q/{Segment(Convert.ToBase64String(packed.ToArray()))}/timespan/{span}";
    }

    private static string Root(PortalSettings portal) => $"{portal.Url.GetLeftPart(UriPartial.Authority)}/#@{portal.TenantId}";

    private static string Segment(string text) => Uri.EscapeDataString(text);

    private static string Quoted(string word) => word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}
