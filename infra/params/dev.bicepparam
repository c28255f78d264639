// A cheap installation on public addresses, for trying the platform: no write-once storage, no firewall, no instances that
// are always there. What is empty has to be filled in; scripts/deploy refuses to go on before.
using '../main.bicep'

param location = 'eastasia'
param workload = 'notary'
param environmentName = 'dev'
param tags = { owner: 'platform', costCentre: 'trial' }

param office = {
  name: '公证处（试用）'
  englishName: 'Notary Office (trial)'
  shortName: '试用'
  address: '（试用，无地址）'
  platformOperator: '（试用）'
  publicUrl: ''
  logOrigin: 'dev.notary.example/log'
  // From the key ceremony: empty on the first deployment, which makes the key the certificate is for.
  letterCertificateChain: readEnvironmentVariable('NOTARY_LETTER_CHAIN_PEM', '')
  operatorKeyHash: readEnvironmentVariable('NOTARY_OPERATOR_KEY_HASH')
}

param authorities = [
  {
    name: 'authority-a'
    legalName: readEnvironmentVariable('NOTARY_TSA_A_LEGAL_NAME', '时间戳机构甲（试用）')
    url: readEnvironmentVariable('NOTARY_TSA_A_URL')
    rootPem: readEnvironmentVariable('NOTARY_TSA_A_ROOT_PEM')
  }
  {
    name: 'authority-b'
    legalName: readEnvironmentVariable('NOTARY_TSA_B_LEGAL_NAME', '时间戳机构乙（试用）')
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
  rpcUrls: [readEnvironmentVariable('NOTARY_CHAIN_RPC_URL')]
  chainId: int(readEnvironmentVariable('NOTARY_CHAIN_ID'))
  contract: readEnvironmentVariable('NOTARY_CHAIN_CONTRACT')
  formerContracts: empty(formerContracts) ? null : split(formerContracts, ' ')
  name: '试用链'
  operator: '（试用）'
  confirmations: 3
  anchorIntervalSeconds: 60
  draws: empty(drawRegistry) ? null : {
    registry: drawRegistry
    drandUrls: ['https://api.drand.sh', 'https://drand.cloudflare.com']
    drandChainHash: '52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971'
  }
}

param host = {
  instanceMemoryMB: 2048
  maximumInstances: 40
  alwaysReadyHttp: 0
  alwaysReadyDurable: 0
  alwaysReadyTimer: 0
  httpConcurrency: 100
  zoneRedundant: false
  tenantPerSecond: 100
  tenantBurst: 200
  clientPerSecond: 100
  clientBurst: 200
  tenantRequestsPerMinute: 6000
  tenantItemsPerMinute: 1000000
  tenantBytesPerMinute: 2147483648
  tenantUploads: 32
  tenantStoredBytes: 107374182400
  maxConnections: 2000
  uploadDays: 7
  processDays: 90
  partialTileDays: 30
  logLevel: 'Information'
}

// For the recovery drill (docs/deployment.md) the evidence is kept as in production. It must be said before the first
// apply: write-once storage can only be chosen when the containers are created.
var drill = bool(readEnvironmentVariable('NOTARY_DRILL', 'false'))

param retention = {
  redundancy: drill ? 'Standard_RAGRS' : 'Standard_LRS'
  worm: drill
  wormLocked: false
  originalsDays: 1
  logDays: 1
  softDeleteDays: 7
  logsDays: 30
  standby: drill
    ? { location: 'southeastasia', redundancy: 'Standard_LRS', active: bool(readEnvironmentVariable('NOTARY_ON_STANDBY', 'false')) }
    : null
}

param network = {
  private: false
  publicDoor: true
  platformPrefix: '10.60.0.0/22'
  forensicsPrefix: '10.60.4.0/22'
}

param alerts = { emails: [], dailyCapGb: 1 }

param people = {}

param forensics = {
  enabled: false
  controlLocation: 'japaneast'
  firewallTier: 'Standard'
  networkWatcherName: 'NetworkWatcher_eastasia'
  networkWatcherResourceGroup: 'NetworkWatcherRG'
  flowLogDays: 30
}
