// Reads the QR code on a page, as a telephone does: node qr.mjs PAGE.ppm (a binary grey or colour map). Prints its text. The reader is npm's jsqr.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const jsQR = createRequire(new URL('../../../scripts/node_modules/', import.meta.url))('jsqr');
const map = readFileSync(process.argv[2]);
const [head, kind, width, height] = /^(P[56])\s+(\d+)\s+(\d+)\s+255\s/.exec(map.toString('latin1', 0, 64));
const [channels, pixels] = [kind === 'P5' ? 1 : 3, map.subarray(head.length)];
const rgba = new Uint8ClampedArray(width * height * 4);
for (let i = 0; i < width * height; i++) {
  for (let c = 0; c < 3; c++) rgba[4 * i + c] = pixels[channels * i + (channels === 1 ? 0 : c)];
  rgba[4 * i + 3] = 255;
}
const found = jsQR(rgba, Number(width), Number(height));
if (!found) throw new Error('no code on the page');
console.log(found.data);
