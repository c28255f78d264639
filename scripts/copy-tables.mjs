// Copies the evidence's tables to another account: Azure copies blobs by itself, rows it does not.
//
// usage: node scripts/copy-tables.mjs FROM TO [mirror] TABLE...
// FROM and TO: addresses of table services (a readable secondary too), or connection strings of an emulator. az must be signed in.
// What is the same on both sides is not written again. Rows that only TO has are kept, so that a faulty or hostile delete is
// not repeated; `mirror` deletes them: for the hour in which TO takes over, when an old row would be taken for a new one.
import { execFileSync } from 'node:child_process';
import { TableClient } from '@azure/data-tables';

// Table Storage takes 100 actions and 4 MiB a transaction; what is counted here is without the envelope of each action.
const MAX_ACTIONS = 100, MAX_BYTES = 2 * 1024 * 1024;

const [from, to, ...rest] = process.argv.slice(2);
const mirror = rest[0] === 'mirror', tables = mirror ? rest.slice(1) : rest;
if (!tables.length) {
  console.error('usage: copy-tables.mjs FROM TO [mirror] TABLE...');
  process.exit(2);
}
for (const table of tables) console.log(`${table}: ${await copy(client(from, table), client(to, table))}`);

async function copy(source, target) {
  // Both sides list in the order of their keys: one walk finds what is missing, what differs and what is too much.
  const [theirs, ours] = [rows(source), rows(target)];
  let [a, b] = [await theirs.next(), await ours.next()];
  let same = 0, written = 0, removed = 0, kept = 0, batch = [], bytes = 0;
  const send = async () => {
    if (batch.length) await target.submitTransaction(batch);
    [batch, bytes] = [[], 0];
  };
  const add = async (...action) => {
    const size = Buffer.byteLength(JSON.stringify(action));
    const full = batch.length === MAX_ACTIONS || bytes + size > MAX_BYTES;
    if (batch.length && (full || batch[0][1].partitionKey !== action[1].partitionKey)) await send();
    batch.push(action);
    bytes += size;
  };
  while (!a.done || !b.done) {
    const order = a.done ? 1 : b.done ? -1 : compare(a.value, b.value);
    if (order > 0) {
      if (mirror) await add('delete', b.value); else kept++;
      if (mirror) removed++;
      b = await ours.next();
      continue;
    }
    if (order === 0 && text(a.value) === text(b.value)) same++;
    else {
      await add('upsert', a.value, 'Replace');
      written++;
    }
    if (order === 0) b = await ours.next();
    a = await theirs.next();
  }
  await send();
  return `${written} written, ${same} the same, ${mirror ? `${removed} removed` : `${kept} kept that the source has not`}`;
}

// Values stay typed texts: a date of JavaScript would lose a time's last digits. (A whole number of type Double arrives as
// Int32 all the same; the evidence has none.)
async function* rows(table) {
  for await (const { etag, timestamp, ...row } of table.listEntities({ disableTypeConversion: true })) {
    for (const name of Object.keys(row)) if (name.startsWith('odata.')) delete row[name];
    yield row;
  }
}

function client(service, table) {
  if (service.startsWith('https://')) return new TableClient(service, table, { getToken });
  return TableClient.fromConnectionString(service, table, { allowInsecureConnection: true });
}

async function getToken() {
  const answer = JSON.parse(execFileSync('az', ['account', 'get-access-token', '--resource', 'https://storage.azure.com/', '--output', 'json'], { encoding: 'utf8' }));
  return { token: answer.accessToken, expiresOnTimestamp: answer.expires_on * 1000 };
}

function compare(a, b) { return order(a.partitionKey, b.partitionKey) || order(a.rowKey, b.rowKey); }
function order(a, b) { return a < b ? -1 : a > b ? 1 : 0; }
function text(row) { return JSON.stringify(Object.keys(row).sort().map((name) => [name, row[name]])); }
