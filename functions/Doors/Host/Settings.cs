namespace Notary.Host;

/// <summary>One thing an operator sets, as an environment variable (an application setting in Azure).</summary>
/// <param name="Name">The variable's name; <c>{n}</c> stands for 0, 1, 2, …</param>
/// <param name="Unit">What the value is: a unit, a form, a choice.</param>
/// <param name="Default">The value when it is absent; null where there is none.</param>
/// <param name="Needed">When it must be there.</param>
/// <param name="Breaks">What goes wrong when it is wrong.</param>
public sealed record Setting(string Name, string Unit, string? Default, Need Need, string Breaks);

/// <summary>When a <see cref="Setting"/> must be present.</summary>
public enum Need
{
    /// <summary>Start-up fails without it.</summary>
    Always,

    /// <summary>One of the members of its group must be there; <see cref="Setting.Breaks"/> says which.</summary>
    OneOf,

    /// <summary>Absent means <see cref="Setting.Default"/>.</summary>
    Never,
}

/// <summary>Every setting the app reads, and nothing else is read: deployment templates and docs are checked against this list.</summary>
public static class Settings
{
    /// <summary>The prefix of the storage connection; the queue triggers name it as their <c>connection</c>.</summary>
    public const string StorageConnection = "EvidenceStorage";

    public static readonly Setting StorageConnectionString = new("EvidenceStorage", "connection string", null, Need.OneOf,
        "either this or the three …ServiceUri settings; nothing can be deposited without the account");
    public static readonly Setting BlobServiceUri = new("EvidenceStorage__blobServiceUri", "https URI", null, Need.OneOf,
        "originals, tiles, letters and tokens are lost from sight");
    public static readonly Setting QueueServiceUri = new("EvidenceStorage__queueServiceUri", "https URI", null, Need.OneOf,
        "events of uploads do not arrive; they wait for the sweep, a minute");
    public static readonly Setting TableServiceUri = new("EvidenceStorage__tableServiceUri", "https URI", null, Need.OneOf,
        "no deposit, key or process can be found");
    public static readonly Setting StorageCredential = new("EvidenceStorage__credential", "managedidentity", "managedidentity", Need.Never,
        "read by the Functions host for its queue triggers; only managed identity is supported with service URIs");
    public static readonly Setting StorageClientId = new("EvidenceStorage__clientId", "client id of a user-assigned identity", null, Need.Never,
        "absent means the system-assigned identity; the wrong one is refused by storage and vault");

    public static readonly Setting VaultUri = new("Notary__Vault__Uri", "https URI (http on loopback only)", null, Need.Always,
        "nothing can be encrypted, sequenced, anchored or signed");
    public static readonly Setting VaultDevToken = new("Notary__Vault__DevToken", "bearer token", null, Need.Never,
        "refused unless the vault is on loopback: a fixed token in place of an identity is for development");
    public static readonly Setting LogKey = new("Notary__Vault__LogKey", "key name (EC P-256)", "log-signer", Need.Never,
        "checkpoints no longer verify under the published trust roots");
    public static readonly Setting LetterKey = new("Notary__Vault__LetterKey", "key name (EC P-256)", "letter-signer", Need.Never,
        "letters cannot be signed: the certificate's key must be this one");
    public static readonly Setting ChainKey = new("Notary__Vault__ChainKey", "key name (EC P-256K)", "chain-sender", Need.Never,
        "anchors are refused: the contract permits this key's address");
    public static readonly Setting DrawKey = new("Notary__Vault__DrawKey", "key name (EC P-256K)", "draw-sender", Need.Never,
        "draws that are under way cannot go on: only the account that published a draw can finish or abort it");
    public static readonly Setting WrapKey = new("Notary__Vault__WrapKey", "key name (RSA 3072)", "key-encryption", Need.Never,
        "new originals are wrapped by another key; old ones name theirs and stay readable");

    public static readonly Setting LoginKey = new("Notary__Identity__SigningKey", "key name (EC P-256)", null, Need.Never,
        "absent, there is no login centre; another one voids every token that is out");

