// Letters: other signers, other CMS, other PDF structure, other pages, facts that are not the evidence's. Each is signed last, so only what is named is wrong.
import { deflateSync } from 'node:zlib';
import { integer, nil, octets, oidOf, seq, setOf, tlv } from '../mint/asn1.mjs';
import { extension, leaf, name, root } from '../mint/certificates.mjs';
import { SHA256, attribute, essV2 } from '../mint/cms.mjs';
import { EcKey, RsaKey } from '../mint/keys.mjs';
import { NOW, sha256 } from '../mint/evidence.mjs';
import { PURPOSE } from '../mint/authority.mjs';

const DAY = 86_400_000, ANY = '2.5.29.37.0', DOCUMENTS = '1.3.6.1.5.5.7.3.36', MAIL = '1.3.6.1.5.5.7.3.4', SERVER = '1.3.6.1.5.5.7.3.1';

export function* signers({ mint, random }) {
  const by = (what, signer, more = {}) => ({ what, shape: { signer, ...more } });
  for (const [what, s] of Object.entries({
    'another name': { cn: 'Another' }, 'name with a blank': { cn: 'Letter Signer ' }, 'name in capitals': { cn: 'LETTER SIGNER' },
      'two names': { cn: ['Letter Signer', 'Another'] }, 'the name twice': { cn: ['Letter Signer', 'Letter Signer'] }, 'no name': { cn: null },
      'another office': { o: 'Another' }, 'no office': { o: null },
    'two offices': { o: ['Forge Office', 'Another'] }, 'an authority': { ca: true, usage: [0, 5] }, 'no basic constraints': { ca: undefined },
      'no key usage': { usage: null }, 'signature only': { usage: [0] }, 'non-repudiation only': { usage: [1] }, 'encipherment': { usage: [2] },
      'agreement': { usage: [4] }, 'all usages': { usage: [0, 1, 2, 3, 4] },
    'time-stamping': { purposes: [PURPOSE] }, 'time-stamping, critical': { purposes: [PURPOSE], purposesCritical: true },
      'documents': { purposes: [DOCUMENTS] }, 'documents, critical': { purposes: [DOCUMENTS], purposesCritical: true }, 'mail': { purposes: [MAIL] },
      'any': { purposes: [ANY] }, 'microsoft': { purposes: ['1.3.6.1.4.1.311.10.3.12'] }, 'adobe': { purposes: ['1.2.840.113583.1.1.5'] },
      'server': { purposes: [SERVER] },
    'server and documents': { purposes: [SERVER, DOCUMENTS] }, 'client': { purposes: ['1.3.6.1.5.5.7.3.2'] }, 'expired': { to: NOW - DAY },
      'not yet': { from: NOW + DAY }, 'expired since': { to: NOW + 600_000 }, 'for seconds': { from: NOW + 4000, to: NOW + 6000 },
      'unknown critical extension': { extra: [extension('1.2.3.4', true, nil)] }, 'unknown extension': { extra: [extension('1.2.3.4', false, nil)] },
    'rsa key': { key: new RsaKey(random) }, 'another key': { key: mint.otherKey },
  })) yield by(what, s);
  const between = mint.letterIntermediate(), under = mint.letterSigner({ issuer: between });
  const deep = (more) => { const b = mint.letterIntermediate(more), s = mint.letterSigner({ issuer: b }); return [s, [s.raw, b.raw]]; };
  yield by('one between', under, { certificates: () => [under.raw, between.raw] });
  yield by('one between, not carried', under);
  yield by('one between and the root', under, { certificates: () => [under.raw, between.raw, mint.letterRoot.raw] });
  for (const [what, more] of Object.entries({ 'no authority between': { ca: false }, 'between may not sign': { usage: [0] },
    'between expired': { to: NOW - DAY }, 'between without usage': { usage: null }, 'path length 0': { pathLength: 0 } })) { const [s, list] = deep(more);
    yield by(what, s, { certificates: () => list }); }
  const stranger = root(name('Stranger', 'Forge'), new EcKey(random), NOW), theirs = mint.letterSigner({ issuer: stranger }),
    self = root(name('Letter Signer', 'Forge Office'), mint.signerKey, NOW, { ca: false, usage: [0] });
  yield by('under a stranger', theirs);
  yield by('under a stranger, carried', theirs, { certificates: (c) => [...c, stranger.raw] });
  yield by('self-signed', self);
  yield by('under an authority of time', mint.letterSigner({ issuer: mint.alpha.root }));
  yield by('the authority itself', mint.alpha.signer);
  yield by('root of the same name', mint.letterSigner({ issuer: { subject: mint.letterRoot.subject, key: mint.otherKey } }));
  const lists = { 'none carried': () => [], 'root only': () => [mint.letterRoot.raw], 'root too': (c) => [...c, mint.letterRoot.raw],
    'root before': (c) => [mint.letterRoot.raw, ...c], 'twice': (c) => [...c, ...c], 'a foreign one too': (c) => [...c, mint.alpha.root.raw],
    'garbage too': (c) => [...c, seq(integer(1))], 'a namesake too': (c) => [...c, mint.letterSigner({ key: mint.otherKey }).raw] };
  for (const [what, certificates] of Object.entries(lists)) yield { what: `certificates: ${what}`, shape: { certificates } };
  yield { what: 'certificates: not in order', shape: { certificates: (c) => [...c, mint.letterRoot.raw].sort(Buffer.compare).reverse(),
    letter: { keepOrder: true } } };
  for (const by of ['beta', 'gamma']) yield { what: `stamped by ${by}`, shape: { stampOptions: { by } } };
  yield { what: 'stamped over something else', shape: { stampOptions: { over: Buffer.alloc(32) } } };
  yield { what: 'stamp of a token', shape: { stampOptions: { raw: seq(integer(0)) } } };
}

