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

@description('Object id of the app\'s identity.')
param appPrincipalId string

@description('Object id of the identity that delivers events.')
param eventsPrincipalId string

@description('Object id of the custodians\' group; empty assigns nothing.')
param custodiansId string

@description('Id of the role that may use a key to sign and nothing else.')
param signerRoleId string

resource runtimeAccount 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: runtimeAccountName
}

resource evidenceAccount 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: evidenceAccountName
}

resource eventsAccount 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
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

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' existing = {
  name: vaultName
}

resource signingKey 'Microsoft.KeyVault/vaults/keys@2025-05-01' existing = [
  for key in signingKeys: {
    parent: vault
    name: key.name
  }
]

resource wrapping 'Microsoft.KeyVault/vaults/keys@2025-05-01' existing = {
  parent: vault
  name: wrappingKey
}

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: componentName
}

// The Functions host keeps its locks, its package and its timers' times here.
resource hostBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(runtimeAccount.id, appPrincipalId, builtInRoles.blobDataOwner)
  scope: runtimeAccount
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInRoles.blobDataOwner)
    description: 'The Functions host leases blobs for its singletons and reads the deployed package.'
  }
}

resource hostQueues 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(runtimeAccount.id, appPrincipalId, builtInRoles.queueDataContributor)
  scope: runtimeAccount
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInRoles.queueDataContributor)
    description: 'The Functions host\'s own queues.'
  }
}

resource hostTables 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(runtimeAccount.id, appPrincipalId, builtInRoles.tableDataContributor)
  scope: runtimeAccount
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInRoles.tableDataContributor)
    description: 'The Functions host\'s diagnostic events.'
  }
}

resource appBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(evidenceAccount.id, appPrincipalId, builtInRoles.blobDataContributor)
  scope: evidenceAccount
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInRoles.blobDataContributor)
    description: 'Originals, log, letters, staging, uploads, and the borrowed key that signs upload addresses.'
  }
}

resource appTables 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(evidenceAccount.id, appPrincipalId, builtInRoles.tableDataContributor)
  scope: evidenceAccount
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInRoles.tableDataContributor)
    description: 'Deposits, checkpoints, processes, tenants, keys\' hashes, the chain\'s ledger.'
  }
}

resource appQueues 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(eventsAccount.id, appPrincipalId, builtInRoles.queueDataContributor)
  scope: eventsAccount
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInRoles.queueDataContributor)
    description: 'Upload events; the host moves hopeless messages to the poison queue.'
  }
}

resource appSigns 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (key, i) in signingKeys: {
    name: guid(signingKey[i].id, appPrincipalId, signerRoleId)
    scope: signingKey[i]
    properties: {
      principalId: appPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: signerRoleId
      description: 'Reads the public half of ${key.name} and signs with it.'
    }
  }
]

resource appWraps 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(wrapping.id, appPrincipalId, builtInRoles.keyWrapper)
  scope: wrapping
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInRoles.keyWrapper)
    description: 'Wraps and unwraps the originals\' data keys.'
  }
}

resource appTells 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(component.id, appPrincipalId, builtInRoles.metricsPublisher)
  scope: component
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInRoles.metricsPublisher)
    description: 'Sends telemetry; nothing else can, because local authentication is off.'
  }
}

resource eventsArrive 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(eventsAccount::queues::uploads.id, eventsPrincipalId, builtInRoles.queueMessageSender)
  scope: eventsAccount::queues::uploads
  properties: {
    principalId: eventsPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInRoles.queueMessageSender)
    description: 'Event Grid adds messages to this one queue.'
  }
}

resource eventsFail 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(eventsAccount::blobs::undelivered.id, eventsPrincipalId, builtInRoles.blobDataContributor)
  scope: eventsAccount::blobs::undelivered
  properties: {
    principalId: eventsPrincipalId
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
