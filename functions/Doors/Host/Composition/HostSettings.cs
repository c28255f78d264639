using System.Collections;
using Notary.Forensics;
using Notary.Forensics.Desktops;
using Notary.Forensics.VirtualDesktops;
using Notary.Identity.People;
using Notary.Verification.Letters;

namespace Notary.Host.Composition;

/// <summary>Storage: either a connection string or three service addresses reached with an identity.</summary>
public sealed record StorageSettings(string? ConnectionString, Uri? Blobs, Uri? Queues, Uri? Tables);

/// <summary>The vault and the names of its keys. <see cref="DevToken"/> is only ever set for a vault on loopback; without <see cref="LoginKey"/>
/// there is no login centre.</summary>
public sealed record VaultSettings(Uri Uri, string? DevToken, string LogKey, string LetterKey, string ChainKey, string DrawKey,
    string WrapKey, string? LoginKey);

public sealed record AuthoritySettings(string Name, string LegalName, Uri Url, X509Certificate2[] Roots, string? PolicyOid);

public sealed record TimeSettings(IReadOnlyList<AuthoritySettings> Authorities, TimeSpan Timeout, TimeSpan MaxSkew, TimeSpan MaxDisagreement);

public sealed record ChainSettings(Uri[] RpcUrls, long ChainId, string Contract, int Confirmations, TimeSpan AnchorInterval)
{
    /// <summary>Contracts before it, the earliest first.</summary>
    public string[] FormerContracts { get; init; } = [];
}

/// <summary>Where draws get their randomness.</summary>
public sealed record DrawSettings(string Registry, Uri[] DrandUrls, string DrandChainHash);

/// <summary>Recorded desktops: of this machine, or of Azure; never both, since a session's desktop is found by its provider.</summary>
/// <param name="BrokerClientId">The identity that makes Azure's; null for the app's own.</param>
public sealed record DesktopSettings(LocalDesktopOptions? Local, AzureDesktopOptions? Azure, string? BrokerClientId, SessionSettings Sessions);

public sealed record OfficeSettings(
    string Name, string EnglishName, LetterParties Parties, Uri PublicUrl, string LogOrigin, X509Certificate2[] LetterChain);

public sealed record AccessSettings(byte[] OperatorKeyHash, int TenantPerSecond, int TenantBurst, int ClientPerSecond, int ClientBurst, int MaxConnections,
    TenantLimits TenantLimits);

/// <summary>Where the platform's resources are in the Azure portal.</summary>
/// <param name="Url">The portal itself.</param>
public sealed record PortalSettings(Uri Url, string TenantId, string EvidenceAccountId, string WorkspaceId, string WorkbookId);

/// <summary>Where the app listens. <see cref="UnderFunctions"/>: the Functions host started us and delivers the triggers.</summary>
/// <param name="BodyBytes">The largest body that reaches us; null where nobody stands between.</param>
public sealed record ListenSettings(int Port, bool UnderFunctions, long? BodyBytes);

