// The shapes of every parameter, in one place: main.bicep, the modules and the parameter files speak these words only.

@export()
@description('Which installation this is. It stands in every name, so that two can share a subscription.')
type environmentType = 'dev' | 'test' | 'prod'

@export()
@description('Tags of every resource: strings by name.')
type tagsType = {
  @description('A tag.')
  *: string
}

@export()
@description('The notary office, as it appears on letters and in the log. The app refuses to start without these.')
type officeType = {
  @description('The office\'s legal name in Chinese; stands on every letter and in the trust file. 1 to 200 characters.')
  @minLength(1)
  @maxLength(200)
  name: string

  @description('The office\'s legal name in English. 1 to 200 characters.')
  @minLength(1)
  @maxLength(200)
  englishName: string

  @description('The office\'s short name, part of every letter\'s number. 1 to 20 characters without blanks.')
  @minLength(1)
  @maxLength(20)
  shortName: string

  @description('The office\'s address; stands on every letter. 1 to 200 characters.')
  @minLength(1)
  @maxLength(200)
  address: string

  @description('Legal name of whoever operates the platform; stands on every letter. 1 to 200 characters.')
  @minLength(1)
  @maxLength(200)
  platformOperator: string

  @description('Public https address of the platform without a path: links and QR codes on letters lead there for decades. Empty means the app\'s own azurewebsites.net address, which no real letter should carry.')
  publicUrl: string

  @description('The log\'s name for ever, like a URL without a scheme. A change starts another log.')
  @minLength(1)
  @maxLength(255)
  logOrigin: string

  @description('Certificate chain of the letter signing key as PEM, signer first, root last. Public material. Empty until the key ceremony has been held; the app does not start before.')
  letterCertificateChain: string

  @description('SHA-256 of the operator\'s key, 64 lower-case hex digits. The key itself (256 random bits) never enters a template, so the hash gives nothing away.')
  @minLength(64)
  @maxLength(64)
  operatorKeyHash: string

  @description('The office\'s own OpenID provider, with which its staff signs in. Absent, staff cannot.')
  staff: staffType?
}

@export()
@description('An OpenID provider and what it knows the platform as: a confidential web client whose redirect address is <publicUrl>/sign-in/staff/callback.')
type staffType = {
  @description('Its issuer, as its discovery document names it; of Microsoft Entra https://login.microsoftonline.com/<tenant>/v2.0.')
  @minLength(1)
  issuer: string

  @description('The client\'s id there.')
  @minLength(1)
  @maxLength(200)
  clientId: string

  @description('Where the client\'s secret lies: @Microsoft.KeyVault(SecretUri=https://…). The secret itself never enters a template; the app\'s identity must be allowed to read it (Key Vault Secrets User).')
  @minLength(1)
  clientSecretReference: string

  @description('The claim of the ID token that holds clerk, notary, auditor or operator.')
  @minLength(1)
  roleClaim: string
}

@export()
@description('One RFC 3161 time-stamp authority.')
type authorityType = {
  @description('Its name in bundles and letters, 1 to 64 characters, unlike the others\'.')
  @minLength(1)
  @maxLength(64)
  name: string

  @description('Its legal name; stands on every letter and in the trust file. 1 to 200 characters.')
  @minLength(1)
  @maxLength(200)
  legalName: string

  @description('Where it is asked: http or https.')
  url: string

  @description('The root certificates its tokens must chain to, as PEM.')
  rootPem: string

  @description('The policy its tokens must carry, a dotted OID; absent accepts the authority\'s default.')
  policyOid: string?
}

@export()
@description('Bounds on trusted time. The defaults are the app\'s.')
type timeBoundsType = {
  @description('Patience with one authority, in seconds.')
  @minValue(1)
  @maxValue(60)
  timeoutSeconds: int

  @description('Largest accepted difference between a token and our clock, in seconds.')
  @minValue(1)
  @maxValue(3600)
  maxSkewSeconds: int

  @description('Largest accepted difference between two authorities, in seconds; beyond it stamping stops.')
  @minValue(1)
  @maxValue(3600)
  maxDisagreementSeconds: int
}

