// A notary office's installation: private storage and vault, write-once evidence over two regions and again on a standby
// account, instances that are always there, forensic desktops behind a firewall. What is read from the environment differs
// by office and is asked for by name.
using '../main.bicep'

param location = 'eastasia'
param workload = 'notary'
param environmentName = 'prod'
param tags = { owner: 'platform', costCentre: 'evidence' }

param office = {
  name: readEnvironmentVariable('NOTARY_OFFICE_NAME')
  englishName: readEnvironmentVariable('NOTARY_OFFICE_ENGLISH_NAME')
  shortName: readEnvironmentVariable('NOTARY_OFFICE_SHORT_NAME')
  address: readEnvironmentVariable('NOTARY_OFFICE_ADDRESS')
  platformOperator: readEnvironmentVariable('NOTARY_PLATFORM_OPERATOR')
  publicUrl: readEnvironmentVariable('NOTARY_PUBLIC_URL')
  logOrigin: readEnvironmentVariable('NOTARY_LOG_ORIGIN')
  letterCertificateChain: readEnvironmentVariable('NOTARY_LETTER_CHAIN_PEM', '')
  operatorKeyHash: readEnvironmentVariable('NOTARY_OPERATOR_KEY_HASH')
}

param authorities = [
  {
    name: readEnvironmentVariable('NOTARY_TSA_A_NAME')
    legalName: readEnvironmentVariable('NOTARY_TSA_A_LEGAL_NAME')
    url: readEnvironmentVariable('NOTARY_TSA_A_URL')
    rootPem: readEnvironmentVariable('NOTARY_TSA_A_ROOT_PEM')
  }
  {
    name: readEnvironmentVariable('NOTARY_TSA_B_NAME')
    legalName: readEnvironmentVariable('NOTARY_TSA_B_LEGAL_NAME')
    url: readEnvironmentVariable('NOTARY_TSA_B_URL')
    rootPem: readEnvironmentVariable('NOTARY_TSA_B_ROOT_PEM')
  }
]

param timeBounds = { timeoutSeconds: 10, maxSkewSeconds: 60, maxDisagreementSeconds: 30 }

// A registry makes draws possible; quicknet is what it verifies.
var drawRegistry = readEnvironmentVariable('NOTARY_DRAW_REGISTRY', '')

// Contracts before it, separated by blanks: evidence that was anchored there is judged by them.
var formerContracts = readEnvironmentVariable('NOTARY_CHAIN_FORMER_CONTRACTS', '')

param chain = {
  rpcUrls: split(readEnvironmentVariable('NOTARY_CHAIN_RPC_URLS'), ' ')
  chainId: int(readEnvironmentVariable('NOTARY_CHAIN_ID'))
  contract: readEnvironmentVariable('NOTARY_CHAIN_CONTRACT')
  formerContracts: empty(formerContracts) ? null : split(formerContracts, ' ')
  name: readEnvironmentVariable('NOTARY_CHAIN_NAME')
  operator: readEnvironmentVariable('NOTARY_CHAIN_OPERATOR')
  confirmations: 12
  anchorIntervalSeconds: 60
  draws: empty(drawRegistry) ? null : {
    registry: drawRegistry
    drandUrls: ['https://api.drand.sh', 'https://drand.cloudflare.com']
    drandChainHash: '52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971'
  }
}

param host = {
  instanceMemoryMB: 4096
  maximumInstances: 100
  alwaysReadyHttp: 2
  alwaysReadyDurable: 1
  alwaysReadyTimer: 1
  httpConcurrency: 200
  zoneRedundant: true
  tenantPerSecond: 1000
  tenantBurst: 2000
  clientPerSecond: 200
  clientBurst: 2000
  tenantRequestsPerMinute: 60000
  tenantItemsPerMinute: 20000000
  tenantBytesPerMinute: 21474836480
  tenantUploads: 256
  tenantStoredBytes: 10995116277760
  maxConnections: 2000
  uploadDays: 7
  processDays: 90
  partialTileDays: 30
  logLevel: 'Information'
}

param retention = {
  // The second region's copy can be read at once: write-once containers forbid a failover by hand.
  redundancy: 'Standard_RAGZRS'
  worm: true
  // After `scripts/deploy lock prod`: true.
  wormLocked: false
  // Thirty years for originals; the log outlives every deposit, so a century.
  originalsDays: 10958
  logDays: 36525
  softDeleteDays: 365
  logsDays: 730
  // After `scripts/deploy takeover prod`: active.
  standby: { location: 'southeastasia', redundancy: 'Standard_ZRS', active: false }
}

param network = {
  private: true
  publicDoor: true
  platformPrefix: '10.60.0.0/22'
  forensicsPrefix: '10.60.4.0/22'
}

param alerts = {
  emails: split(readEnvironmentVariable('NOTARY_ALERT_EMAILS'), ' ')
  dailyCapGb: 20
}

param people = {
  clerks: readEnvironmentVariable('NOTARY_GROUP_CLERKS')
  auditors: readEnvironmentVariable('NOTARY_GROUP_AUDITORS')
  custodians: readEnvironmentVariable('NOTARY_GROUP_CUSTODIANS')
  copiers: readEnvironmentVariable('NOTARY_GROUP_COPIERS')
  forensicUsers: readEnvironmentVariable('NOTARY_GROUP_FORENSIC_USERS')
}

// The image that desktops are made from: its version's id, once scripts/deploy image has baked one.
var forensicImage = readEnvironmentVariable('NOTARY_FORENSIC_IMAGE', '')

param forensics = {
  enabled: true
  controlLocation: 'japaneast'
  firewallTier: 'Standard'
  desktopServicePrincipalId: readEnvironmentVariable('NOTARY_AVD_PRINCIPAL_ID', '')
  networkWatcherName: 'NetworkWatcher_eastasia'
  networkWatcherResourceGroup: 'NetworkWatcherRG'
  flowLogDays: 365
  sessions: empty(forensicImage) ? null : {
    imageVersionId: forensicImage
    machineSize: 'Standard_D4ds_v5'
    ephemeralDisk: true
    atOnce: 2
    provisioningSeconds: 1800
    waitingSeconds: 900
    idleSeconds: 1200
    longestSeconds: 14400
  }
}