export function* cmss({ mint, random }) {
  const CT = '1.2.840.113549.1.9.3', MD = '1.2.840.113549.1.9.4', ESS = '1.2.840.113549.1.9.16.2.47', STAMP = '1.2.840.113549.1.9.16.2.14',
    signer = mint.letterSigner();
  const without = (id) => (l) => l.filter((a) => !a.includes(oidOf(id))), sha512 = seq(oidOf('2.16.840.1.101.3.4.2.3'));
  const stamp = (d) => mint.alpha.token(sha256(d), NOW + 4900, { nonce: null });
  const variants = {
    'version 3': { version: 3 }, 'version 5': { version: 5 }, 'signer version 3': { signerVersion: 3 }, attached: { detached: false },
      'no attributes': { attributes: () => [] }, 'no content type': { attributes: without(CT) }, 'no digest': { attributes: without(MD) },
      'no ess': { attributes: without(ESS) }, 'signing time': { attributes: (l) => [...l,
      attribute('1.2.840.113549.1.9.5', tlv(0x17, Buffer.from('261129030000Z')))] },
    'another attribute': { attributes: (l) => [...l, attribute('1.2.3.4', nil)] }, 'an attribute twice': { attributes: (l) => [...l, l[0]] },
      'two values': { attributes: (l) => [...l.slice(0, 1), attribute(MD, octets(Buffer.alloc(32)), octets(Buffer.alloc(32, 1))), l[2]] },
      'wrong digest': { digest: Buffer.alloc(32) }, 'short digest': { digest: Buffer.alloc(20) },
    'wrong content type': { attributeType: '1.2.3.4' }, 'content of tokens': { type: '1.2.840.113549.1.9.16.1.4' },
      'ess wrong': { ess: essV2(signer, { hash: Buffer.alloc(32) }) }, 'ess named': { ess: essV2(signer, { named: true }) },
      'ess spelt out': { ess: essV2(signer, { algorithm: SHA256 }) }, 'ess of two': { ess: seq(seq(seq(octets(sha256(signer.raw))),
      seq(octets(sha256(mint.letterRoot.raw))))) }, 'ess empty': { ess: seq(seq()) },
      'ess wrong serial': { ess: seq(seq(seq(octets(sha256(signer.raw)), seq(seq(tlv(0xa4, signer.issuer)), integer(1))))) },
    unsorted: { attributes: (l) => [...l].sort(Buffer.compare).reverse(), unsorted: true }, 'digest with null': { withNull: true },
      'digest sha-512': { digestAlgorithm: sha512, hash: 'sha512' }, 'digests without it': { digests: setOf() },
      'digests of two': { digests: setOf(SHA256, sha512) }, 'ecdsa with null': { algorithm: seq(oidOf('1.2.840.10045.4.3.2'), nil) },
      'ecdsa sha-512': { algorithm: seq(oidOf('1.2.840.10045.4.3.4')) }, 'algorithm unknown': { algorithm: seq(oidOf('1.2.3')) },
    'another key': { key: mint.otherKey }, 'the other s': { high: true }, 'signature bit': { tamper: (s) => { const t = Buffer.from(s); t[t.length - 1] ^= 1;
      return t; } }, 'signature empty': { tamper: () => Buffer.alloc(0) }, 'signature garbage': { tamper: () => Buffer.from('garbage') },
      'two signers': { signers: (s) => [s, s] }, 'no signers': { signers: () => [] },
      'by key identifier': { sid: tlv(0x80, Buffer.alloc(20, 1)), signerVersion: 3 },
    'another serial': { sid: seq(signer.issuer, integer(1)) }, 'not signed data': { contentType: '1.2.840.113549.1.7.3' }, 'no stamp': { unsigned: () => [] },
      'stamp twice': { unsigned: (s) => [attribute(STAMP, stamp(s)), attribute(STAMP, stamp(s))] },
      'two stamps': { unsigned: (s) => [attribute(STAMP, stamp(s), mint.beta.token(sha256(s), NOW + 4900, { nonce: null }))] },
      'stamp and more': { unsigned: (s) => [attribute(STAMP, stamp(s)), attribute('1.2.3.4', nil)] },
    'stamp of a response': { unsigned: (s) => [attribute(STAMP, mint.alpha.response(sha256(s), NOW + 4900))] },
      'revocation lists': { crls: [seq(integer(1))] }, 'stamp with the root': { unsigned: (s) =>
      [attribute(STAMP, mint.alpha.token(sha256(s), NOW + 4900, { nonce: null, certificates: [mint.alpha.signer.raw, mint.alpha.root.raw] }))] },
  };
  for (const [what, cms] of Object.entries(variants)) yield { what, shape: { letter: { cms } } };
  const room = {
    'byte behind': { contents: (c) => Buffer.concat([c, Buffer.from([1])]) }, 'garbage': { contents: () => Buffer.from('garbage') },
      'zeros': { contents: () => Buffer.alloc(8) }, 'cut': { contents: (c) => c.subarray(0, -1) }, 'last nibble': { pad: '1' },
      'range of the whole': { range: ([z, a, b, c]) => [z, a, b, c - 1] }, 'range begins late': { range: ([, a, b, c]) => [1, a, b, c] },
      'range leaves out more': { range: ([z, a, b, c]) => [z, a - 1, b, c] },
    'range leaves out more behind': { range: ([z, a, b, c]) => [z, a, b + 1, c - 1] },
      'range of the contents too': { range: ([z, a, b, c]) => [z, a + 1, b - 1, c + 1] }, 'range of six': { range: (r) => [...r.slice(0, 4), 0, 0] },
      'range of two': { range: (r) => r.slice(0, 2) }, 'negative range': { range: ([z, a, b]) => [z, a, b, -5] },
    'indefinite': { contents: (c) => Buffer.concat([Buffer.from([0x30, 0x80]), c.subarray(4), Buffer.alloc(2)]) },
      'length spelt long': { contents: (c) => Buffer.concat([Buffer.from([0x30, 0x83, 0]), c.subarray(2)]) },
  };
  for (const [what, letter] of Object.entries(room)) yield { what, shape: { letter } };
  const letter = mint.base().letter, at = mint.base().first.lastIndexOf('/Contents <') + 11;
  for (let i = 0; i < 60; i++) {
    const b = Buffer.from(letter), where = at + 2 * random.below(1500);
    b.write(((parseInt(b.toString('latin1', where, where + 2), 16) ^ (1 << random.below(8))) & 255).toString(16).padStart(2, '0'), where, 'latin1');
    yield { what: `CMS bit at ${(where - at) / 2}`, files: mint.relist(new Map(mint.base().files).set('letter.pdf', b)), loose: 'codes' };
  }
}

