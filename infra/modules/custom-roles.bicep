// Roles that Azure does not have ready: each holds the fewest rights that its duty can be done with.

targetScope = 'subscription'

import { roleNamesType } from '../types.bicep'

@description('What the roles\' titles begin with; unique in the tenant.')
param prefix string

@description('Names of the roles by duty.')
param names roleNamesType

@description('Resource groups in which the roles may be given.')
param assignableScopes string[]

// The built-in Crypto User may also encrypt, back up and change a key.
resource signer 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: names.signer
  properties: {
    roleName: '${prefix} key signer'
    description: 'Reads a key\'s public half and signs with it. Nothing else.'
    type: 'CustomRole'
    assignableScopes: assignableScopes
    permissions: [
      {
        actions: []
        notActions: []
        dataActions: ['Microsoft.KeyVault/vaults/keys/read', 'Microsoft.KeyVault/vaults/keys/sign/action']
        notDataActions: []
      }
    ]
  }
}

resource clerk 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: names.clerk
  properties: {
    roleName: '${prefix} clerk'
    description: 'Opens the dashboard and the workbook, sees the platform\'s and the desktops\' state. No evidence, no keys, no change.'
    type: 'CustomRole'
    assignableScopes: assignableScopes
    permissions: [
      {
        actions: [
          'Microsoft.Resources/subscriptions/resourceGroups/read'
          'Microsoft.Portal/dashboards/read'
          'Microsoft.Insights/workbooks/read'
          'Microsoft.Insights/components/read'
          'Microsoft.Insights/components/query/read'
          'Microsoft.Insights/metrics/read'
          'Microsoft.Insights/metricDefinitions/read'
          'Microsoft.OperationalInsights/workspaces/read'
          'Microsoft.OperationalInsights/workspaces/query/read'
          'Microsoft.OperationalInsights/workspaces/query/AppTraces/read'
          'Microsoft.OperationalInsights/workspaces/query/WVDConnections/read'
          'Microsoft.Web/sites/read'
          'Microsoft.DesktopVirtualization/hostPools/read'
          'Microsoft.DesktopVirtualization/hostPools/sessionHosts/read'
          'Microsoft.DesktopVirtualization/hostPools/sessionHosts/userSessions/read'
        ]
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
  }
}

resource auditor 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: names.auditor
  properties: {
    roleName: '${prefix} auditor'
    description: 'Reads every setting, every role and every log. No evidence, no keys, no change.'
    type: 'CustomRole'
    assignableScopes: assignableScopes
    permissions: [
      {
        // `*/read` is about resources; blobs, rows and keys are data actions, which are absent, and what shows a password or a token is an action, not a read.
        actions: ['*/read']
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
  }
}
