// Roles for remote forensics, split by place: what the broker does in the pool, what it does with machines, and what it
// only uses. None of them reaches evidence, keys or another resource group.

targetScope = 'subscription'

import { roleNamesType } from '../types.bicep'

@description('What the roles\' titles begin with; unique in the tenant.')
param prefix string

@description('Names of the roles by duty.')
param names roleNamesType

@description('Resource groups in which the roles may be given.')
param assignableScopes string[]

resource pool 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: names.pool
  properties: {
    roleName: '${prefix} desktop broker: pool'
    description: 'Asks for a registration token, assigns a desktop to a person, sends messages, logs off, removes the desktop.'
    type: 'CustomRole'
    assignableScopes: assignableScopes
    permissions: [
      {
        actions: [
          'Microsoft.DesktopVirtualization/hostPools/read'
          // A new registration token is a change of the pool; the service has no narrower right. The pool's settings are
          // in its log, and every deployment puts them back.
          'Microsoft.DesktopVirtualization/hostPools/write'
          'Microsoft.DesktopVirtualization/hostPools/retrieveRegistrationToken/action'
          'Microsoft.DesktopVirtualization/hostPools/sessionHosts/read'
          'Microsoft.DesktopVirtualization/hostPools/sessionHosts/write'
          'Microsoft.DesktopVirtualization/hostPools/sessionHosts/delete'
          'Microsoft.DesktopVirtualization/hostPools/sessionHosts/userSessions/read'
          'Microsoft.DesktopVirtualization/hostPools/sessionHosts/userSessions/delete'
          'Microsoft.DesktopVirtualization/hostPools/sessionHosts/userSessions/disconnect/action'
          'Microsoft.DesktopVirtualization/hostPools/sessionHosts/userSessions/sendMessage/action'
        ]
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
  }
}

resource machines 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: names.machines
  properties: {
    roleName: '${prefix} desktop broker: machines'
    description: 'Makes and deletes machines with their disks, interfaces and extensions, by deployment. Cannot log in, run commands or read disks.'
    type: 'CustomRole'
    assignableScopes: assignableScopes
    permissions: [
      {
        actions: [
          'Microsoft.Resources/subscriptions/resourceGroups/read'
          'Microsoft.Resources/deployments/read'
          'Microsoft.Resources/deployments/write'
          'Microsoft.Resources/deployments/delete'
          'Microsoft.Resources/deployments/cancel/action'
          'Microsoft.Resources/subscriptions/resourceGroups/resources/read'
          'Microsoft.Resources/deployments/validate/action'
          'Microsoft.Resources/deployments/operations/read'
          'Microsoft.Resources/deployments/operationStatuses/read'
          'Microsoft.Compute/virtualMachines/read'
          'Microsoft.Compute/virtualMachines/write'
          'Microsoft.Compute/virtualMachines/delete'
          'Microsoft.Compute/virtualMachines/instanceView/read'
          'Microsoft.Compute/virtualMachines/start/action'
          'Microsoft.Compute/virtualMachines/deallocate/action'
          'Microsoft.Compute/virtualMachines/extensions/read'
          'Microsoft.Compute/virtualMachines/extensions/write'
          'Microsoft.Compute/virtualMachines/extensions/delete'
          'Microsoft.Compute/disks/read'
          'Microsoft.Compute/disks/write'
          'Microsoft.Compute/disks/delete'
          'Microsoft.Network/networkInterfaces/read'
          'Microsoft.Network/networkInterfaces/write'
          'Microsoft.Network/networkInterfaces/delete'
          'Microsoft.Network/networkInterfaces/join/action'
          'Microsoft.Insights/dataCollectionRuleAssociations/read'
          'Microsoft.Insights/dataCollectionRuleAssociations/write'
          'Microsoft.Insights/dataCollectionRuleAssociations/delete'
        ]
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
  }
}

resource uses 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: names.uses
  properties: {
    roleName: '${prefix} desktop broker: uses'
    description: 'Puts a machine into the desktops\' subnet, from a version of the image, under the rule that collects its logs.'
    type: 'CustomRole'
    assignableScopes: assignableScopes
    permissions: [
      {
        actions: [
          'Microsoft.Network/virtualNetworks/subnets/read'
          'Microsoft.Network/virtualNetworks/subnets/join/action'
          'Microsoft.Compute/galleries/read'
          'Microsoft.Compute/galleries/images/read'
          'Microsoft.Compute/galleries/images/versions/read'
          'Microsoft.Insights/dataCollectionRules/read'
        ]
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
  }
}

resource grants 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: names.grants
  properties: {
    roleName: '${prefix} desktop broker: grants'
    description: 'Gives and takes roles. Only ever assigned with a condition that names the one role it may give.'
    type: 'CustomRole'
    assignableScopes: assignableScopes
    permissions: [
      {
        actions: [
          'Microsoft.Authorization/roleAssignments/read'
          'Microsoft.Authorization/roleAssignments/write'
          'Microsoft.Authorization/roleAssignments/delete'
        ]
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
  }
}

resource baker 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: names.baker
  properties: {
    roleName: '${prefix} image baker'
    description: 'Adds versions to the gallery. Cannot delete any.'
    type: 'CustomRole'
    assignableScopes: assignableScopes
    permissions: [
      {
        actions: [
          'Microsoft.Compute/galleries/read'
          'Microsoft.Compute/galleries/images/read'
          'Microsoft.Compute/galleries/images/versions/read'
          'Microsoft.Compute/galleries/images/versions/write'
          'Microsoft.Compute/images/read'
          'Microsoft.Compute/images/write'
          'Microsoft.Compute/images/delete'
        ]
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
  }
}
