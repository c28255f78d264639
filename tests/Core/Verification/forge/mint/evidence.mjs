// One deposit's whole evidence, made step by step. A shape changes what one step gives; the steps after it follow, so that all else fits.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Random } from './random.mjs';
import { Account, EcKey, RsaKey } from './keys.mjs';
import { Authority } from './authority.mjs';
import { certify, leaf, name, root } from './certificates.mjs';
import { anchor } from './chain.mjs';
import { noteText, proof, sign, tree } from './log.mjs';
import { PdfFile, signPdf, withFacts } from './letter.mjs';
import { archived } from './archive.mjs';
import { Bad, jcs, rank, writeZip } from './shared.mjs';

export const sha256 = (b) => createHash('sha256').update(b).digest();
export const NOW = Date.UTC(2026, 10, 29, 3, 0, 0);
const iso = (ms) => new Date(ms).toISOString();
/** As facts.json writes times. */
export const factTime = (ms) => iso(ms).replace(/\.?0*Z$/, (z, at, all) => (all.includes('.') ? 'Z' : z));
const pem = (label, raw) => `-----BEGIN ${label}-----\n${raw.toString('base64').match(/.{1,64}/g).join('\n')}\n-----END ${label}-----\n`;
export const json = (v) => (Buffer.isBuffer(v) ? v : Buffer.from(typeof v === 'string' ? v : jcs(JSON.parse(JSON.stringify(v)))));
const keep = (v) => v;
const LEGAL = { alpha: 'Alpha Time GmbH', beta: 'Beta Timestamping Co' };

export const BASE = {
  received: NOW, checkpointTimes: [NOW + 700, NOW + 800], manifestTimes: [NOW + 1400, NOW + 1500], block: NOW + 2000, issued: NOW + 4100, stamp: NOW + 4900,
  index: 97, size: 203, manifest: keep, note: keep, text: keep, proof: keep, tokens: keep, token: {}, anchor: keep, chain: {}, trust: keep, facts: keep,
    shown: null, pdf: keep,
  letter: {}, signer: {}, certificates: keep, stampOptions: {}, archive: {}, members: keep, recipe: keep, relist: true, zip: keep,
};

export class Mint {
  /** `old`: letters of version 1 under a trust file of version 2. */
  constructor(seed, script, render, { old = false } = {}) {
    const r = new Random(seed);
    Object.assign(this, { seed, old, script, render, rendered: new Map(), random: r, origin: 'forge.example/log', chainId: 4711, blockNumber: 4242 });
    this.logKey = new EcKey(r);
    this.otherKey = new EcKey(r);
    this.alpha = new Authority('alpha', new EcKey(r), new EcKey(r), NOW);
    this.beta = new Authority('beta', new RsaKey(r), new RsaKey(r), NOW, '1.3.6.1.4.1.99999.2');
    this.gamma = new Authority('gamma', new EcKey(r), new EcKey(r), NOW);
    this.letterRoot = root(name('Letter Root', 'Forge'), new EcKey(r), NOW);
    this.signerKey = new EcKey(r);
    this.account = new Account(r);
    this.stranger = new Account(r);
    this.contract = r.bytes(20);
    this.salt = r.bytes(32);
    this.uuid = r.bytes(16);
    this.original = r.bytes(5000);
  }

  authority(label) { return this[label] ?? this.gamma; }

  /** A certificate for letters. */
  letterSigner(more = {}) {
    const { key = this.signerKey, cn = 'Letter Signer', o = 'Forge Office', issuer = this.letterRoot, subject = name(cn, o), ...rest } = more;
    return leaf(subject, key, issuer, NOW, { usage: [0, 1], ...rest });
  }

  letterIntermediate(more = {}) { return certify({ subject: name('Letter Issuer', 'Forge'), key: this.otherKey, issuer: this.letterRoot, from: NOW - 1e10,
    to: NOW + 1e11, ca: true, usage: [5], ...more }); }

  manifestOf(s) {
    const h = Buffer.from(this.uuid);
    h.writeUIntBE(s.received, 0, 6);
    h[6] = 0x70 | (h[6] & 15);
    h[8] = 0x80 | (h[8] & 63);
    const id = h.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    return {
      depositor: 'did:web:firm.example', format: 'notary-manifest/1', id, kind: 'file',
        notBefore: { block: 4200, chainId: this.chainId, hash: `0x${'b7'.repeat(32)}` },
      items: [
        { digests: { 'sha-256': sha256(this.original).toString('hex') }, mediaType: 'application/pdf', name: '合同 v2.pdf', size: this.original.length },
        { digests: { 'sha-256': sha256(Buffer.from('second')).toString('hex'), 'sha-512': createHash('sha512').update('second').digest('hex') },
          mediaType: 'image/png', name: 'scan-0017.png', size: 31415 },
      ],
      notes: { contractNo: 'A-17' }, previous: null, receivedAt: iso(s.received), salt: this.salt.toString('base64url'),
    };
  }

