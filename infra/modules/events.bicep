// A finished upload becomes a message: evidence account → system topic → queue on the events account.
// Event Grid cannot deliver through a private endpoint, so the queue lives on an account that denies all networks,
// admits trusted services, and demands the identity's role besides.

import { tagsType } from '../types.bicep'
import { deadLetterContainer, uploadsContainer, uploadsQueue } from '../names.bicep'

@description('Region.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the system topic.')
@minLength(3)
@maxLength(50)
param topicName string

@description('Id of the evidence account, whose events these are.')
param evidenceId string

@description('Id of the events account, whose queue gets them.')
param eventsAccountId string

@description('Id of the identity that delivers. It must already have its roles.')
param identityId string

@description('The workspace that gets the topic\'s logs.')
param workspaceId string

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: topicName
  location: location
  tags: tags
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    source: evidenceId
    topicType: 'Microsoft.Storage.StorageAccounts'
  }
}

resource uploaded 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: 'uploaded'
  properties: {
    eventDeliverySchema: 'CloudEventSchemaV1_0'
    deliveryWithResourceIdentity: {
      identity: { type: 'UserAssigned', userAssignedIdentity: identityId }
      destination: {
        endpointType: 'StorageQueue'
        properties: {
          resourceId: eventsAccountId
          queueName: uploadsQueue
          // A week. The sweeper takes an upload without its event after a minute, so an expired message loses nothing.
          queueMessageTimeToLiveInSeconds: 604800
        }
      }
    }
    deadLetterWithResourceIdentity: {
      identity: { type: 'UserAssigned', userAssignedIdentity: identityId }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: { resourceId: eventsAccountId, blobContainerName: deadLetterContainer }
      }
    }
    filter: {
      includedEventTypes: ['Microsoft.Storage.BlobCreated']
      subjectBeginsWith: '/blobServices/default/containers/${uploadsContainer}/blobs/'
      isSubjectCaseSensitive: true
      enableAdvancedFilteringOnArrays: false
      // The calls that finish a blob; the app's own list is UploadEvent.Finished.
      advancedFilters: [
        { operatorType: 'StringIn', key: 'data.api', values: ['PutBlob', 'PutBlockList', 'CopyBlob', 'FlushWithClose'] }
      ]
    }
    retryPolicy: { eventTimeToLiveInMinutes: 1440, maxDeliveryAttempts: 30 }
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: topic
  properties: {
    workspaceId: workspaceId
    // Tables of its own: an alert asks AegDeliveryFailureLogs.
    logAnalyticsDestinationType: 'Dedicated'
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}
