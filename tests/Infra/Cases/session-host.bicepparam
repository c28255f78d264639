// A desktop as the broker makes it, for the tests: nobody but the broker knows the real values.
using '../../../infra/session-host.bicep'

param location = 'eastasia'
param tags = { purpose: 'session' }
param sessionId = 'session-1'
param machineName = 'fx0123456789abc'
param imageVersionId = '/subscriptions/00000000-0000-0000-0000-000000000001/image/versions/1.0.0'
param subnetId = '/subscriptions/00000000-0000-0000-0000-000000000001/subnets/desktops'
param registrationToken = 't0ken-of-the-pool'
param logRuleId = '/subscriptions/00000000-0000-0000-0000-000000000001/rules/desktops'
param platformUrl = 'https://notary.example'
param recorderKey = 'k3y-of-the-recorder'
param personId = '00000000-0000-0000-0000-0000000000bb'
param ephemeralDisk = true
param adminPassword = 'pa55word-of-nobody'
param adminName = 'n0123456789ab'
