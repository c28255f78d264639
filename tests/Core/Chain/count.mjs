// Counts a chain's anchors with ethers from raw blocks and receipts alone, and prints them in order.
// node count.mjs RPC-URL CONTRACT
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const { ethers } = createRequire(join(root, 'scripts', 'package.json'))('ethers');
const [url, contract] = process.argv.slice(2);
const face = new ethers.Interface(['event Anchored(uint64 indexed size, bytes32 root, address sender)']);
const provider = new ethers.JsonRpcProvider(url, undefined, { batchMaxCount: 100 });
const [anchors, head] = [[], await provider.getBlockNumber()];
let transactions = 0;
for (let first = 0; first <= head; first += 100) {
  const numbers = Array.from({ length: Math.min(100, head - first + 1) }, (_, i) => first + i);
  for (const block of await Promise.all(numbers.map(number => provider.getBlock(number)))) {
    transactions += block.transactions.length;
    for (const hash of block.transactions) {
      for (const log of (await provider.getTransactionReceipt(hash)).logs) {
        const event = log.address.toLowerCase() === contract.toLowerCase() ? face.parseLog(log) : null;
        if (event)
          anchors.push([Number(event.args.size), event.args.root.slice(2), event.args.sender, block.number, block.hash, hash, block.timestamp]);
      }
    }
  }
}

console.log(JSON.stringify({ head, transactions, anchors }));
provider.destroy();
