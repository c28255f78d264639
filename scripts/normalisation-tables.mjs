// Writes functions/Core/Evidence/Draws/nfc.txt: what NFC (Unicode UAX #15) needs to know, asked of this Node's Unicode library.
// The runtime's own normalisation does nothing in the invariant mode in which everything here runs. usage: node scripts/normalisation-tables.mjs
import fs from 'node:fs';

const wanted = '17.0';
if (process.versions.unicode !== wanted) throw new Error(`this Node has Unicode ${process.versions.unicode}, docs/draw-format.md says ${wanted}`);

const hex = (cp) => cp.toString(16);
const points = (text) => [...text].map((c) => c.codePointAt(0));
const lines = [];
const marks = [];
for (let cp = 0x80; cp <= 0x10ffff; cp++) {
  if ((cp >= 0xd800 && cp <= 0xdfff) || (cp >= 0xac00 && cp <= 0xd7a3)) continue;
  const c = String.fromCodePoint(cp);
  const d = points(c.normalize('NFD'));
  if (d.length === 1 && d[0] === cp) {
    // Only what has a combining class moves before U+0334 (class 1) or behind U+0345 (class 240, the highest).
    const moves = (a, b) => (a + b).normalize('NFD') !== a + b;
    if (moves(c, '\u0334') || moves('\u0345', c) || cp === 0x345) marks.push(c);
  } else if (c.normalize('NFC') === c) {
    const head = points(String.fromCodePoint(...d.slice(0, -1)).normalize('NFC'));
    if (head.length !== 1) throw new Error(`U+${hex(cp)} is not composed of two`);
    lines.push(`${hex(cp)}=${hex(head[0])} ${hex(d.at(-1))}`);
  } else {
    lines.push(`${hex(cp)}>${d.map(hex).join(' ')}`);
  }
}

// Classes by their order alone: that is all that sorting asks for.
const order = (a, b) => ((a + b).normalize('NFD') !== a + b ? 1 : (b + a).normalize('NFD') !== b + a ? -1 : 0);
marks.sort((a, b) => order(a, b) || a.codePointAt(0) - b.codePointAt(0));
const classes = [];
for (const mark of marks) {
  if (classes.length === 0 || order(classes.at(-1)[0], mark) !== 0) classes.push([]);
  classes.at(-1).push(mark);
}
const text = [`Unicode ${wanted}`, ...lines, ...classes.map((c) => `:${c.map((m) => hex(m.codePointAt(0))).join(' ')}`)].join('\n');
fs.writeFileSync(new URL('../functions/Core/Evidence/Draws/nfc.txt', import.meta.url), `${text}\n`);
