// What wakes a person. Every rule reads a line that something real writes: the app's pulse (one line a minute, event 30),
// the runner's word that a process is parked (event 4006), storage's, the vault's and Event Grid's own logs.

import { tagsType } from '../types.bicep'

@description('Region.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('What the rules\' names begin with.')
param prefix string

@description('The workspace that is asked.')
param workspaceId string

@description('Who is woken.')
param actionGroupId string

@description('Object id of the app\'s identity: any other signer is news.')
param appPrincipalId string

@description('Whether the platform has a public door and is asked from outside.')
param watched bool

@description('The platform\'s address.')
param publicUrl string

@description('Id of the Application Insights component that keeps the outside questions\' answers.')
param componentId string

@description('Longest time between two anchors, in seconds: the promise in each receipt.')
@minValue(1)
param anchorIntervalSeconds int

@description('Largest accepted difference between a token and our clock, in seconds.')
@minValue(1)
param maxSkewSeconds int

// The app writes one JSON object a line; the Functions host passes it on as the message of a trace.
var appLines = 'AppTraces | where Message startswith "{" | extend line = parse_json(Message) | extend event = toint(line.EventId), s = line.State'
var pulses = '${appLines} | where event == 30'

// Which column names the caller depends on how he got his token, and a column is there only once a line has filled it: a
// managed identity has stood in either. Nobody in both is somebody else.
var callers = map(
  ['identity_claim_oid_g', 'identity_claim_http_schemas_microsoft_com_identity_claims_objectidentifier_g'],
  column => 'tostring(column_ifexists("${column}", ""))'
)
var keyUses = 'AzureDiagnostics | where ResourceProvider == "MICROSOFT.KEYVAULT" and OperationName in ("KeySign", "KeyUnwrap", "KeyDecrypt") and ResultType == "Success" | extend who = coalesce(${join(callers, ', ')})'

var rules = [
  {
    name: 'silent'
    title: 'The platform has no pulse'
    severity: 0
    why: 'No sweep wrote its line for fifteen minutes: the app is down, or its timer does not run.'
    query: '${pulses} | summarize beats = count() | where beats == 0'
    window: 'PT15M'
  }
  {
    name: 'poison'
    title: 'A message was given up'
    severity: 2
    why: 'A message lies in a poison queue. The sweep has done its work all the same; look at the message.'
    query: 'StorageQueueLogs | where OperationName == "PutMessage" and tostring(StatusCode) == "201" and Uri has "-poison"'
    window: 'PT5M'
  }
  {
    name: 'undelivered'
    title: 'An upload\'s event was not delivered'
    severity: 2
    why: 'Event Grid kept an event in the dead-letter container. The sweep takes the upload; the way of events is broken.'
    query: 'AegDeliveryFailureLogs | where TimeGenerated > ago(15m)'
    window: 'PT15M'
  }
  {
    name: 'parked'
    title: 'A process is parked'
    severity: 1
    why: 'A process used up its attempts and waits for a person: read its reason, mend the cause, resume it.'
    query: '${appLines} | where event == 4006'
    window: 'PT5M'
  }
  {
    name: 'sequencing'
    title: 'Deposits wait to be logged'
    severity: 1
    why: 'The oldest acknowledged deposit has not reached the log for five minutes.'
    query: '${pulses} | where todouble(s.Waiting) > 300'
    window: 'PT10M'
  }
  {
    name: 'stamping'
    title: 'Checkpoints wait for time'
    severity: 1
    why: 'A checkpoint has waited ten minutes for its tokens: an authority is down, or time has stopped.'
    query: '${pulses} | where todouble(s.Unstamped) > 600'
    window: 'PT15M'
  }
  {
    name: 'authority'
    title: 'A time-stamp authority is down'
    severity: 2
    why: 'At least one authority does not answer, refuses, or answers wrongly.'
    query: '${pulses} | where tostring(s.Time) != "Ok"'
    window: 'PT15M'
  }
  {
    name: 'drift'
    title: 'Clocks drift apart'
    severity: 1
    why: 'The clock differs from an authority\'s by more than half of what is accepted; at the bound, stamping stops.'
    query: '${pulses} | where abs(todouble(s.Drift)) > ${maxSkewSeconds} / 2.0'
    window: 'PT15M'
  }
  {
    name: 'anchoring'
    title: 'The chain lags'
    severity: 1
    why: 'The newest stamped checkpoint has waited ten times the promised interval for its anchor.'
    query: '${pulses} | where todouble(s.Unanchored) > ${10 * anchorIntervalSeconds + 600}'
    window: 'PT15M'
  }
  {
    name: 'vault-slow'
    title: 'The vault refuses for haste'
    severity: 2
    why: 'The vault answered 429: signing and unwrapping slow down.'
    query: 'AzureDiagnostics | where ResourceProvider == "MICROSOFT.KEYVAULT" and httpStatusCode_d == 429'
    window: 'PT5M'
  }
  {
    name: 'foreign-signature'
    title: 'Somebody else used a key'
    severity: 0
    why: 'A key was used by an identity that is not the app\'s. Outside a ceremony nobody may.'
    query: '${keyUses} | where who != "${appPrincipalId}"'
    window: 'PT5M'
  }
  {
    name: 'failing'
    title: 'Sequencing fails'
    severity: 1
    why: 'The sequencer failed again and again: deposits are taken and not logged.'
    query: '${appLines} | where line.Category == "Notary.Deposits.Sequencer" and line.LogLevel == "Error" | summarize failures = count() | where failures > 10'
    window: 'PT10M'
  }
]

resource rule 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for item in rules: {
    name: '${prefix}-${item.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: item.title
      description: item.why
      severity: item.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: 'PT5M'
      windowSize: item.window
      autoMitigate: true
      // Some tables appear only with their first line.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: item.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            failingPeriods: { minFailingPeriodsToAlert: 1, numberOfEvaluationPeriods: 1 }
          }
        ]
      }
      actions: { actionGroups: [actionGroupId] }
    }
  }
]

// From outside, as a tenant sees it: readiness names the dependency that would not serve.
resource outside 'Microsoft.Insights/webtests@2022-06-15' = if (watched) {
  name: '${prefix}-outside'
  location: location
  tags: union(tags, { 'hidden-link:${componentId}': 'Resource' })
  kind: 'standard'
  properties: {
    SyntheticMonitorId: '${prefix}-outside'
    Name: 'The platform is ready'
    Enabled: true
    Kind: 'standard'
    Frequency: 300
    Timeout: 30
    RetryEnabled: true
    Locations: [{ Id: 'apac-hk-hkn-azr' }, { Id: 'apac-sg-sin-azr' }, { Id: 'emea-nl-ams-azr' }]
    Request: { RequestUrl: '${publicUrl}/readyz', HttpVerb: 'GET', ParseDependentRequests: false, FollowRedirects: false }
    ValidationRules: { ExpectedHttpStatusCode: 200, SSLCheck: true, SSLCertRemainingLifetimeCheck: 21 }
  }
}

resource outsideFails 'Microsoft.Insights/metricAlerts@2026-01-01' = if (watched) {
  name: '${prefix}-outside'
  location: 'global'
  tags: union(tags, { 'hidden-link:${componentId}': 'Resource', 'hidden-link:${outside.id}': 'Resource' })
  properties: {
    description: 'Seen from outside the platform is not ready: /readyz names what would not serve.'
    severity: 1
    enabled: true
    scopes: [outside.id, componentId]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      webTestId: outside.id
      componentId: componentId
      failedLocationCount: 2
    }
    actions: [{ actionGroupId: actionGroupId }]
  }
}
