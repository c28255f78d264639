// Judges bundles 0.zip to n.zip of a folder under its trust.json with the browser's verifier: of each its outcome, and the codes of what did not pass.
import { readFileSync } from 'node:fs';
import { verify } from '../../../../functions/Doors/Console/verifier/verify.mjs';
import { parseTrust } from '../../../../functions/Doors/Console/verifier/trust.mjs';
import { Bytes } from '../../../../functions/Doors/Console/verifier/bytes.mjs';

const [, , folder, count] = process.argv, read = (name) => Bytes.over(readFileSync(`${folder}/${name}`)), reader = parseTrust(read('trust.json'));
for (let i = 0; i < Number(count); i++) {
  const { outcome, verdicts } = verify(read(`${i}.zip`), { reader });
  console.log([outcome, ...verdicts.filter((v) => v.mark !== 'pass').map((v) => v.code)].join(' '));
}
