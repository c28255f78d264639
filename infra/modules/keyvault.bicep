// The vault and the platform's six keys, in hardware, not exportable.
// Which key may rotate by itself is a question of what depends on its public half:
//   key-encryption  yes: each original names the version that wrapped its data key, and old versions stay readable;
//   log-signer      no: its public half stands in everybody's trust file, a new version makes new checkpoints fail there;
//   letter-signer   no: the letter certificate is issued for this very key;
//   chain-sender    no: the anchoring contract permits the address that follows from this key;
//   draw-sender     no: only the account that published a draw can finish or abort it;
//   login-signer    by hand, at any time: the app publishes a new version before it signs with it (docs/operations.md).

import { tagsType } from '../types.bicep'
import { signingKeys, wrappingKey } from '../names.bicep'

@description('Region.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the vault: 3 to 24 letters, digits and hyphens, unique in the world.')
@minLength(3)
@maxLength(24)
param name string

@description('Whether the vault has a public address.')
param publicAccess bool

@description('The workspace that gets every call of the vault.')
param workspaceId string

resource vault 'Microsoft.KeyVault/vaults@2026-05-15' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'premium' }
    enableRbacAuthorization: true
    // Lost keys are lost evidence: nobody, not even the owner of the subscription, can purge one within ninety days.
    enablePurgeProtection: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enabledForDeployment: false
    enabledForDiskEncryption: false
    enabledForTemplateDeployment: false
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    networkAcls: { bypass: 'None', defaultAction: publicAccess ? 'Allow' : 'Deny', ipRules: [], virtualNetworkRules: [] }
  }
}

resource signer 'Microsoft.KeyVault/vaults/keys@2026-05-15' = [
  for key in signingKeys: {
    parent: vault
    name: key.name
    tags: tags
    properties: {
      kty: 'EC-HSM'
      curveName: key.curve
      keyOps: ['sign', 'verify']
      attributes: { enabled: true, exportable: false }
    }
  }
]

resource wrapper 'Microsoft.KeyVault/vaults/keys@2026-05-15' = {
  parent: vault
  name: wrappingKey
  tags: tags
  properties: {
    kty: 'RSA-HSM'
    keySize: 3072
    keyOps: ['wrapKey', 'unwrapKey']
    attributes: { enabled: true, exportable: false }
    // No expiry: a version must be able to unwrap for as long as evidence is kept.
    rotationPolicy: {
      attributes: {}
      lifetimeActions: [{ action: { type: 'rotate' }, trigger: { timeAfterCreate: 'P1Y' } }]
    }
  }
}

resource guard 'Microsoft.Authorization/locks@2020-05-01' = {
  name: 'keys'
  scope: vault
  properties: { level: 'CanNotDelete', notes: 'Without these keys no original opens and no log goes on.' }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: vault
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

@description('Id of the vault.')
output id string = vault.id

@description('Name of the vault.')
output name string = vault.name

@description('Address of the vault.')
output uri string = vault.properties.vaultUri
