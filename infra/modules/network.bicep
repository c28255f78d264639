// The platform's own network: a subnet the app sends from, a subnet of private endpoints, and the zones that make their
// names resolve. The desktops' network is another one (forensics-network.bicep); the two are never joined.

import { tagsType } from '../types.bicep'

@description('Region.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the network.')
@minLength(2)
@maxLength(64)
param name string

@description('Addresses: a /20 to /24.')
param prefix string

@description('The workspace that gets the network\'s logs.')
param workspaceId string

// Storage's suffix follows the cloud; the other two zones are spelled out because no function knows them.
var zoneNames = [
  'privatelink.blob.${environment().suffixes.storage}'
  'privatelink.queue.${environment().suffixes.storage}'
  'privatelink.table.${environment().suffixes.storage}'
  'privatelink.vaultcore.azure.net'
  'privatelink.azurewebsites.net'
]

resource appGroup 'Microsoft.Network/networkSecurityGroups@2026-03-01' = {
  name: '${name}-app'
  location: location
  tags: tags
  properties: {
    securityRules: [
      {
        name: 'deny-all-in'
        properties: {
          description: 'The app is reached through the platform\'s front end or a private endpoint, never through its own subnet.'
          access: 'Deny'
          direction: 'Inbound'
          priority: 4000
          protocol: '*'
          sourceAddressPrefix: '*'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '*'
        }
      }
    ]
  }
}

resource endpointsGroup 'Microsoft.Network/networkSecurityGroups@2026-03-01' = {
  name: '${name}-endpoints'
  location: location
  tags: tags
  properties: {
    securityRules: [
      {
        name: 'app-to-endpoints'
        properties: {
          description: 'The app, and whatever the office puts into this network in front of it.'
          access: 'Allow'
          direction: 'Inbound'
          priority: 100
          protocol: 'Tcp'
          sourceAddressPrefix: 'VirtualNetwork'
          sourcePortRange: '*'
          destinationAddressPrefix: 'VirtualNetwork'
          destinationPortRange: '443'
        }
      }
      {
        name: 'deny-all-in'
        properties: {
          description: 'Everything else.'
          access: 'Deny'
          direction: 'Inbound'
          priority: 4000
          protocol: '*'
          sourceAddressPrefix: '*'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '*'
        }
      }
    ]
  }
}

resource network 'Microsoft.Network/virtualNetworks@2026-03-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [prefix] }
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: cidrSubnet(prefix, 26, 0)
          // Flex Consumption wants this delegation.
          delegations: [{ name: 'flex', properties: { serviceName: 'Microsoft.App/environments' } }]
          networkSecurityGroup: { id: appGroup.id }
          privateEndpointNetworkPolicies: 'Disabled'
          natGateway: { id: way.id }
          defaultOutboundAccess: false
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: cidrSubnet(prefix, 26, 1)
          networkSecurityGroup: { id: endpointsGroup.id }
          privateEndpointNetworkPolicies: 'Enabled'
          defaultOutboundAccess: false
        }
      }
    ]
  }

  resource appSubnet 'subnets' existing = {
    name: 'app'
  }

  resource endpointsSubnet 'subnets' existing = {
    name: 'endpoints'
  }
}

// Authorities and chain nodes may admit the platform by address: one fixed address, not one of many.
resource address 'Microsoft.Network/publicIPAddresses@2026-03-01' = {
  name: '${name}-out'
  location: location
  tags: tags
  sku: { name: 'Standard', tier: 'Regional' }
  properties: { publicIPAllocationMethod: 'Static', publicIPAddressVersion: 'IPv4' }
}

resource way 'Microsoft.Network/natGateways@2026-03-01' = {
  name: '${name}-out'
  location: location
  tags: tags
  sku: { name: 'Standard' }
  properties: { idleTimeoutInMinutes: 4, publicIpAddresses: [{ id: address.id }] }
}

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for zoneName in zoneNames: {
    name: zoneName
    location: 'global'
    tags: tags
  }
]

resource zoneLink 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (zoneName, i) in zoneNames: {
    parent: zone[i]
    name: name
    location: 'global'
    tags: tags
    properties: { registrationEnabled: false, virtualNetwork: { id: network.id } }
  }
]

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: network
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
  }
}

@description('Id of the subnet the app sends from.')
output appSubnetId string = network::appSubnet.id

@description('Id of the subnet of private endpoints.')
output endpointsSubnetId string = network::endpointsSubnet.id

@description('Id of the zone of blobs.')
output blobZoneId string = zone[0].id

@description('Id of the zone of queues.')
output queueZoneId string = zone[1].id

@description('Id of the zone of tables.')
output tableZoneId string = zone[2].id

@description('Id of the zone of vaults.')
output vaultZoneId string = zone[3].id

@description('Id of the zone of apps.')
output siteZoneId string = zone[4].id
