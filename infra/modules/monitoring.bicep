// Where everything is written down: one workspace, one Application Insights, and the people who are woken.

import { alertsType, tagsType } from '../types.bicep'

@description('Region.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the workspace.')
@minLength(4)
@maxLength(63)
param workspaceName string

@description('Name of the Application Insights component.')
@maxLength(255)
param componentName string

@description('Name of the action group.')
@maxLength(260)
param actionGroupName string

@description('Days that logs stay.')
@minValue(30)
@maxValue(730)
param logsDays int

@description('Whom an alert wakes, and the bound on ingestion.')
param alerts alertsType

resource workspace 'Microsoft.OperationalInsights/workspaces@2026-03-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: logsDays
    // Reading follows the rights on the resource that wrote the line, so an auditor of the vault sees the vault's lines only.
    features: { disableLocalAuth: true, enableLogAccessUsingOnlyResourcePermissions: true }
    workspaceCapping: { dailyQuotaGb: alerts.dailyCapGb }
    publicNetworkAccessForIngestion: 'Enabled'
    publicNetworkAccessForQuery: 'Enabled'
  }
}

resource component 'Microsoft.Insights/components@2020-02-02' = {
  name: componentName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    IngestionMode: 'LogAnalytics'
    DisableLocalAuth: true
  }
}

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: actionGroupName
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'notary'
    enabled: true
    emailReceivers: [
      for (address, i) in alerts.emails: {
        name: 'mail-${i}'
        emailAddress: address
        useCommonAlertSchema: true
      }
    ]
  }
}

resource workspaceLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'audit'
  scope: workspace
  properties: {
    workspaceId: workspace.id
    logs: [{ categoryGroup: 'audit', enabled: true }]
  }
}

@description('Id of the workspace.')
output workspaceId string = workspace.id

@description('Id of the Application Insights component.')
output componentId string = component.id

@description('Id of the action group.')
output actionGroupId string = actionGroup.id
