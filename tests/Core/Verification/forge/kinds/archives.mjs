// Archives of letters: other parts, other time-stamps, other bytes.
import { integer, seq } from '../mint/asn1.mjs';
import { root, name } from '../mint/certificates.mjs';
import { EcKey } from '../mint/keys.mjs';
import { NOW } from '../mint/evidence.mjs';
import { bare } from '../mint/archive.mjs';
import { crl } from '../mint/lists.mjs';

const S = 1000, FROM = NOW + 5000, UNTIL = NOW + 30 * 86_400 * S, times = (n, list) => Array.from({ length: n }, () => list[0]);

export function* archives({ mint, other, first, random, trust }) {
  const of = (what, archive, more = {}) => ({ what, shape: { archive, ...more } }), base = mint.base();
  const stranger = root(name('Stranger', 'Forge'), new EcKey(random), NOW), theirs = crl(stranger, { from: FROM, until: UNTIL });
  const gamma = crl(mint.gamma.root, { from: FROM, until: UNTIL }), foreign = [...other.base().tokens.values()].flatMap(bare);
  const parts = {
    'nothing in it': () => ({ certificates: [], lists: [], tokens: [] }), 'no certificates': (p) => ({ ...p, certificates: [] }),
    'no lists': (p) => ({ ...p, lists: [] }), 'no tokens': (p) => ({ ...p, tokens: [] }), 'a token less': (p) => ({ ...p, tokens: p.tokens.slice(1) }),
    'a token twice': (p) => ({ ...p, tokens: [...p.tokens, p.tokens[0]] }), 'a token of nobody': (p) => ({ ...p, tokens: [...p.tokens, 'ab'.repeat(32)] }),
    'tokens of others': (p) => ({ ...p, tokens: foreign }), 'a token of others': (p) => ({ ...p, tokens: [foreign[0], ...p.tokens] }),
    'tokens with their response': (p) => ({ ...p, tokens: p.tokens.map((_, i) => [...base.tokens.values()][i]).map((r) => bare(seq(seq(integer(0)), r))[0]) }),
    'a certificate of a stranger': (p) => ({ ...p, certificates: [...p.certificates, stranger.raw] }),
    'the certificate of a stranger alone': (p) => ({ ...p, certificates: [stranger.raw] }),
    'a certificate that is none': (p) => ({ ...p, certificates: [...p.certificates, seq(integer(1))] }),
    'an empty certificate': (p) => ({ ...p, certificates: [...p.certificates, Buffer.alloc(0)] }),
    'a list as a certificate': (p) => ({ ...p, certificates: [...p.certificates, p.lists[0]] }),
    'a certificate as a list': (p) => ({ ...p, lists: [...p.lists, p.certificates[0]] }), 'certificates twice': (p) => ({ ...p,
      certificates: [...p.certificates, ...p.certificates] }),
    'gamma\'s certificate': (p) => ({ ...p, certificates: [...p.certificates, mint.gamma.signer.raw] }),
    'the log\'s namesake': (p) => ({ ...p, certificates: [...p.certificates, mint.letterSigner({ key: mint.otherKey }).raw] }),
    'a list of a stranger': (p) => ({ ...p, lists: [...p.lists, theirs] }), 'the list of a stranger first': (p) => ({ ...p, lists: [theirs, ...p.lists] }),
    'a list of gamma': (p) => ({ ...p, lists: [...p.lists, gamma] }), 'lists twice': (p) => ({ ...p, lists: [...p.lists, ...p.lists] }),
    'a list that is none': (p) => ({ ...p, lists: [...p.lists, seq(integer(1))] }), 'an empty list': (p) => ({ ...p, lists: [...p.lists, Buffer.alloc(0)] }),
    'a list by a leaf': (p) => ({ ...p, lists: [...p.lists, crl(base.signer, { from: FROM, until: UNTIL })] }),
    'lists reversed': (p) => ({ ...p, lists: [...p.lists].reverse(), certificates: [...p.certificates].reverse(), tokens: [...p.tokens].reverse() }),
    '64 certificates': (p) => ({ ...p, certificates: times(64, p.certificates) }), '65 certificates': (p) => ({ ...p, certificates: times(65,
      p.certificates) }),
    '64 lists': (p) => ({ ...p, lists: times(64, p.lists) }), '65 lists': (p) => ({ ...p, lists: times(65, p.lists) }),
    '64 tokens': (p) => ({ ...p, tokens: times(64, p.tokens) }), '65 tokens': (p) => ({ ...p, tokens: times(65, p.tokens) }),
    'a digest in capitals': (p) => ({ ...p, tokens: p.tokens.map((t) => t.toUpperCase()) }), 'a short digest': (p) => ({ ...p,
      tokens: [p.tokens[0].slice(2)] }),
    'a long digest': (p) => ({ ...p, tokens: [`${p.tokens[0]}00`] }), 'a digest of blanks': (p) => ({ ...p, tokens: [...p.tokens, ''] }),
  };
  for (const [what, change] of Object.entries(parts)) yield of(what, { parts: change });
  yield of('a token of the bundle that does not hold', {}, { token: { 'manifest-beta': { by: 'gamma' } } });
  yield of('no archive', null);

  const stamps = {
    'by alpha': { by: 'alpha' }, 'by gamma': { by: 'gamma' }, 'over something else': { over: Buffer.alloc(32) }, 'room and nothing in it': { empty: true },
    'another policy': { policy: '1.2.3' }, 'not for time-stamps': { signer: mint.letterSigner() }, 'with the root': { certificates: [mint.beta.signer.raw,
      mint.beta.root.raw] },
    'with a stranger': { certificates: [mint.beta.signer.raw, stranger.raw] }, 'without certificates': { certificates: [] },
    'with lists': { crls: [theirs], version: 5 }, 'a response': { raw: mint.beta.response(Buffer.alloc(32), NOW) }, 'no token': { raw: seq(integer(0)) },
    'not DER': { raw: Buffer.from('garbage') }, 'a byte behind': { fill: (t) => `${t}01` }, 'capitals': { fill: (t) => t.toUpperCase() },
    'cut': { fill: (t) => `${t.slice(0, -2)}00` }, 'indefinite': { fill: (t) => `3080${t.slice(8)}` }, 'an odd digit': { fill: (t) => `${t}000g` },
    'unsigned attributes': { unsigned: () => [seq(integer(1))] }, 'signature of another key': { key: mint.otherKey },
    'expired': { signer: mint.beta.certify(mint.beta.signer.key, { to: NOW }) }, 'since': { signer: mint.beta.certify(mint.beta.signer.key,
      { to: NOW + 6000 }) },
  };
  for (const [what, o] of Object.entries(stamps)) yield of(`stamped: ${what}`, o);
  for (const ms of [-300 * S, -121 * S, -120 * S - 1, -120 * S, -119 * S, 0, 3595 * S, 3600 * S, 3714 * S, 3716 * S,
    86_400 * S]) yield of(`stamped ${ms} after`, { at: NOW + 4900 + ms });

  const file = {
    'a newline behind': (f) => Buffer.concat([f, Buffer.from('\n')]), 'cut by a byte': (f) => f.subarray(0, -1), 'twice': (f, l) => Buffer.concat([f,
      f.subarray(l.length)]),
    'half': (f, l) => f.subarray(0, (f.length + l.length) >> 1), 'the first revision': (_, l) => l,
      'a byte of the first changed': (f) => { f[300] ^= 1; return f; },
    'a newline between': (f, l) => Buffer.concat([l, Buffer.from('\n'), f.subarray(l.length)]), 'the archive alone': (f, l) => f.subarray(l.length),
    'of another letter': (f, l) => Buffer.concat([l, other.base().letter.subarray(other.base().first.length)]),
  };
  for (const [what, change] of Object.entries(file)) yield of(`file: ${what}`, { file: change });
  yield of('behind a letter of the first version', {}, { facts: (f, e) => first.factsOf({ ...e.shape }, { ...e, stated: e.stated.map(({ certificate: _,
    legalName: __, policy: ___, ...t }) => t) }) });
  yield of('stamped over a changed revision', { signed: (l) => { const c = Buffer.from(l); c[300] ^= 1; return c; } });

  const edits = {
    'an action': [' /DSS ', ' /OpenAction << >> /DSS '], 'another title': ['(Timestamp1)', '(Timestamp2)'], 'visible': ['[0 0 0 0]', '[9 9 9 9]'],
      'flags': ['/F 132', '/F 4'],
    'another filter': ['ETSI.RFC3161', 'ETSI.RFC3162'], 'of letters': ['/Type /DocTimeStamp', '/Type /Sig'], 'a comment': ['endobj\nxref',
      'endobj\n% hello\nxref'],
    'an object more': ['endobj\nxref', 'endobj\n9 0 obj\nnull\nendobj\nxref'], 'VRI': ['/Type /DSS ', '/Type /DSS /VRI << >> '], 'OCSPs': [' /XXTokens',
      ' /OCSPs [] /XXTokens'],
    'no tokens at all': [/ \/XXTokens \[[^\]]*\]/, ''], 'another root': [/\/Root \d+/, '/Root 2'], 'no way back': [/ \/Prev \d+/, ''],
      'way back to nothing': [/\/Prev \d+/, '/Prev 0'],
    'size': [/\/Size \d+/, '/Size 9999'], 'generation': ['00000 n', '00001 n'], 'range': [/\/ByteRange \[0000000000/, '/ByteRange [0000000001'],
    'a field less': [/ (\d+) 0 R\]( [^\n]* \/DSS)/, ']$2'], 'lines of Windows': ['endobj\n', 'endobj\r\n'], 'a blank': ['<< /Type /DSS', '<<  /Type /DSS'],
    'end of file': ['%%EOF\n', '%%EOF'], 'stream length': [/\/Length \d+/, '/Length 99999999'], 'stream length of blanks': [/\/Length (\d+)/, '/Length 0$1'],
    'stream data': ['\nendstream', ' endstream'], 'catalog language': ['zh-CN', 'en-US'], 'references reversed': [/\/Certs \[(\d+ 0 R) (\d+ 0 R)/,
      '/Certs [$2 $1'],
  };
  for (const [what, [from, to]] of Object.entries(edits)) {
    yield of(`written: ${what}`, { update: (t) => { const c = t.replace(from, to); if (c === t) throw new Error(`nothing to edit: ${what}`); return c; } });
  }
  for (let i = 0; i < 60; i++) {
    const b = Buffer.from(base.letter), from = base.first.length, end = b.lastIndexOf('/Contents <') + 4000, where = from + random.below(end - from);
    b[where] ^= 1 << random.below(8);
    yield { what: `bit at ${where - from}`, files: mint.relist(new Map(base.files).set('letter.pdf', b)), loose: 'codes', trust };
  }
}
