export { good } from './good.mjs';
export { anchorFields, factFields, manifestFields, trustFields } from './json.mjs';
export { stamps, tokenBits, tokens } from './tokens.mjs';
export { bytes, dropped, originals, recipes, swaps, zips } from './members.mjs';
export { chains } from './chains.mjs';
export { times } from './times.mjs';
export { notes, proofs } from './notes.mjs';
export { trusts } from './trusts.mjs';
export { cmss, pages, pdfs, signers } from './letters.mjs';
