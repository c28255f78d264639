// The desktops' network. Nothing comes in (the desktops call out to the service), nothing goes sideways, and everything
// that goes out passes the firewall, which writes down the name of every place a desktop visited.

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

var firewallPrefix = cidrSubnet(prefix, 26, 0)
var endpointsPrefix = cidrSubnet(prefix, 26, 1)
var desktopsPrefix = cidrSubnet(prefix, 25, 1)

// The firewall takes the first address that Azure leaves free in its subnet.
var firewallAddress = cidrHost(firewallPrefix, 3)

// Spelled out: the VirtualNetwork tag would grow to the whole Internet with the default route below.
var privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10']

// A list of ports takes no asterisk; only the single form does.
var everyPort = ['0-65535']

var outbound = [
  {
    name: 'names'
    why: 'Names are asked at the firewall, which logs them.'
    access: 'Allow'
    priority: 100
    protocol: '*'
    targets: [firewallAddress]
    ports: ['53']
  }
  {
    name: 'endpoints'
    why: 'The platform\'s and the desktops\' own private endpoints.'
    access: 'Allow'
    priority: 110
    protocol: 'Tcp'
    targets: [endpointsPrefix]
    ports: ['443']
  }
  {
    name: 'host'
    why: 'The machine\'s own host: metadata and guest agent.'
    access: 'Allow'
    priority: 120
    protocol: 'Tcp'
    targets: ['169.254.169.254', '168.63.129.16']
    ports: ['80', '32526']
  }
  {
    name: 'no-neighbours'
    why: 'No other desktop, no other network of the office.'
    access: 'Deny'
    priority: 200
    protocol: '*'
    targets: privateRanges
    ports: everyPort
  }
  {
    name: 'web'
    why: 'What the session is for, through the firewall; and Windows activation.'
    access: 'Allow'
    priority: 300
    protocol: 'Tcp'
    targets: ['0.0.0.0/0']
    ports: ['80', '443', '1688']
  }
  {
    name: 'nothing-else'
    why: 'Everything else.'
    access: 'Deny'
    priority: 4000
    protocol: '*'
    targets: ['0.0.0.0/0']
    ports: everyPort
  }
]

resource desktopsGroup 'Microsoft.Network/networkSecurityGroups@2026-03-01' = {
  name: '${name}-desktops'
  location: location
  tags: tags
  properties: {
    securityRules: concat(
      map(outbound, rule => {
        name: rule.name
        properties: {
          description: rule.why
          access: rule.access
          direction: 'Outbound'
          priority: rule.priority
          protocol: rule.protocol
          sourceAddressPrefix: '*'
          sourcePortRange: '*'
          destinationAddressPrefixes: rule.targets
          destinationPortRanges: rule.ports
        }
      }),
      [
        {
          name: 'nothing-in'
          properties: {
            description: 'Desktops call out to the service; nobody calls them.'
            access: 'Deny'
            direction: 'Inbound'
            priority: 100
            protocol: '*'
            sourceAddressPrefix: '*'
            sourcePortRange: '*'
            destinationAddressPrefix: '*'
            destinationPortRange: '*'
          }
        }
      ]
    )
  }
}

resource endpointsGroup 'Microsoft.Network/networkSecurityGroups@2026-03-01' = {
  name: '${name}-endpoints'
  location: location
  tags: tags
  properties: {
    securityRules: [
      {
        name: 'desktops-to-endpoints'
        properties: {
          description: 'Desktops register and send their recordings.'
          access: 'Allow'
          direction: 'Inbound'
          priority: 100
          protocol: 'Tcp'
          sourceAddressPrefix: desktopsPrefix
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '443'
        }
      }
      {
        name: 'nothing-else-in'
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

resource routes 'Microsoft.Network/routeTables@2026-03-01' = {
  name: '${name}-desktops'
  location: location
  tags: tags
  properties: {
    disableBgpRoutePropagation: true
    routes: [
      {
        name: 'through-the-firewall'
        properties: { addressPrefix: '0.0.0.0/0', nextHopType: 'VirtualAppliance', nextHopIpAddress: firewallAddress }
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
    dhcpOptions: { dnsServers: [firewallAddress] }
    subnets: [
      // The name is Azure's; a firewall takes no security group.
      { name: 'AzureFirewallSubnet', properties: { addressPrefix: firewallPrefix } }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: endpointsPrefix
          networkSecurityGroup: { id: endpointsGroup.id }
          privateEndpointNetworkPolicies: 'Enabled'
          defaultOutboundAccess: false
        }
      }
      {
        name: 'desktops'
        properties: {
          addressPrefix: desktopsPrefix
          networkSecurityGroup: { id: desktopsGroup.id }
          routeTable: { id: routes.id }
          defaultOutboundAccess: false
        }
      }
    ]
  }

  resource firewallSubnet 'subnets' existing = {
    name: 'AzureFirewallSubnet'
  }

  resource endpointsSubnet 'subnets' existing = {
    name: 'endpoints'
  }

  resource desktopsSubnet 'subnets' existing = {
    name: 'desktops'
  }
}

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for zoneName in ['privatelink.wvd.microsoft.com', 'privatelink.azurewebsites.net']: {
    name: zoneName
    location: 'global'
    tags: tags
  }
]

resource zoneLink 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for i in range(0, 2): {
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

@description('Id of the network.')
output networkId string = network.id

@description('Id of the firewall\'s subnet.')
output firewallSubnetId string = network::firewallSubnet.id

@description('Id of the subnet of private endpoints.')
output endpointsSubnetId string = network::endpointsSubnet.id

@description('Id of the desktops\' subnet.')
output desktopsSubnetId string = network::desktopsSubnet.id

@description('Addresses of the desktops.')
output desktopsPrefix string = desktopsPrefix

@description('Id of the zone of desktops.')
output desktopZoneId string = zone[0].id

@description('Id of the zone of apps.')
output siteZoneId string = zone[1].id
