// Private endpoints into one subnet, each with its record in the right zone.

import { endpointType, tagsType } from '../types.bicep'

@description('Region.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('What the endpoints\' names begin with.')
param prefix string

@description('Subnet that gets the addresses.')
param subnetId string

@description('The endpoints.')
param endpoints endpointType[]

// One after the other: an account that is being given one endpoint refuses the next with StorageAccountOperationInProgress.
@batchSize(1)
resource endpoint 'Microsoft.Network/privateEndpoints@2026-03-01' = [
  for item in endpoints: {
    name: '${prefix}-${item.name}'
    location: location
    tags: tags
    properties: {
      customNetworkInterfaceName: '${prefix}-${item.name}-nic'
      subnet: { id: subnetId }
      privateLinkServiceConnections: [
        {
          name: item.name
          properties: {
            // Each item is an id by its type; the rule looks no deeper than the array.
            #disable-next-line use-resource-id-functions
            privateLinkServiceId: item.resourceId
            groupIds: [item.groupId]
          }
        }
      ]
    }
  }
]

@batchSize(1)
resource record 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2026-03-01' = [
  for (item, i) in endpoints: {
    parent: endpoint[i]
    name: 'default'
    properties: {
      #disable-next-line use-resource-id-functions
      privateDnsZoneConfigs: [{ name: item.groupId, properties: { privateDnsZoneId: item.zoneId } }]
    }
  }
]