@export()
@description('The consortium chain.')
type chainType = {
  @description('JSON-RPC addresses of at least one node, better two of different members.')
  @minLength(1)
  rpcUrls: string[]

  @description('The chain\'s id; the app refuses a node that says another.')
  @minValue(1)
  chainId: int

  @description('Address of the anchoring contract: 0x and 40 hex digits.')
  @minLength(42)
  @maxLength(42)
  contract: string

  @description('Addresses of the contracts before it, the earliest first; none before the first change.')
  @maxLength(16)
  formerContracts: string[]?

  @description('What the chain is called; stands on every letter. 1 to 200 characters.')
  @minLength(1)
  @maxLength(200)
  name: string

  @description('Legal name of whoever operates the chain; stands on every letter. 1 to 200 characters.')
  @minLength(1)
  @maxLength(200)
  operator: string

  @description('Blocks after which an anchor counts as final.')
  @minValue(1)
  @maxValue(64)
  confirmations: int

  @description('Longest time between two anchors, in seconds: the promise in each receipt.')
  @minValue(1)
  @maxValue(86400)
  anchorIntervalSeconds: int

  @description('Where draws get their randomness. Absent, no draws are held.')
  draws: drawsType?
}

@export()
@description('The draw registry on the chain, and the drand chain whose rounds it verifies.')
type drawsType = {
  @description('Address of the registry: 0x and 40 hex digits.')
  @minLength(42)
  @maxLength(42)
  registry: string

  @description('Addresses of drand nodes or relays; none is believed.')
  @minLength(1)
  drandUrls: string[]

  @description('The registry\'s own drand chain: 64 lower-case hex digits.')
  @minLength(64)
  @maxLength(64)
  drandChainHash: string
}

@export()
@description('The function app\'s size and bounds.')
type hostType = {
  @description('Memory of one instance in MB.')
  instanceMemoryMB: 512 | 2048 | 4096

  @description('Most instances at once: the bound on cost.')
  @minValue(1)
  @maxValue(1000)
  maximumInstances: int

  @description('Instances that are always there for HTTP. Each costs by the second.')
  @minValue(0)
  @maxValue(100)
  alwaysReadyHttp: int

  @description('Instances that are always there for durable functions: stamping, anchoring, letters. Without one, work waits until the platform has looked into the task hub and started one.')
  @minValue(0)
  @maxValue(10)
  alwaysReadyDurable: int

  @description('Instances that are always there for the timer and the loops it keeps running. One keeps the sequencer going without traffic.')
  @minValue(0)
  @maxValue(10)
  alwaysReadyTimer: int

  @description('HTTP requests one instance takes at once.')
  @minValue(1)
  @maxValue(1000)
  httpConcurrency: int

  @description('Spread over availability zones; the region must have them. The platform then keeps, and bills, at least two instances of every group that is always ready: HTTP, durable, and each function by itself.')
  zoneRedundant: bool

  @description('Requests a second that one tenant may send.')
  @minValue(1)
  @maxValue(100000)
  tenantPerSecond: int

  @description('How far a tenant may run ahead of that rate, in requests.')
  @minValue(1)
  @maxValue(1000000)
  tenantBurst: int

  @description('Requests a second that one address may send to public routes.')
  @minValue(1)
  @maxValue(100000)
  clientPerSecond: int

  @description('How far an address may run ahead of that rate, in requests.')
  @minValue(1)
  @maxValue(1000000)
  clientBurst: int

  @description('Requests a minute that one tenant may send to all instances together.')
  @minValue(1)
  tenantRequestsPerMinute: int

  @description('Items a minute that one tenant may deposit at all instances together; what one request holds beyond it is paid back.')
  @minValue(1)
  tenantItemsPerMinute: int

  @description('Bytes a minute of deposits\' bodies that one tenant may send to all instances together.')
  @minValue(1)
  tenantBytesPerMinute: int

  @description('Deposits\' bodies of one tenant under way at once, at all instances together.')
  @minValue(1)
  tenantUploads: int

  @description('Bytes kept for one tenant in all.')
  @minValue(1)
  tenantStoredBytes: int

  @description('Connections one instance accepts.')
  @minValue(1)
  @maxValue(100000)
  maxConnections: int

  @description('Days that an upload which never came is remembered after its ticket has expired.')
  @minValue(1)
  @maxValue(3650)
  uploadDays: int

  @description('Days that a completed process is kept.')
  @minValue(2)
  @maxValue(3650)
  processDays: int

  @description('Days that partial tiles of the log are kept once the full one is written; a retention policy of the log keeps them longer.')
  @minValue(1)
  @maxValue(3650)
  partialTileDays: int

  @description('How much the app logs.')
  logLevel: 'Debug' | 'Information' | 'Warning' | 'Error'

  @description('OTLP/HTTP collector for traces and metrics; absent sends none.')
  otlpEndpoint: string?
}