    public static readonly Setting AuthorityName = new("Notary__Time__Authorities__{n}__Name", "1-64 characters, unlike the others'", null, Need.Always,
        "tokens cannot be told apart");
    public static readonly Setting AuthorityLegalName = new("Notary__Time__Authorities__{n}__LegalName", "1-200 characters", null, Need.Always,
        "stands on every letter and in the trust file: who the authority is. Changed, earlier letters no longer agree with the trust file");
    public static readonly Setting AuthorityUrl = new("Notary__Time__Authorities__{n}__Url", "http(s) URL", null, Need.Always,
        "no token, so deposits wait at Logged");
    public static readonly Setting AuthorityRootPem = new("Notary__Time__Authorities__{n}__RootPem", "PEM, one or more certificates", null, Need.Always,
        "every token of this authority is refused");
    public static readonly Setting AuthorityPolicy = new("Notary__Time__Authorities__{n}__PolicyOid", "dotted OID", null, Need.Never,
        "absent accepts the authority's default policy; a wrong one refuses every token");
    public static readonly Setting TimeTimeout = new("Notary__Time__TimeoutSeconds", "seconds, 1-60", "10", Need.Never,
        "too short loses slow tokens, too long delays the other authority's retry");
    public static readonly Setting TimeMaxSkew = new("Notary__Time__MaxSkewSeconds", "seconds, 1-3600", "60", Need.Never,
        "too small stops stamping on a slightly wrong clock; too large accepts wrong times");
    public static readonly Setting TimeMaxDisagreement = new("Notary__Time__MaxDisagreementSeconds", "seconds, 1-3600", "30", Need.Never,
        "too small stops stamping needlessly; too large lets one lying authority pass");

    public static readonly Setting ChainRpcUrls = new("Notary__Chain__RpcUrls", "http(s) URLs, separated by blanks", null, Need.Always,
        "no anchor, so deposits wait at Timestamped");
    public static readonly Setting ChainId = new("Notary__Chain__ChainId", "integer > 0", null, Need.Always,
        "start-up is refused when a node says another id: a replay on the wrong chain proves nothing");
    public static readonly Setting ChainContract = new("Notary__Chain__Contract", "0x and 40 hex digits", null, Need.Always,
        "anchors go to a contract that nobody trusts");
    public static readonly Setting ChainFormerContracts = new("Notary__Chain__FormerContracts", "contracts before it, the earliest first, separated by blanks",
        null, Need.Never, "absent after a change of contract, evidence anchored at the earlier one fails by the new trust file");
    public static readonly Setting ChainName = new("Notary__Chain__Name", "1-200 characters", null, Need.Always,
        "what the chain is called on letters, as the office's statement");
    public static readonly Setting ChainOperator = new("Notary__Chain__Operator", "1-200 characters", null, Need.Always,
        "legal name of who operates the chain, on letters as the office's statement");
    public static readonly Setting ChainConfirmations = new("Notary__Chain__Confirmations", "blocks, 1-64", "12", Need.Never,
        "too few calls an anchor final that a reorganisation takes back");
    public static readonly Setting AnchorInterval = new("Notary__Chain__AnchorIntervalSeconds", "seconds, 1-86400", "60", Need.Never,
        "the promise in each receipt: too long breaks it, too short pays for every checkpoint");

    public static readonly Setting DrawRegistry = new("Notary__Draws__Registry", "0x and 40 hex digits", null, Need.Never,
        "absent, no draws are held; another one, and draws that are under way cannot go on");
    public static readonly Setting DrandUrls = new("Notary__Draws__DrandUrls", "http(s) URLs, separated by blanks",
        "https://api.drand.sh https://drand.cloudflare.com", Need.Never,
        "seeds are fixed late or not at all: no node is believed, so a wrong one only costs time");
    public static readonly Setting DrandChainHash = new("Notary__Draws__DrandChainHash", "64 lower-case hex digits",
        "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971", Need.Never,
        "must be the registry's own, or no draw can be committed");