/// <summary>Everything the app was told, checked: one object per room. Every check fails with <see cref="SettingException"/>.</summary>
public sealed partial record HostSettings(
    StorageSettings Storage, string? IdentityClientId, VaultSettings Vault, TimeSettings Time, ChainSettings Chain, DrawSettings? Draws,
    DesktopSettings? Desktops, OfficeSettings Office, AccessSettings Access, UpstreamOptions? Staff, PortalSettings? Portal, HousekeepingSettings Housekeeping,
    bool WebhookLoopback, ListenSettings Listen, Uri? Otlp, LogLevel LogLevel)
{
    // Two independent authorities are the promise; more than eight would only multiply the time of a stamp.
    internal const int MinAuthorities = 2;
    internal const int MaxAuthorities = 8;

    /// <summary>Reads the process's environment.</summary>
    public static HostSettings FromEnvironment(bool underFunctions) => Read(Environment.GetEnvironmentVariables(), underFunctions);

    /// <summary>Reads a set of variables, for tests and tools.</summary>
    public static HostSettings Read(IDictionary variables, bool underFunctions = false)
    {
        var read = new SettingsReader(name => variables[name] as string);
        return new HostSettings(
            ReadStorage(read),
            read.Find(Settings.StorageClientId),
            ReadVault(read),
            ReadTime(read),
            ReadChain(read),
            read.Present(Settings.DrawRegistry)
                ? new DrawSettings(read.Match(Settings.DrawRegistry, Address()), read.Urls(Settings.DrandUrls), read.Match(Settings.DrandChainHash, Hash()))
                : null,
            read.Present(Settings.DesktopAgent) || read.Present(Settings.AzureSubscription) ? ReadDesktops(read) : null,
            ReadOffice(read),
            new AccessSettings(
                Convert.FromHexString(read.Match(Settings.OperatorKeyHash, Hash())),
                (int)read.Number(Settings.TenantRate, 1, 100_000),
                (int)read.Number(Settings.TenantBurst, 1, 1_000_000),
                (int)read.Number(Settings.ClientRate, 1, 100_000),
                (int)read.Number(Settings.ClientBurst, 1, 1_000_000),
                (int)read.Number(Settings.MaxConnections, 1, 100_000),
                new TenantLimits(read.Number(Settings.TenantRequests, 1, OwnLimits.Most), read.Number(Settings.TenantItems, 1, OwnLimits.Most),
                    read.Number(Settings.TenantBytes, 1, OwnLimits.Most), read.Number(Settings.TenantUploads, 1, OwnLimits.Most),
                    read.Number(Settings.TenantStored, 1, OwnLimits.Most))),
            read.Present(Settings.StaffIssuer)
                ? new UpstreamOptions(read.Url(Settings.StaffIssuer, secure: true), read.Text(Settings.StaffClientId, maxLength: 200),
                    read.Text(Settings.StaffClientSecret, maxLength: 1000), read.Text(Settings.StaffRoleClaim, maxLength: 200))
                : null,
            read.Present(Settings.PortalTenantId)
                ? new PortalSettings(read.Url(Settings.PortalUrl, secure: true), read.Match(Settings.PortalTenantId, DirectoryId()),
                    read.Match(Settings.PortalEvidenceAccount, ResourceId()), read.Match(Settings.PortalWorkspace, ResourceId()),
                    read.Match(Settings.PortalWorkbook, ResourceId()))
                : null,
            new HousekeepingSettings { Uploads = read.Days(Settings.UploadDays, 1, 3650),
                Processes = read.Days(Settings.ProcessDays, 2, 3650), PartialTiles = read.Days(Settings.PartialTileDays, 1, 3650) },
            ReadLoopback(read),
            new ListenSettings((int)read.Number(Settings.Port, 0, 65_535), underFunctions,
                underFunctions ? read.Number(Settings.BodyLimit, 1, long.MaxValue) : null),
            read.Present(Settings.Otlp) ? read.Url(Settings.Otlp, secure: false) : null,
            read.Text(Settings.LogLevel) switch
            {
                "Debug" => LogLevel.Debug,
                "Information" => LogLevel.Information,
                "Warning" => LogLevel.Warning,
                "Error" => LogLevel.Error,
                _ => throw SettingsReader.Wrong(Settings.LogLevel),
            });
    }

    private static StorageSettings ReadStorage(SettingsReader read)
    {
        if (read.Find(Settings.StorageConnectionString) is { } connection)
        {
            return connection.Contains('=', StringComparison.Ordinal)
                ? new StorageSettings(connection, null, null, null)
                : throw SettingsReader.Wrong(Settings.StorageConnectionString);
        }

        if (!read.Present(Settings.BlobServiceUri))
        {
            throw new SettingException(Settings.StorageConnectionString.Name,
                $"a connection string, or {Settings.BlobServiceUri.Name} and its two fellows https URIs, but none is set");
        }

        if (read.Find(Settings.StorageCredential) != Settings.StorageCredential.Default)
            throw SettingsReader.Wrong(Settings.StorageCredential);

        return new StorageSettings(null, read.Url(Settings.BlobServiceUri, secure: true),
            read.Url(Settings.QueueServiceUri, secure: true), read.Url(Settings.TableServiceUri, secure: true));
    }

    private static VaultSettings ReadVault(SettingsReader read)
    {
        var uri = read.Url(Settings.VaultUri, secure: true);
        var token = read.Find(Settings.VaultDevToken);
        if (token is not null && !uri.IsLoopback)
            throw new SettingException(Settings.VaultDevToken.Name, "absent, because the vault is not on loopback");

        return new VaultSettings(uri, token, read.Match(Settings.LogKey, KeyName()), read.Match(Settings.LetterKey, KeyName()),
            read.Match(Settings.ChainKey, KeyName()), read.Match(Settings.DrawKey, KeyName()), read.Match(Settings.WrapKey, KeyName()),
            read.Present(Settings.LoginKey) ? read.Match(Settings.LoginKey, KeyName()) : null);
    }

    private static ChainSettings ReadChain(SettingsReader read)
    {
        // As trust files spell it, whatever the spelling of who copied it from an explorer.
        var contract = read.Match(Settings.ChainContract, Address()).ToLowerInvariant();
        return new ChainSettings(
            read.Urls(Settings.ChainRpcUrls),
            read.Number(Settings.ChainId, 1, long.MaxValue),
            contract,
            (int)read.Number(Settings.ChainConfirmations, 1, 64),
            read.Seconds(Settings.AnchorInterval, 1, 86_400))
        {
            FormerContracts = read.Present(Settings.ChainFormerContracts) ? ReadFormerContracts(read, contract) : [],
        };
    }

    private static string[] ReadFormerContracts(SettingsReader read, string contract)
    {
        string[] former = [.. read.Text(Settings.ChainFormerContracts).ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        return former.All(f => Address().IsMatch(f)) && former.Append(contract).Distinct(StringComparer.Ordinal).Count() == former.Length + 1
            && former.Length <= TrustRoots.MaxEntries
            ? former
            : throw new SettingException(Settings.ChainFormerContracts.Name,
                "addresses of 0x and 40 hex digits, separated by blanks, at most 16, none twice and none Notary__Chain__Contract");
    }

    private static TimeSettings ReadTime(SettingsReader read)
    {
        var authorities = new List<AuthoritySettings>();
        for (var n = 0; n < MinAuthorities || read.Present(Settings.AuthorityUrl, n); n++)
        {
            if (n == MaxAuthorities)
                throw SettingsReader.Wrong(Settings.AuthorityUrl, n, $"is one of more than {MaxAuthorities}");

            authorities.Add(new AuthoritySettings(
                read.Text(Settings.AuthorityName, n, maxLength: 64),
                read.Text(Settings.AuthorityLegalName, n, maxLength: 200),
                read.Url(Settings.AuthorityUrl, secure: false, n),
                read.Certificates(Settings.AuthorityRootPem, n),
                read.Present(Settings.AuthorityPolicy, n) ? read.Match(Settings.AuthorityPolicy, Oid(), n) : null));
            if (authorities.DistinctBy(a => a.Name).Count() != authorities.Count)
                throw SettingsReader.Wrong(Settings.AuthorityName, n, "names an earlier authority again");

            // Two names under one root, or under two certificates for one root's key, add no independence.
            if (TrustRoots.ShareKey(authorities[..^1].SelectMany(a => a.Roots), authorities[^1].Roots))
                throw SettingsReader.Wrong(Settings.AuthorityRootPem, n, "repeats an earlier authority's root, or another certificate for its key");
        }

        return new TimeSettings(authorities, read.Seconds(Settings.TimeTimeout, 1, 60),
            read.Seconds(Settings.TimeMaxSkew, 1, 3600), read.Seconds(Settings.TimeMaxDisagreement, 1, 3600));
    }

    private static DesktopSettings ReadDesktops(SettingsReader read) => new(
        read.Present(Settings.DesktopAgent)
            ? new LocalDesktopOptions(read.Text(Settings.DesktopAgent), read.Text(Settings.DesktopFolder),
                [.. read.Find(Settings.DesktopArguments)?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [],
                    .. read.Present(Settings.DesktopProbe) ? (string[])["--probe", read.Url(Settings.DesktopProbe, secure: true).AbsoluteUri] : []])
            : null,
        !read.Present(Settings.AzureSubscription) ? null
            : read.Present(Settings.DesktopAgent) ? throw SettingsReader.Wrong(Settings.AzureSubscription, problem: "stands beside Notary__Forensics__Agent")
            : ReadAzure(read),
        read.Find(Settings.AzureClientId),
        new SessionSettings
        {
            Provisioning = read.Seconds(Settings.DesktopProvisioning, 10, 3600),
            Waiting = read.Seconds(Settings.DesktopWaiting, 10, 14_400),
            Idle = read.Seconds(Settings.DesktopIdle, 10, 14_400),
            Longest = read.Seconds(Settings.DesktopLongest, 60, 14_400),
            AtOnce = (int)read.Number(Settings.DesktopsAtOnce, 1, 100),
        });

    private static AzureDesktopOptions ReadAzure(SettingsReader read) => new()
    {
        ResourceManager = read.Url(Settings.AzureResourceManager, secure: true),
        Graph = read.Url(Settings.AzureGraph, secure: true),
        SubscriptionId = read.Match(Settings.AzureSubscription, DirectoryId()),
        SessionsGroup = read.Match(Settings.AzureSessionsGroup, GroupName()),
        PoolGroup = read.Match(Settings.AzurePoolGroup, GroupName()),
        PoolName = read.Match(Settings.AzurePoolName, GroupName()),
        ImageVersionId = read.Match(Settings.AzureImage, ResourceId()),
        SubnetId = read.Match(Settings.AzureSubnet, ResourceId()),
        LogRuleId = read.Match(Settings.AzureLogRule, ResourceId()),
        MachineSize = read.Match(Settings.AzureSize, GroupName()),
        EphemeralDisk = read.Text(Settings.AzureEphemeral) switch
        {
            "true" => true,
            "false" => false,
            _ => throw SettingsReader.Wrong(Settings.AzureEphemeral),
        },
        DesktopAddress = read.Url(Settings.AzureDesktopAddress, secure: true),
        Platform = read.Url(Settings.PublicUrl, secure: true),
    };

    private static bool ReadLoopback(SettingsReader read) => read.Text(Settings.WebhookLoopback) switch
    {
        "false" => false,
        "true" => read.Url(Settings.PublicUrl, secure: true).IsLoopback ? true
            : throw new SettingException(Settings.WebhookLoopback.Name, "false, because the platform's own address is not on loopback"),
        _ => throw SettingsReader.Wrong(Settings.WebhookLoopback),
    };

    private static OfficeSettings ReadOffice(SettingsReader read)
    {
        var url = read.Url(Settings.PublicUrl, secure: true);
        return new OfficeSettings(
            read.Text(Settings.OfficeName, maxLength: 200),
            read.Text(Settings.OfficeEnglishName, maxLength: 200),
            new LetterParties(
                read.Match(Settings.OfficeShortName, ShortName()),
                read.Text(Settings.OfficeAddress, maxLength: 200),
                read.Text(Settings.PlatformOperator, maxLength: 200),
                read.Text(Settings.ChainName, maxLength: 200),
                read.Text(Settings.ChainOperator, maxLength: 200)),
            url.PathAndQuery == "/" && url.Fragment.Length == 0 ? url : throw SettingsReader.Wrong(Settings.PublicUrl),
            read.Match(Settings.LogOrigin, Origin()),
            read.Certificates(Settings.LetterChain));
    }

    [GeneratedRegex("^0x[0-9a-fA-F]{40}$", RegexOptions.CultureInvariant)]
    private static partial Regex Address();

    [GeneratedRegex("^[0-9a-f]{64}$", RegexOptions.CultureInvariant)]
    private static partial Regex Hash();

    [GeneratedRegex("^[0-9A-Za-z-]{1,127}$", RegexOptions.CultureInvariant)]
    private static partial Regex KeyName();

    [GeneratedRegex(@"^[0-2](\.(0|[1-9][0-9]{0,17})){1,30}$", RegexOptions.CultureInvariant)]
    private static partial Regex Oid();

    [GeneratedRegex("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", RegexOptions.CultureInvariant)]
    private static partial Regex DirectoryId();

    [GeneratedRegex(@"^/subscriptions/[0-9a-fA-F-]{36}/[rR]esource[gG]roups/[\w.()-]{1,90}/providers(/[\w.()-]{1,260}){3,9}$", RegexOptions.CultureInvariant)]
    private static partial Regex ResourceId();

    [GeneratedRegex(@"^[0-9A-Za-z_][0-9A-Za-z_.()-]{0,89}\z", RegexOptions.CultureInvariant)]
    private static partial Regex GroupName();

    [GeneratedRegex(@"^[^\s\p{C}]{1,20}$", RegexOptions.CultureInvariant)]
    private static partial Regex ShortName();

    [GeneratedRegex(@"^[^\s+]{1,255}$", RegexOptions.CultureInvariant)]
    private static partial Regex Origin();
}
