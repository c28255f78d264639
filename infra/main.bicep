// Notary.Serverless on Azure, whole: one subscription-scope deployment, everything by identity.
//
//   az deployment sub create --location <region> --template-file infra/main.bicep --parameters infra/params/prod.bicepparam
//
// or scripts/deploy, which shows what would change, asks, deploys, and sends the package. The compiler accepts it, Azure has
// not seen it; docs/deployment.md walks through it in dependency order and marks what to watch.

targetScope = 'subscription'

import {
  alertsType
  authorityType
  brokerType
  chainType
  environmentType
  forensicsType
  hostType
  networkType
  officeType
  peopleType
  retentionType
  tagsType
  timeBoundsType
} from 'types.bicep'
import {
  changingContainers
  copiedContainers
  deadLetterContainer
  eventQueues
  evidenceTables
  packageContainer
  stagingContainer
  uploadsContainer
  writeOnceContainers
} from 'names.bicep'

@description('Region of everything that holds data.')
param location string

@description('What every name begins with: 3 to 8 lower-case letters and digits, starting with a letter.')
@minLength(3)
@maxLength(8)
param workload string

@description('Which installation this is.')
param environmentName environmentType

@description('Tags of every resource, beside the ones this template sets itself.')
param tags tagsType

@description('The notary office.')
param office officeType

@description('Time-stamp authorities: at least two with separate roots.')
@minLength(2)
@maxLength(8)
param authorities authorityType[]

@description('Bounds on trusted time.')
param timeBounds timeBoundsType

@description('The consortium chain.')
param chain chainType

@description('The app\'s size and bounds.')
param host hostType

@description('How evidence is kept.')
param retention retentionType

@description('Where requests may come from.')
param network networkType

@description('Whom an alert wakes.')
param alerts alertsType

@description('Groups of people by duty.')
param people peopleType

@description('Remote forensics.')
param forensics forensicsType

// The same inputs give the same names, so a second deployment finds the first one's resources. Lengths: storage accounts
// take 24 characters (2 + 8 + 4 + 2 + 8), the vault 24 (3 + 8 + 1 + 4 + 1 + 6).
var token = uniqueString(subscription().subscriptionId, workload, environmentName, location)
var stem = '${workload}-${environmentName}'
var accountStem = 'st${workload}${environmentName}'
var ending = take(token, 8)
var vaultName = 'kv-${stem}-${take(token, 6)}'
var runtimeAccountName = '${accountStem}rt${ending}'
var evidenceAccountName = '${accountStem}ev${ending}'
var eventsAccountName = '${accountStem}eq${ending}'
var flowAccountName = '${accountStem}fl${ending}'
var standbyAccountName = '${accountStem}sb${ending}'
var componentName = 'appi-${stem}'
var appIdentityName = 'id-${stem}-app'
var eventsIdentityName = 'id-${stem}-events'
var brokerIdentityName = 'id-${stem}-broker'
var bakerIdentityName = 'id-${stem}-image'
var flowsIdentityName = 'id-${stem}-flows'
var poolName = 'vdpool-${stem}'
var desktopGroupName = 'vdag-${stem}'
// A role's name is unique in the tenant, so it carries what is unique to this installation. Names and ids are computed
// here, not read from what was deployed: a preview can then show every assignment.
var rolePrefix = 'Notary ${stem} ${take(token, 6)}'
var ownRoles = toObject(
  ['signer', 'clerk', 'auditor', 'pool', 'machines', 'uses', 'grants', 'baker'],
  duty => duty,
  duty => guid(subscription().id, rolePrefix, duty)
)
var ownRoleIds = mapValues(ownRoles, name => subscriptionResourceId('Microsoft.Authorization/roleDefinitions', name))
var standby = retention.?standby
var onStandby = retention.?standby.?active ?? false
// What the app cannot start without must not fall with one zone when the app is spread over several.
var workingRedundancy = host.zoneRedundant ? 'Standard_ZRS' : 'Standard_LRS'
var allTags = union(tags, { workload: workload, environment: environmentName, product: 'Notary.Serverless' })
var appName = 'func-${stem}-${take(token, 6)}'
// Where the office's pages come from, and nobody else's: large files go from there to a signed address.
var pageOrigins = [empty(office.publicUrl) ? 'https://${appName}.azurewebsites.net' : office.publicUrl]
var evidenceContainers = concat(
  map(writeOnceContainers, name => {
    name: name
    wormDays: retention.worm ? (name == 'log' ? retention.logDays : retention.originalsDays) : 0
  }),
  map(changingContainers, name => { name: name, wormDays: 0 })
)
var evidenceExpiries = [
  // The app deletes an upload it has taken; what stays was abandoned. Its signature was good for one day.
  { name: 'abandoned-uploads', prefix: '${uploadsContainer}/', blobDays: 2, versionDays: 1 }
  // The newest checkpoint is overwritten with every batch; its past lives in the log.
  { name: 'old-staging', prefix: '${stagingContainer}/', blobDays: 0, versionDays: 7 }
]

