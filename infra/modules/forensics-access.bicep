// Who may do what with desktops, in the group of the control plane. README.md says why.

import { builtInRoles } from '../roles.bicep'

@description('Name of the host pool.')
param poolName string

@description('Name of the application group.')
param groupName string

@description('Name of the account that keeps flow logs.')
param flowAccountName string

@description('Name of the broker\'s identity.')
param brokerIdentityName string

@description('Name of the identity that bakes images.')
param bakerIdentityName string

@description('Name of the identity that writes flow logs.')
param flowsIdentityName string

@description('Object id of the group of people who use desktops; empty assigns nothing.')
param forensicUsersId string

@description('Id of the broker\'s role for the pool.')
param poolRoleId string

@description('Id of the broker\'s role for what it only uses.')
param usesRoleId string

@description('Id of the baker\'s role.')
param bakerRoleId string

resource broker 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: brokerIdentityName
}

resource baker 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: bakerIdentityName
}

resource flows 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: flowsIdentityName
}

resource pool 'Microsoft.DesktopVirtualization/hostPools@2025-10-10' existing = {
  name: poolName
}

resource group 'Microsoft.DesktopVirtualization/applicationGroups@2025-10-10' existing = {
  name: groupName
}

resource flowAccount 'Microsoft.Storage/storageAccounts@2026-09-01' existing = {
  name: flowAccountName
}

resource brokerInPool 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(pool.id, broker.id, poolRoleId)
  scope: pool
  properties: {
    principalId: broker.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: poolRoleId
    description: 'Assigns, logs off and removes desktops.'
  }
}

resource brokerUses 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, broker.id, usesRoleId)
  properties: {
    principalId: broker.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: usesRoleId
    description: 'Subnet, image versions and log rule of new machines.'
  }
}

resource bakerBakes 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, baker.id, bakerRoleId)
  properties: {
    principalId: baker.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: bakerRoleId
    description: 'Image builder adds versions to the gallery.'
  }
}

resource flowsWrite 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(flowAccount.id, flows.id, builtInRoles.blobDataContributor)
  scope: flowAccount
  properties: {
    principalId: flows.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInRoles.blobDataContributor)
    description: 'Network watcher writes flow logs.'
  }
}

// May see the pool's desktop; without an assignment of a machine to the person there is none to open.
resource people 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(forensicUsersId)) {
  name: guid(group.id, forensicUsersId, builtInRoles.desktopUser)
  scope: group
  properties: {
    principalId: forensicUsersId
    principalType: 'Group'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInRoles.desktopUser)
    description: 'People who may be given a forensic desktop.'
  }
}
