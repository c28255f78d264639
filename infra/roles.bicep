// Built-in roles by the duty they serve here. The ids are the same in every tenant.

@export()
@description('Ids of built-in roles.')
var builtInRoles = {
  blobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  blobDataContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  blobDataReader: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
  queueDataContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
  queueMessageSender: 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a'
  tableDataContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
  tableDataReader: '76199698-9eea-4c19-bc75-cec21354c6b6'
  metricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb'
  keyWrapper: 'e147488a-f6f5-4113-8e2d-b22465e65bf6'
  keyOfficer: '14b46e9e-c2b7-41b4-b07b-48a6ebf60603'
  desktopUser: '1d18fff3-a72a-46b5-b4a9-0b38a3cd7e63'
  desktopPowerOn: '489581de-a3bd-480d-9518-53dea7416b33'
  machineUserLogin: 'fb879df8-f326-4884-b1cf-06f3ad86be52'
}
