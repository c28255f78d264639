// What the two verifiers once judged differently because ours was wrong: made in every run.
import { archives } from './archives.mjs';
import { cmss, pages, pdfs } from './letters.mjs';
import { dropped, originals } from './members.mjs';
import { factFields, manifestFields } from './json.mjs';
import { revocations } from './revocations.mjs';
import { stamps, tokens } from './tokens.mjs';
import { trusts } from './trusts.mjs';

const FOUND = [
  [tokens, ['alpha ecdsa with null']], [stamps, ['garbage beside']], [cmss, ['ecdsa with null']],
  [pages, ['shown: over', 'shown: kind']], [pdfs, ['catalog with /AA << >>', 'catalog with /Version /2.0']], [originals, ['checksum behind a member']],
  [dropped, ['tokens/manifest-beta.tsr, listed']], [factFields, ['chain.contract changed 1']], [manifestFields, ['kind dropped']],
  [trusts, ["the reader's: policy no OID"]],
  [revocations, ['version 0', 'entry twice', 'ECDSA with null', 'fractions', 'extensions twice'].map((what) => `list of alpha: ${what}`)],
  [revocations, ['alpha inside a letter that fails: letter-pages']], [archives, ['64 tokens', 'stamped: not DER']],
];

export function* found(from) {
  for (const [kind, names] of FOUND) {
    const left = new Set(names);
    for (const c of kind(from)) {
      if (left.delete(c.what)) yield c;
      if (left.size === 0) break;
    }
    if (left.size) throw new Error(`no such forgery: ${[...left]}`);
  }
}
