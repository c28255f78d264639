// SHA-256 (FIPS 180-4) of many messages of one block each, four side by side: a vector's lane each. Words of all messages lie plane by plane
// (word 0 of every message, then word 1 …), so that nothing has to be turned, and what is the same for all is filled in at once.
import { add, assembled, constants, every, get, initial, lessThan, number, set, tee, vectorAdd, vectorAnd, vectorLoad, vectorShl, vectorShr, vectorStore,
  vectorXor } from './wasm.mjs';

/** Messages at once: 96 KiB of planes, which stay in a core's own cache. */
export const room = 1024;

const plane = room * 4;
const [stateAt, messageAt] = [0, 8 * plane];
const lanes = 4;
const pages = Math.ceil((24 * plane) / 65536);

// Locals: the parameter, one number, 27 vectors.
const [end, place] = [0, 1];
const working = [2, 3, 4, 5, 6, 7, 8, 9];
const w = Array.from({ length: 16 }, (_, t) => 10 + t);
const [sum, pairA, pairB] = [26, 27, 28];

const turned = (word, by) => [...get(word), ...number(by), ...vectorShr, ...get(word), ...number(32 - by), ...vectorShl, ...vectorXor];
/** §4.1.2: three rotations, or two and a shift. */
const big = (word, a, b, c) => [...turned(word, a), ...turned(word, b), ...vectorXor, ...turned(word, c), ...vectorXor];
const small = (word, a, b, shift) => [...turned(word, a), ...turned(word, b), ...vectorXor, ...get(word), ...number(shift), ...vectorShr, ...vectorXor];

/** §6.2.2 */
function block() {
  const code = [
    ...w.flatMap((word, t) => [...get(place), ...vectorLoad(messageAt + t * plane), ...set(word)]),
    ...working.flatMap((word, i) => [...get(place), ...vectorLoad(stateAt + i * plane), ...set(word)]),
  ];
  let [a, b, c, d, e, f, g, h] = working;
  let [now, before] = [pairA, pairB];
  code.push(...get(b), ...get(c), ...vectorXor, ...set(before));
  for (let t = 0; t < 64; t++) {
    const at = back => w[(t + 16 - back) % 16];
    if (t >= 16) {
      code.push(...small(at(15), 7, 18, 3), ...get(at(16)), ...vectorAdd, ...get(at(7)), ...vectorAdd, ...small(at(2), 17, 19, 10), ...vectorAdd,
        ...set(at(16)));
    }
    code.push(...get(at(16)), ...every(constants[t]), ...vectorAdd, ...get(h), ...vectorAdd,
      ...get(f), ...get(g), ...vectorXor, ...get(e), ...vectorAnd, ...get(g), ...vectorXor, ...vectorAdd, ...big(e, 6, 11, 25), ...vectorAdd, ...set(sum),
      ...get(d), ...get(sum), ...vectorAdd, ...set(d),
      // Maj(a, b, c) = ((a xor b) and (b xor c)) xor b, and the latter pair is the former of the round before.
      ...get(a), ...get(b), ...vectorXor, ...tee(now), ...get(before), ...vectorAnd, ...get(b), ...vectorXor, ...get(sum), ...vectorAdd,
      ...big(a, 2, 13, 22), ...vectorAdd, ...set(h));
    [now, before] = [before, now];
    [a, b, c, d, e, f, g, h] = [h, a, b, c, d, e, f, g];
  }
  return [...code, ...working.flatMap((word, i) => [
    ...get(place), ...get(place), ...vectorLoad(stateAt + i * plane), ...get(word), ...vectorAdd, ...vectorStore(stateAt + i * plane)])];
}

function assemble() {
  const [repeat, empty, done, again] = [0x03, 0x40, 0x0b, [0x0d, 0]];
  return assembled(1, pages, [
    2, 1, 0x7f, 27, 0x7b,
    repeat, empty, ...block(), ...get(place), ...number(16), ...add, ...tee(place), ...get(end), ...lessThan, ...again, done,
    done,
  ]);
}

/** Eight planes of states, sixteen of messages, and `run(count)`, which takes each state one block further. */
export async function shaMany() {
  const { instance: { exports: { m: memory, f: run } } } = await WebAssembly.instantiate(assemble());
  const planes = (at, count) => Array.from({ length: count }, (_, i) => new Uint32Array(memory.buffer, at + i * plane, room));
  const [state, message] = [planes(stateAt, 8), planes(messageAt, 16)];
  return {
    state, message,
    /** All from one state: the first, or the one after blocks that all begin with. */
    from(words = initial) { for (let i = 0; i < 8; i++) state[i].fill(words[i]); },
    run(count) { if (count > 0) run(Math.ceil(count / lanes) * 16); },
  };
}
