// Who may do what on the standby account: the app, so that it can go on there at once. While replication is on, the
// service itself refuses every write to the copied containers.

import { builtInRoles } from '../roles.bicep'

@description('Name of the standby account.')
param accountName string

@description('Name of the app\'s identity.')
param appIdentityName string

@description('Object id of the group of those who copy to the standby; empty assigns nothing.')
param copiersId string

@description('Resource group of the app\'s identity.')
param identityGroupName string

resource account 'Microsoft.Storage/storageAccounts@2026-09-01' existing = {
  name: accountName
}

resource app 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: appIdentityName
  scope: resourceGroup(identityGroupName)
}

resource appBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, app.id, builtInRoles.blobDataContributor)
  scope: account
  properties: {
    principalId: app.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInRoles.blobDataContributor)
    description: 'The same as on the evidence account, for the day it is lost.'
  }
}

resource appTables 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, app.id, builtInRoles.tableDataContributor)
  scope: account
  properties: {
    principalId: app.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInRoles.tableDataContributor)
    description: 'The same as on the evidence account, for the day it is lost.'
  }
}

resource copiersBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(copiersId)) {
  name: guid(account.id, copiersId, builtInRoles.blobDataContributor)
  scope: account
  properties: {
    principalId: copiersId
    principalType: 'Group'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInRoles.blobDataContributor)
    description: 'What replication has not copied when the standby takes over.'
  }
}

resource copiersTables 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(copiersId)) {
  name: guid(account.id, copiersId, builtInRoles.tableDataContributor)
  scope: account
  properties: {
    principalId: copiersId
    principalType: 'Group'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInRoles.tableDataContributor)
    description: 'The nightly copy of the rows.'
  }
}
