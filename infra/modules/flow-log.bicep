// Every connection of the desktops' network, below the firewall's names: who spoke to whom, when, how much. A flow log is
// a child of the region's network watcher, so this module is deployed into the watcher's resource group.

import { tagsType } from '../types.bicep'

@description('Region.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the network watcher.')
param watcherName string

@description('Name of the flow log.')
param name string

@description('Id of the network.')
param networkId string

@description('Id of the account that keeps the log.')
param storageId string

@description('Id of the identity that writes it.')
param identityId string

@description('Days that it is kept.')
@minValue(1)
@maxValue(3650)
param days int

@description('The workspace that gets the aggregated flows.')
param workspaceId string

resource watcher 'Microsoft.Network/networkWatchers@2026-03-01' existing = {
  name: watcherName
}

resource flowLog 'Microsoft.Network/networkWatchers/flowLogs@2026-03-01' = {
  parent: watcher
  name: name
  location: location
  tags: tags
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
  properties: {
    targetResourceId: networkId
    storageId: storageId
    enabled: true
    format: { type: 'JSON', version: 2 }
    retentionPolicy: { enabled: true, days: days }
    flowAnalyticsConfiguration: {
      networkWatcherFlowAnalyticsConfiguration: {
        enabled: true
        workspaceResourceId: workspaceId
        workspaceRegion: location
        trafficAnalyticsInterval: 10
      }
    }
  }
}
