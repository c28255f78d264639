// The text that a letter's pages show, and whether it is the facts' (docs/evidence-format.md, Letter, Pages).
import { Name, Operator, Reader, Ref, Text } from './pdf.mjs';
import { need, time } from './json.mjs';

const malformed = (ok, why) => need(ok, 'malformed', why);
/** Operators of a letter's content, with how many operands each takes. */
const OPERATORS = {
  BT: 0, ET: 0, BDC: 2, BMC: 1, EMC: 0, q: 0, Q: 0, cm: 6, re: 4, f: 0, m: 2, l: 2, S: 0, w: 1, rg: 3, RG: 3, Tc: 1, Tf: 2, Tj: 1, Tm: 6, Tr: 1, Td: 2,
};

function toUnicode(pdf, font) {
  const text = pdf.stream(pdf.dictionary(font).get('ToUnicode')).toString('latin1'), map = new Map();
  for (const block of text.matchAll(/\d+ beginbfchar\n([^]*?)endbfchar/g)) {
    for (const [, code, to] of block[1].matchAll(/<([0-9a-f]{4})> <([0-9a-f]+)>/g)) map.set(parseInt(code, 16), Buffer.from(to, 'hex').swap16().toString('utf16le'));
  }
  return map;
}

/** Shows one content stream: gives each piece of text to `put(markedContent, text)`. */
function show(pdf, content, resources, put) {
  const fonts = new Map([...pdf.dictionary(resources.get('Font'))].map(([name, f]) => [name, toUnicode(pdf, f)]));
  const reader = new Reader(content), marks = [];
  let args = [], font = null, inText = false;
  for (let v; (v = reader.next()) !== undefined;) {
    if (!(v instanceof Operator)) { args.push(v); continue; }
    malformed(Object.hasOwn(OPERATORS, v.text) && OPERATORS[v.text] === args.length, `operator ${v.text}`);
    switch (v.text) {
      case 'BT': malformed(!inText); inText = true; break;
      case 'ET': malformed(inText); inText = false; break;
      case 'Tr': malformed(args[0] === 0 || args[0] === 2, 'text that does not show'); break;
      case 'Tf': font = fonts.get(args[0].text); malformed(font && args[1] > 0, 'font'); break;
      case 'BMC': case 'BDC': marks.push({ tag: args[0].text, mcid: args[1] instanceof Map ? args[1].get('MCID') : undefined }); break;
      case 'EMC': malformed(marks.pop()); break;
      case 'Tj': {
        malformed(inText && font && args[0] instanceof Text && args[0].bytes.length % 2 === 0, 'text');
        let text = '';
        for (let i = 0; i < args[0].bytes.length; i += 2) {
          const c = font.get(args[0].bytes.readUInt16BE(i));
          malformed(c !== undefined, 'a glyph without a character');
          text += c;
        }
        put(marks, text);
        break;
      }
      default:
    }
    args = [];
  }
  malformed(args.length === 0 && marks.length === 0 && !inText, 'content');
  return fonts;
}

/** The text of every structure element in the order of the tree, then of what is outside it (running lines, seal). */
export function pageText(pdf) {
  const root = pdf.dictionary(pdf.trailer.get('Root')), pages = pdf.dictionary(root.get('Pages')), marked = new Map(), beside = [], drawn = new Set();
  const remember = (fonts) => { for (const f of fonts.values()) for (const c of f.values()) drawn.add(c); };
  for (const ref of pdf.list(pages.get('Kids'))) {
    malformed(ref instanceof Ref);
    const page = pdf.dictionary(ref), parts = new Map();
    marked.set(ref.id, parts);
    let artifact = '';
    remember(show(pdf, pdf.stream(page.get('Contents')), pdf.dictionary(page.get('Resources')), (marks, text) => {
      const own = marks.find((m) => m.mcid !== undefined);
      if (own) parts.set(own.mcid, (parts.get(own.mcid) ?? '') + text);
      else { malformed(marks.some((m) => m.tag === 'Artifact'), 'text outside the structure'); artifact += text; }
    }));
    beside.push(artifact);
    for (const a of pdf.list(page.get('Annots') ?? [])) {
      const form = pdf.dictionary(pdf.dictionary(a).get('AP')).get('N');
      let seal = '';
      remember(show(pdf, pdf.stream(form), pdf.dictionary(pdf.dictionary(form).get('Resources')), (_, text) => { seal += `${text}\n`; }));
      beside.push(seal);
    }
  }
  const out = [], walk = (v, depth) => {
    malformed(depth < 16, 'structure');
    const e = pdf.dictionary(v);
    if (e.get('Type') instanceof Name && e.get('Type').text === 'MCR') {
      const parts = marked.get(e.get('Pg').id), text = parts?.get(e.get('MCID'));
      if (text !== undefined) { parts.delete(e.get('MCID')); out.push(text); }
    } else if (e.has('K')) {
      const before = out.length;
      for (const k of pdf.list(e.get('K'))) walk(k, depth + 1);
      // What one element says in several places is one text.
      if (!pdf.list(e.get('K')).some((k) => pdf.dictionary(k).has('K'))) out.splice(before, out.length - before, out.slice(before).join(''));
    }
  };
  for (const k of pdf.list(pdf.dictionary(root.get('StructTreeRoot')).get('K'))) walk(k, 0);
  malformed([...marked.values()].every((m) => m.size === 0), 'marked content that no element names');
  return { text: [...out, ...beside].join('\n'), drawn };
}

