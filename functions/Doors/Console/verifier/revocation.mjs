// Revocation lists (RFC 5280 section 5) and what follows from them (docs/evidence-format.md, Revocation).
import { DerError, Walk, der, expect, int, oid } from './der.mjs';
import { publicKey, seconds, signatureAlgorithm, signed } from './x509.mjs';
import { sha256 } from './hash.mjs';
import { hex, need, Bad } from './json.mjs';

const MAX = 1024 * 1024, REASON = '2.5.29.21', INVALIDITY = '2.5.29.24', HARMLESS = [0, 3, 4, 5];

const when = (w) => seconds(w.kids[w.at]?.tag === 0x17 ? w.take(0x17) : w.take(0x18)) * 1000;

/** Extensions by OID; a critical one, or one twice, makes it no whole, direct list. */
function extensions(node) {
  const found = new Map();
  for (const e of node.kids) {
    const x = new Walk(e), id = oid(x.take(0x06)), critical = x.maybe(0x01), value = x.take(0x04).body;
    x.done();
    if (critical?.body[0] || found.has(id)) throw new DerError('a critical extension');
    found.set(id, value);
  }
  return found;
}

function parse(raw, issuer) {
  const outer = new Walk(der(raw)), tbs = outer.take(0x30), algorithm = outer.take(0x30), signature = outer.take(0x03);
  outer.done();
  const w = new Walk(tbs), version = w.maybe(0x02), list = { entries: new Map() };
  if (version && int(version) !== 1n) throw new DerError('version');
  if (!w.take(0x30).raw.equals(algorithm.raw) || !w.take(0x30).raw.equals(issuer.subject.raw)) throw new DerError('another issuer');
  list.thisUpdate = when(w);
  list.nextUpdate = when(w);
  for (const node of w.maybe(0x30)?.kids ?? []) {
    const e = new Walk(node), serial = hex(e.take(0x02).body), at = when(e), more = e.maybe(0x30);
    e.done();
    if (list.entries.has(serial) || (more && !version)) throw new DerError('an entry twice, or of another version');
    const found = more ? extensions(more) : new Map(), code = found.has(REASON) ? expect(der(found.get(REASON)), 0x0a).body : null;
    if (code && code.length !== 1) throw new DerError('reason');
    const since = found.has(INVALIDITY) ? seconds(expect(der(found.get(INVALIDITY)), 0x18)) * 1000 : at;
    list.entries.set(serial, { since: Math.min(at, since), reason: code ? code[0] : null });
  }
  const more = w.maybe(0xa0);
  w.done();
  if (more) { if (!version || more.kids.length !== 1) throw new DerError('extensions'); extensions(expect(more.kids[0], 0x30)); }
  const how = signatureAlgorithm(algorithm), key = publicKey(issuer.spki.raw);
  const holds = how && key && !how.pss && signature.body[0] === 0 && (!issuer.usage || issuer.usage.has(6)) && signed(key, how, tbs.raw,
    signature.body.subarray(1));
  return holds ? list : null;
}

const read = new Map();

/** The list, if it is one and this certificate's key signed it; null otherwise. */
export function readList(raw, issuer) {
  const key = `${hex(sha256(raw))}/${hex(sha256(issuer.raw))}`;
  if (!read.has(key)) {
    let list = null;
    try { list = raw.length <= MAX ? parse(raw, issuer) : null; } catch (e) { if (!(e instanceof DerError)) throw e; }
    read.set(key, list);
  }
  return read.get(key);
}

/** The lists at hand for one bundle: the reader's own, then those of the letter. */
export class Lists {
  constructor(own) { this.own = own.length; this.all = [...own]; this.used = new Set(); }
  add(lists) { this.all.push(...lists); }
  get unused() { return this.all.slice(0, this.own).flatMap((_, i) => (this.used.has(i) ? [] : [i])); }

  /** Throws Bad('revoked') when what a chain's leaf signed at a time does not count. `seen`: when another's time-stamp shows that it was there. */
  judge(chain, at, seen) {
    for (const [i, issuer] of chain.slice(1).entries()) {
      const serial = hex(chain[i].serial.body);
      for (const [n, raw] of this.all.entries()) {
        const list = readList(raw, issuer);
        if (list) this.used.add(n);
        const entry = list?.entries.get(serial);
        if (entry) need(entry.since > at && (HARMLESS.includes(entry.reason) || (seen !== null && entry.since > seen)), 'revoked');
      }
    }
  }

  stands(chain, at, seen) { try { this.judge(chain, at, seen); return true; } catch (e) { if (e instanceof Bad) return false; throw e; } }
}
