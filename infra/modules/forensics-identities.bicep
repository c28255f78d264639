// Identities of remote forensics: one makes and deletes desktops, one bakes images, one writes flow logs.

import { tagsType } from '../types.bicep'

@description('Region.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('What the identities\' names begin with.')
param prefix string

resource broker 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: '${prefix}-broker'
  location: location
  tags: tags
}

resource baker 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: '${prefix}-image'
  location: location
  tags: tags
}

resource flows 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: '${prefix}-flows'
  location: location
  tags: tags
}

@description('Object id of the broker.')
output brokerPrincipalId string = broker.properties.principalId

@description('Client id of the broker.')
output brokerClientId string = broker.properties.clientId

@description('Id of the identity that bakes images.')
output bakerId string = baker.id

@description('Object id of the identity that bakes images.')
output bakerPrincipalId string = baker.properties.principalId

@description('Id of the identity that writes flow logs.')
output flowsId string = flows.id

@description('Object id of the identity that writes flow logs.')
output flowsPrincipalId string = flows.properties.principalId
