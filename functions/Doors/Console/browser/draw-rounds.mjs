// The draw itself (docs/draw-format.md §5 to §7): each ticket one block of SHA-256, the smallest numbers win; winners.csv as it comes.
import { prefixOf, utf8 } from './draw.mjs';
import { pieceBytes, sha256 } from './sha256.mjs';
import { room } from './sha256-many.mjs';

const messageBits = (64 + 33) * 8;
const hex = word => word.toString(16).padStart(8, '0');

/** Rounds and winners' table of a list, as result.json states them. */
export async function drawn(rules, list, seed, sha, tell = () => {}) {
  const won = new Uint8Array(list.count), table = await winnersTable(list);
  const smallest = { number: Array.from({ length: 4 }, () => new Uint32Array(list.count)), ticket: new Uint8Array(list.count) };
  const rounds = rules.rounds.map((rule, i) => {
    const { eligible, tickets } = take(rule, list, won);
    number(prefixOf(seed, i + 1), rule, list, eligible, smallest, sha, part => tell((i + part) / rules.rounds.length));
    const placed = first(eligible, smallest, rule.quota + rule.reserves);
    const [winners, reserves] = [placed.subarray(0, rule.quota), placed.subarray(rule.quota)];
    for (const index of winners) won[index] = 1;
    table.add(i + 1, 'winner', winners, smallest);
    table.add(i + 1, 'reserve', reserves, smallest);
    const last = all => (all.length === 0 ? null : numberOf(smallest, all.at(-1)));
    return { eligible: eligible.length, lastReserve: last(reserves), lastWinner: last(winners), reserves: reserves.length, tickets,
      winners: winners.length };
  });
  return { rounds, winners: table.end() };
}

/** §6, step 1 */
function take(rule, list, won) {
  const part = list.groupTexts.map(group => rule.groups.length === 0 || rule.groups.includes(group)), eligible = new Uint32Array(list.count);
  let [count, tickets] = [0, 0];
  for (let i = 0; i < list.count; i++) {
    if (!part[list.groups[i]] || (won[i] && !rule.earlierWinners)) continue;
    eligible[count++] = i;
    tickets += rule.weights ? list.weights[i] : 1;
  }
  return { eligible: eligible.subarray(0, count), tickets };
}

/** The smallest of each candidate's numbers. */
function number(prefix, rule, list, eligible, smallest, sha, tell) {
  const [a, b, c, d] = smallest.number, owners = new Uint32Array(room), tickets = new Uint8Array(room), view = new DataView(prefix.buffer);
  sha.from();
  for (let i = 0; i < 16; i++) sha.message[i].fill(view.getUint32(i * 4));
  sha.run(1);
  const start = sha.state.map(plane => plane[0]);
  for (let i = 9; i < 15; i++) sha.message[i].fill(0);
  sha.message[15].fill(messageBits);
  for (let at = 0, ticket = 1; at < eligible.length;) {
    let lanes = 0;
    for (; lanes < room && at < eligible.length; lanes++) {
      const index = eligible[at];
      for (let i = 0; i < 8; i++) sha.message[i][lanes] = list.handles[i][index];
      sha.message[8][lanes] = (ticket << 24) | 0x800000;
      [owners[lanes], tickets[lanes]] = [index, ticket];
      if (!rule.weights || ticket++ === list.weights[index]) [at, ticket] = [at + 1, 1];
    }
    sha.from(start);
    sha.run(lanes);
    const [wa, wb, wc, wd] = sha.state;
    for (let lane = 0; lane < lanes; lane++) {
      const i = owners[lane];
      if (tickets[lane] > 1 && (wa[lane] - a[i] || wb[lane] - b[i] || wc[lane] - c[i] || wd[lane] - d[i]) >= 0) continue;
      [a[i], b[i], c[i], d[i]] = [wa[lane], wb[lane], wc[lane], wd[lane]];
      smallest.ticket[i] = tickets[lane];
    }
    tell(at / eligible.length);
  }
}

/** The places of the smallest numbers, in order; equal ones by handle, in whose order the list is. */
function first(eligible, { number: [a, b, c, d] }, most) {
  const count = Math.min(most, eligible.length), heads = new Float64Array(eligible.length);
  // 53 bits are a number exactly: enough to leave out nearly all of those that stand further behind.
  const head = i => a[i] * 2 ** 21 + (b[i] >>> 11);
  eligible.forEach((index, i) => { heads[i] = head(index); });
  const limit = heads.sort()[count - 1];
  return eligible.filter(i => head(i) <= limit).sort((i, j) => a[i] - a[j] || b[i] - b[j] || c[i] - c[j] || d[i] - d[j] || i - j).subarray(0, count);
}

const numberOf = (smallest, index) => smallest.number.map(plane => hex(plane[index])).join('');

async function winnersTable({ handles, groups, groupTexts, weights, names, nameTexts }) {
  const hash = await sha256();
  let [text, rows] = ['round,place,rank,position,handle,ticket,number,group,weight,name\n', 0];
  const flush = () => { hash.update(utf8(text)); text = ''; };
  return {
    add(round, place, placed, smallest) {
      placed.forEach((i, rank) => {
        text += `${round},${place},${rank + 1},${i + 1},${handles.map(plane => hex(plane[i])).join('')},${smallest.ticket[i]},${numberOf(smallest, i)},`
          + `${groupTexts[groups[i]]},${weights[i]},${nameTexts[names[i]]}\n`;
        if (text.length > pieceBytes / 8) flush();
      });
      rows += placed.length;
    },
    end() {
      flush();
      return { rows, sha256: hash.hex() };
    },
  };
}
