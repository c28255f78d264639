// The function app on Flex Consumption: a .NET isolated worker, deployed as a zip into a container. Premium (EP) is the
// documented alternative: docs/deployment.md says what changes.

import { authorityType, chainType, desktopsType, hostType, officeType, tagsType, timeBoundsType } from '../types.bicep'
import { signingKeys, workbookSeed, wrappingKey } from '../names.bicep'

@description('Region.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the plan.')
@maxLength(60)
param planName string

@description('Name of the app: 2 to 60 characters, unique in the world.')
@minLength(2)
@maxLength(60)
param appName string

@description('Id of the app\'s identity.')
param identityId string

@description('Client id of the app\'s identity.')
param identityClientId string

@description('Blob address of the runtime account.')
param runtimeBlobEndpoint string

@description('Queue address of the runtime account.')
param runtimeQueueEndpoint string

@description('Table address of the runtime account.')
param runtimeTableEndpoint string

@description('The container that holds the deployed package.')
param packageContainer string

@description('Blob address of the evidence account.')
param evidenceBlobEndpoint string

@description('Table address of the evidence account.')
param evidenceTableEndpoint string

@description('Queue address of the events account.')
param eventsQueueEndpoint string

@description('Address of the vault.')
param vaultUri string

@description('What the app must know to make desktops; null where it makes none.')
param desktops desktopsType?

@description('Name of the Application Insights component.')
param componentName string

@description('The workspace that gets the app\'s logs.')
param workspaceId string

@description('Id of the evidence account: where the staff\'s pages lead to in the portal.')
param evidenceAccountId string

@description('Id of the subnet the app sends from; empty for none.')
param subnetId string

@description('Whether the app answers on its public address.')
param publicDoor bool

@description('Size and bounds.')
param host hostType

@description('The notary office.')
param office officeType

@description('Time-stamp authorities, at least two.')
@minLength(2)
@maxLength(8)
param authorities authorityType[]

@description('Bounds on trusted time.')
param timeBounds timeBoundsType

@description('The consortium chain.')
param chain chainType

// What an instance of 2 GB can hold once. Larger files go to a signed address of storage (docs/api.md).
var requestBodyBytes = 256 * 1024 * 1024

// The tightest form of a public address is its origin: the app refuses a path.
var publicUrl = empty(office.publicUrl) ? 'https://${app.properties.defaultHostName}' : office.publicUrl

// What the Functions host reads. On Flex Consumption the runtime stands in functionAppConfig: FUNCTIONS_WORKER_RUNTIME and
// FUNCTIONS_EXTENSION_VERSION are refused as settings.
var hostSettings = {
  // `/` is the platform's own page, not the host's.
  AzureWebJobsDisableHomepage: 'true'
  // Without it the host overwrites X-Forwarded-For with its own neighbour, and rate limits see one client.
  ASPNETCORE_FORWARDEDHEADERS_ENABLED: 'true'
  // Bytes of one body that the host takes (100 MiB unless said), and past it answers 500 before the app is asked. A body with
  // a length is held whole in the host's memory at five times its size; one sent in chunks only passes through.
  FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: string(requestBodyBytes)
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  AzureWebJobsStorage__blobServiceUri: runtimeBlobEndpoint
  AzureWebJobsStorage__queueServiceUri: runtimeQueueEndpoint
  AzureWebJobsStorage__tableServiceUri: runtimeTableEndpoint
  APPLICATIONINSIGHTS_CONNECTION_STRING: component.properties.ConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
}

