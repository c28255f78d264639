// SHA-256 (FIPS 180-4) of a stream, in WebAssembly that is put together here: faster than what a compiler makes of the usual loops
// (docs/decisions/0021). The message schedules of four blocks are worked out side by side, a vector's lane each; the rounds of each
// block are written out one after the other.
import {
  add, and, assembled, bigEndian, constants, every, get, initial, lessThan, load, multiply, number, rotr, select, set, store, sub, tee, vectorAdd,
  vectorLoad, vectorShl, vectorShr, vectorStore, vectorXor, words, xor,
} from './wasm.mjs';

/** Bytes that one update may have; what is longer is fed in pieces. */
export const pieceBytes = 4 * 2 ** 20;

const blockBytes = 64;
const group = 4;
// Memory: the eight words of the state, the schedules (W[t] + K[t] of the four blocks side by side), the message.
const [stateAt, scheduleAt, messageAt] = [0, 64, 2048];
const pages = Math.ceil((messageAt + pieceBytes + (group + 1) * blockBytes) / 65536);

// Locals: the parameters, sixteen numbers, twenty vectors.
const [message, left, place, end, sum, pairA, pairB] = [0, 1, 2, 3, 4, 5, 6];
const working = [7, 8, 9, 10, 11, 12, 13, 14];
const w = Array.from({ length: 16 }, (_, t) => 15 + t);
const rows = [31, 32, 33, 34];

/** The words of four blocks, read and turned: w[t] has word t of each. */
function read() {
  const code = [];
  for (let quarter = 0; quarter < 4; quarter++) {
    for (let block = 0; block < group; block++) {
      code.push(...get(message), ...vectorLoad(block * blockBytes + quarter * 16), ...tee(rows[block]), ...get(rows[block]), ...bigEndian,
        ...set(rows[block]));
    }
    const pairs = (a, b, lanes) => [...get(a), ...get(b), ...words(lanes)];
    const [w0, w1, w2, w3] = w.slice(quarter * 4);
    code.push(...pairs(rows[0], rows[1], [0, 4, 1, 5]), ...set(w0), ...pairs(rows[0], rows[1], [2, 6, 3, 7]), ...set(w2));
    code.push(...pairs(rows[2], rows[3], [0, 4, 1, 5]), ...set(w1), ...pairs(rows[2], rows[3], [2, 6, 3, 7]), ...set(w3));
    code.push(...pairs(w0, w1, [0, 1, 4, 5]), ...pairs(w0, w1, [2, 3, 6, 7]), ...set(w1), ...set(w0));
    code.push(...pairs(w2, w3, [0, 1, 4, 5]), ...pairs(w2, w3, [2, 3, 6, 7]), ...set(w3), ...set(w2));
  }
  return code;
}

/** §4.1.2 (4.6) and (4.7), of four words at once. */
function small(word, first, second, shift) {
  const part = (how, by) => [...get(word), ...number(by), ...how];
  return [...part(vectorShr, first), ...part(vectorShl, 32 - first), ...vectorXor, ...part(vectorShr, second), ...vectorXor,
    ...part(vectorShl, 32 - second), ...vectorXor, ...part(vectorShr, shift), ...vectorXor];
}

/** §6.2.2, step 1 */
function schedule() {
  const code = [];
  for (let t = 0; t < 64; t++) {
    const at = back => w[(t + 16 - back) % 16];
    if (t >= 16) {
      code.push(...small(at(15), 7, 18, 3), ...get(at(16)), ...vectorAdd, ...get(at(7)), ...vectorAdd, ...small(at(2), 17, 19, 10), ...vectorAdd,
        ...set(at(16)));
    }
    code.push(...number(0), ...get(at(16)), ...every(constants[t]), ...vectorAdd, ...vectorStore(scheduleAt + t * 16));
  }
  return code;
}

/** §4.1.2 (4.4) and (4.5) */
const big = (word, first, second, third) => [...get(word), ...number(first), ...rotr, ...get(word), ...number(second), ...rotr, ...xor,
  ...get(word), ...number(third), ...rotr, ...xor];

/** §6.2.2, steps 2 to 4, of the block at `place`. */
function rounds() {
  const code = working.flatMap((word, i) => [...number(0), ...load(stateAt + i * 4), ...set(word)]);
  let [a, b, c, d, e, f, g, h] = working;
  let [now, before] = [pairA, pairB];
  code.push(...get(b), ...get(c), ...xor, ...set(before));
  for (let t = 0; t < 64; t++) {
    code.push(...get(place), ...load(t * 16), ...get(h), ...add, ...get(f), ...get(g), ...xor, ...get(e), ...and, ...get(g), ...xor, ...add,
      ...big(e, 6, 11, 25), ...add, ...set(sum));
    code.push(...get(d), ...get(sum), ...add, ...set(d));
    // Maj(a, b, c) = ((a xor b) and (b xor c)) xor b, and the latter pair is the former of the round before.
    code.push(...get(a), ...get(b), ...xor, ...tee(now), ...get(before), ...and, ...get(b), ...xor, ...get(sum), ...add, ...big(a, 2, 13, 22), ...add,
      ...set(h));
    [now, before] = [before, now];
    [a, b, c, d, e, f, g, h] = [h, a, b, c, d, e, f, g];
  }
  return [...code, ...working.flatMap((word, i) => [...number(0), ...number(0), ...load(stateAt + i * 4), ...get(word), ...add, ...store(stateAt + i * 4)])];
}

function assemble() {
  const [repeat, empty, done, again] = [0x03, 0x40, 0x0b, [0x0d, 0]];
  const body = [
    // locals: 13 numbers, 20 vectors
    2, 13, 0x7f, 20, 0x7b,
    repeat, empty, ...read(), ...schedule(), ...number(scheduleAt), ...set(place),
    // The last group may have fewer blocks.
    ...number(scheduleAt), ...get(left), ...number(group), ...get(left), ...number(group), ...lessThan, ...select, ...number(4), ...multiply, ...add,
    ...set(end),
    repeat, empty, ...rounds(), ...get(place), ...number(4), ...add, ...tee(place), ...get(end), ...lessThan, ...again, done,
    ...get(message), ...number(group * blockBytes), ...add, ...set(message),
    ...number(0), ...get(left), ...number(group), ...sub, ...tee(left), ...lessThan, ...again, done,
    done,
  ];
  return assembled(2, pages, body);
}

/** A digest of bytes that come in pieces: update(bytes), then hex(). */
export async function sha256() {
  const { instance: { exports: { m: memory, f: blocks } } } = await WebAssembly.instantiate(assemble());
  const [state, place] = [new Uint32Array(memory.buffer, stateAt, 8), new Uint8Array(memory.buffer, messageAt)];
  state.set(initial);
  let [length, rest] = [0, 0];
  return {
    /** At most `pieceBytes` at once. */
    update(bytes) {
      place.set(bytes, rest);
      const there = rest + bytes.length;
      length += bytes.length;
      rest = there % blockBytes;
      if (there >= blockBytes) blocks(messageAt, (there - rest) / blockBytes);
      place.copyWithin(0, there - rest, there);
    },
    /** §5.1.1: one bit, zeros, the length. */
    hex() {
      const padded = rest < 56 ? blockBytes : 2 * blockBytes;
      place.fill(0, rest, padded);
      place[rest] = 0x80;
      new DataView(memory.buffer).setBigUint64(messageAt + padded - 8, BigInt(length) * 8n);
      blocks(messageAt, padded / blockBytes);
      return Array.from(state, word => word.toString(16).padStart(8, '0')).join('');
    },
  };
}
