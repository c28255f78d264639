// One forensic session: one machine, made for it and deleted after it. The broker deploys this into the sessions' group,
// waits until the pool calls the machine Available, assigns it to the person, and at the end logs off, waits for the
// recording, deletes the desktop from the pool, the machine (disk and interface go with it) and its device object in Entra.
//
// The registration token is a secret: the broker has the pool make one for two hours (PATCH registrationInfo, operation
// Update), fetches it (POST retrieveRegistrationToken), and passes it here, where it goes only into protected settings.
// A machine's name is never used twice: Entra refuses to join a second device of the same name.

import { builtInRoles } from 'roles.bicep'
import { tagsType } from 'types.bicep'

@description('Region of the machine.')
param location string = resourceGroup().location

@description('Tags of every resource.')
param tags tagsType

@description('The session\'s id; empty for a spare that has none yet.')
param sessionId string

@description('Name of the machine: at most 15 characters, fresh for every deployment.')
@minLength(3)
@maxLength(15)
param machineName string

@description('Size of the machine: Trusted Launch, and with an ephemeral disk a local disk of at least 129 GB (the `d` in the name).')
param machineSize string = 'Standard_D4ds_v5'

@description('Exact version of the clean image: …/galleries/<g>/images/forensic-desktop/versions/<x.y.z>.')
param imageVersionId string

@description('Id of the desktops\' subnet.')
param subnetId string

@description('What the desktop agent registers with: the pool\'s token, good for two hours.')
@secure()
param registrationToken string

@description('Id of the rule that collects the machine\'s logs.')
param logRuleId string

@description('The platform\'s address: where the recorder sends its segments.')
param platformUrl string

@description('What the recorder authenticates with: good for this session only.')
@secure()
param recorderKey string

@description('Object id of the person whose session it is; empty for a spare.')
param personId string

@description('True: the disk is the host\'s own, fast and gone with the machine, which then cannot be deallocated. False: a managed disk, which a spare needs.')
param ephemeralDisk bool

@description('Nobody knows the local administrator\'s password, and nobody needs it: people sign in with Entra.')
@secure()
param adminPassword string = '${newGuid()}Aa1!'

@description('Name of the local administrator, as unknown as the password.')
param adminName string = 'n${take(uniqueString(newGuid()), 12)}'

// By its session whatever is left of it is found.
var sessionTags = union(tags, { session: sessionId })

var protectedCommand = 'powershell.exe -NoProfile -ExecutionPolicy Bypass -File C:\\Notary\\start-session.ps1 -RegistrationToken "${registrationToken}" -SessionId "${sessionId}" -Platform "${platformUrl}" -RecorderKey "${recorderKey}"'

resource interface 'Microsoft.Network/networkInterfaces@2026-03-01' = {
  name: '${machineName}-nic'
  location: location
  tags: sessionTags
  properties: {
    ipConfigurations: [
      { name: 'desktop', properties: { privateIPAllocationMethod: 'Dynamic', subnet: { id: subnetId } } }
    ]
  }
}

resource machine 'Microsoft.Compute/virtualMachines@2026-04-01' = {
  name: machineName
  location: location
  tags: union(sessionTags, { image: imageVersionId })
  // Entra join needs the machine's own identity; it gets no role.
  identity: { type: 'SystemAssigned' }
  properties: {
    licenseType: 'Windows_Client'
    hardwareProfile: { vmSize: machineSize }
    securityProfile: {
      securityType: 'TrustedLaunch'
      encryptionAtHost: true
      uefiSettings: { secureBootEnabled: true, vTpmEnabled: true }
    }
    storageProfile: {
      imageReference: { id: imageVersionId }
      osDisk: union(
        { name: '${machineName}-os', createOption: 'FromImage', deleteOption: 'Delete', caching: 'ReadOnly' },
        ephemeralDisk
          ? { diffDiskSettings: { option: 'Local', placement: 'ResourceDisk' } }
          : { managedDisk: { storageAccountType: 'StandardSSD_LRS' } }
      )
    }
    osProfile: {
      computerName: machineName
      adminUsername: adminName
      adminPassword: adminPassword
      allowExtensionOperations: true
      windowsConfiguration: {
        provisionVMAgent: true
        enableAutomaticUpdates: false
        timeZone: 'UTC'
        patchSettings: { patchMode: 'Manual', assessmentMode: 'ImageDefault' }
      }
    }
    networkProfile: { networkInterfaces: [{ id: interface.id, properties: { deleteOption: 'Delete' } }] }
    diagnosticsProfile: { bootDiagnostics: { enabled: true } }
  }
}

resource join 'Microsoft.Compute/virtualMachines/extensions@2026-04-01' = {
  parent: machine
  name: 'AADLoginForWindows'
  location: location
  tags: sessionTags
  properties: {
    publisher: 'Microsoft.Azure.ActiveDirectory'
    type: 'AADLoginForWindows'
    typeHandlerVersion: '2.0'
    autoUpgradeMinorVersion: true
  }
}

resource watch 'Microsoft.Compute/virtualMachines/extensions@2026-04-01' = {
  parent: machine
  name: 'AzureMonitorWindowsAgent'
  location: location
  tags: sessionTags
  properties: {
    publisher: 'Microsoft.Azure.Monitor'
    type: 'AzureMonitorWindowsAgent'
    typeHandlerVersion: '1.0'
    autoUpgradeMinorVersion: true
    enableAutomaticUpgrade: false
  }
}

resource logs 'Microsoft.Insights/dataCollectionRuleAssociations@2024-03-11' = {
  name: 'desktop'
  scope: machine
  properties: { dataCollectionRuleId: logRuleId, description: 'Events of this desktop.' }
}

resource start 'Microsoft.Compute/virtualMachines/extensions@2026-04-01' = {
  parent: machine
  name: 'StartSession'
  location: location
  tags: sessionTags
  properties: {
    publisher: 'Microsoft.Compute'
    type: 'CustomScriptExtension'
    typeHandlerVersion: '1.10'
    autoUpgradeMinorVersion: true
    provisionAfterExtensions: [join.name]
    protectedSettings: { commandToExecute: protectedCommand }
  }
  dependsOn: [watch]
}

// The person may log in to this machine and to no other; the right goes with the machine.
resource login 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(personId)) {
  name: guid(machine.id, personId, builtInRoles.machineUserLogin)
  scope: machine
  properties: {
    principalId: personId
    principalType: 'User'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtInRoles.machineUserLogin)
    description: 'Forensic session ${sessionId}'
  }
}

@description('Name of the machine, as the pool will know it.')
output machineName string = machine.name

@description('The machine\'s own id: provenance of the session.')
output machineUniqueId string = machine.properties.vmId
