// Names that the app and the platform share. The app's own list is functions/Core/Storage/Names.cs and functions/Core/Keys/KeyNames.cs;
// a test compares the two, so neither can change alone.

@export()
@description('Containers of the evidence account whose content is written once.')
var writeOnceContainers = ['originals', 'log']

@export()
@description('Containers of the evidence account whose content changes.')
var changingContainers = ['staging', 'letters', 'uploads', 'identity', 'draws', 'recordings', 'batches']

@export()
@description('Containers of the evidence account that the service copies to the standby. Uploads are on their way, and stages change: `scripts/deploy takeover` copies the latter.')
var copiedContainers = ['originals', 'log', 'letters', 'identity', 'draws']

@export()
@description('The container that clients upload to; its events reach the app.')
var uploadsContainer = 'uploads'

@export()
@description('The container of stages and of the newest checkpoint, which is overwritten all the time.')
var stagingContainer = 'staging'

@export()
@description('Tables of the evidence account.')
var evidenceTables = ['tenants', 'apikeys', 'deposits', 'checkpoints', 'chain', 'people', 'clients', 'grants', 'consents', 'trail', 'operations', 'draws', 'sessions', 'webhooks', 'usage']

@export()
@description('Queues of the events account. The Functions host moves what it gave up on into the -poison ones.')
var eventQueues = ['uploads', 'uploads-poison']

@export()
@description('The queue that gets the events of the uploads container.')
var uploadsQueue = 'uploads'

@export()
@description('The container of the events account for events that could not be delivered.')
var deadLetterContainer = 'undelivered'

@export()
@description('The container of the runtime account that holds the deployed package.')
var packageContainer = 'packages'

@export()
@description('Elliptic keys that only ever sign: name and curve.')
var signingKeys = [
  { name: 'log-signer', curve: 'P-256' }
  { name: 'letter-signer', curve: 'P-256' }
  { name: 'chain-sender', curve: 'P-256K' }
  { name: 'login-signer', curve: 'P-256' }
  { name: 'draw-sender', curve: 'P-256K' }
]

@export()
@description('The RSA key that wraps the originals\' data keys.')
var wrappingKey = 'key-encryption'

@export()
@description('What the workbook\'s name is made from: the app links to the workbook, whose module needs the app\'s address.')
var workbookSeed = 'notary-workbook'
