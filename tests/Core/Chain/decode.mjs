// Reads an anchor transaction with ethers, from its signed bytes and from the node, and prints what ethers sees.
// node decode.mjs RPC-URL TRANSACTION-HASH SIGNED-BYTES CONTRACT
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const { ethers } = createRequire(join(root, 'scripts', 'package.json'))('ethers');
const [url, hash, signed, contract] = process.argv.slice(2);
const { abi } = JSON.parse(readFileSync(join(root, 'functions', 'Core', 'Chain', 'contracts', 'EvidenceAnchor.json'), 'utf8'));
const face = new ethers.Interface(abi);
const provider = new ethers.JsonRpcProvider(url);

function show(transaction) {
  const call = face.parseTransaction({ data: transaction.data });
  return {
    type: transaction.type, chainId: String(transaction.chainId), nonce: transaction.nonce, from: transaction.from, to: transaction.to,
    hash: transaction.hash, function: call.name, size: String(call.args.size), root: call.args.root,
  };
}

const receipt = await provider.getTransactionReceipt(hash);
const event = face.parseLog(receipt.logs[0]).args;
const anchors = new ethers.Contract(contract, abi, provider);
console.log(JSON.stringify({
  signed: show(ethers.Transaction.from(signed)),
  mined: show(await provider.getTransaction(hash)),
  event: { size: String(event.size), root: event.root, sender: event.sender },
  rootOf: await anchors.rootOf(event.size),
  latest: String((await anchors.latest()).size),
}));
provider.destroy();