const bare = (t) => t.replace(/\s/gu, '');
const UUID = /(?<![0-9a-f])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-f])/gi;
const TIME = /\d{4}-\d\d-\d\d\d\d:\d\d:\d\d(?:\.\d+)?/g, HEX = /[0-9a-f]{32,}/gi;

/** A time as the pages print it, without the blank: by the clock of an offset, the fraction padded to three digits. */
function clock(text, hours) {
  const f = /\.(\d+)Z$/.exec(text)?.[1] ?? '', whole = Math.floor(time(text) / 1000) * 1000;
  return `${new Date(whole + hours * 3600_000).toISOString().slice(0, 19).replace('T', '')}.${f.padEnd(3, '0')}`;
}

/** Throws Bad('letter-pages') when the pages are not those of these facts. */
export function judgePages(pdf, f) {
  const { text, drawn } = pageText(pdf), all = text.split('\n').map(bare).join('\n');
  const differs = (ok, why) => need(ok, 'letter-pages', why);
  const printed = (t) => [...bare(t)].map((c) => (drawn.has(c) ? c : `U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}`)).join('');
  const one = all.replaceAll('\n', '');
  let at = 0;
  const inOrder = (t, restart = false) => {
    const found = one.indexOf(printed(String(t)), restart ? 0 : at);
    differs(found >= 0, `not shown: ${t}`);
    at = restart ? at : found;
  };
  for (const t of [f.office.zh, f.office.en, f.number, f.depositorName, f.depositor, f.id, clock(f.receivedAt, 8), f.manifestDigest]) inOrder(t);
  for (const i of f.items) {
    for (const t of [i.name, i.mediaType, ...Object.values(i.digests)]) inOrder(t);
    if (i.size !== null) inOrder(i.size.toLocaleString('en'));
  }
  for (const t of f.times) for (const x of [t.authority, t.over, clock(t.genTime, 8), t.serial]) inOrder(x);
  for (const [k, v] of Object.entries(f.notes)) { inOrder(k, true); inOrder(v, true); }
  const numbers = { index: f.log.index, size: f.log.size, chainid: f.chain.chainId, block: f.chain.block };
  for (const [label, n] of Object.entries(numbers)) differs(new RegExp(`${label}${n}(?!\\d)`).test(one), label);
  for (const t of [f.log.origin, f.log.root, f.chain.contract, f.chain.transaction, f.chain.blockHash, clock(f.chain.blockTime, 8), f.verifyUrl,
    clock(f.issuedAt, 8).slice(0, 18)]) inOrder(t, true);

  // And nothing of another deposit's.
  const texts = [f.depositorName, f.depositor, f.verifyUrl, f.number, ...Object.entries(f.notes).flat(), ...f.items.flatMap((i) => [i.name, i.mediaType])].map(printed);
  const words = [f.id, f.manifestDigest, f.log.root, f.log.origin, f.chain.contract, f.chain.transaction, f.chain.blockHash,
    ...f.items.flatMap((i) => Object.values(i.digests)), ...f.times.map((t) => t.serial), ...texts];
  const times = [f.receivedAt, f.issuedAt, f.chain.blockTime, ...f.times.map((t) => t.genTime)].flatMap((t) => [clock(t, 8), clock(t, 0)]);
  for (const m of [...all.matchAll(UUID), ...all.matchAll(HEX)]) differs(words.some((w) => w.includes(m[0])), `foreign: ${m[0]}`);
  for (const m of all.matchAll(TIME)) differs(times.some((t) => t.startsWith(m[0])) || texts.some((t) => t.includes(m[0])), `foreign: ${m[0]}`);
}
