// The text that a letter's pages show, and whether it is the facts' (docs/evidence-format.md, Letter, Pages).
import { Bytes } from './bytes.mjs';
import { Name, Operator, Reader, Ref, Text } from './pdf.mjs';
import { need, time } from './json.mjs';

const malformed = (ok, why) => need(ok, 'malformed', why);
const OPERATORS = new Set('BT ET BDC BMC EMC q Q cm re f m l S w rg RG Tc Tf Tj Tm Tr'.split(' '));
const KINDS = { file: '文件File', digest: '摘要Digestonly', forensics: '远程取证Remoteforensics', draw: '摇号Draw', contract: '合同Contract', batch: '批量Batch' };

function toUnicode(pdf, font) {
  const text = pdf.stream(pdf.dictionary(font).get('ToUnicode')).toString('latin1'), map = new Map();
  for (const block of text.matchAll(/\d+ beginbfchar\n([^]*?)endbfchar/g)) {
    for (const [, code, to] of block[1].matchAll(/<([0-9a-f]{4})> <([0-9a-f]+)>/g)) map.set(parseInt(code, 16),
      Bytes.from(to, 'hex').toString('utf16be'));
  }
  return map;
}

/** Shows one content stream: gives each piece of text to `put(markedContent, text)`. */
function show(pdf, content, resources, put) {
  const fonts = new Map([...pdf.dictionary(resources.get('Font'))].map(([name, f]) => [name, toUnicode(pdf, f)]));
  const reader = new Reader(content), marks = [];
  let args = [], font = null;
  for (let v; (v = reader.next()) !== undefined;) {
    if (!(v instanceof Operator)) { args.push(v); continue; }
    malformed(OPERATORS.has(v.text), `operator ${v.text}`);
    switch (v.text) {
      case 'Tr': malformed(args.at(-1) === 0 || args.at(-1) === 2, 'text that does not show'); break;
      case 'Tf': font = fonts.get(args[0]?.text); malformed(font && args[1] > 0, 'font'); break;
      case 'BMC': case 'BDC': marks.push({ tag: args[0]?.text, mcid: args[1] instanceof Map ? args[1].get('MCID') : undefined });
        break;
      case 'EMC': malformed(marks.pop()); break;
      case 'Tj': {
        malformed(font && args[0] instanceof Text && args[0].bytes.length % 2 === 0, 'text');
        let text = '';
        for (let i = 0; i < args[0].bytes.length; i += 2) {
          const c = font.get(args[0].bytes.readUIntBE(i, 2));
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
  malformed(marks.length === 0, 'content');
  return fonts;
}

/** The text of every structure element in the order of the tree, then of what is outside it (running lines, seal). */
export function pageText(pdf) {
  const root = pdf.dictionary(pdf.trailer.get('Root')), pages = pdf.dictionary(root.get('Pages')), marked = new Map(), beside = [], artifacts = [],
    drawn = new Set();
  const remember = (fonts) => { for (const f of fonts.values()) for (const c of f.values()) drawn.add(c); };
  for (const [i, ref] of pdf.list(pages.get('Kids')).entries()) {
    malformed(ref instanceof Ref);
    const page = pdf.dictionary(ref), parts = new Map();
    malformed(page.get('StructParents') === i, 'structure');
    marked.set(ref.id, parts);
    const pieces = new Map(); // by the marked content of a running line, or null
    remember(show(pdf, pdf.stream(page.get('Contents')), pdf.dictionary(page.get('Resources')), (marks, text) => {
      const own = marks.find((m) => m.mcid !== undefined);
      if (own) parts.set(own.mcid, (parts.get(own.mcid) ?? '') + text);
      else {
        const piece = marks.findLast((m) => m.tag === 'Artifact') ?? null;
        pieces.set(piece, (pieces.get(piece) ?? '') + text);
      }
    }));
    beside.push([...pieces.values()].join(''));
    artifacts.push([...pieces].filter(([piece]) => piece).map(([, t]) => bare(t)));
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
  return { text: [...out, ...beside].join('\n'), drawn, artifacts };
}

const TEST = '测试TEST', bare = (t) => t.replace(/\s/gu, ''), literal = (t) => t.replace(/[\^$\\.*+?()[\]{}|/]/g, '\\$&');

const COMPOSED = /^[\u0080-\u04ff\u1e00-\u1fff\u3040-\u30ff\uac00-\ud7a3]$/;

/** What a character and the next one compose to, if they are the canonical decomposition of it (The Unicode Standard, D114 and D117). */
function pair(a, c) {
  const r = c < '\u0300' ? '' : (a + c).normalize('NFC'), parts = r.normalize('NFD');
  return COMPOSED.test(r) && parts.at(-1) === c && parts.slice(0, -1).normalize('NFC') === a ? r : null;
}

function composed(t) {
  let out = '';
  for (const c of t.split('')) {
    const one = out && pair(out.at(-1), c);
    out = one ? out.slice(0, -1) + one : out + c;
  }
  return out;
}
const UUID = /(?<![0-9a-f])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-f])/gi;
const TIME = /\d{4}-\d\d-\d\d\d\d:\d\d:\d\d(?:\.\d+)?/g, HEX = /[0-9a-f]{32,}/gi;

/** A time by the clock of an offset as the pages print it, without the blank and without zeros at the end of the fraction. */
function clock(text, hours) {
  const f = /\.(\d+)Z$/.exec(text)?.[1], whole = Math.floor(time(text) / 1000) * 1000;
  return new Date(whole + hours * 3600_000).toISOString().slice(0, 19).replace('T', '') + (f ? `.${f}` : '');
}

const trimmed = (t) => (t.includes('.') ? t.replace(/\.?0*$/, '') : t);

/** Throws Bad('letter-pages') when the pages are not those of these facts. */
export function judgePages(pdf, f) {
  const { text, drawn, artifacts } = pageText(pdf), all = text.split('\n').map(bare).join('\n').replace(/(?:SHA-512|SM3)(?=[0-9a-f]{64})/g, '\n');
  const differs = (ok, why) => need(ok, 'letter-pages', why);
  differs(artifacts.every((page) => page.includes(TEST) === (f.test === true)), 'test');
  const two = f.format === 'notary-letter/2', named = two ? [f.office.address, f.office.operator, f.chain.name, f.chain.operator,
    ...f.times.flatMap((t) => [t.legalName, t.policy, t.certificate])] : [];
  const framed = (c) => `U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}`, shown = (t) => [...(two ? composed(t) : t)];
  const printed = (t) => shown(t).map((c) => (c === ' ' || drawn.has(c) ? bare(c) : framed(c))).join('');
  // A character may be drawn in one place and framed in another, where one would not see it.
  const pattern = (t) => shown(t).map((c) => (c === ' ' || (c <= '~' && drawn.has(c)) ? literal(bare(c))
    : drawn.has(c) ? `(?:${literal(bare(c))}|${literal(framed(c))})` : literal(framed(c)))).join('');
  let at = 0;
  const inOrder = (t, from = at) => {
    const search = new RegExp(pattern(String(t)), 'gu');
    search.lastIndex = from;
    const found = search.exec(all);
    differs(found, `not shown: ${t}`);
    return found.index;
  };
  const next = (t) => { at = inOrder(t); };
  // The fraction is padded with zeros to the length that the letter's others have.
  const when = (t, from = at) => {
    const local = clock(t, 8), pattern = new RegExp(`${local.replaceAll('.', '\\.')}${local.includes('.') ? '0*' : '(\\.0+)?'}(?!\\d)`, 'g');
    pattern.lastIndex = from;
    const found = pattern.exec(all);
    differs(found, `not shown: ${local}`);
    return found.index;
  };
  for (const t of [f.office.zh, f.office.en, f.number, f.depositorName, f.depositor, `${f.id}·${KINDS[f.kind] ?? f.kind}`, f.manifestDigest,
    ...named]) inOrder(t, 0);
  when(f.receivedAt, 0);
  for (const i of f.items) {
    next(i.name);
    if (i.size !== null) inOrder(i.size.toLocaleString('en'));
    next(i.mediaType);
    const ends = Object.values(i.digests).map((d) => inOrder(d));
    at = Math.max(at, ...ends);
  }
  at = 0;
  for (const t of f.times) {
    next(t.authority);
    next(t.over);
    at = when(t.genTime);
    next(t.serial);
  }
  for (const t of Object.entries(f.notes).flat()) inOrder(t, 0);
  const numbers = { index: f.log.index, size: f.log.size, chainid: f.chain.chainId, block: f.chain.block };
  for (const [label, n] of Object.entries(numbers)) differs(new RegExp(`${label}${n}(?!\\d)`).test(all), label);
  for (const t of [f.log.origin, f.log.root, f.chain.contract, f.chain.transaction, f.chain.blockHash, f.verifyUrl]) inOrder(t, 0);
  when(f.chain.blockTime, 0);
  inOrder(clock(f.issuedAt, 8).slice(0, 18), 0);

  // And nothing of another deposit's.
  const texts = [f.depositorName, f.depositor, f.verifyUrl, f.number, f.log.origin, f.office.zh, f.office.en, ...named, ...Object.entries(f.notes).flat(),
    ...f.items.map((i) => i.name + i.mediaType)].map(printed);
  const words = [f.id, f.manifestDigest, f.log.root, ...[f.chain.contract, f.chain.transaction, f.chain.blockHash].map((h) => h.replace(/^0x/, '')),
    ...f.items.flatMap((i) => Object.values(i.digests)), ...f.times.flatMap((t) => [t.serial, t.certificate])];
  const times = [f.receivedAt, f.issuedAt, f.chain.blockTime, ...f.times.map((t) => t.genTime)].flatMap((t) => [clock(t, 8), clock(t, 0)]);
  times.push(clock(f.issuedAt, 8).slice(0, 18)); // the seal has whole seconds
  for (const m of [...all.matchAll(UUID), ...all.matchAll(HEX)]) {
    differs(words.includes(m[0]) || texts.some((t) => t.includes(m[0])), `foreign: ${m[0]}`);
  }
  for (const m of all.matchAll(TIME)) differs(times.includes(trimmed(m[0])) || texts.some((t) => t.includes(m[0])), `foreign: ${m[0]}`);
}
