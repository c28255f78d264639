// Compiles functions/Core/Chain/contracts/*.sol with the solc of scripts/package-lock.json, offline, and writes one
// artifact beside each source that can be deployed. With --check it writes nothing and fails when a committed artifact differs.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import solc from 'solc';

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'functions', 'Core', 'Chain', 'contracts');
const check = process.argv.includes('--check');

// No metadata hash: the bytecode then depends on the source and these settings alone, not on file paths.
const settings = {
  evmVersion: 'paris',
  optimizer: { enabled: true, runs: 1_000_000 },
  metadata: { appendCBOR: false, bytecodeHash: 'none' },
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
};

const files = readdirSync(folder).filter((name) => name.endsWith('.sol')).sort();
const sources = Object.fromEntries(files.map((file) => [file, { content: readFileSync(join(folder, file), 'utf8') }]));
const packages = join(dirname(fileURLToPath(import.meta.url)), 'node_modules');
const imports = (path) => (path.startsWith('@openzeppelin/') ? { contents: readFileSync(join(packages, path), 'utf8') } : { error: `unknown: ${path}` });
const output = JSON.parse(solc.compile(JSON.stringify({ language: 'Solidity', sources, settings }), { import: imports }));
if (output.errors?.length) {
  console.error(output.errors.map((error) => error.formattedMessage).join('\n'));
  process.exit(1);
}

let stale = 0;
for (const file of files) {
  const contract = file.replace(/\.sol$/, '');
  const { abi, evm } = output.contracts[file][contract];
  if (evm.bytecode.object === '') continue; // Abstract: part of those that inherit it.

  const { outputSelection, ...shown } = settings;
  const artifact = JSON.stringify({
    contract,
    source: file,
    compiler: solc.version(),
    settings: shown,
    abi,
    bytecode: '0x' + evm.bytecode.object,
    deployedBytecode: '0x' + evm.deployedBytecode.object,
  }, null, 2) + '\n';
  const target = join(folder, `${contract}.json`);
  if (!check) {
    writeFileSync(target, artifact);
    console.log(`${contract}: ${evm.deployedBytecode.object.length / 2} bytes deployed`);
  } else if (readFileSync(target, 'utf8') !== artifact) {
    console.error(`${contract}.json is not what ${file} compiles to: run node scripts/compile-contracts.mjs`);
    stale++;
  }
}

process.exit(stale === 0 ? 0 : 1);