  trustOf(certificates = {}) {
    const b = (x) => x.toString('base64');
    const more = (v) => (this.old ? {} : v);
    return {
      authorities: ['alpha', 'beta'].map((n) => ({ ...more({ legalName: LEGAL[n] }), name: n, policy: this[n].policy, roots: [b(this[n].root.raw)] })),
      chain: { chainId: this.chainId, contract: `0x${this.contract.toString('hex')}`, senders: [] }, format: `notary-trust/${this.old ? 2 : 3}`,
      letters: { office: { en: 'Forge Office', ...more({ shortName: '锻证' }), zh: '公证处' }, roots: [b(certificates.root?.raw ?? this.letterRoot.raw)],
        signer: { commonName: 'Letter Signer', organization: 'Forge Office' } },
      log: { key: b(this.logKey.spki), origin: this.origin },
    };
  }

  /** Makes evidence and its members. */
  make(shape = {}) {
    const s = { ...BASE, ...shape }, e = { shape: s };
    e.manifest = json(s.manifest(this.manifestOf(s)));
    e.manifestDigest = sha256(e.manifest);
    const grown = tree(e.manifestDigest, s.index, s.size, this.seed);
    e.root = grown.root;
    e.text = s.text(noteText(this.origin, s.size, grown.root));
    e.note = Buffer.from(s.note(sign(e.text, this.origin, this.logKey), e, this));
    e.proof = Buffer.from(s.proof(proof(s.index, grown.path, e.note.toString()), { ...grown, ...e }));
    e.stated = [];
    e.tokens = new Map();
    for (const over of ['checkpoint', 'manifest']) {
      for (const [i, label] of ['alpha', 'beta'].entries()) {
        const imprint = over === 'checkpoint' ? sha256(e.note) : e.manifestDigest, ms = s[`${over}Times`][i], options = s.token[`${over}-${label}`] ?? {};
        const who = this.authority(options.by ?? label), o = { serial: BigInt(`0x51${sha256(Buffer.from(over + label)).toString('hex', 0, 10)}`), ...options };
        e.tokens.set(`tokens/${over}-${label}.tsr`, o.raw ?? who.response(o.over ?? imprint, ms, o));
        e.stated.push({ authority: label, genTime: factTime(ms), over, serial: (o.serial < 0n ? 0n : o.serial).toString(16).replace(/^(.(..)*)$/, '0$1'),
          ...(this.old ? {} : { certificate: sha256((o.signer ?? who.signer).raw).toString('hex'), legalName: LEGAL[label],
            policy: o.policy ?? who.policy }) });
      }
    }
    s.tokens(e.tokens, e);
    e.anchor = anchor({
      chainId: this.chainId, contract: this.contract, size: s.size, root: grown.root, block: this.blockNumber, ms: s.block, account: this.account,
        stranger: this.stranger, ...s.chain.what,
    }, s.chain);
    e.anchor = s.anchor(e.anchor);
    e.trust = s.trust(this.trustOf());
    e.facts = s.facts(this.factsOf(s, e), e);
    e.first = s.letter.raw ?? this.letterOf(s, e);
    e.letter = e.first;
    if (s.archive && e.signer && !this.old && !s.unsigned) {
      try { e.letter = archived(this, s, e, e.first, s.archive); } catch (x) { if (!(x instanceof Bad)) throw x; } // what is no letter cannot be archived
    }
    return this.pack(s, e);
  }

  factsOf(s, e) {
    const stated = shapeOf(e.manifest), m = stated && typeof stated === 'object' && !Array.isArray(stated) ? stated : this.manifestOf(s);
    const a = e.anchor && typeof e.anchor === 'object' && !Buffer.isBuffer(e.anchor) ? e.anchor : {};
    const digest = e.manifestDigest.toString('hex'), more = (v) => (this.old ? {} : v);
    return {
      chain: { ...more({ name: 'Forge Chain', operator: 'Chain Operator Ltd' }), block: a.block, blockHash: a.blockHash, blockTime: a.blockTime,
        chainId: a.chainId, contract: a.contract, transaction: a.transactionHash },
      depositor: m.depositor, depositorName: 'Firm Example', format: `notary-letter/${this.old ? 1 : 2}`, id: m.id, issuedAt: factTime(s.issued),
        items: m.items, kind: m.kind, ...(m.test === true ? { test: true } : {}),
      log: { index: s.index, origin: this.origin, root: e.root.toString('hex'), size: s.size }, manifestDigest: digest, notes: m.notes,
      number: this.old ? `(2026) 电存字第 ${String(s.index + 1).padStart(8, '0')} 号` : `〔2026〕锻证电存字第${s.index + 1}号`,
      office: { ...more({ address: '锻街 7 号', operator: 'Forge Operator Ltd', shortName: '锻证' }), en: 'Forge Office', zh: '公证处' },
      receivedAt: typeof m.receivedAt === 'string' && /^\d{4}-.*Z$/.test(m.receivedAt) && m.receivedAt.includes('.') ? m.receivedAt.replace(/\.?0*Z$/, 'Z')
        : m.receivedAt,
      times: e.stated, verifyUrl: `https://forge.example/verify/${digest}?index=${s.index}`,
    };
  }

