#!/usr/bin/env bash
# azurite-table finds one row by its row key, and looks at each row that has it: partition and row key together are no index.
# Where every partition has a row of the same name, reading one takes as long as the table is large; Azure's tables find it by both.
# Measured as a ratio, the same number of rows in both tables. Exits 0 while reading such a row takes at least twice as long.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill "$(cat "$folder/pid" 2>/dev/null)" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error @azure/data-tables@13.3.2 azurite@3.37.0 >/dev/null
echo "azurite $(node -p "require('azurite/package.json').version")"
port=$(node -e "const s = require('net').createServer().listen(0, '127.0.0.1', () => { console.log(s.address().port); s.close(); })")
node_modules/.bin/azurite-table --tableHost 127.0.0.1 --tablePort "$port" --location "$folder" --silent --disableTelemetry >/dev/null &
echo $! > pid
cat > try.cjs <<'J'
const { TableClient } = require('@azure/data-tables');
const port = process.argv[2], key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
const account = `DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=${key};TableEndpoint=http://127.0.0.1:${port}/devstoreaccount1;`;
const rows = 16000, reads = 200;
const fill = async (name, rowKey) => {
  const table = TableClient.fromConnectionString(account, name, { allowInsecureConnection: true, retryOptions: { maxRetries: 20, retryDelayInMs: 200 } });
  await table.createTable();
  for (let i = 0; i < rows; i += 20)
    await Promise.all(Array.from({ length: 20 }, (_, k) => table.createEntity({ partitionKey: `p${i + k}`, rowKey: rowKey(i + k) })));
  return { table, rowKey, took: 0 };
};
(async () => {
  const one = await fill('oneName', () => 'grant'), own = await fill('ownNames', i => `grant-${i}`);
  // By turns, so that whatever else the machine does meets both.
  for (let n = 0; n < reads; n++) {
    const i = (n * 37) % rows;
    for (const kind of [one, own]) {
      const start = process.hrtime.bigint();
      await kind.table.getEntity(`p${i}`, kind.rowKey(i));
      kind.took += Number(process.hrtime.bigint() - start) / 1e6;
    }
  }
  const ratio = one.took / own.took;
  console.log(`${rows} partitions of one row: ${(one.took / reads).toFixed(1)} ms a read when all rows have one name, ${(own.took / reads).toFixed(1)} ms when each has its own: ${ratio.toFixed(1)} times`);
  process.exit(ratio >= 2 ? 0 : 1);
})();
J
node try.cjs "$port"
