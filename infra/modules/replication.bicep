// One half of the copying of blobs to the standby account. The service makes the policy's and the rules' ids when the
// destination's half is put under the name `default`; the source's half must then bear them.

import { ruleType } from '../types.bicep'

@description('Name of the account that gets this half.')
param accountName string

@description('`default` on the destination, the destination\'s policy id on the source.')
param policyName string

@description('Id of the account that is copied from.')
param sourceId string

@description('Id of the account that is copied to.')
param destinationId string

@description('One rule for each container.')
param rules ruleType[]

resource account 'Microsoft.Storage/storageAccounts@2026-09-01' existing = {
  name: accountName
}

resource policy 'Microsoft.Storage/storageAccounts/objectReplicationPolicies@2026-09-01' = {
  parent: account
  name: policyName
  properties: {
    // Ids, not names: accounts that refuse replication to other tenants take nothing else.
    sourceAccount: sourceId
    destinationAccount: destinationId
    rules: [
      for rule in rules: {
        ruleId: rule.?ruleId
        sourceContainer: rule.container
        destinationContainer: rule.container
        // Also what was there before the rule: this date means everything.
        filters: { minCreationTime: '1601-01-01T00:00:00Z' }
      }
    ]
  }
}

@description('Id of the policy.')
output policyId string = policy.properties.policyId

@description('The rules with their ids.')
output rules ruleType[] = [for (rule, i) in rules: { container: rule.container, ruleId: policy.properties.rules[i].ruleId }]
