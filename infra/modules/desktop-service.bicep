// The desktop service starts deallocated spares only with a role at the subscription: it does not look below
// (Start VM on Connect). Two installations in one subscription give it the same assignment twice, which is once.

targetScope = 'subscription'

import { builtInRoles } from '../roles.bicep'

@description('Object id of the tenant\'s desktop service.')
param desktopServicePrincipalId string

resource spares 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, desktopServicePrincipalId, builtInRoles.desktopPowerOn)
  properties: {
    principalId: desktopServicePrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInRoles.desktopPowerOn)
    description: 'The desktop service starts a deallocated spare when its person connects.'
  }
}
