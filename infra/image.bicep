// The recipe that bakes one version of the clean image. A recipe cannot be changed once it is made, so each has a name of
// its own and is deployed once, apart from main.bicep: `scripts/deploy image`. It stays as a record of what went in.

import { imageType, tagsType } from 'types.bicep'

@description('Region.')
param location string = resourceGroup().location

@description('Tags of every resource.')
param tags tagsType

@description('Workload and environment: what names contain.')
param stem string

@description('What makes the recipe\'s name fresh: the time.')
param batch string

@description('The ingredients.')
param image imageType

@description('Id of the image\'s definition.')
param definitionId string

@description('Id of the identity that bakes; it must already have its role.')
param identityId string

var setup = 'C:\\Notary\\setup'

resource recipe 'Microsoft.VirtualMachineImages/imageTemplates@2025-10-01' = {
  name: 'it-${stem}-${batch}'
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
      sku: image.baseSku
      version: image.baseVersion
    }
    customize: [
      { type: 'PowerShell', name: 'folders', runElevated: true, runAsSystem: true, inline: ['New-Item -ItemType Directory -Force -Path \'${setup}\' | Out-Null'] }
      {
        type: 'File'
        name: 'bootloader'
        sourceUri: image.bootloader.uri
        sha256Checksum: image.bootloader.sha256
        destination: '${setup}\\bootloader.msi'
      }
      {
        type: 'File'
        name: 'agent'
        sourceUri: image.agent.uri
        sha256Checksum: image.agent.sha256
        destination: '${setup}\\agent.msi'
      }
      {
        type: 'File'
        name: 'recorder'
        sourceUri: image.recorder.uri
        sha256Checksum: image.recorder.sha256
        destination: '${setup}\\recorder.zip'
      }
      { type: 'WindowsUpdate', name: 'updates', searchCriteria: 'IsInstalled=0', filters: ['exclude:$_.Title -like \'*Preview*\'', 'include:$true'], updateLimit: 100 }
      { type: 'WindowsRestart', name: 'restart', restartTimeout: '15m' }
      { type: 'PowerShell', name: 'policies', runElevated: true, runAsSystem: true, inline: split(loadTextContent('image/policies.ps1'), '\n') }
      { type: 'PowerShell', name: 'start-session', runElevated: true, runAsSystem: true, inline: split(loadTextContent('image/install.ps1'), '\n') }
    ]
    validate: {
      continueDistributeOnFailure: false
      inVMValidations: [
        { type: 'PowerShell', name: 'clean', runElevated: true, runAsSystem: true, inline: split(loadTextContent('image/validate.ps1'), '\n') }
      ]
    }
    distribute: [
      {
        type: 'SharedImage'
        galleryImageId: definitionId
        runOutputName: 'forensic-desktop'
        // A session names its version; nobody gets whatever is newest.
        excludeFromLatest: true
        artifactTags: {
          baseVersion: image.baseVersion
          agent: image.agent.sha256
          bootloader: image.bootloader.sha256
          recorder: image.recorder.sha256
        }
        targetRegions: [{ name: location, replicaCount: 1, storageAccountType: 'Standard_ZRS' }]
        versioning: { scheme: 'Latest', major: 1 }
      }
    ]
  }
}

@description('Name of the recipe: what is to be run.')
output recipeName string = recipe.name
