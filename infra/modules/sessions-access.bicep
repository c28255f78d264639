// Who may do what in the group that holds nothing but the machines of running sessions.

import { builtInRoles } from '../roles.bicep'

@description('Object id of the broker.')
param brokerPrincipalId string

@description('Object id of the tenant\'s desktop service; empty assigns nothing.')
param desktopServicePrincipalId string

@description('Id of the broker\'s role for machines.')
param machinesRoleId string

@description('Id of the broker\'s role that gives roles.')
param grantsRoleId string

// Whatever is given or taken must be the right to log in to a machine as a user, and nothing else.
var loginOnly = '((!(ActionMatches{\'Microsoft.Authorization/roleAssignments/write\'})) OR (@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${builtInRoles.machineUserLogin}})) AND ((!(ActionMatches{\'Microsoft.Authorization/roleAssignments/delete\'})) OR (@Resource[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${builtInRoles.machineUserLogin}}))'

resource brokerMachines 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, brokerPrincipalId, machinesRoleId)
  properties: {
    principalId: brokerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: machinesRoleId
    description: 'Makes and deletes the machines of sessions.'
  }
}

resource brokerGrants 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, brokerPrincipalId, grantsRoleId)
  properties: {
    principalId: brokerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: grantsRoleId
    description: 'Lets the session\'s person log in to the session\'s machine.'
    condition: loginOnly
    conditionVersion: '2.0'
  }
}

resource spares 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(desktopServicePrincipalId)) {
  name: guid(resourceGroup().id, desktopServicePrincipalId, builtInRoles.desktopPowerOn)
  properties: {
    principalId: desktopServicePrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInRoles.desktopPowerOn)
    description: 'The desktop service starts a deallocated spare when its person connects.'
  }
}
