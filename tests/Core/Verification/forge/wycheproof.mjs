// node wycheproof.mjs FILE: judges Project Wycheproof's signatures with the verifier's own check; one line for each, `id true` or `id false`.
import { readFileSync } from 'node:fs';
import { Bytes } from '../../../../functions/Doors/Console/verifier/bytes.mjs';
import { publicKey, signed } from '../../../../functions/Doors/Console/verifier/x509.mjs';

const { scheme, hash, keys, tests } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const how = { type: scheme === 'ecdsa' ? 'ec' : 'rsa', hash: hash.toLowerCase(), pss: scheme === 'pss' };
const read = keys.map((k) => publicKey(Bytes.from(k, 'base64')));
for (const [id, key, message, signature] of tests) {
  console.log(`${id} ${read[key] !== null && signed(read[key], how, Bytes.from(message, 'base64'), Bytes.from(signature, 'base64'))}`);
}
