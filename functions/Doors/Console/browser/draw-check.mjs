// A whole draw computed again from its public files: what was stated against what comes of it, rung by rung.
import { canonical, commitmentOf, digest, hexOf, Malformed, read, revealsOf, seedOf } from './draw.mjs';
import { judgeRound } from './draw-beacon.mjs';
import { listReader, mostCandidates } from './draw-list.mjs';
import { drawn } from './draw-rounds.mjs';
import { shaMany } from './sha256-many.mjs';

/** What of the time is taken by the list, and what by the rounds. */
const listPart = 0.6;

const same = (a, b) => canonical(a) === canonical(b);

/**
 * @param files draw.json, reveals.json, result.json as bytes, by their names
 * @param pieces public.csv as an asynchronous iterable of bytes; `size` its length for the progress
 * @param stated what the page says: drawId, commitment and result, each null when it says nothing
 * @param beacon signature and info, as somebody has shown them, or null
 * @returns rungs in order, each with mark and code; `outcome` over all
 */
export async function checkDraw({ files, pieces, size, stated, beacon }, tell = () => {}) {
  const rungs = [], say = (rung, mark, code = '') => { rungs.push({ rung, mark, code }); return mark === 'pass'; };
  const judge = (rung, code, holds) => say(rung, holds ? 'pass' : 'fail', holds ? '' : code);
  try {
    const [draw, reveals, result] = ['draw.json', 'reveals.json', 'result.json'].map(name => read(name, files[name]));
    const commitment = hexOf(digest(files['draw.json']));
    judge('commitment', stated.drawId && draw.drawId !== stated.drawId ? 'draw-other' : 'commitment-differs',
      commitment === result.commitment && [commitment, null].includes(stated.commitment) && [draw.drawId, null].includes(stated.drawId));

    if (draw.list.candidates > mostCandidates) {
      say('list', 'unknown', 'list-large');
      return ended(rungs);
    }
    const sha = await shaMany(), reader = listReader(draw.rules, draw.list.candidates, sha);
    let done = 0;
    for await (const piece of pieces) {
      reader.update(piece);
      tell(listPart * (done += piece.length) / size);
    }
    const list = reader.finish();
    judge('list', 'list-differs', same({ candidates: list.count, root: list.root, tickets: list.tickets }, draw.list));

    judge('reveals', 'reveal-wrong', reveals.beacon.kind === draw.beacon.kind
      && reveals.commits.every(commit => commit.secret === null || commitmentOf(draw.drawId, commit) === commit.commitment));
    if (draw.beacon.kind === 'drand') say('beacon', ...judgeRound(draw.beacon, reveals.beacon.value, beacon.signature, beacon.info));
    else say('beacon', 'unknown', 'beacon-block');

    const seed = seedOf(commitment, reveals);
    judge('seed', 'seed-differs', seed === result.seed && same(reveals.beacon, result.beacon) && same(revealsOf(reveals.commits), result.reveals));
    const found = list.root === null ? null : await drawn(draw.rules, list, seed, sha, part => tell(listPart + (1 - listPart) * part));
    judge('rounds', 'rounds-differ', found !== null && same(found.rounds, result.rounds));
    judge('winners', 'winners-differ', found !== null && same(found.winners, result.winners));
    judge('result', 'result-differs', draw.kind === result.kind && result.drawId === draw.drawId
      && [hexOf(digest(files['result.json'])), null].includes(stated.result));
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    rungs.push({ rung: 'files', mark: 'fail', code: 'file-malformed', about: error.message });
  }
  return ended(rungs);
}

const ended = rungs => ({
  rungs, outcome: rungs.some(r => r.mark === 'fail') ? 'failed' : rungs.some(r => r.mark === 'unknown') ? 'unjudged' : 'verified',
});
