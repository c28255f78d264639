// Identities of remote forensics: one makes and deletes desktops, one bakes images, one writes flow logs.

import { tagsType } from '../types.bicep'

@description('Region.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the broker\'s identity.')
param brokerName string

@description('Name of the identity that bakes images.')
param bakerName string

@description('Name of the identity that writes flow logs.')
param flowsName string

resource broker 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: brokerName
  location: location
  tags: tags
}

resource baker 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: bakerName
  location: location
  tags: tags
}

resource flows 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: flowsName
  location: location
  tags: tags
}

@description('Id of the broker.')
output brokerId string = broker.id

@description('Client id of the broker.')
output brokerClientId string = broker.properties.clientId

@description('Id of the identity that bakes images.')
output bakerId string = baker.id

@description('Id of the identity that writes flow logs.')
output flowsId string = flows.id