export function* pdfs({ mint }) {
  const of = (what, pdf, more = {}) => ({ what, shape: { pdf, ...more } }), facts = () => mint.base().letter;
  yield { what: 'unsigned', shape: { unsigned: true } };
  yield { what: 'an update behind', shape: { members: (f) => f.set('letter.pdf', Buffer.concat([facts(),
    Buffer.from('1 0 obj\nnull\nendobj\nxref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 1 /Root 1 0 R >>\nstartxref\n0\n%%EOF\n')])) } };
  yield { what: 'a newline behind', shape: { members: (f) => f.set('letter.pdf', Buffer.concat([facts(), Buffer.from('\n')])) } };
  yield { what: 'a byte before', shape: { members: (f) => f.set('letter.pdf', Buffer.concat([Buffer.from('\n'), facts()])) } };
  const catalog = (more) => (p) => p.replace(p.catalog, ' >>\nendobj', ` ${more} >>\nendobj`);
  for (const more of ['/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>', '/AA << >>', '/OCProperties << >>', '/Type /Catalog', '/Version /2.0',
    '/Extensions << >>', '/URI << >>', '/Collection << >>', '/Dests << >>']) yield of(`catalog with ${more.slice(0, 20)}`, catalog(more));
  yield of('header 1.4', (p) => { p.head = Buffer.from(p.head.toString('latin1').replace('1.7', '1.4'), 'latin1'); });
  yield of('header 2.0', (p) => { p.head = Buffer.from(p.head.toString('latin1').replace('1.7', '2.0'), 'latin1'); });
  yield of('a comment in the body', (p) => p.set(p.page, `${p.text(p.page)}% hello\n`));
  yield of('an object that nothing names', (p) => { p.add('<< /Hello /World >>'); });
  yield of('a second attachment', (p) => { const id = p.add('<< /Type /EmbeddedFile /Length 2 >>\nstream\n{}\nendstream'),
    spec = p.add(`<< /Type /Filespec /F (other.json) /UF (other.json) /EF << /F ${id} 0 R >> >>`);
    p.replace(p.catalog, '] >> >>', ` (other.json) ${spec} 0 R] >> >>`); });
  yield of('attachment of another name', (p) => { p.replace(p.catalog, '(facts.json)', '(fact2.json)'); });
  yield of('file of another name', (p) => { p.replace(p.specification, '/F (facts.json)', '/F (fact2.json)'); });
  yield of('two signature fields', (p) => { const id = p.add(p.text(p.field).replace(/^\d+ 0 obj\n|\nendobj\n$/g, '').replace('Signature1', 'Signature2'));
    p.replace(p.catalog, /\/Fields \[(\d+) 0 R\]/, `/Fields [$1 0 R ${id} 0 R]`); });
  yield of('no field', (p) => p.replace(p.catalog, /\/Fields \[\d+ 0 R\]/, '/Fields []'));
  yield of('field of text', (p) => p.replace(p.field, '/FT /Sig', '/FT /Tx '));
  yield of('field without value', (p) => p.replace(p.field, / \/V \d+ 0 R/, ''));
  yield of('filter of another kind', (p) => p.replace(p.signature, 'ETSI.CAdES.detached', 'adbe.pkcs7.detached'));
  yield of('signature of another type', (p) => p.replace(p.signature, '/Type /Sig ', '/Type /DocTimeStamp '));
  yield of('no permissions', (p) => p.replace(p.catalog, / \/Perms << \/DocMDP \d+ 0 R >>/, ''));
  yield of('form that needs appearances', (p) => p.replace(p.catalog, '/SigFlags 3', '/SigFlags 3 /NeedAppearances true'));
  yield of('SigFlags 0', (p) => p.replace(p.catalog, '/SigFlags 3', '/SigFlags 0'));
  yield of('info changed', (p) => p.replace(p.find((t) => t.includes('/Producer')), 'Notary.Serverless Letters', 'Somebody'));
  yield of('trailer encrypted', (p) => { p.trailer = p.trailer.replace('/Size', '/Encrypt << >> /Size'); });
  yield of('trailer with Prev', (p) => { p.trailer = p.trailer.replace('/Size', '/Prev 0 /Size'); });
  yield of('trailer without Root', (p) => { p.trailer = p.trailer.replace('/Root 1 0 R', ''); });
  yield of('a page more', (p) => { const z = deflateSync(Buffer.alloc(0)).toString('latin1'),
    c = p.add(`<< /Filter /FlateDecode /Length ${z.length} >>\nstream\n${z}\nendstream`),
    page = p.add(p.text(p.page).replace(/^\d+ 0 obj\n|\nendobj\n$/g, '').replace(/\/Contents \d+ 0 R/, `/Contents ${c} 0 R`).replace(/\/Annots \[[^\]]*\]/,
    '')); const pages = p.find((t) => t.includes('/Type /Pages')); p.replace(pages, /\/Count (\d+) \/Kids \[([^\]]*)\]/,
    (_, n, k) => `/Count ${Number(n) + 1} /Kids [${k}${page} 0 R ]`); });
  const page = (what, add) => of(what, (p) => p.stream(p.content, (b) => add(b.toString('latin1'))));
  yield page('text that nothing names', (t) => `${t}\nBT /F1 9 Tf 1 0 0 1 50 50 Tm <0013> Tj ET\n`);
  yield page('an artifact more', (t) => `${t}\n/Artifact BMC\nBT /F1 9 Tf 1 0 0 1 50 50 Tm <0013> Tj ET\nEMC\n`);
  yield page('a digest in an artifact', (t) => `${t}\n/Artifact BMC\nBT /F1 9 Tf 1 0 0 1 50 50 Tm <${'0012'.repeat(64)}> Tj ET\nEMC\n`);
  const glyphs = [...'2031-01-01 10:00:00'].map((c) => (c.charCodeAt(0) - 31).toString(16).padStart(4, '0')).join('');
  yield page('a time in an artifact', (t) => `${t}\n/Artifact BMC\nBT /F1 9 Tf 1 0 0 1 50 50 Tm <${glyphs}> Tj ET\nEMC\n`);
  for (const [what, op] of Object.entries({ 'an image': '/Im1 Do', 'invisible text': 'BT 3 Tr ET', 'inline image': 'BI ID EI', 'a clip': 'W n',
    'a shading': '/S1 sh', 'grey': '0 g', 'a curve': '0 0 0 0 0 0 c', 'text of another operator': 'BT (x) \' ET', 'TJ': 'BT [<0013>] TJ ET',
    'graphics state': '/G1 gs', 'unknown operator': 'hello', 'stray operand': '1 2 3', 'unbalanced Q': 'Q', 'unbalanced EMC': 'EMC', 'unbalanced BT': 'BT',
    'rise': 'BT 5 Ts ET', 'scale': 'BT 10 Tz ET', 'leading': 'BT 5 TL ET', 'line move': 'BT 5 5 Td ET' })) yield page(what,
    (t) => `${t}\n/Artifact BMC\n${op}\nEMC\n`);
  yield page('nothing', () => '');
  yield of('content not compressed', (p) => { p.replace(p.content, '/Filter /FlateDecode', '/Filter /ASCIIHexDecode'); });
  const map = (what, from, to) => of(what, (p) => { for (const id of [...p.parts.keys()].filter((i) =>
    p.text(i).includes('/ToUnicode'))) p.stream(Number(/\/ToUnicode (\d+) 0 R/.exec(p.text(id))[1]), (b) => b.toString('latin1').replace(from, to)); });
  yield map('map of another digit', '<0013> <0032>', '<0013> <0033>');
  yield map('map without a digit', '<0013> <0032>\n', '');
  yield map('map of a letter', '<0042> <0061>', '<0042> <0062>');
  const attached = mint.base().facts;
  yield of('facts of another length than said', (p) => p.replace(p.attachment, /\/Size \d+/, '/Size 5'));
  yield { what: 'facts of the same letter, not canonical', shape: { facts: () => Buffer.from(`${JSON.stringify(attached)} `) } };
}