    public static readonly Setting DesktopAgent = new("Notary__Forensics__Agent", "path of notary-recorder", null, Need.Never,
        "absent, there are no desktops on this machine; another one, and none begins");
    public static readonly Setting DesktopFolder = new("Notary__Forensics__Folder", "path of a folder", null, Need.Never,
        "needed with the agent: recordings lie there until they are deposited. Another one, and those under way are lost");
    public static readonly Setting DesktopArguments = new("Notary__Forensics__Arguments", "more of the agent's arguments, between blanks", null, Need.Never,
        "what the desktop may reach besides the public network; a wrong one, and no desktop begins");
    public static readonly Setting DesktopProbe = new("Notary__Forensics__Probe", "https URL", null, Need.Never,
        "a site whose certificates each desktop must see as its machine does; absent, reports and letters say that none is configured; one that does "
        + "not answer, and every desktop is refused");
    public static readonly Setting DesktopsAtOnce = new("Notary__Forensics__AtOnce", "desktops of one tenant, 1-100", "2", Need.Never,
        "too many wear the machine out, and frames are dropped");
    public static readonly Setting DesktopProvisioning = new("Notary__Forensics__ProvisioningSeconds", "seconds, 10-3600", "300", Need.Never,
        "too short and a slow desktop is given up while it comes");
    public static readonly Setting DesktopWaiting = new("Notary__Forensics__WaitingSeconds", "seconds, 10-14400", "900", Need.Never,
        "too short and the user finds the desktop closed");
    public static readonly Setting DesktopIdle = new("Notary__Forensics__IdleSeconds", "seconds, 10-14400", "1200", Need.Never,
        "too short and a film that is being watched is cut off; too long and a forgotten desktop keeps another from beginning");
    public static readonly Setting DesktopLongest = new("Notary__Forensics__LongestSeconds", "seconds, 60-14400", "14400", Need.Never,
        "the longest session; beyond four hours no verifier takes a recording");

    public static readonly Setting AzureSubscription = new("Notary__Forensics__Azure__SubscriptionId", "a UUID", null, Need.Never,
        "absent, no desktops come from Azure; another one, and none is found");
    public static readonly Setting AzureSessionsGroup = new("Notary__Forensics__Azure__SessionsGroup", "a resource group's name", null, Need.Never,
        "where machines are made; another one, and those that run are lost sight of");
    public static readonly Setting AzurePoolGroup = new("Notary__Forensics__Azure__PoolGroup", "a resource group's name", null, Need.Never,
        "a wrong one, and no machine registers");
    public static readonly Setting AzurePoolName = new("Notary__Forensics__Azure__PoolName", "a host pool's name", null, Need.Never,
        "a wrong one, and no machine registers");
    public static readonly Setting AzureImage = new("Notary__Forensics__Azure__ImageVersionId", "the id of an image version", null, Need.Never,
        "what desktops are made from: provenance of every session");
    public static readonly Setting AzureSubnet = new("Notary__Forensics__Azure__SubnetId", "the id of a subnet", null, Need.Never,
        "another one, and desktops are not behind the firewall");
    public static readonly Setting AzureLogRule = new("Notary__Forensics__Azure__LogRuleId", "the id of a data collection rule", null, Need.Never,
        "a wrong one, and no machine is deployed");
    public static readonly Setting AzureSize = new("Notary__Forensics__Azure__MachineSize", "a size of virtual machines", "Standard_D4ds_v5", Need.Never,
        "too small a one, and frames are dropped; without a local disk, and ephemeral disks are refused");
    public static readonly Setting AzureEphemeral = new("Notary__Forensics__Azure__EphemeralDisk", "true or false", "true", Need.Never,
        "false: disks outlive a machine's restart, and cost besides");
    public static readonly Setting AzureDesktopAddress = new("Notary__Forensics__Azure__DesktopAddress", "https URL", null, Need.Never,
        "where people open desktops; a wrong one, and they find none");
    public static readonly Setting AzureClientId = new("Notary__Forensics__Azure__ClientId", "client id of the broker's identity", null, Need.Never,
        "absent, the app's own identity is used, which may make no machines");
    public static readonly Setting AzureResourceManager = new("Notary__Forensics__Azure__ResourceManager", "https URL",
        "https://management.azure.com/", Need.Never, "another cloud's; tokens go there");
    public static readonly Setting AzureGraph = new("Notary__Forensics__Azure__Graph", "https URL", "https://graph.microsoft.com/", Need.Never,
        "another cloud's; tokens go there");

