import { answer, load } from './lines.mjs';

const { default: canonicalize } = await load('canonicalize/lib/canonicalize.js');
const bits = new DataView(new ArrayBuffer(8));

await answer({
  // The bits of a double, 16 hexadecimal digits.
  numbers: (line) => {
    bits.setBigUint64(0, BigInt(`0x${line}`));
    return JSON.stringify(bits.getFloat64(0));
  },
  documents: (line) => canonicalize(JSON.parse(line)),
});
