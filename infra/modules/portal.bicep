// The staff's entrance in the Azure portal: a workbook that asks the logs, and a dashboard that leads everywhere else.

import { workbookSeed } from '../names.bicep'
import { tagsType } from '../types.bicep'

@description('Region.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Workload and environment: what names end with.')
param stem string

@description('The workspace that the workbook asks.')
param workspaceId string

@description('The platform\'s address.')
param publicUrl string

@description('Id of the vault.')
param vaultId string

@description('Id of the evidence account.')
param evidenceAccountId string

@description('Id of the host pool; empty without remote forensics.')
param poolId string

var portalResource = 'https://portal.azure.com/#@${tenant().tenantId}/resource'

var workbookText = replace(loadTextContent('../portal/workbook.json'), '__WORKSPACE__', workspaceId)

var links = [
  '### Notary.Serverless · ${stem}'
  ''
  '* [The platform](${publicUrl}/v1/) · [readiness](${publicUrl}/readyz) · [the public log](${publicUrl}/v1/log/checkpoint)'
  '* [Workbook: deposits, processes, time, chain](${portalResource}${workbook.id})'
  '* [The vault: keys and who used them](${portalResource}${vaultId}/logs)'
  '* [The evidence account](${portalResource}${evidenceAccountId}/containersList)'
  '* [Resource group](${portalResource}${resourceGroup().id}/overview)'
]

var desktopLinks = empty(poolId) ? [] : ['* [Forensic desktops: sessions now](${portalResource}${poolId}/sessionhosts)']

var evidenceHelp = [
  '### Evidence by its digest'
  ''
  'A letter names its manifest\'s digest. The public page is `${publicUrl}/verify/<digest>`; the link and the code on the letter lead there.'
  'Contents are not to be seen here: only their owner\'s key or the court\'s order opens them, through the platform.'
]

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, workbookSeed)
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Notary ${stem}'
    category: 'workbook'
    sourceId: workspaceId
    version: 'Notebook/1.0'
    serializedData: workbookText
  }
}

resource dashboard 'Microsoft.Portal/dashboards@2020-09-01-preview' = {
  name: 'dash-${stem}'
  location: location
  tags: union(tags, { 'hidden-title': 'Notary ${stem}' })
  properties: {
    lenses: [
      {
        order: 0
        parts: [
          {
            position: { x: 0, y: 0, colSpan: 6, rowSpan: 5 }
            metadata: {
              type: 'Extension/HubsExtension/PartType/MarkdownPart'
              inputs: []
              settings: {
                content: { settings: { title: '', subtitle: '', content: join(concat(links, desktopLinks), '\n'), markdownSource: 1 } }
              }
            }
          }
          {
            position: { x: 6, y: 0, colSpan: 6, rowSpan: 5 }
            metadata: {
              type: 'Extension/HubsExtension/PartType/MarkdownPart'
              inputs: []
              settings: { content: { settings: { title: '', subtitle: '', content: join(evidenceHelp, '\n'), markdownSource: 1 } } }
            }
          }
        ]
      }
    ]
    metadata: {}
  }
}