@export()
@description('A second account for the evidence, in another region.')
type standbyType = {
  @description('Region of the account: not the first one\'s.')
  location: string

  @description('Redundancy of the account.')
  redundancy: 'Standard_LRS' | 'Standard_ZRS'

  @description('True once the app shall work on it because the first account is lost: `scripts/deploy takeover` comes before.')
  active: bool
}

@export()
@description('One container that is copied to the standby account.')
type ruleType = {
  @description('Its name, the same on both sides.')
  container: string

  @description('The id that the service gave the rule; absent when the destination\'s half is made.')
  ruleId: string?
}

@export()
@description('Names of this installation\'s own roles by duty.')
type roleNamesType = {
  @description('A GUID.')
  *: string
}

@export()
@description('How evidence is kept.')
type retentionType = {
  @description('Redundancy of the evidence account. RAGZRS survives the loss of a region, and its copy there can be read at once; ZRS survives that of a zone.')
  redundancy: 'Standard_LRS' | 'Standard_ZRS' | 'Standard_GRS' | 'Standard_GZRS' | 'Standard_RAGRS' | 'Standard_RAGZRS'

  @description('Write-once storage for the containers of originals and of the log. It can only be chosen when the containers are created, and such an account cannot be failed over by hand: it needs a standby.')
  worm: bool

  @description('True once `scripts/deploy lock` has locked the policies: later deployments leave them alone, as they must.')
  wormLocked: bool

  @description('Days for which a written original cannot be changed or deleted by anybody, when worm is on.')
  @minValue(1)
  @maxValue(146000)
  originalsDays: int

  @description('Days for which a published part of the log cannot be changed or deleted by anybody, when worm is on.')
  @minValue(1)
  @maxValue(146000)
  logDays: int

  @description('Days for which deleted blobs and containers can be brought back.')
  @minValue(1)
  @maxValue(365)
  softDeleteDays: int

  @description('Days that logs stay in the workspace.')
  @minValue(30)
  @maxValue(730)
  logsDays: int

  @description('The second account; absent for none.')
  standby: standbyType?
}

@export()
@description('Where requests may come from, and whether storage and vault have public addresses.')
type networkType = {
  @description('True: storage, vault and queues answer on private endpoints only. False: on their public addresses, with identities.')
  private: bool

  @description('True: the app answers on its public address. False: on a private endpoint only, with whatever the office puts in front of it.')
  publicDoor: bool

  @description('Addresses of the platform\'s network, a /20 to /24.')
  platformPrefix: string

  @description('Addresses of the forensic desktops\' network, a /20 to /24; the two are never joined.')
  forensicsPrefix: string
}

@export()
@description('Whom an alert wakes.')
type alertsType = {
  @description('Mail addresses that get every alert.')
  emails: string[]

  @description('Daily bound on the workspace\'s ingestion in GB; -1 for none. Reaching it blinds the alerts, so it is far above the expected volume.')
  dailyCapGb: int
}

@export()
@description('Entra groups by duty, as object ids. Each may be absent; nothing is then assigned.')
type peopleType = {
  @description('Clerks: see dashboards, workbook and desktops\' state; no evidence, no keys.')
  clerks: string?

  @description('Auditors: read every setting and every log; change nothing, see no evidence.')
  auditors: string?

  @description('Custodians of the keys: hold the key ceremony. The role includes signing, so the group is empty between ceremonies, and an alert names every signature that the app did not make.')
  custodians: string?

  @description('Those who copy the evidence to the standby account, nightly and when it takes over: read the first account, write the second. Mostly the identity of a scheduled job.')
  copiers: string?

  @description('People who may open a forensic desktop that was assigned to them.')
  forensicUsers: string?
}

@export()
@description('A file to bake into the clean image, pinned by its digest.')
type packageType = {
  @description('Where the image builder downloads it: an https address it can read.')
  uri: string

  @description('SHA-256 of the file, 64 lower-case hex digits; another file fails the build.')
  @minLength(64)
  @maxLength(64)
  sha256: string
}