// The app's own settings. functions/Doors/Host/Settings.cs is the list; a test compares the two.
var appSettings = {
  EvidenceStorage__blobServiceUri: evidenceBlobEndpoint
  EvidenceStorage__queueServiceUri: eventsQueueEndpoint
  EvidenceStorage__tableServiceUri: evidenceTableEndpoint
  EvidenceStorage__credential: 'managedidentity'
  EvidenceStorage__clientId: identityClientId
  Notary__Vault__Uri: vaultUri
  Notary__Vault__LogKey: signingKeys[0].name
  Notary__Vault__LetterKey: signingKeys[1].name
  Notary__Vault__ChainKey: signingKeys[2].name
  Notary__Vault__DrawKey: signingKeys[4].name
  Notary__Vault__WrapKey: wrappingKey
  Notary__Identity__SigningKey: signingKeys[3].name
  Notary__Time__TimeoutSeconds: string(timeBounds.timeoutSeconds)
  Notary__Time__MaxSkewSeconds: string(timeBounds.maxSkewSeconds)
  Notary__Time__MaxDisagreementSeconds: string(timeBounds.maxDisagreementSeconds)
  Notary__Chain__RpcUrls: join(chain.rpcUrls, ' ')
  Notary__Chain__ChainId: string(chain.chainId)
  Notary__Chain__Contract: chain.contract
  Notary__Chain__Name: chain.name
  Notary__Chain__Operator: chain.operator
  Notary__Chain__Confirmations: string(chain.confirmations)
  Notary__Chain__AnchorIntervalSeconds: string(chain.anchorIntervalSeconds)
  Notary__Letters__CertificateChainPem: office.letterCertificateChain
  Notary__Office__Name: office.name
  Notary__Office__EnglishName: office.englishName
  Notary__Office__ShortName: office.shortName
  Notary__Office__Address: office.address
  Notary__Platform__Operator: office.platformOperator
  Notary__PublicUrl: publicUrl
  Notary__Log__Origin: office.logOrigin
  Notary__Operator__KeyHash: office.operatorKeyHash
  Notary__Portal__TenantId: tenant().tenantId
  Notary__Portal__Url: environment().portal
  Notary__Portal__EvidenceAccountId: evidenceAccountId
  Notary__Portal__WorkspaceId: workspaceId
  Notary__Portal__WorkbookId: resourceId('Microsoft.Insights/workbooks', guid(resourceGroup().id, workbookSeed))
  Notary__RateLimits__TenantPerSecond: string(host.tenantPerSecond)
  Notary__RateLimits__TenantBurst: string(host.tenantBurst)
  Notary__RateLimits__ClientPerSecond: string(host.clientPerSecond)
  Notary__RateLimits__ClientBurst: string(host.clientBurst)
  Notary__Limits__TenantRequestsPerMinute: string(host.tenantRequestsPerMinute)
  Notary__Limits__TenantItemsPerMinute: string(host.tenantItemsPerMinute)
  Notary__Limits__TenantBytesPerMinute: string(host.tenantBytesPerMinute)
  Notary__Limits__TenantUploads: string(host.tenantUploads)
  Notary__Limits__TenantStoredBytes: string(host.tenantStoredBytes)
  Notary__Limits__MaxConnections: string(host.maxConnections)
  Notary__Housekeeping__UploadDays: string(host.uploadDays)
  Notary__Housekeeping__ProcessDays: string(host.processDays)
  Notary__Housekeeping__PartialTileDays: string(host.partialTileDays)
  Notary__LogLevel: host.logLevel
}

var authorityNumbers = range(0, length(authorities))

var authorityNames = toObject(authorityNumbers, n => 'Notary__Time__Authorities__${n}__Name', n => authorities[n].name)

var authorityLegalNames = toObject(authorityNumbers, n => 'Notary__Time__Authorities__${n}__LegalName', n => authorities[n].legalName)

var authorityUrls = toObject(authorityNumbers, n => 'Notary__Time__Authorities__${n}__Url', n => authorities[n].url)

var authorityRoots = toObject(authorityNumbers, n => 'Notary__Time__Authorities__${n}__RootPem', n => authorities[n].rootPem)

var authorityPolicies = toObject(
  filter(authorityNumbers, n => !empty(authorities[n].?policyOid)),
  n => 'Notary__Time__Authorities__${n}__PolicyOid',
  n => authorities[n].?policyOid ?? ''
)

var telemetry = empty(host.?otlpEndpoint) ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: host.?otlpEndpoint ?? '' }

var staff = office.?staff == null ? {} : {
  Notary__Staff__Issuer: office.?staff.?issuer ?? ''
  Notary__Staff__ClientId: office.?staff.?clientId ?? ''
  Notary__Staff__ClientSecret: office.?staff.?clientSecretReference ?? ''
  Notary__Staff__RoleClaim: office.?staff.?roleClaim ?? ''
}

