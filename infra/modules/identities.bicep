// One identity per duty, none of them with a password. What each may do is settled in access.bicep and forensics-access.bicep.

import { tagsType } from '../types.bicep'

@description('Region.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the app\'s identity.')
@minLength(3)
@maxLength(128)
param appName string

@description('Name of the identity that delivers events.')
@minLength(3)
@maxLength(128)
param eventsName string

resource app 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: appName
  location: location
  tags: tags
}

resource events 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: eventsName
  location: location
  tags: tags
}

@description('Id of the app\'s identity.')
output appId string = app.id

@description('Object id of the app\'s identity.')
output appPrincipalId string = app.properties.principalId

@description('Client id of the app\'s identity.')
output appClientId string = app.properties.clientId

@description('Id of the identity that delivers events.')
output eventsId string = events.id
