// The desktops' control plane. One desktop belongs to one person for one session: the pool is Personal with direct
// assignment, and the broker makes, assigns and deletes the machines (session-host.bicep).

import { tagsType } from '../types.bicep'

@description('Region of the control plane.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the host pool.')
@minLength(3)
@maxLength(64)
param poolName string

@description('Name of the application group.')
@minLength(3)
@maxLength(64)
param groupName string

@description('Name of the workspace.')
@minLength(3)
@maxLength(64)
param desktopWorkspaceName string

@description('True: machines reach the service on a private endpoint, people still on its public address.')
param private bool

@description('True: a deallocated spare starts when its person connects.')
param startOnConnect bool

@description('The workspace that gets the logs.')
param workspaceId string

// Entra sign-in on; every way for content to pass between the person's own machine and the desktop off.
var rdpProperties = [
  'targetisaadjoined:i:1'
  'enablerdsaadauth:i:1'
  'drivestoredirect:s:'
  'redirectclipboard:i:0'
  'redirectprinters:i:0'
  'redirectcomports:i:0'
  'redirectsmartcards:i:0'
  'redirectlocation:i:0'
  'usbdevicestoredirect:s:'
  'devicestoredirect:s:'
  'audiocapturemode:i:0'
  'camerastoredirect:s:'
  'encode redirected video capture:i:0'
  'use multimon:i:0'
]

resource pool 'Microsoft.DesktopVirtualization/hostPools@2025-10-10' = {
  name: poolName
  location: location
  tags: tags
  properties: {
    friendlyName: 'Remote forensics'
    description: 'One clean machine per session, recorded, deleted afterwards.'
    hostPoolType: 'Personal'
    personalDesktopAssignmentType: 'Direct'
    loadBalancerType: 'Persistent'
    preferredAppGroupType: 'Desktop'
    startVMOnConnect: startOnConnect
    validationEnvironment: false
    customRdpProperty: '${join(rdpProperties, ';')};'
    publicNetworkAccess: private ? 'EnabledForClientsOnly' : 'Enabled'
    // Machines live for hours; an agent that changes under a running session would have to be explained in court.
    agentUpdate: {
      type: 'Scheduled'
      useSessionHostLocalTime: false
      maintenanceWindowTimeZone: 'UTC'
      maintenanceWindows: [{ dayOfWeek: 'Sunday', hour: 19 }]
    }
  }
}

resource group 'Microsoft.DesktopVirtualization/applicationGroups@2025-10-10' = {
  name: groupName
  location: location
  tags: tags
  properties: {
    friendlyName: 'Remote forensics'
    applicationGroupType: 'Desktop'
    hostPoolArmPath: pool.id
  }
}

resource desktopWorkspace 'Microsoft.DesktopVirtualization/workspaces@2025-10-10' = {
  name: desktopWorkspaceName
  location: location
  tags: tags
  properties: {
    friendlyName: 'Notary forensics'
    applicationGroupReferences: [group.id]
    publicNetworkAccess: 'Enabled'
  }
}

resource desktop 'Microsoft.DesktopVirtualization/applicationGroups/desktops@2025-10-10' existing = {
  parent: group
  name: 'SessionDesktop'
}

resource poolLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: pool
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
  }
}

resource groupLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: group
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
  }
}

resource workspaceLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: desktopWorkspace
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
  }
}

@description('Id of the host pool.')
output poolId string = pool.id

@description('First half of the address that opens a desktop in a browser: the workspace\'s object id.')
output workspaceObjectId string = desktopWorkspace.properties.objectId

@description('Second half: the desktop\'s object id.')
output desktopObjectId string = desktop.properties.objectId
