// node verify.mjs BUNDLE [TRUST]: every verdict of a bundle as JSON lines, then the outcome. Exit 0 verified, 1 failed, 3 not judged, 2 for what the caller
// got wrong.
import { readFileSync } from 'node:fs';
import { verify } from '../../../../functions/Doors/Console/verifier/verify.mjs';
import { parseTrust } from '../../../../functions/Doors/Console/verifier/trust.mjs';

const [bundle, trust] = process.argv.slice(2);
let reader = null;
try { reader = trust ? parseTrust(readFileSync(trust)) : null; } catch (e) { console.error(`${trust}: ${e.message}`); process.exit(2); }
const { outcome, verdicts } = verify(readFileSync(bundle), { reader });
for (const v of verdicts) console.log(JSON.stringify(v));
console.log(JSON.stringify({ outcome }));
process.exit({ verified: 0, failed: 1, unjudged: 3 }[outcome]);