  /** The pages of facts, from the renderer; of facts that it refuses those of the base, with the facts attached. */
  pages(facts) {
    const bytes = json(facts), key = bytes.toString('latin1');
    if (!this.rendered.has(key)) this.rendered.set(key, this.render(bytes));
    return this.rendered.get(key);
  }

  letterOf(s, e) {
    const attached = json(e.facts);
    let pdf = this.pages(s.shown ? s.shown(structuredClone(this.factsOf(s, e))) : e.facts) ?? this.pages(this.baseFacts ??= this.factsOf(BASE, this.base()));
    pdf = withFacts(pdf, attached);
    const file = new PdfFile(pdf);
    const changed = s.pdf(file) ?? file;
    pdf = Buffer.isBuffer(changed) ? changed : changed.bytes();
    if (s.unsigned) return pdf;
    const signer = s.signer.raw ? s.signer : this.letterSigner(s.signer);
    e.signer = signer;
    const stampBy = this.authority(s.stampOptions.by ?? 'alpha');
    return signPdf(pdf, {
      signer, certificates: s.certificates([signer.raw]), stamp: (d) => s.stampOptions.raw ?? stampBy.token(s.stampOptions.over ?? d, s.stamp,
        { nonce: null, ...s.stampOptions }), ...s.letter,
    });
  }

  /** The members of a base, made once. */
  base() { return (this.baseMade ??= this.make({})); }

  pack(s, e) {
    const files = new Map([['manifest.json', e.manifest], ['inclusion.tlog-proof', e.proof], ['checkpoint', e.note], ...e.tokens,
      ['anchor.json', json(e.anchor)], ['letter.pdf', e.letter], ['trust.json', json(e.trust)]]);
    for (const [n, b] of this.pemOf(e.trust)) files.set(n, b);
    e.files = files;
    s.members(files, e);
    e.files = s.relist ? this.relist(files, s.recipe) : files;
    e.zip = s.zip(this.lay(e.files), e);
    return e;
  }

  pemOf(trust) {
    const from = (v) => Buffer.from(v, 'base64'), out = [];
    try {
      const t = typeof trust === 'object' && !Buffer.isBuffer(trust) ? trust : this.trustOf(), roots = t.letters?.roots ?? t.letterRoots;
      out.push(['trust/letters.pem', Buffer.from(roots.map((r) => pem('CERTIFICATE', from(r))).join(''))],
        ['trust/log.pem', Buffer.from(pem('PUBLIC KEY', from(t.log.key)))]);
      for (const a of t.authorities) out.push([`trust/tsa-${a.name}.pem`, Buffer.from(a.roots.map((r) => pem('CERTIFICATE', from(r))).join(''))]);
      return out;
    } catch { return this.pemOf(this.trustOf()); }
  }

  sorted(files) { return [...files].sort(([a], [b]) => ((rank(a) ?? `99${a}`) < (rank(b) ?? `99${b}`) ? -1 : 1)); }

  relist(files, change = keep) {
    const lines = this.sorted(files).filter(([n]) => n !== 'VERIFY.txt').map(([n, b]) => `# ${sha256(b).toString('hex')}  ${n}\n`).join('');
    return new Map([...files].filter(([n]) => n !== 'VERIFY.txt')).set('VERIFY.txt', Buffer.from(change(this.script + lines)));
  }

  lay(files) { return writeZip(this.sorted(files).map(([n, bytes]) => ({ name: n, bytes }))); }
}

const shapeOf = (bytes) => { try { return JSON.parse(bytes.toString()); } catch { return null; } };

export function readScript(path) { const t = readFileSync(path, 'utf8'); return t.endsWith('# MEMBERS\n') ? t : `${t.trimEnd()}\n# MEMBERS\n`; }
