// The desktops' only way out. Web pages pass by name and every name is logged; private ranges never pass; nothing is
// decrypted, because what a session captures must be what the site sent.

import { tagsType } from '../types.bicep'

@description('Region.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the firewall.')
@minLength(1)
@maxLength(56)
param name string

@description('Tier.')
param tier 'Standard' | 'Premium'

@description('Id of the subnet named AzureFirewallSubnet.')
param subnetId string

@description('Addresses of the desktops.')
param desktopsPrefix string

@description('The workspace that gets every decision.')
param workspaceId string

resource address 'Microsoft.Network/publicIPAddresses@2026-03-01' = {
  name: '${name}-ip'
  location: location
  tags: tags
  sku: { name: 'Standard', tier: 'Regional' }
  properties: { publicIPAllocationMethod: 'Static', publicIPAddressVersion: 'IPv4' }
}

resource policy 'Microsoft.Network/firewallPolicies@2026-03-01' = {
  name: '${name}-policy'
  location: location
  tags: tags
  properties: {
    sku: { tier: tier }
    // Alert, not deny: a malicious page may be the very thing that a session has to capture.
    threatIntelMode: 'Alert'
    dnsSettings: { enableProxy: true, servers: [] }
  }
}

resource rules 'Microsoft.Network/firewallPolicies/ruleCollectionGroups@2026-03-01' = {
  parent: policy
  name: 'desktops'
  properties: {
    priority: 200
    ruleCollections: [
      {
        name: 'no-neighbours'
        priority: 100
        ruleCollectionType: 'FirewallPolicyFilterRuleCollection'
        action: { type: 'Deny' }
        rules: [
          {
            name: 'private-ranges'
            ruleType: 'NetworkRule'
            ipProtocols: ['Any']
            sourceAddresses: [desktopsPrefix]
            destinationAddresses: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10']
            destinationPorts: ['*']
          }
        ]
      }
      {
        name: 'service'
        priority: 200
        ruleCollectionType: 'FirewallPolicyFilterRuleCollection'
        action: { type: 'Allow' }
        rules: [
          {
            name: 'desktop-service'
            ruleType: 'NetworkRule'
            ipProtocols: ['TCP']
            sourceAddresses: [desktopsPrefix]
            destinationAddresses: ['WindowsVirtualDesktop', 'AzureMonitor', 'AzureActiveDirectory', 'AzureFrontDoor.Frontend']
            destinationPorts: ['443']
          }
          {
            name: 'activation'
            ruleType: 'NetworkRule'
            ipProtocols: ['TCP']
            sourceAddresses: [desktopsPrefix]
            destinationFqdns: ['azkms.core.windows.net']
            destinationPorts: ['1688']
          }
        ]
      }
      {
        name: 'web'
        priority: 300
        ruleCollectionType: 'FirewallPolicyFilterRuleCollection'
        action: { type: 'Allow' }
        rules: [
          {
            name: 'every-site'
            ruleType: 'ApplicationRule'
            protocols: [{ protocolType: 'Http', port: 80 }, { protocolType: 'Https', port: 443 }]
            sourceAddresses: [desktopsPrefix]
            targetFqdns: ['*']
            terminateTLS: false
          }
        ]
      }
    ]
  }
}

resource firewall 'Microsoft.Network/azureFirewalls@2026-03-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    sku: { name: 'AZFW_VNet', tier: tier }
    firewallPolicy: { id: policy.id }
    ipConfigurations: [
      { name: 'out', properties: { subnet: { id: subnetId }, publicIPAddress: { id: address.id } } }
    ]
  }
  // A firewall that starts with an empty policy would be changed at once, which takes minutes.
  dependsOn: [rules]
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: firewall
  properties: {
    workspaceId: workspaceId
    logAnalyticsDestinationType: 'Dedicated'
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}
