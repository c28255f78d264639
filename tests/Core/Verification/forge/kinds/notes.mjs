// Checkpoints, signature lines and proofs.
import { keyId, signatureLine, sign } from '../mint/log.mjs';

export function* notes({ mint, random }) {
  const key = mint.logKey, other = mint.otherKey, name = mint.origin, id = keyId(key.spki);
  const line = (e, n = name, i = id, k = key, more = {}) => signatureLine(n, i, k.sign(Buffer.from(e.text), more));
  const lines = (...make) => (note, e) => `${e.text}\n${make.map((m) => (typeof m === 'string' ? m : m(e))).join('')}`;
  const own = (e) => line(e), witness = (e) => line(e, 'witness.example/w', keyId(other.spki), other), bad = (e) => line(e, name, id, other);
  const forged = (t) => (note, e) => note.replace(e.text, t(e));
  const variants = {
    'a witness behind': lines(own, witness), 'a witness before': lines(witness, own), 'twice': lines(own, own), 'only a witness': lines(witness),
      'none': lines(), 'bad beside good': lines(own, bad), 'bad before good': lines(bad, own), 'bad only': lines(bad),
    'another id': lines((e) => line(e, name, Buffer.from([1, 2, 3, 4]))), 'another id beside': lines(own,
      (e) => line(e, name, Buffer.from([1, 2, 3, 4]), other)), 'another name': lines((e) => line(e, 'other.example/log')),
      'another name beside': lines(own, (e) => line(e, 'other.example/log')),
    'the other s': lines((e) => line(e, name, id, key, { high: true })), 'no blank line': (note, e) => `${e.text}${line(e)}`,
      'two blank lines': (note, e) => `${e.text}\n\n${line(e)}`, 'no newline at the end': (note) => note.slice(0, -1), 'newline more': (note) => `${note}\n`,
      'CRLF': (note) => note.replaceAll('\n', '\r\n'),
    'tab': (note) => note.replace('\u2014 ', '\u2014\t'), 'hyphen': (note) => note.replace('\u2014', '-'),
      'two blanks': (note) => note.replace('\u2014 ', '\u2014  '), 'blank at the end': (note) => note.replace(/\n$/, ' \n'),
      'control character': lines(own, '\u2014 w\u0007 AAAAAAA=\n'), 'delete': lines(own, '\u2014 w\u007f AAAAAAA=\n'),
    'c1 control': lines(own, '\u2014 w\u0085x AAAAAAA=\n'), 'no padding': (note) => note.replace(/=+\n$/, '\n'), 'garbage line': lines(own, 'hello\n'),
      'short line': lines(own, '\u2014 w AAAA\n'), 'line of 4 bytes': lines(own, '\u2014 w AAAAAA==\n'), 'line of 5 bytes': lines(own, '\u2014 w AAAAAAA=\n'),
    'name with plus': lines(own, '\u2014 w+x AAAAAAA=\n'), 'name with nbsp': lines(own, '\u2014 w\u00a0x AAAAAAA=\n'),
      'name of a surrogate pair': lines(own, '\u2014 \u{20bb7} AAAAAAA=\n'), 'base64 unused bits': lines(own, '\u2014 w AAAAAAB=\n'),
      'url base64': lines(own, '\u2014 w AAAAAA-_AAA=\n'),
    '200 witnesses': lines(own, ...Array(200).fill(witness)), 'very long': lines(own, ...Array(1200).fill(witness)),
      'signature garbage': lines((e) => signatureLine(name, id, Buffer.from('garbage'))),
      'signature negative': lines((e) => signatureLine(name, id, Buffer.from('3006020105020185', 'hex'))),
    'text changed after': forged((e) => e.text.replace('203', '204')), 'comment after': lines(own, '\n'), 'bom': (note) => `\ufeff${note}`,
    'good with a line without name': lines(own, '\u2014  AAAAAAA=\n'), 'good with an empty line before': (note, e) => `${e.text}\n\n${line(e)}`,
  };
  for (const [what, note] of Object.entries(variants)) yield { what, shape: { note } };
  const texts = {
    'another size': (t) => t.replace('203', '202'), 'size larger': (t) => t.replace('203', '999'), 'size 0203': (t) => t.replace('203', '0203'),
      'size negative': (t) => t.replace('203', '-203'), 'size empty': (t) => t.replace('203', ''), 'size huge': (t) => t.replace('203', '99999999999999999999'),
    'size 2^53': (t) => t.replace('203', '9007199254740992'), 'size 2^63': (t) => t.replace('203', '9223372036854775808'),
      'size +203': (t) => t.replace('203', '+203'), 'size 2e2': (t) => t.replace('203', '2e2'), 'size 0': (t) => t.replace('203', '0'),
    'another root': (t) => t.replace(/\n[^\n]+\n$/, `\n${Buffer.alloc(32, 1).toString('base64')}\n`),
      'short root': (t) => t.replace(/\n[^\n]+\n$/, `\n${Buffer.alloc(31).toString('base64')}\n`),
      'long root': (t) => t.replace(/\n[^\n]+\n$/, `\n${Buffer.alloc(33).toString('base64')}\n`),
    'root without padding': (t) => t.replace('=\n', '\n'), 'root unused bits': (t) => t.replace(/(.)=\n$/,
      (_, c) => `${String.fromCharCode(c.charCodeAt(0) + 1)}=\n`), 'root in url base64': (t) => t.replaceAll('+', '-').replaceAll('/',
      '_').replace('example_', 'example/'),
    'another origin': (t) => t.replace('forge', 'gorge'), 'origin in capitals': (t) => t.replace('forge', 'Forge'),
      'empty origin': (t) => t.replace('forge.example/log', ''), 'extension line': (t) => `${t}extension\n`, 'two extension lines': (t) => `${t}a\nb\n`,
      'empty extension': (t) => `${t}\n`, 'two lines': (t) => t.replace(/[^\n]+\n$/, ''), 'one line': () => 'forge.example/log\n',
    'blank before': (t) => ` ${t}`, 'blank behind the size': (t) => t.replace('203', '203 '), 'tab in it': (t) => t.replace('203', '203\t'),
      'nothing': () => '\n',
  };
  for (const [what, text] of Object.entries(texts)) yield { what: `text: ${what}`, shape: { text } };
  for (let i = 0; i < 25; i++) yield { what: `bit ${i}`, shape: { note: (note) => { const b = Buffer.from(note);
    b[random.below(b.length)] ^= 1 << random.below(8); return b; }, proof: (p) => p } };
}

