// What people may do in one resource group. Groups, never single persons.

@description('Object id of the clerks\' group; empty assigns nothing.')
param clerksId string

@description('Object id of the auditors\' group; empty assigns nothing.')
param auditorsId string

@description('Id of the clerk\'s role.')
param clerkRoleId string

@description('Id of the auditor\'s role.')
param auditorRoleId string

resource clerks 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(clerksId)) {
  name: guid(resourceGroup().id, clerksId, clerkRoleId)
  properties: {
    principalId: clerksId
    principalType: 'Group'
    roleDefinitionId: clerkRoleId
    description: 'Dashboard, workbook and state.'
  }
}

resource auditors 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(auditorsId)) {
  name: guid(resourceGroup().id, auditorsId, auditorRoleId)
  properties: {
    principalId: auditorsId
    principalType: 'Group'
    roleDefinitionId: auditorRoleId
    description: 'Settings, roles and logs.'
  }
}
