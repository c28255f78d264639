// Machines made ahead of time, so that a session starts in a minute instead of ten. They are registered, unassigned, and
// deallocated by the broker; one starts when its person connects. A batch is deployed once: its names are never used again.

import { tagsType } from 'types.bicep'

@description('Region of the machines.')
param location string = resourceGroup().location

@description('Tags of every resource.')
param tags tagsType

@description('How many.')
@minValue(1)
@maxValue(20)
param count int

@description('What makes this batch\'s names fresh: the time, unless said otherwise.')
param batch string = utcNow('yyMMddHHmm')

@description('Exact version of the clean image.')
param imageVersionId string

@description('Id of the desktops\' subnet.')
param subnetId string

@description('What the desktop agents register with: the pool\'s token, good for two hours.')
@secure()
param registrationToken string

@description('Id of the rule that collects the machines\' logs.')
param logRuleId string

@description('The platform\'s address.')
param platformUrl string

@description('What the recorders of this batch authenticate with until a session takes their machine.')
@secure()
param recorderKey string

module spare 'session-host.bicep' = [
  for i in range(0, count): {
    name: 'spare-${batch}-${i}'
    params: {
      location: location
      tags: union(tags, { batch: batch })
      sessionId: ''
      machineName: 'sp${take(uniqueString(resourceGroup().id, batch, string(i)), 13)}'
      imageVersionId: imageVersionId
      subnetId: subnetId
      registrationToken: registrationToken
      logRuleId: logRuleId
      platformUrl: platformUrl
      recorderKey: recorderKey
      personId: ''
      ephemeralDisk: false
    }
  }
]

@description('Names of the new machines.')
output machineNames string[] = [for i in range(0, count): spare[i].outputs.machineName]
