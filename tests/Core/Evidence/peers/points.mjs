import { answer, load } from './lines.mjs';

const { bls12_381: bls } = await load('@noble/curves/bls12-381.js');
const { Fp, Fp2 } = bls.fields;
const hex = (value) => value.toString(16).padStart(96, '0');
const number = (text) => {
  const value = BigInt(`0x${text}`);
  if (value >= Fp.ORDER) throw new RangeError('not below the prime');
  return value;
};

// A compressed point → its coordinates. Not by the library's own reading, which also asks for the subgroup.
const spelled = (field, b, read, larger, write) => (line) => {
  const first = parseInt(line.slice(0, 2), 16);
  if (first >> 6 !== 2) throw new RangeError('not compressed, or infinity');
  const x = read((first & 0x1f).toString(16).padStart(2, '0') + line.slice(2));
  const y = field.sqrt(field.add(field.mul(field.sqr(x), x), b));
  return write(x) + write(larger(y) === Boolean(first & 0x20) ? y : field.neg(y));
};
const beyondHalf = (value) => value > (Fp.ORDER - 1n) / 2n;

await answer({
  g1: spelled(Fp, 4n, number, beyondHalf, hex),
  g2: spelled(Fp2, { c0: 4n, c1: 4n }, (text) => ({ c0: number(text.slice(96)), c1: number(text.slice(0, 96)) }),
    ({ c0, c1 }) => (c1 ? beyondHalf(c1) : beyondHalf(c0)), ({ c0, c1 }) => hex(c1) + hex(c0)),
});
