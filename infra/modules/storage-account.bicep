// One storage account for one duty. Identities only: no key opens it, and no blob in it is public.

import { containerType, expiryType, tagsType } from '../types.bicep'

@description('Region.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the account: 3 to 24 lower-case letters and digits, unique in the world.')
@minLength(3)
@maxLength(24)
param name string

@description('Redundancy.')
param sku 'Standard_LRS' | 'Standard_ZRS' | 'Standard_GRS' | 'Standard_GZRS' | 'Standard_RAGRS' | 'Standard_RAGZRS'

@description('Containers.')
param containers containerType[]

@description('True once the write-once policies have been locked: the service takes no second policy for a locked one, so none is sent.')
param policiesLocked bool = false

@description('Queues.')
param queues string[]

@description('Tables.')
param tables string[]

@description('Keep every version of a blob, and a feed of all changes. Write-once containers need it.')
param versioned bool

@description('Days for which deleted blobs and containers can be brought back.')
@minValue(1)
@maxValue(365)
param softDeleteDays int

@description('Rules that delete what is no longer needed.')
param expiries expiryType[]

@description('Whether the account has a public address. Off, it answers on private endpoints only.')
param publicAccess bool

@description('On a public address: true admits every network, false only trusted Azure services. Either way an identity is needed.')
param openToNetworks bool

@description('Nobody deletes the account before this is taken off by a step of its own.')
param guarded bool

@description('Origins whose pages may put blobs here by a signed address. None where only programs come.')
param browserOrigins string[] = []

@description('The workspace that gets the account\'s logs.')
param workspaceId string

resource account 'Microsoft.Storage/storageAccounts@2026-09-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: sku }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    networkAcls: {
      // Event Grid and the flow logs come in as trusted services; they still need their identity's role.
      bypass: 'AzureServices'
      defaultAction: publicAccess && openToNetworks ? 'Allow' : 'Deny'
      ipRules: []
      virtualNetworkRules: []
    }
    encryption: {
      keySource: 'Microsoft.Storage'
      requireInfrastructureEncryption: true
      // Queues and tables are encrypted under the account's key like blobs; it can only be chosen now.
      services: {
        blob: { enabled: true, keyType: 'Account' }
        file: { enabled: true, keyType: 'Account' }
        queue: { enabled: true, keyType: 'Account' }
        table: { enabled: true, keyType: 'Account' }
      }
    }
    // A shared access signature of ours is good for one blob and a day (functions/Systems/Deposits/Uploads.cs); longer ones are logged.
    sasPolicy: { expirationAction: 'Log', sasExpirationPeriod: '1.01:00:00' }
  }
}

resource blobService 'Microsoft.Storage/storageAccounts/blobServices@2026-09-01' = {
  parent: account
  name: 'default'
  properties: {
    isVersioningEnabled: versioned
    changeFeed: versioned ? { enabled: true } : { enabled: false }
    deleteRetentionPolicy: { enabled: true, days: softDeleteDays }
    containerDeleteRetentionPolicy: { enabled: true, days: softDeleteDays }
    // Blocks and their list, and why one was refused: all that the page of new deposits does (functions/Doors/Console/browser/staging.mjs).
    cors: {
      corsRules: empty(browserOrigins) ? [] : [
        {
          allowedOrigins: browserOrigins
          allowedMethods: ['PUT']
          allowedHeaders: ['content-type', 'if-none-match']
          exposedHeaders: ['x-ms-error-code']
          maxAgeInSeconds: 3600
        }
      ]
    }
  }
}

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2026-09-01' = {
  parent: account
  name: 'default'
  properties: {}
}

resource tableService 'Microsoft.Storage/storageAccounts/tableServices@2026-09-01' = {
  parent: account
  name: 'default'
  properties: {}
}

resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2026-09-01' = [
  for item in containers: {
    parent: blobService
    name: item.name
    properties: union(
      { publicAccess: 'None' },
      item.wormDays > 0 ? { immutableStorageWithVersioning: { enabled: true } } : {}
    )
  }
]

// Unlocked: the period can still be changed. Locking is a step of its own that nobody can take back (docs/deployment.md).
resource writeOnce 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies@2026-09-01' = [
  for (item, i) in containers: if (item.wormDays > 0 && !policiesLocked) {
    parent: container[i]
    name: 'default'
    properties: {
      immutabilityPeriodSinceCreationInDays: item.wormDays
      allowProtectedAppendWrites: false
    }
  }
]

resource queue 'Microsoft.Storage/storageAccounts/queueServices/queues@2026-09-01' = [
  for item in queues: {
    parent: queueService
    name: item
    properties: {}
  }
]

resource table 'Microsoft.Storage/storageAccounts/tableServices/tables@2026-09-01' = [
  for item in tables: {
    parent: tableService
    name: item
    properties: {}
  }
]

resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2026-09-01' = if (!empty(expiries)) {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        for rule in expiries: {
          name: rule.name
          enabled: true
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: [rule.prefix] }
            actions: union(
              rule.blobDays > 0 ? { baseBlob: { delete: { daysAfterModificationGreaterThan: rule.blobDays } } } : {},
              rule.versionDays > 0 ? { version: { delete: { daysAfterCreationGreaterThan: rule.versionDays } } } : {}
            )
          }
        }
      ]
    }
  }
  dependsOn: [blobService, container]
}

resource guard 'Microsoft.Authorization/locks@2020-05-01' = if (guarded) {
  name: 'evidence'
  scope: account
  properties: { level: 'CanNotDelete', notes: 'Evidence. Taking this lock off is a decision of the office, not of an operator.' }
}

resource accountMetrics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'metrics'
  scope: account
  properties: {
    workspaceId: workspaceId
    metrics: [{ category: 'Transaction', enabled: true }]
  }
}

resource blobLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: blobService
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
  }
}

resource queueLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: queueService
  properties: {
    workspaceId: workspaceId
    // Writes only: the app polls its queues every two seconds, and an empty poll says nothing.
    logs: [{ category: 'StorageWrite', enabled: true }]
  }
}

resource tableLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: tableService
  properties: {
    workspaceId: workspaceId
    // Who deleted rows; reads and writes are the app's every breath and would cost more than the platform.
    logs: [{ category: 'StorageDelete', enabled: true }]
  }
}

@description('Id of the account.')
output id string = account.id

@description('Name of the account.')
output name string = account.name

@description('Address of the blob service.')
output blobEndpoint string = account.properties.primaryEndpoints.blob

@description('Address of the queue service.')
output queueEndpoint string = account.properties.primaryEndpoints.queue

@description('Address of the table service.')
output tableEndpoint string = account.properties.primaryEndpoints.table