@export()
@description('What goes into the clean image.')
type imageType = {
  @description('Exact version of the marketplace image to start from, never `latest`.')
  baseVersion: string

  @description('Sku of the marketplace image.')
  baseSku: string

  @description('The desktop agent (RDAgent) MSI.')
  agent: packageType

  @description('The agent\'s boot loader MSI.')
  bootloader: packageType

  @description('The recorder as a zip with notary-recorder.exe and ffmpeg.exe at its root.')
  recorder: packageType
}

@description('How desktops of sessions are made.')
type sessionsType = {
  @description('Id of the exact version of the clean image: scripts/deploy image bakes it.')
  imageVersionId: string

  @description('Size of the machines.')
  machineSize: string

  @description('True: the disk is the host\'s own, fast and gone with the machine.')
  ephemeralDisk: bool

  @description('Desktops that one tenant may have at once.')
  @minValue(1)
  @maxValue(100)
  atOnce: int

  @description('Seconds from asking for a desktop to its measurement.')
  @minValue(10)
  @maxValue(3600)
  provisioningSeconds: int

  @description('Seconds for the person\'s first key or pointer movement.')
  @minValue(10)
  @maxValue(14400)
  waitingSeconds: int

  @description('Seconds without one.')
  @minValue(10)
  @maxValue(14400)
  idleSeconds: int

  @description('Seconds of the longest session.')
  @minValue(60)
  @maxValue(14400)
  longestSeconds: int
}

@export()
@description('What the app must know to make desktops.')
type desktopsType = {
  @description('Id of the broker\'s identity.')
  brokerId: string

  @description('What the broker must be told.')
  broker: brokerType

  @description('Where desktops are opened in a browser.')
  address: string

  @description('How they are made.')
  sessions: sessionsType
}

@export()
@description('Remote forensics. Off by default: its firewall costs by the hour.')
type forensicsType = {
  @description('Whether desktops can be had at all.')
  enabled: bool

  @description('Region of the desktops\' control plane (host pool, group, workspace); not every region has it.')
  controlLocation: string

  @description('Tier of the firewall that all desktops\' traffic passes.')
  firewallTier: 'Standard' | 'Premium'

  @description('Object id of the tenant\'s "Azure Virtual Desktop" service principal (app id 9cdead84-a844-4324-93f2-b2e6bb768d07), which starts deallocated spares: it gets one role at the subscription, where alone it counts. Absent leaves that out.')
  desktopServicePrincipalId: string?

  @description('Name of the region\'s network watcher, made by Azure with the first network.')
  networkWatcherName: string

  @description('Resource group of the network watcher.')
  networkWatcherResourceGroup: string

  @description('Days that flow logs are kept.')
  @minValue(1)
  @maxValue(3650)
  flowLogDays: int

  @description('How sessions\' desktops are made. Absent, none are: before the first image is baked there is nothing to make them from.')
  sessions: sessionsType?
}

@export()
@description('One private way to one resource.')
type endpointType = {
  @description('Short name of the endpoint, unique in its network.')
  name: string

  @description('Resource the endpoint leads to.')
  resourceId: string

  @description('Sub-resource: blob, queue, table, their …_secondary, vault, sites or connection.')
  groupId: string

  @description('Private DNS zone that gets the record.')
  zoneId: string
}

@export()
@description('A container and what protects it.')
type containerType = {
  @description('Its name.')
  name: string

  @description('Days of write-once protection; 0 for none. Whether the container can have it at all is settled when it is created.')
  @minValue(0)
  @maxValue(146000)
  wormDays: int
}

@export()
@description('A rule that deletes what is no longer needed.')
type expiryType = {
  @description('Name of the rule.')
  name: string

  @description('Prefix of the blobs, starting with the container.')
  prefix: string

  @description('Days after which the blob itself goes; 0 keeps it.')
  @minValue(0)
  blobDays: int

  @description('Days after which a version that is no longer the current one goes; 0 keeps it.')
  @minValue(0)
  versionDays: int
}

@export()
@description('What the desktops\' broker must be told.')
type brokerType = {
  @description('Client id of its identity.')
  clientId: string

  @description('Resource group of the machines.')
  sessionsGroup: string

  @description('Resource group of the host pool.')
  poolGroup: string

  @description('Name of the host pool.')
  poolName: string

  @description('Id of the desktops\' subnet.')
  subnetId: string

  @description('Id of the image\'s definition.')
  imageDefinitionId: string

  @description('Id of the identity that bakes the image.')
  bakerId: string

  @description('Id of the rule that collects the machines\' logs.')
  logRuleId: string
}
