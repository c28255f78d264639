// Who may do what with desktops, in the group of the control plane. README.md says why.

import { builtInRoles } from '../roles.bicep'

@description('Name of the host pool.')
param poolName string

@description('Name of the application group.')
param groupName string

@description('Name of the account that keeps flow logs.')
param flowAccountName string

@description('Object id of the broker.')
param brokerPrincipalId string

@description('Object id of the identity that bakes images.')
param bakerPrincipalId string

@description('Object id of the identity that writes flow logs.')
param flowsPrincipalId string

@description('Object id of the group of people who use desktops; empty assigns nothing.')
param forensicUsersId string

@description('Id of the broker\'s role for the pool.')
param poolRoleId string

@description('Id of the broker\'s role for what it only uses.')
param usesRoleId string

@description('Id of the baker\'s role.')
param bakerRoleId string

resource pool 'Microsoft.DesktopVirtualization/hostPools@2025-10-10' existing = {
  name: poolName
}

resource group 'Microsoft.DesktopVirtualization/applicationGroups@2025-10-10' existing = {
  name: groupName
}

resource flowAccount 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: flowAccountName
}

resource brokerInPool 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(pool.id, brokerPrincipalId, poolRoleId)
  scope: pool
  properties: {
    principalId: brokerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: poolRoleId
    description: 'Assigns, logs off and removes desktops.'
  }
}

resource brokerUses 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, brokerPrincipalId, usesRoleId)
  properties: {
    principalId: brokerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: usesRoleId
    description: 'Subnet, image versions and log rule of new machines.'
  }
}

resource bakerBakes 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, bakerPrincipalId, bakerRoleId)
  properties: {
    principalId: bakerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: bakerRoleId
    description: 'Image builder adds versions to the gallery.'
  }
}

resource flowsWrite 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(flowAccount.id, flowsPrincipalId, builtInRoles.blobDataContributor)
  scope: flowAccount
  properties: {
    principalId: flowsPrincipalId
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
