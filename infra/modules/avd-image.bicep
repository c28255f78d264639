// The clean image: a gallery, the image's definition, and, once its ingredients are chosen, the recipe that bakes it.
// Each session names an exact version, so that what a desktop was made of can be told years later.

import { imageType, tagsType } from '../types.bicep'

@description('The ingredients; absent makes no recipe.')
param image imageType?

@description('Region.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the gallery: letters, digits, dots and underscores.')
@minLength(1)
@maxLength(80)
param galleryName string

@description('Name of the recipe.')
@maxLength(64)
param templateName string

@description('Id of the identity that bakes.')
param identityId string

var setup = 'C:\\Notary\\setup'

resource gallery 'Microsoft.Compute/galleries@2024-03-03' = {
  name: galleryName
  location: location
  tags: tags
  properties: {
    description: 'Clean images of forensic desktops.'
  }
}

resource definition 'Microsoft.Compute/galleries/images@2024-03-03' = {
  parent: gallery
  name: 'forensic-desktop'
  location: location
  tags: tags
  properties: {
    description: 'Windows 11 with the desktop agents, the recorder and the session policies; nothing else.'
    osType: 'Windows'
    osState: 'Generalized'
    hyperVGeneration: 'V2'
    architecture: 'x64'
    identifier: { publisher: 'Notary', offer: 'forensics', sku: 'desktop' }
    features: [{ name: 'SecurityType', value: 'TrustedLaunch' }]
  }
}

resource recipe 'Microsoft.VirtualMachineImages/imageTemplates@2024-02-01' = if (image != null) {
  name: templateName
  location: location
  tags: tags
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
  properties: {
    buildTimeoutInMinutes: 240
    vmProfile: { vmSize: 'Standard_D4s_v5', osDiskSizeGB: 128 }
    source: {
      type: 'PlatformImage'
      publisher: 'MicrosoftWindowsDesktop'
      offer: 'windows-11'
      sku: image.?baseSku ?? ''
      version: image.?baseVersion ?? ''
    }
    customize: [
      { type: 'PowerShell', name: 'folders', runElevated: true, runAsSystem: true, inline: ['New-Item -ItemType Directory -Force -Path \'${setup}\' | Out-Null'] }
      {
        type: 'File'
        name: 'bootloader'
        sourceUri: image.?bootloader.uri ?? ''
        sha256Checksum: image.?bootloader.sha256 ?? ''
        destination: '${setup}\\bootloader.msi'
      }
      {
        type: 'File'
        name: 'agent'
        sourceUri: image.?agent.uri ?? ''
        sha256Checksum: image.?agent.sha256 ?? ''
        destination: '${setup}\\agent.msi'
      }
      {
        type: 'File'
        name: 'recorder'
        sourceUri: image.?recorder.uri ?? ''
        sha256Checksum: image.?recorder.sha256 ?? ''
        destination: '${setup}\\recorder.zip'
      }
      { type: 'WindowsUpdate', name: 'updates', searchCriteria: 'IsInstalled=0', filters: ['exclude:$_.Title -like \'*Preview*\'', 'include:$true'], updateLimit: 100 }
      { type: 'WindowsRestart', name: 'restart', restartTimeout: '15m' }
      { type: 'PowerShell', name: 'policies', runElevated: true, runAsSystem: true, inline: split(loadTextContent('../image/policies.ps1'), '\n') }
      { type: 'PowerShell', name: 'start-session', runElevated: true, runAsSystem: true, inline: split(loadTextContent('../image/install.ps1'), '\n') }
    ]
    validate: {
      continueDistributeOnFailure: false
      inVMValidations: [
        { type: 'PowerShell', name: 'clean', runElevated: true, runAsSystem: true, inline: split(loadTextContent('../image/validate.ps1'), '\n') }
      ]
    }
    distribute: [
      {
        type: 'SharedImage'
        galleryImageId: definition.id
        runOutputName: 'forensic-desktop'
        // A session names its version; nobody gets whatever is newest.
        excludeFromLatest: true
        artifactTags: {
          baseVersion: image.?baseVersion ?? ''
          agent: image.?agent.sha256 ?? ''
          bootloader: image.?bootloader.sha256 ?? ''
          recorder: image.?recorder.sha256 ?? ''
        }
        targetRegions: [{ name: location, replicaCount: 1, storageAccountType: 'Standard_ZRS' }]
        versioning: { scheme: 'Latest', major: 1 }
      }
    ]
  }
}

@description('Id of the image\'s definition; a version\'s id is this and /versions/<number>.')
output definitionId string = definition.id