var formerContracts = empty(chain.?formerContracts ?? []) ? {} : {
  Notary__Chain__FormerContracts: join(chain.?formerContracts ?? [], ' ')
}

var draws = chain.?draws == null ? {} : {
  Notary__Draws__Registry: chain.?draws.?registry ?? ''
  Notary__Draws__DrandUrls: join(chain.?draws.?drandUrls ?? [], ' ')
  Notary__Draws__DrandChainHash: chain.?draws.?drandChainHash ?? ''
}

// The broker's identity makes machines and nothing else; the app is told which of its identities that is.
var desktopSettings = desktops == null ? {} : {
  Notary__Forensics__AtOnce: string(desktops.?sessions.atOnce)
  Notary__Forensics__ProvisioningSeconds: string(desktops.?sessions.provisioningSeconds)
  Notary__Forensics__WaitingSeconds: string(desktops.?sessions.waitingSeconds)
  Notary__Forensics__IdleSeconds: string(desktops.?sessions.idleSeconds)
  Notary__Forensics__LongestSeconds: string(desktops.?sessions.longestSeconds)
  Notary__Forensics__Azure__SubscriptionId: subscription().subscriptionId
  Notary__Forensics__Azure__SessionsGroup: desktops.?broker.sessionsGroup ?? ''
  Notary__Forensics__Azure__PoolGroup: desktops.?broker.poolGroup ?? ''
  Notary__Forensics__Azure__PoolName: desktops.?broker.poolName ?? ''
  Notary__Forensics__Azure__ImageVersionId: desktops.?sessions.imageVersionId ?? ''
  Notary__Forensics__Azure__SubnetId: desktops.?broker.subnetId ?? ''
  Notary__Forensics__Azure__LogRuleId: desktops.?broker.logRuleId ?? ''
  Notary__Forensics__Azure__MachineSize: desktops.?sessions.machineSize ?? ''
  Notary__Forensics__Azure__EphemeralDisk: (desktops.?sessions.ephemeralDisk ?? true) ? 'true' : 'false'
  Notary__Forensics__Azure__DesktopAddress: desktops.?address ?? ''
  Notary__Forensics__Azure__ClientId: desktops.?broker.clientId ?? ''
}

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: componentName
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true, zoneRedundant: host.zoneRedundant }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: appName
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: union({ '${identityId}': {} }, desktops == null ? {} : { '${desktops.?brokerId ?? identityId}': {} })
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    publicNetworkAccess: publicDoor ? 'Enabled' : 'Disabled'
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    // Settings that refer to a secret in a vault are read by the app's own identity.
    keyVaultReferenceIdentity: identityId
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${runtimeBlobEndpoint}${packageContainer}'
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
        }
      }
      runtime: { name: 'dotnet-isolated', version: '10.0' }
      scaleAndConcurrency: {
        maximumInstanceCount: host.maximumInstances
        instanceMemoryMB: host.instanceMemoryMB
        alwaysReady: concat(
          host.alwaysReadyHttp > 0 ? [{ name: 'http', instanceCount: host.alwaysReadyHttp }] : [],
          host.alwaysReadyDurable > 0 ? [{ name: 'durable', instanceCount: host.alwaysReadyDurable }] : [],
          host.alwaysReadyTimer > 0 ? [{ name: 'function:Sweep', instanceCount: host.alwaysReadyTimer }] : []
        )
        triggers: { http: { perInstanceConcurrency: host.httpConcurrency } }
      }
    }
  }
}

resource settings 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: app
  name: 'appsettings'
  properties: union(
    hostSettings, appSettings, authorityNames, authorityLegalNames, authorityUrls, authorityRoots, authorityPolicies, telemetry, staff, formerContracts,
    draws,
    desktopSettings)
}

// Two resources, not a loop over names: the compiler checks a resource of this type only under a literal name.
resource noFtpPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'ftp'
  properties: { allow: false }
}

resource noScmPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: app
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

@description('Id of the app.')
output appId string = app.id

@description('Name of the app.')
output appName string = app.name

@description('The app\'s public address, without a path.')
output publicUrl string = publicUrl