export function* pages({ mint }) {
  const shown = {
    id: (f) => { f.id = f.id.replace(/.$/, (c) => (c === '0' ? '1' : '0')); }, number: (f) => { f.number = f.number.replace('98', '99'); },
      depositor: (f) => { f.depositor = 'did:web:film.example'; }, name: (f) => { f.depositorName = 'Film Example'; },
      received: (f) => { f.receivedAt = '2026-11-29T04:00:00Z'; }, manifest: (f) => { f.manifestDigest = '11'.repeat(32); },
    'item name': (f) => { f.items[0].name = '合同 v3.pdf'; }, 'item size': (f) => { f.items[0].size = 5001; },
      'item type': (f) => { f.items[0].mediaType = 'application/zip'; }, 'item digest': (f) => { f.items[0].digests['sha-256'] = '22'.repeat(32); },
      'items swapped': (f) => { f.items.reverse(); }, 'an item more': (f) => { f.items.push(f.items[1]); }, 'an item less': (f) => { f.items.pop(); },
      'sha-512': (f) => { f.items[1].digests['sha-512'] = '22'.repeat(64); },
    note: (f) => { f.notes.contractNo = 'A-18'; }, 'note name': (f) => { f.notes = { contractNr: 'A-17' }; },
      'a note more': (f) => { f.notes.more = 'said'; }, 'no notes': (f) => { f.notes = {}; }, office: (f) => { f.office.en = 'Another'; },
      'office zh': (f) => { f.office.zh = '事务所'; }, authority: (f) => { f.times[0].authority = 'alphx'; }, over: (f) => { f.times[0].over = 'manifest'; },
      genTime: (f) => { f.times[0].genTime = '2026-11-29T03:00:01.7Z'; }, serial: (f) => { f.times[0].serial = '77'; },
    'times swapped': (f) => { f.times = [f.times[1], f.times[0], f.times[2], f.times[3]]; }, 'a time less': (f) => { f.times.pop(); },
      'a time more': (f) => { f.times.push({ ...f.times[0], authority: 'gamma' }); }, origin: (f) => { f.log.origin = 'gorge.example/log'; },
      index: (f) => { f.log.index = 98; }, size: (f) => { f.log.size = 204; }, root: (f) => { f.log.root = '33'.repeat(32); },
      chain: (f) => { f.chain.chainId = 1; }, contract: (f) => { f.chain.contract = `0x${'44'.repeat(20)}`; },
    transaction: (f) => { f.chain.transaction = `0x${'44'.repeat(32)}`; }, block: (f) => { f.chain.block = 4243; },
      'block hash': (f) => { f.chain.blockHash = `0x${'44'.repeat(32)}`; }, 'block time': (f) => { f.chain.blockTime = '2026-11-29T03:10:02Z'; },
      address: (f) => { f.verifyUrl = f.verifyUrl.replace('forge', 'gorge'); }, issued: (f) => { f.issuedAt = '2026-11-29T03:30:00Z'; },
      kind: (f) => { f.kind = 'draw'; },
  };
  if (!mint.old) Object.assign(shown, {
    'short name': (f) => { f.office.shortName = '另'; }, 'address of the office': (f) => { f.office.address = '锻街 8 号'; },
    operator: (f) => { f.office.operator = 'Another Operator'; }, 'chain name': (f) => { f.chain.name = 'Another Chain'; },
    'chain operator': (f) => { f.chain.operator = 'Somebody'; }, 'legal name': (f) => { f.times[0].legalName = 'Gamma'; },
    'legal names': (f) => { for (const t of f.times) t.legalName = 'Gamma'; }, policy: (f) => { f.times[0].policy = '1.3.6.1.4.1.99999.8'; },
    certificate: (f) => { f.times[0].certificate = '55'.repeat(32); }, 'certificates swapped': (f) => {
      [f.times[0].certificate, f.times[1].certificate] = [f.times[1].certificate, f.times[0].certificate]; },
    'a digest as an address': (f) => { f.office.address = '66'.repeat(32); }, 'decomposed operator': (f) => { f.office.operator = 'Ope\u0301rateur'; },
    'composed operator': (f) => { f.office.operator = 'Op\u00e9rateur'; }, 'no address': (f) => { f.office.address = ''; },
  });
  for (const [what, change] of Object.entries(shown)) yield { what: `shown: ${what}`, shape: { shown: (f) => { change(f); return f; } } };
  for (const [what, change] of Object.entries(shown)) yield { what: `stated and shown: ${what}`,
    shape: { facts: (f) => { const g = structuredClone(f); change(g); return g; } } };
  const issued = (ms) => new Date(NOW + ms).toISOString().replace(/\.?0*Z$/, (z, at, all) => (all.includes('.') ? 'Z' : z));
  for (const ms of [-118_000, -117_000, -200_000, 124_000, 125_000, 126_000, 400_000]) yield { what: `issued ${ms}`,
    shape: { facts: (f) => ({ ...f, issuedAt: issued(ms) }) } };
  for (const url of ['http://forge.example/verify/D?index=97', 'https://a/verify/D?index=97', 'https://forge.example/de/verify/D?index=97',
    'https://forge.example/verify/D?index=97#x', 'https://forge.example/verify/D?index=97&a=1', 'https://forge.example/verify/D',
    'https://forge.example/verify/D?index=097', 'ftp://forge.example/verify/D?index=97', 'HTTPS://forge.example/verify/D?index=97',
    'javascript:alert(1)//verify/D?index=97', '/verify/D?index=97', 'https:///verify/D?index=97', 'https://user:pw@forge.example/verify/D?index=97',
    'https://forge.example?x=/verify/D?index=97', 'https://forge.example#/verify/D?index=97', 'https://forge.example/ /verify/D?index=97', '']) {
    yield { what: `address ${url}`, shape: { facts: (f) => ({ ...f, verifyUrl: url.replace('D', f.manifestDigest) }) } };
  }
  for (const [what, manifest] of Object.entries({
    'rare characters': (m) => ({ ...m, notes: { 𠮷野: '東京 ﷽ Ω' }, items: [{ ...m.items[0], name: '𠮷.pdf' }] }),
      ...Object.fromEntries(['e\u0301', '\u1112\u1161\u11ab\u1100\u1173\u11af', '\u30ab\u3099\u30cf\u309a\u3046\u3099', 'a\u0302\u0323', 'a\u0323\u0302',
        '\u212b\u0301',
        '\u00c5\u0301', '1\u0301', '\u0301', '\u0308\u0301', '\u0344', '\u1f00\u0345', '\u05d9\u05b4', '\u0418\u0306', '\u2190\u0338', 'o\u031b\u0301\u0323',
        '\ud834\udd57\ud834\udd65', '\uac00\u11a8', '\uac00\u11a7', '\uac01\u11a8', '\u0915\u093c', '\u00a8\u0301', '\u1e9b\u0307', 'x\u030c\u0301']
        .map((t) => [`decomposed ${escape(t)}`, (m) => ({ ...m, items: [{ ...m.items[0], name: `${t}.pdf` }], notes: { [t]: `a${t}` } })])),
      'blanks': (m) => ({ ...m, items: [{ ...m.items[0], name: 'a  b\u3000c\u00a0d.pdf' }] }),
      'control': (m) => ({ ...m, items: [{ ...m.items[0], name: 'a\u0001\u200bb.pdf' }] }),
      'a digest as a name': (m) => ({ ...m, items: [{ ...m.items[0], name: 'ab'.repeat(32) }] }),
    'a time as a note': (m) => ({ ...m, notes: { time: '2020-01-01 10:00:00', id: '01a2253e-c380-762a-a463-98cf1340c745' } }),
      'no name': (m) => ({ ...m, items: [{ ...m.items[0], name: '', mediaType: '' }] }), 'no size': (m) => ({ ...m, items: [{ ...m.items[0], size: null }] }),
      'long name': (m) => ({ ...m, items: [{ ...m.items[0], name: '文'.repeat(80) }] }),
      '100 items': (m) => ({ ...m, items: Array.from({ length: 100 }, (_, i) => ({ ...m.items[0], name: `file ${i}.pdf`, size: i })) }),
    'many notes': (m) => ({ ...m, notes: Object.fromEntries(Array.from({ length: 32 }, (_, i) => [`note ${i}`, 'x '.repeat(100)])) }),
      'kinds': (m) => ({ ...m, kind: 'contract' }), 'arabic': (m) => ({ ...m, notes: { שלום: 'مرحبا 한국어 བོད' } }),
      ...Object.fromEntries(['عقد 2026', 'سَلامٌ (نسخة)', 'می‌خواهم', 'ا‌ب می‌خ', 'בְּרֵאשִׁית 7', 'བོད་ཡིག', 'हिन्दी क्‍ष', 'क‍ क्‍ष', 'ภาษาไทยน้ำ', 'ᠮᠣᠩᠭᠣᠯ',
        'َ سَ', 'ශ්‍රී', 'ꆈꌠ', '٣ - ٤', 'ᠮᠣᠩᠭᠣᠯ\u202fᠤᠨ ᠰᠠᠷ\u180eᠠ', 'ᠰᠠᠷ\u180e a\u202fb', 'אִִ בִ']
        .map((t) => [`script ${escape(t)}`, (m) => ({ ...m, items: [{ ...m.items[0], name: `合同-${t}-v2.pdf` }], notes: { [t]: t } })])),
      'newlines': (m) => ({ ...m, notes: { a: 'one\ntwo\r\nthree\tfour' } }), 'sm3': (m) =>
      ({ ...m, items: [{ ...m.items[0], digests: { ...m.items[0].digests, sm3: 'cd'.repeat(32) } }] }),
      'size 0': (m) => ({ ...m, items: [{ ...m.items[0], size: 0 }] }),
    'U+ in a name': (m) => ({ ...m, items: [{ ...m.items[0], name: 'U+20BB7' }] }),
      'emoji': (m) => ({ ...m, items: [{ ...m.items[0], name: '👨‍👩‍👧.png' }] }),
      'digest kind': (m) => ({ ...m, kind: 'digest' }), 'forensics': (m) => ({ ...m, kind: 'forensics' }), 'draw': (m) => ({ ...m, kind: 'draw' }),
  })) yield { what: `good: ${what}`, shape: { manifest: (m) => { const g = manifest(m);
    return { ...g, notes: Object.fromEntries(Object.keys(g.notes).sort().map((k) => [k, g.notes[k]])) }; } } };
}
