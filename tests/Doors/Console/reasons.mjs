// Every code that the browser's verifier has a sentence for, one a line; `rung/code` where it means something else there.
import { CODES } from '../../../functions/Doors/Console/browser/reasons.mjs';

for (const code of CODES) console.log(code);
