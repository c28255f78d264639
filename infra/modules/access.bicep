// Who may do what on the platform's data and keys. README.md says why, line by line.
// Tables, blobs and queues are granted on the account of their duty, not one by one: the app creates what is missing at
// start-up, which a right on a single container does not surely allow, and each of these accounts holds nothing else.

import { builtInRoles } from '../roles.bicep'
import { deadLetterContainer, signingKeys, uploadsQueue, wrappingKey } from '../names.bicep'

@description('Name of the runtime account.')
param runtimeAccountName string

@description('Name of the evidence account.')
param evidenceAccountName string

@description('Name of the events account.')
param eventsAccountName string

@description('Name of the vault.')
param vaultName string

@description('Name of the Application Insights component.')
param componentName string

@description('Name of the app\'s identity.')
param appIdentityName string

@description('Name of the identity that delivers events.')
param eventsIdentityName string

@description('Object id of the custodians\' group; empty assigns nothing.')
param custodiansId string

@description('Object id of the group of those who copy to the standby; empty assigns nothing.')
param copiersId string

@description('Id of the role that may use a key to sign and nothing else.')
param signerRoleId string

// Identities by name: an assignment whose name hangs on what was deployed a moment ago cannot be previewed.
resource appIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: appIdentityName
}

resource eventsIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: eventsIdentityName
}

resource runtimeAccount 'Microsoft.Storage/storageAccounts@2026-09-01' existing = {
  name: runtimeAccountName
}

resource evidenceAccount 'Microsoft.Storage/storageAccounts@2026-09-01' existing = {
  name: evidenceAccountName
}

resource eventsAccount 'Microsoft.Storage/storageAccounts@2026-09-01' existing = {
  name: eventsAccountName

  resource queues 'queueServices' existing = {
    name: 'default'

    resource uploads 'queues' existing = {
      name: uploadsQueue
    }
  }

  resource blobs 'blobServices' existing = {
    name: 'default'

    resource undelivered 'containers' existing = {
      name: deadLetterContainer
    }
  }
}

resource vault 'Microsoft.KeyVault/vaults@2026-05-15' existing = {
  name: vaultName
}

resource signingKey 'Microsoft.KeyVault/vaults/keys@2026-05-15' existing = [
  for key in signingKeys: {
    parent: vault
    name: key.name
  }
]

resource wrapping 'Microsoft.KeyVault/vaults/keys@2026-05-15' existing = {
  parent: vault
  name: wrappingKey
}

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: componentName
}

// The Functions host keeps its locks, its package and its timers' times here.
resource hostBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(runtimeAccount.id, appIdentity.id, builtInRoles.blobDataOwner)
  scope: runtimeAccount
  properties: {
    principalId: appIdentity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInRoles.blobDataOwner)
    description: 'The Functions host leases blobs for its singletons and reads the deployed package.'
  }
}

resource hostQueues 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(runtimeAccount.id, appIdentity.id, builtInRoles.queueDataContributor)
  scope: runtimeAccount
  properties: {
    principalId: appIdentity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInRoles.queueDataContributor)
    description: 'The Functions host\'s own queues.'
  }
}

resource hostTables 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(runtimeAccount.id, appIdentity.id, builtInRoles.tableDataContributor)
  scope: runtimeAccount
  properties: {
    principalId: appIdentity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInRoles.tableDataContributor)
    description: 'The Functions host\'s diagnostic events.'
  }
}

resource appBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(evidenceAccount.id, appIdentity.id, builtInRoles.blobDataContributor)
  scope: evidenceAccount
  properties: {
    principalId: appIdentity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInRoles.blobDataContributor)
    description: 'Originals, log, letters, staging, uploads, and the borrowed key that signs upload addresses.'
  }
}

resource appTables 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(evidenceAccount.id, appIdentity.id, builtInRoles.tableDataContributor)
  scope: evidenceAccount
  properties: {
    principalId: appIdentity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInRoles.tableDataContributor)
    description: 'Deposits, checkpoints, the task hub, tenants, keys\' hashes, the chain\'s ledger.'
  }
}

resource appQueues 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(eventsAccount.id, appIdentity.id, builtInRoles.queueDataContributor)
  scope: eventsAccount
  properties: {
    principalId: appIdentity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInRoles.queueDataContributor)
    description: 'Upload events; the host moves hopeless messages to the poison queue.'
  }
}

resource appSigns 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (key, i) in signingKeys: {
    name: guid(signingKey[i].id, appIdentity.id, signerRoleId)
    scope: signingKey[i]
    properties: {
      principalId: appIdentity.properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: signerRoleId
      description: 'Reads the public half of ${key.name} and signs with it.'
    }
  }
]

resource appWraps 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(wrapping.id, appIdentity.id, builtInRoles.keyWrapper)
  scope: wrapping
  properties: {
    principalId: appIdentity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInRoles.keyWrapper)
    description: 'Wraps and unwraps the originals\' data keys.'
  }
}

resource appTells 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(component.id, appIdentity.id, builtInRoles.metricsPublisher)
  scope: component
  properties: {
    principalId: appIdentity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInRoles.metricsPublisher)
    description: 'Sends telemetry; nothing else can, because local authentication is off.'
  }
}

resource eventsArrive 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(eventsAccount::queues::uploads.id, eventsIdentity.id, builtInRoles.queueMessageSender)
  scope: eventsAccount::queues::uploads
  properties: {
    principalId: eventsIdentity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInRoles.queueMessageSender)
    description: 'Event Grid adds messages to this one queue.'
  }
}

resource eventsFail 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(eventsAccount::blobs::undelivered.id, eventsIdentity.id, builtInRoles.blobDataContributor)
  scope: eventsAccount::blobs::undelivered
  properties: {
    principalId: eventsIdentity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInRoles.blobDataContributor)
    description: 'Event Grid keeps what it could not deliver.'
  }
}

// The officer's role includes signing: the certificate request for letters must be signed by the letter key. So it is held
// for a ceremony and given back (docs/deployment.md), and an alert names every signature that the app did not make.
resource custodians 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(custodiansId)) {
  name: guid(vault.id, custodiansId, builtInRoles.keyOfficer)
  scope: vault
  properties: {
    principalId: custodiansId
    principalType: 'Group'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInRoles.keyOfficer)
    description: 'The key ceremony: certificate request for letters, rotation, disabling a key.'
  }
}

resource copiersBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(copiersId)) {
  name: guid(evidenceAccount.id, copiersId, builtInRoles.blobDataReader)
  scope: evidenceAccount
  properties: {
    principalId: copiersId
    principalType: 'Group'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInRoles.blobDataReader)
    description: 'What replication has not copied when the standby takes over.'
  }
}

resource copiersTables 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(copiersId)) {
  name: guid(evidenceAccount.id, copiersId, builtInRoles.tableDataReader)
  scope: evidenceAccount
  properties: {
    principalId: copiersId
    principalType: 'Group'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInRoles.tableDataReader)
    description: 'The nightly copy of the rows.'
  }
}