resource platformGroup 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${stem}-platform'
  location: location
  tags: allTags
}

// Deployments at the subscription bear the installation's name: two installations must not replace each other's.
module customRoles 'modules/custom-roles.bicep' = {
  name: 'custom-roles-${stem}'
  params: {
    prefix: rolePrefix
    names: ownRoles
    assignableScopes: [subscription().id]
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: platformGroup
  params: {
    location: location
    tags: allTags
    workspaceName: 'log-${stem}'
    componentName: componentName
    actionGroupName: 'ag-${stem}'
    logsDays: retention.logsDays
    alerts: alerts
  }
}

module identities 'modules/identities.bicep' = {
  name: 'identities'
  scope: platformGroup
  params: {
    location: location
    tags: allTags
    appName: appIdentityName
    eventsName: eventsIdentityName
  }
}

// The Functions host's own account: locks, timers' times, the deployed package. Losing it loses no evidence.
module runtimeStorage 'modules/storage-account.bicep' = {
  name: 'storage-runtime'
  scope: platformGroup
  params: {
    location: location
    tags: allTags
    name: runtimeAccountName
    sku: workingRedundancy
    containers: [{ name: packageContainer, wormDays: 0 }]
    queues: []
    tables: []
    versioned: false
    softDeleteDays: retention.softDeleteDays
    expiries: []
    publicAccess: !network.private
    openToNetworks: true
    guarded: false
    workspaceId: monitoring.outputs.workspaceId
  }
}

// The evidence: originals, log, letters, rows.
module evidenceStorage 'modules/storage-account.bicep' = {
  name: 'storage-evidence'
  scope: platformGroup
  params: {
    location: location
    tags: allTags
    name: evidenceAccountName
    sku: retention.redundancy
    containers: evidenceContainers
    policiesLocked: retention.wormLocked
    queues: []
    tables: evidenceTables
    versioned: true
    softDeleteDays: retention.softDeleteDays
    expiries: evidenceExpiries
    publicAccess: !network.private
    openToNetworks: true
    guarded: true
    browserOrigins: pageOrigins
    workspaceId: monitoring.outputs.workspaceId
  }
}

// Queues: upload events. Losing it loses no evidence: the sweep finds within a minute what a message announced.
// In a private platform it keeps a public address, because Event Grid needs one, but admits trusted services only.
module eventsStorage 'modules/storage-account.bicep' = {
  name: 'storage-events'
  scope: platformGroup
  params: {
    location: location
    tags: allTags
    name: eventsAccountName
    sku: workingRedundancy
    containers: [{ name: deadLetterContainer, wormDays: 0 }]
    queues: eventQueues
    tables: []
    versioned: false
    softDeleteDays: retention.softDeleteDays
    expiries: [{ name: 'old-undelivered', prefix: '${deadLetterContainer}/', blobDays: 90, versionDays: 0 }]
    publicAccess: true
    openToNetworks: !network.private
    guarded: false
    workspaceId: monitoring.outputs.workspaceId
  }
}

module vault 'modules/keyvault.bicep' = {
  name: 'keyvault'
  scope: platformGroup
  params: {
    location: location
    tags: allTags
    name: vaultName
    publicAccess: !network.private
    workspaceId: monitoring.outputs.workspaceId
  }
}

module access 'modules/access.bicep' = {
  name: 'access'
  scope: platformGroup
  params: {
    runtimeAccountName: runtimeAccountName
    evidenceAccountName: evidenceAccountName
    eventsAccountName: eventsAccountName
    vaultName: vaultName
    componentName: componentName
    appIdentityName: appIdentityName
    eventsIdentityName: eventsIdentityName
    custodiansId: people.?custodians ?? ''
    copiersId: people.?copiers ?? ''
    signerRoleId: ownRoleIds.signer
  }
  dependsOn: [customRoles, eventsStorage, evidenceStorage, identities, monitoring, runtimeStorage, vault]
}

// The evidence again, in another region. An account with write-once containers cannot be failed over by hand, so the
// copy is our own: the service copies blobs as they are written; rows and stages, which change, are copied by
// `scripts/deploy copy` and `takeover` from the first account or from its readable secondary.
resource standbyGroup 'Microsoft.Resources/resourceGroups@2025-04-01' = if (standby != null) {
  name: 'rg-${stem}-standby'
  location: standby.?location ?? location
  tags: allTags
}

module standbyStorage 'modules/storage-account.bicep' = if (standby != null) {
  name: 'storage-standby'
  scope: standbyGroup
  params: {
    location: standby.?location ?? location
    tags: allTags
    name: standbyAccountName
    sku: standby.?redundancy ?? 'Standard_LRS'
    containers: evidenceContainers
    policiesLocked: retention.wormLocked
    queues: []
    tables: evidenceTables
    versioned: true
    softDeleteDays: retention.softDeleteDays
    expiries: evidenceExpiries
    publicAccess: !network.private
    openToNetworks: true
    guarded: true
    browserOrigins: pageOrigins
    workspaceId: monitoring.outputs.workspaceId
  }
}

module standbyAccess 'modules/standby-access.bicep' = if (standby != null) {
  name: 'access-standby'
  scope: standbyGroup
  params: {
    accountName: standbyAccountName
    appIdentityName: appIdentityName
    identityGroupName: platformGroup.name
    copiersId: people.?copiers ?? ''
  }
  dependsOn: [identities, standbyStorage]
}

module copyArrives 'modules/replication.bicep' = if (standby != null && !onStandby) {
  name: 'replication-in'
  scope: standbyGroup
  params: {
    accountName: standbyAccountName
    policyName: 'default'
    sourceId: evidenceStorage.outputs.id
    destinationId: standbyStorage.?outputs.id ?? ''
    rules: map(copiedContainers, name => { container: name })
  }
}

module copyLeaves 'modules/replication.bicep' = if (standby != null && !onStandby) {
  name: 'replication-out'
  scope: platformGroup
  params: {
    accountName: evidenceAccountName
    // The service makes this name when the other half arrives: no preview can know it.
    #disable-next-line what-if-short-circuiting
    policyName: copyArrives.?outputs.policyId ?? ''
    sourceId: evidenceStorage.outputs.id
    destinationId: standbyStorage.?outputs.id ?? ''
    rules: copyArrives.?outputs.rules ?? []
  }
}

module peopleOfPlatform 'modules/people.bicep' = {
  name: 'people-platform'
  scope: platformGroup
  params: {
    clerksId: people.?clerks ?? ''
    auditorsId: people.?auditors ?? ''
    clerkRoleId: ownRoleIds.clerk
    auditorRoleId: ownRoleIds.auditor
  }
  dependsOn: [customRoles]
}

module platformNetwork 'modules/network.bicep' = if (network.private) {
  name: 'network'
  scope: platformGroup
  params: {
    location: location
    tags: allTags
    name: 'vnet-${stem}'
    prefix: network.platformPrefix
    workspaceId: monitoring.outputs.workspaceId
  }
}

// The first account's copy in the second region has endpoints of its own; the standby is reached like the first.
var blobAndTable = [
  { service: 'blob', zoneId: platformNetwork.?outputs.blobZoneId ?? '' }
  { service: 'table', zoneId: platformNetwork.?outputs.tableZoneId ?? '' }
]
var secondaryEndpoints = startsWith(retention.redundancy, 'Standard_RA')
  ? map(blobAndTable, way => {
      name: 'evidence-${way.service}-secondary'
      resourceId: evidenceStorage.outputs.id
      groupId: '${way.service}_secondary'
      zoneId: way.zoneId
    })
  : []
var standbyEndpoints = standby == null
  ? []
  : map(blobAndTable, way => {
      name: 'standby-${way.service}'
      resourceId: standbyStorage.?outputs.id ?? ''
      groupId: way.service
      zoneId: way.zoneId
    })

module dataEndpoints 'modules/private-endpoints.bicep' = if (network.private) {
  name: 'endpoints-data'
  scope: platformGroup
  params: {
    location: location
    tags: allTags
    prefix: 'pe-${stem}'
    subnetId: platformNetwork.?outputs.endpointsSubnetId ?? ''
    endpoints: concat(secondaryEndpoints, standbyEndpoints, [
      {
        name: 'runtime-blob'
        resourceId: runtimeStorage.outputs.id
        groupId: 'blob'
        zoneId: platformNetwork.?outputs.blobZoneId ?? ''
      }
      {
        name: 'runtime-queue'
        resourceId: runtimeStorage.outputs.id
        groupId: 'queue'
        zoneId: platformNetwork.?outputs.queueZoneId ?? ''
      }
      {
        name: 'runtime-table'
        resourceId: runtimeStorage.outputs.id
        groupId: 'table'
        zoneId: platformNetwork.?outputs.tableZoneId ?? ''
      }
      {
        name: 'evidence-blob'
        resourceId: evidenceStorage.outputs.id
        groupId: 'blob'
        zoneId: platformNetwork.?outputs.blobZoneId ?? ''
      }
      {
        name: 'evidence-table'
        resourceId: evidenceStorage.outputs.id
        groupId: 'table'
        zoneId: platformNetwork.?outputs.tableZoneId ?? ''
      }
      {
        name: 'events-queue'
        resourceId: eventsStorage.outputs.id
        groupId: 'queue'
        zoneId: platformNetwork.?outputs.queueZoneId ?? ''
      }
      {
        name: 'vault'
        resourceId: vault.outputs.id
        groupId: 'vault'
        zoneId: platformNetwork.?outputs.vaultZoneId ?? ''
      }
    ])
  }
}

module events 'modules/events.bicep' = {
  name: 'events'
  scope: platformGroup
  params: {
    location: location
    tags: allTags
    topicName: 'evgt-${stem}'
    evidenceId: evidenceStorage.outputs.id
    eventsAccountId: eventsStorage.outputs.id
    identityId: identities.outputs.eventsId
    workspaceId: monitoring.outputs.workspaceId
  }
  // Event Grid tries the queue when the subscription is made: the identity must have its role by then. And an account
  // takes one change at a time, so the endpoints come first.
  dependsOn: [access, dataEndpoints]
}

var desktopAddress = forensics.enabled
  ? 'https://windows.cloud.microsoft/webclient/avd/${desktops.?outputs.workspaceObjectId ?? ''}/${desktops.?outputs.desktopObjectId ?? ''}?tenant=${tenant().tenantId}'
  : ''

var broker brokerType = {
  clientId: forensicsIdentities.?outputs.brokerClientId ?? ''
  sessionsGroup: forensics.enabled ? 'rg-${stem}-sessions' : ''
  poolGroup: forensics.enabled ? 'rg-${stem}-forensics' : ''
  poolName: forensics.enabled ? poolName : ''
  subnetId: forensicsNetwork.?outputs.desktopsSubnetId ?? ''
  imageDefinitionId: image.?outputs.definitionId ?? ''
  bakerId: forensicsIdentities.?outputs.bakerId ?? ''
  logRuleId: desktopLogs.?outputs.ruleId ?? ''
}

module functions 'modules/functions.bicep' = {
  name: 'functions'
  scope: platformGroup
  params: {
    location: location
    tags: allTags
    planName: 'plan-${stem}'
    appName: appName
    identityId: identities.outputs.appId
    identityClientId: identities.outputs.appClientId
    runtimeBlobEndpoint: runtimeStorage.outputs.blobEndpoint
    runtimeQueueEndpoint: runtimeStorage.outputs.queueEndpoint
    runtimeTableEndpoint: runtimeStorage.outputs.tableEndpoint
    packageContainer: packageContainer
    evidenceBlobEndpoint: onStandby ? standbyStorage.?outputs.blobEndpoint ?? '' : evidenceStorage.outputs.blobEndpoint
    evidenceTableEndpoint: onStandby ? standbyStorage.?outputs.tableEndpoint ?? '' : evidenceStorage.outputs.tableEndpoint
    eventsQueueEndpoint: eventsStorage.outputs.queueEndpoint
    vaultUri: vault.outputs.uri
    componentName: componentName
    workspaceId: monitoring.outputs.workspaceId
    evidenceAccountId: onStandby ? standbyStorage.?outputs.id ?? '' : evidenceStorage.outputs.id
    subnetId: platformNetwork.?outputs.appSubnetId ?? ''
    publicDoor: network.publicDoor
    host: host
    office: office
    authorities: authorities
    timeBounds: timeBounds
    chain: chain
    desktops: !forensics.enabled || forensics.?sessions == null ? null : {
      brokerId: forensicsIdentities.?outputs.brokerId ?? ''
      broker: broker
      address: desktopAddress
      sessions: forensics.?sessions!
    }
  }
  // Without its roles and its private ways the first start would fail and wait for a restart.
  dependsOn: [access, dataEndpoints, standbyAccess]
}

module doorEndpoint 'modules/private-endpoints.bicep' = if (network.private && !network.publicDoor) {
  name: 'endpoint-door'
  scope: platformGroup
  params: {
    location: location
    tags: allTags
    prefix: 'pe-${stem}'
    subnetId: platformNetwork.?outputs.endpointsSubnetId ?? ''
    endpoints: [
      {
        name: 'app'
        resourceId: functions.outputs.appId
        groupId: 'sites'
        zoneId: platformNetwork.?outputs.siteZoneId ?? ''
      }
    ]
  }
}

module alertRules 'modules/alerts.bicep' = {
  name: 'alerts'
  scope: platformGroup
  params: {
    location: location
    tags: allTags
    prefix: 'alert-${stem}'
    workspaceId: monitoring.outputs.workspaceId
    actionGroupId: monitoring.outputs.actionGroupId
    appPrincipalId: identities.outputs.appPrincipalId
    watched: network.publicDoor
    publicUrl: functions.outputs.publicUrl
    componentId: monitoring.outputs.componentId
    anchorIntervalSeconds: chain.anchorIntervalSeconds
    maxSkewSeconds: timeBounds.maxSkewSeconds
  }
}

// Remote forensics has two groups of its own: one for what stays (pool, image, network, firewall), one for the machines
// of running sessions and nothing else, so that the broker's rights end there.
resource forensicsGroup 'Microsoft.Resources/resourceGroups@2025-04-01' = if (forensics.enabled) {
  name: 'rg-${stem}-forensics'
  location: location
  tags: allTags
}

resource sessionsGroup 'Microsoft.Resources/resourceGroups@2025-04-01' = if (forensics.enabled) {
  name: 'rg-${stem}-sessions'
  location: location
  tags: allTags
}

module forensicsRoles 'modules/forensics-roles.bicep' = if (forensics.enabled) {
  name: 'forensics-roles-${stem}'
  params: {
    prefix: rolePrefix
    names: ownRoles
    assignableScopes: [subscription().id]
  }
}

module forensicsIdentities 'modules/forensics-identities.bicep' = if (forensics.enabled) {
  name: 'forensics-identities'
  scope: forensicsGroup
  params: {
    location: location
    tags: allTags
    brokerName: brokerIdentityName
    bakerName: bakerIdentityName
    flowsName: flowsIdentityName
  }
}

module forensicsNetwork 'modules/forensics-network.bicep' = if (forensics.enabled) {
  name: 'forensics-network'
  scope: forensicsGroup
  params: {
    location: location
    tags: allTags
    name: 'vnet-${stem}-forensics'
    prefix: network.forensicsPrefix
    workspaceId: monitoring.outputs.workspaceId
  }
}

module firewall 'modules/firewall.bicep' = if (forensics.enabled) {
  name: 'firewall'
  scope: forensicsGroup
  params: {
    location: location
    tags: allTags
    name: 'afw-${stem}'
    tier: forensics.firewallTier
    subnetId: forensicsNetwork.?outputs.firewallSubnetId ?? ''
    desktopsPrefix: forensicsNetwork.?outputs.desktopsPrefix ?? ''
    workspaceId: monitoring.outputs.workspaceId
  }
}

// Flow logs have an account of their own: whoever may read where desktops went sees no deposit, and the other way round.
module flowStorage 'modules/storage-account.bicep' = if (forensics.enabled) {
  name: 'storage-flows'
  scope: forensicsGroup
  params: {
    location: location
    tags: allTags
    name: flowAccountName
    sku: 'Standard_LRS'
    containers: []
    queues: []
    tables: []
    versioned: false
    softDeleteDays: retention.softDeleteDays
    expiries: []
    publicAccess: true
    openToNetworks: false
    guarded: true
    workspaceId: monitoring.outputs.workspaceId
  }
}

module desktops 'modules/avd-control.bicep' = if (forensics.enabled) {
  name: 'desktops'
  scope: forensicsGroup
  params: {
    location: forensics.controlLocation
    tags: allTags
    poolName: poolName
    groupName: desktopGroupName
    desktopWorkspaceName: 'vdws-${stem}'
    private: network.private
    startOnConnect: !empty(forensics.?desktopServicePrincipalId)
    workspaceId: monitoring.outputs.workspaceId
  }
}

module desktopLogs 'modules/desktop-logs.bicep' = if (forensics.enabled) {
  name: 'desktop-logs'
  scope: forensicsGroup
  params: {
    location: location
    tags: allTags
    name: 'dcr-${stem}-desktops'
    workspaceId: monitoring.outputs.workspaceId
  }
}

module forensicsAccess 'modules/forensics-access.bicep' = if (forensics.enabled) {
  name: 'forensics-access'
  scope: forensicsGroup
  params: {
    poolName: poolName
    groupName: desktopGroupName
    flowAccountName: flowAccountName
    brokerIdentityName: brokerIdentityName
    bakerIdentityName: bakerIdentityName
    flowsIdentityName: flowsIdentityName
    forensicUsersId: people.?forensicUsers ?? ''
    poolRoleId: ownRoleIds.pool
    usesRoleId: ownRoleIds.uses
    bakerRoleId: ownRoleIds.baker
  }
  dependsOn: [desktops, flowStorage, forensicsIdentities, forensicsRoles]
}

module sessionsAccess 'modules/sessions-access.bicep' = if (forensics.enabled) {
  name: 'sessions-access'
  scope: sessionsGroup
  params: {
    brokerIdentityName: brokerIdentityName
    identityGroupName: forensicsGroup.name
    machinesRoleId: ownRoleIds.machines
    grantsRoleId: ownRoleIds.grants
  }
  dependsOn: [forensicsIdentities, forensicsRoles]
}

module desktopService 'modules/desktop-service.bicep' = if (forensics.enabled && !empty(forensics.?desktopServicePrincipalId)) {
  name: 'desktop-service-${stem}'
  params: {
    desktopServicePrincipalId: forensics.?desktopServicePrincipalId ?? ''
  }
}

module peopleOfForensics 'modules/people.bicep' = if (forensics.enabled) {
  name: 'people-forensics'
  scope: forensicsGroup
  params: {
    clerksId: people.?clerks ?? ''
    auditorsId: people.?auditors ?? ''
    clerkRoleId: ownRoleIds.clerk
    auditorRoleId: ownRoleIds.auditor
  }
  dependsOn: [customRoles]
}

module image 'modules/avd-image.bicep' = if (forensics.enabled) {
  name: 'image'
  scope: forensicsGroup
  params: {
    location: location
    tags: allTags
    galleryName: 'gal.${workload}.${environmentName}'
  }
}

module flowLog 'modules/flow-log.bicep' = if (forensics.enabled) {
  name: 'flow-log-${stem}'
  scope: resourceGroup(forensics.networkWatcherResourceGroup)
  params: {
    location: location
    tags: allTags
    watcherName: forensics.networkWatcherName
    name: 'fl-${stem}-forensics'
    networkId: forensicsNetwork.?outputs.networkId ?? ''
    storageId: flowStorage.?outputs.id ?? ''
    identityId: forensicsIdentities.?outputs.flowsId ?? ''
    days: forensics.flowLogDays
    workspaceId: monitoring.outputs.workspaceId
  }
  dependsOn: [forensicsAccess]
}

module poolEndpoint 'modules/private-endpoints.bicep' = if (forensics.enabled && network.private) {
  name: 'endpoint-pool'
  scope: forensicsGroup
  params: {
    location: location
    tags: allTags
    prefix: 'pe-${stem}'
    subnetId: forensicsNetwork.?outputs.endpointsSubnetId ?? ''
    endpoints: [
      {
        name: 'pool'
        resourceId: desktops.?outputs.poolId ?? ''
        groupId: 'connection'
        zoneId: forensicsNetwork.?outputs.desktopZoneId ?? ''
      }
    ]
  }
}

// Without a public door the recorders reach the app on an endpoint in their own network: the networks stay apart.
module recorderEndpoint 'modules/private-endpoints.bicep' = if (forensics.enabled && !network.publicDoor) {
  name: 'endpoint-recorder'
  scope: forensicsGroup
  params: {
    location: location
    tags: allTags
    prefix: 'pe-${stem}'
    subnetId: forensicsNetwork.?outputs.endpointsSubnetId ?? ''
    endpoints: [
      {
        name: 'app-for-recorders'
        resourceId: functions.outputs.appId
        groupId: 'sites'
        zoneId: forensicsNetwork.?outputs.siteZoneId ?? ''
      }
    ]
  }
}

module portal 'modules/portal.bicep' = {
  name: 'portal'
  scope: platformGroup
  params: {
    location: location
    tags: allTags
    stem: stem
    workspaceId: monitoring.outputs.workspaceId
    publicUrl: functions.outputs.publicUrl
    vaultId: vault.outputs.id
    evidenceAccountId: onStandby ? standbyStorage.?outputs.id ?? '' : evidenceStorage.outputs.id
    poolId: desktops.?outputs.poolId ?? ''
  }
}

@description('Resource group of the platform.')
output platformGroupName string = platformGroup.name

@description('Name of the function app: where the package goes.')
output appName string = functions.outputs.appName

@description('The platform\'s address.')
output publicUrl string = functions.outputs.publicUrl

@description('Name of the vault: where the key ceremony is held.')
output vaultName string = vault.outputs.name

@description('Name of the evidence account: what disaster recovery is about.')
output evidenceAccountName string = evidenceStorage.outputs.name

@description('Resource group of the standby account; empty without one.')
output standbyGroupName string = standby == null ? '' : 'rg-${stem}-standby'

@description('Name of the standby account; empty without one.')
output standbyAccountName string = standbyStorage.?outputs.name ?? ''

@description('Where desktops are opened in a browser; empty without remote forensics. A login hint may follow.')
output desktopAddress string = desktopAddress

@description('What the broker needs to deploy session-host.bicep; all empty without remote forensics.')
output broker brokerType = broker