export function* proofs({ mint, random }) {
  const edit = (change) => ({ proof: (p, e) => change(p, e) });
  const hash = Buffer.alloc(32, 7).toString('base64');
  const variants = {
    'path cut': (p) => p.replace(/\n[^\n]+\n\n/, '\n\n'), 'path longer': (p) => p.replace('\n\n', `\n${hash}\n\n`),
      'path without its first': (p) => p.replace(/(index \d+\n)[^\n]+\n/, '$1'), 'path reversed': (p, e) =>
      p.replace(e.path.map((h) => h.toString('base64')).join('\n'), [...e.path].reverse().map((h) => h.toString('base64')).join('\n')),
    'index 0': (p) => p.replace('index 97', 'index 0'), 'index 96': (p) => p.replace('index 97', 'index 96'),
      'index 203': (p) => p.replace('index 97', 'index 203'), 'index 097': (p) => p.replace('index 97', 'index 097'),
      'index -97': (p) => p.replace('index 97', 'index -97'), 'index +97': (p) => p.replace('index 97', 'index +97'),
    'index 2^63': (p) => p.replace('index 97', 'index 9223372036854775808'), 'index 2^53': (p) => p.replace('index 97', 'index 9007199254740992'),
      'index missing': (p) => p.replace('index 97\n', ''), 'index twice': (p) => p.replace('index 97\n', 'index 97\nindex 97\n'),
      'Index': (p) => p.replace('index 97', 'Index 97'), 'index blank': (p) => p.replace('index 97', 'index  97'),
    'extra': (p) => p.replace('\nindex', '\nextra AAEC\nindex'), 'extra empty': (p) => p.replace('\nindex', '\nextra \nindex'),
      'extra garbage': (p) => p.replace('\nindex', '\nextra !!\nindex'), 'extra twice': (p) => p.replace('\nindex', '\nextra AAEC\nextra AAEC\nindex'),
      'extra behind': (p) => p.replace('index 97\n', 'index 97\nextra AAEC\n'),
    'version 2': (p) => p.replace('@v1', '@v2'), 'no first line': (p) => p.slice(p.indexOf('\n') + 1), 'header in capitals': (p) => p.replace('c2sp', 'C2SP'),
      'no blank line': (p) => p.replace('\n\n', '\n'), 'two blank lines': (p) => p.replace('\n\n', '\n\n\n'), 'CRLF': (p) => p.replaceAll('\n', '\r\n'),
      'blank behind a hash': (p) => p.replace('=\n', '= \n'),
    'hash without padding': (p) => p.replace('=\n', '\n'), 'hash of 31 bytes': (p) => p.replace(/(index 97\n)[^\n]+/,
      `$1${Buffer.alloc(31).toString('base64')}`), 'no checkpoint': (p) => p.slice(0, p.indexOf('\n\n') + 2), 'checkpoint cut': (p) => p.slice(0, -20),
      'newline more': (p) => `${p}\n`, 'no newline': (p) => p.slice(0, -1), 'bom': (p) => `\ufeff${p}`,
    '63 hashes': (p) => p.replace('\n\n', `\n${`${hash}\n`.repeat(55)}\n`), '64 hashes': (p) => p.replace('\n\n', `\n${`${hash}\n`.repeat(56)}\n`),
      '70 hashes': (p) => p.replace('\n\n', `\n${`${hash}\n`.repeat(62)}\n`),
    'another checkpoint': (p, e) => p.replace(e.note.toString(), sign(e.text.replace('203', '204'), mint.origin, mint.logKey)),
      'checkpoint by another key': (p, e) => p.replace(e.note.toString(), sign(e.text, mint.origin, mint.otherKey)),
      'checkpoint that is none': (p, e) => p.replace(e.note.toString(), 'hello\n'),
    'checkpoint with an extension': (p, e) => p.replace(e.note.toString(), sign(`${e.text}x\n`, mint.origin, mint.logKey)),
      'checkpoint of no size': (p, e) => p.replace(e.note.toString(), sign(e.text.replace('203', 'x'), mint.origin, mint.logKey)),
    'empty': () => '', 'a newline': () => '\n',
  };
  for (const [what, change] of Object.entries(variants)) yield { what, shape: edit(change) };
  for (let i = 0; i < 25; i++) {
    yield { what: `bit ${i}`, shape: edit((p, e) => { const b = Buffer.from(p), end = p.indexOf('\n\n') + 2;
      b[random.below(i < 18 ? end : b.length)] ^= 1 << random.below(8); return b; }) };
  }
  // Two wrong things of one proof.
  yield { what: 'extra and another checkpoint', shape: edit((p, e) => p.replace('\nindex', '\nextra AAEC\nindex').replace(e.note.toString(),
    sign(e.text, mint.origin, mint.otherKey))) };
  yield { what: 'another checkpoint and index', shape: edit((p, e) => p.replace('index 97', 'index 3').replace(e.note.toString(),
    sign(e.text, mint.origin, mint.otherKey))) };
}
