// Makes, fills, changes and lists a table, rows as their types and texts, with the client library that the script uses too.
import { createRequire } from 'node:module';

const { TableClient } = createRequire(new URL('../../../scripts/', import.meta.url))('@azure/data-tables');
const [verb, account] = process.argv.slice(2), table = TableClient.fromConnectionString(account, 'deposits', { allowInsecureConnection: true });
const row = (p, r, more) => ({ partitionKey: p, rowKey: r, ...more });
if (verb === 'make') await table.createTable();
if (verb === 'fill') {
  // More than one transaction takes: by number in the first partition, by size in the second.
  for (let i = 0; i < 120; i++) await table.createEntity(row('many', String(i).padStart(3, '0'), { n: i }));
  for (let i = 0; i < 50; i++) await table.createEntity(row('large', String(i).padStart(3, '0'), { manifest: Buffer.alloc(60 * 1024, i) }));
  await table.createEntity(row('typed', 'all', { text: '合同', yes: true, small: 7, half: 0.5, long: { type: 'Int64', value: '9007199254740993' },
    time: { type: 'DateTime', value: '2026-11-28T22:00:00.1234567Z' }, id: { type: 'Guid', value: '0b5a2d4e-0000-4000-8000-000000000001' } }));
}
if (verb === 'change') {
  await table.updateEntity(row('many', '007', { n: 700 }), 'Replace');
  await table.deleteEntity('many', '008');
  await table.createEntity(row('many', '999', { n: 999 }));
}
for await (const { etag, timestamp, ...e } of table.listEntities({ disableTypeConversion: true }))
  if (verb === 'list') console.log(JSON.stringify(Object.entries(e).sort()));
