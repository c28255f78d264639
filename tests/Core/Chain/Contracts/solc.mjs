#!/usr/bin/env node
// The pinned npm solc, as forge wants to call one: forge would download its own.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const solc = createRequire(process.env.NOTARY_SCRIPTS + '/')('solc');
if (process.argv.includes('--version')) {
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}`);
} else {
  process.stdout.write(solc.compile(readFileSync(0, 'utf8')));
}
