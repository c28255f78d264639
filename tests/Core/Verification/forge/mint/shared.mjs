// What the mint takes from the verifier: formats whose writing is no judgement. As Node's buffers, which the mint is written in.
import * as hash from '../../../../../functions/Doors/Console/verifier/hash.mjs';
import * as rlp from '../../../../../functions/Doors/Console/verifier/rlp.mjs';
import * as log from '../../../../../functions/Doors/Console/verifier/log.mjs';
import * as zip from '../../../../../functions/Doors/Console/verifier/zip.mjs';
import * as archive from '../../../../../functions/Doors/Console/verifier/archive.mjs';

export { crc32 } from '../../../../../functions/Doors/Console/verifier/zip.mjs';
export { der } from '../../../../../functions/Doors/Console/verifier/der.mjs';
export { Pdf } from '../../../../../functions/Doors/Console/verifier/pdf.mjs';
export { rank } from '../../../../../functions/Doors/Console/verifier/verify.mjs';
export { Bad, jcs } from '../../../../../functions/Doors/Console/verifier/json.mjs';

const buffer = (b) => Buffer.from(b.buffer, b.byteOffset, b.length);

export const keccak256 = (b) => buffer(hash.keccak256(b));
export const encode = (v) => buffer(rlp.encode(v));
export const quantity = (n) => buffer(rlp.quantity(n));
export const leaf = (data) => buffer(log.leaf(data));
export const writeZip = (list) => buffer(zip.writeZip(list));
export const writeArchive = (pdf, parts) => { const w = archive.writeArchive(pdf, parts); return { ...w, bytes: buffer(w.bytes) }; };