    public static readonly Setting LetterChain = new("Notary__Letters__CertificateChainPem", "PEM, signer first, root last", null, Need.Always,
        "letters cannot be signed or do not verify");
    public static readonly Setting OfficeName = new("Notary__Office__Name", "1-200 characters", null, Need.Always,
        "the legal name in Chinese, on every letter and in the trust file. Changed, earlier letters no longer agree with the trust file");
    public static readonly Setting OfficeEnglishName = new("Notary__Office__EnglishName", "1-200 characters", "Notary Office", Need.Never,
        "the legal name in English, likewise");
    public static readonly Setting OfficeShortName = new("Notary__Office__ShortName", "1-20 characters without blanks", null, Need.Always,
        "part of every letter's number, and in the trust file. Changed, earlier letters no longer agree with the trust file");
    public static readonly Setting OfficeAddress = new("Notary__Office__Address", "1-200 characters", null, Need.Always,
        "stands on every letter, as the office's statement");
    public static readonly Setting PlatformOperator = new("Notary__Platform__Operator", "1-200 characters", null, Need.Always,
        "legal name of who operates the platform, on every letter as the office's statement");
    public static readonly Setting PublicUrl = new("Notary__PublicUrl", "https URL (http on loopback only), no path", null, Need.Always,
        "the link and QR code on every letter lead nowhere");
    public static readonly Setting LogOrigin = new("Notary__Log__Origin",
        "1-255 characters without blanks or '+', like a URL without a scheme", null, Need.Always,
        "names the log for ever: a change starts another log and every kept checkpoint stops verifying");
    public static readonly Setting OperatorKeyHash = new("Notary__Operator__KeyHash", "SHA-256 of the operator's key, 64 hex digits", null, Need.Always,
        "nobody can create tenants or keys");

    public static readonly Setting StaffIssuer = new("Notary__Staff__Issuer", "https URL (http on loopback only)", null, Need.Never,
        "the office's own OpenID provider, as its discovery document names it; absent, staff cannot sign in");
    public static readonly Setting StaffClientId = new("Notary__Staff__ClientId", "1-200 characters", null, Need.Never,
        "needed with the issuer: what the provider knows the platform as");
    public static readonly Setting StaffClientSecret = new("Notary__Staff__ClientSecret", "1-1000 characters", null, Need.Never,
        "needed with the issuer: without it the provider redeems no code");
    public static readonly Setting StaffRoleClaim = new("Notary__Staff__RoleClaim", "name of a claim of the ID token", "roles", Need.Never,
        "the claim with clerk, notary, auditor or operator; another one, and nobody of the staff has a role");

    public static readonly Setting WebhookLoopback = new("Notary__Webhooks__AllowLoopback", "true or false", "false", Need.Never,
        "for local runs: endpoints on this machine, by http; refused unless the platform's own address is on loopback");

    public static readonly Setting PortalTenantId = new("Notary__Portal__TenantId", "id of the Microsoft Entra directory", null, Need.Never,
        "absent, as on one machine, the staff's pages have no links to the Azure portal");
    public static readonly Setting PortalUrl = new("Notary__Portal__Url", "https URL, no path", "https://portal.azure.com", Need.Never,
        "where the links to the Azure portal begin; other clouds have another");
    public static readonly Setting PortalEvidenceAccount = new("Notary__Portal__EvidenceAccountId", "resource id", null, Need.Never,
        "needed with the directory: links to containers and blobs lead nowhere");
    public static readonly Setting PortalWorkspace = new("Notary__Portal__WorkspaceId", "resource id", null, Need.Never,
        "needed with the directory: links to logs ask a workspace that has none");
    public static readonly Setting PortalWorkbook = new("Notary__Portal__WorkbookId", "resource id", null, Need.Never,
        "needed with the directory: the link to the workbook leads nowhere");

    public static readonly Setting TenantRate = new("Notary__RateLimits__TenantPerSecond", "requests a second, 1-100000", "1000", Need.Never,
        "too low refuses honest load with 429; too high lets one tenant starve the others");
    public static readonly Setting TenantBurst = new("Notary__RateLimits__TenantBurst", "requests, 1-1000000", "2000", Need.Never,
        "how far a tenant may run ahead of the rate");
    public static readonly Setting ClientRate = new("Notary__RateLimits__ClientPerSecond", "requests a second, 1-100000", "200", Need.Never,
        "public routes and unknown keys, by address: too low refuses auditors who read the log, too high lets strangers wear storage out");
    public static readonly Setting ClientBurst = new("Notary__RateLimits__ClientBurst", "requests, 1-1000000", "2000", Need.Never,
        "how far an address may run ahead of the rate");
    public static readonly Setting TenantRequests = new("Notary__Limits__TenantRequestsPerMinute", "requests a minute over all instances, from 1", "60000",
        Need.Never, "too low refuses honest load with 429; too high lets one tenant wear storage out");
    public static readonly Setting TenantItems = new("Notary__Limits__TenantItemsPerMinute", "items a minute over all instances, from 1", "20000000",
        Need.Never, "deposited at once or in batches, of which one that holds more uses up the minutes that follow: likewise");
    public static readonly Setting TenantBytes = new("Notary__Limits__TenantBytesPerMinute", "bytes a minute over all instances, from 1", "21474836480",
        Need.Never, "of bodies with something to deposit: likewise");
    public static readonly Setting TenantUploads = new("Notary__Limits__TenantUploads", "bodies at once over all instances, from 1", "256", Need.Never,
        "too low refuses partners who send many files beside each other; too high lets one tenant take all connections");
    public static readonly Setting TenantStored = new("Notary__Limits__TenantStoredBytes", "bytes, from 1", "10995116277760", Need.Never,
        "kept for one tenant in all: when they are used up he can deposit nothing more until the operator gives him more");
    public static readonly Setting MaxConnections = new("Notary__Limits__MaxConnections", "connections, 1-100000", "2000", Need.Never,
        "too many exhaust memory, too few refuse honest clients");

