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

resource endpoint 'Microsoft.Network/privateEndpoints@2025-05-01' = [
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
          properties: { privateLinkServiceId: item.resourceId, groupIds: [item.groupId] }
        }
      ]
    }
  }
]

resource record 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-05-01' = [
  for (item, i) in endpoints: {
    parent: endpoint[i]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [{ name: item.groupId, properties: { privateDnsZoneId: item.zoneId } }]
    }
  }
]
