#!/usr/bin/env bash
# @azure/data-tables reads a whole number of type Double back as Int32, even when asked for types (disableTypeConversion):
# a row that is read and written again has changed its type. Exits 0 while that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill "$(cat "$folder/pid" 2>/dev/null)" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error @azure/data-tables@13.3.2 azurite@3.37.0 >/dev/null
echo "@azure/data-tables $(node -p "require('@azure/data-tables/package.json').version"), azurite $(node -p "require('azurite/package.json').version")"
port=$(node -e "const s = require('net').createServer().listen(0, '127.0.0.1', () => { console.log(s.address().port); s.close(); })")
node_modules/.bin/azurite-table --tableHost 127.0.0.1 --tablePort "$port" --location "$folder" --silent --disableTelemetry >/dev/null &
echo $! > pid
cat > try.cjs <<'J'
const { TableClient } = require('@azure/data-tables');
const port = process.argv[2], key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
const account = `DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=${key};TableEndpoint=http://127.0.0.1:${port}/devstoreaccount1;`;
(async () => {
  let raw = '';
  const seen = { name: 'seen', sendRequest: async (request, next) => { const r = await next(request); raw = r.bodyAsText ?? raw; return r; } };
  const table = TableClient.fromConnectionString(account, 'rows', { allowInsecureConnection: true, retryOptions: { maxRetries: 20, retryDelayInMs: 200 } });
  table.pipeline.addPolicy(seen);
  await table.createTable();
  await table.createEntity({ partitionKey: 'p', rowKey: 'r', whole: { type: 'Double', value: '2' }, half: { type: 'Double', value: '0.5' } });
  const row = await table.getEntity('p', 'r', { disableTypeConversion: true });
  console.log('the service says:', raw.match(/"whole[^,}]*/g)?.join(', '));
  console.log('whole:', JSON.stringify(row.whole), ' half:', JSON.stringify(row.half));
  process.exit(row.whole.type === 'Int32' && row.half.type === 'Double' ? 0 : 1);
})();
J
node try.cjs "$port"