    public static readonly Setting UploadDays = new("Notary__Housekeeping__UploadDays", "days, 1-3650", "7", Need.Never,
        "after its ticket has expired, an upload that never came and its idempotency key: too short and a repetition gets a new ticket instead of 410");
    public static readonly Setting ProcessDays = new("Notary__Housekeeping__ProcessDays", "days, 2-3650", "90", Need.Never,
        "after its end, a completed process: too short and its history is gone when somebody asks");
    public static readonly Setting PartialTileDays = new("Notary__Housekeeping__PartialTileDays", "days, 1-3650", "30", Need.Never,
        "after the full tile, its partial ones: too short and auditors who walk by an older checkpoint have to ask twice");

    public static readonly Setting Otlp = new("OTEL_EXPORTER_OTLP_ENDPOINT", "http(s) URL", null, Need.Never,
        "traces and metrics are not exported");
    public static readonly Setting LogLevel = new("Notary__LogLevel", "Debug, Information, Warning or Error", "Information", Need.Never,
        "too much costs money, too little hides the cause");
    public static readonly Setting Port = new("NOTARY_PORT", "TCP port, 0 for any free one", "8080", Need.Never,
        "read only without the Functions host");

    public static readonly Setting BodyLimit = new("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "bytes", "104857600", Need.Never,
        "read by the Functions host, which answers a larger body with an empty 500, and told to callers by /v1/limits");

    /// <summary>All of them, in the order of docs/api.md's appendix.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        StorageConnectionString, BlobServiceUri, QueueServiceUri, TableServiceUri, StorageCredential, StorageClientId,
        VaultUri, VaultDevToken, LogKey, LetterKey, ChainKey, DrawKey, WrapKey, LoginKey,
        AuthorityName, AuthorityLegalName, AuthorityUrl, AuthorityRootPem, AuthorityPolicy, TimeTimeout, TimeMaxSkew, TimeMaxDisagreement,
        ChainRpcUrls, ChainId, ChainContract, ChainFormerContracts, ChainName, ChainOperator, ChainConfirmations, AnchorInterval,
        DrawRegistry, DrandUrls, DrandChainHash,
        DesktopAgent, DesktopFolder, DesktopArguments, DesktopProbe, DesktopsAtOnce, DesktopProvisioning, DesktopWaiting, DesktopIdle, DesktopLongest,
        AzureSubscription, AzureSessionsGroup, AzurePoolGroup, AzurePoolName, AzureImage, AzureSubnet, AzureLogRule, AzureSize, AzureEphemeral,
        AzureDesktopAddress, AzureClientId, AzureResourceManager, AzureGraph,
        LetterChain, OfficeName, OfficeEnglishName, OfficeShortName, OfficeAddress, PlatformOperator, PublicUrl, LogOrigin, OperatorKeyHash,
        StaffIssuer, StaffClientId, StaffClientSecret, StaffRoleClaim, WebhookLoopback,
        PortalTenantId, PortalUrl, PortalEvidenceAccount, PortalWorkspace, PortalWorkbook,
        TenantRate, TenantBurst, ClientRate, ClientBurst,
        TenantRequests, TenantItems, TenantBytes, TenantUploads, TenantStored, MaxConnections,
        UploadDays, ProcessDays, PartialTileDays,
        Otlp, LogLevel, Port, BodyLimit,
    ];
}
