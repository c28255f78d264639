// Who may do what in the group that holds nothing but the machines of running sessions.

import { builtInRoles } from '../roles.bicep'

@description('Name of the broker\'s identity.')
param brokerIdentityName string

@description('Resource group of the broker\'s identity.')
param identityGroupName string

@description('Id of the broker\'s role for machines.')
param machinesRoleId string

@description('Id of the broker\'s role that gives roles.')
param grantsRoleId string

// Whatever is given or taken must be the right to log in to a machine as a user, and nothing else.
var loginOnly = '((!(ActionMatches{\'Microsoft.Authorization/roleAssignments/write\'})) OR (@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${builtInRoles.machineUserLogin}})) AND ((!(ActionMatches{\'Microsoft.Authorization/roleAssignments/delete\'})) OR (@Resource[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${builtInRoles.machineUserLogin}}))'

resource broker 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: brokerIdentityName
  scope: resourceGroup(identityGroupName)
}

resource brokerMachines 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, broker.id, machinesRoleId)
  properties: {
    principalId: broker.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: machinesRoleId
    description: 'Makes and deletes the machines of sessions.'
  }
}

resource brokerGrants 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, broker.id, grantsRoleId)
  properties: {
    principalId: broker.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: grantsRoleId
    description: 'Lets the session\'s person log in to the session\'s machine.'
    condition: loginOnly
    conditionVersion: '2.0'
  }
}
