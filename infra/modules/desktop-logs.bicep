// What a forensic desktop itself writes down: logons, installed services, the recorder's own events.

import { tagsType } from '../types.bicep'

@description('Region.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the rule.')
@maxLength(64)
param name string

@description('The workspace that gets the lines.')
param workspaceId string

resource rule 'Microsoft.Insights/dataCollectionRules@2024-03-11' = {
  name: name
  location: location
  tags: tags
  kind: 'Windows'
  properties: {
    description: 'Events of forensic desktops.'
    dataSources: {
      windowsEventLogs: [
        {
          name: 'session'
          streams: ['Microsoft-Event']
          xPathQueries: [
            'Security!*[System[(EventID=4624 or EventID=4634 or EventID=4647 or EventID=4697 or EventID=4719)]]'
            'System!*[System[(EventID=7045 or EventID=1074 or EventID=6008)]]'
            'Microsoft-Windows-TerminalServices-LocalSessionManager/Operational!*'
            'Application!*[System[Provider[@Name=\'NotaryRecorder\']]]'
          ]
        }
      ]
    }
    destinations: { logAnalytics: [{ name: 'workspace', workspaceResourceId: workspaceId }] }
    dataFlows: [{ streams: ['Microsoft-Event'], destinations: ['workspace'] }]
  }
}

@description('Id of the rule.')
output ruleId string = rule.id
