// The bundles published in ../vectors: a few good ones, and one of each kind of bad one.
import { sign } from '../mint/log.mjs';
import { NOW } from '../mint/evidence.mjs';
import { crl, entry } from '../mint/lists.mjs';

export function* vectors({ mint, other, first, tried, trust }) {
  // Archives are 30 KiB: only what is about them has one.
  const base = mint.make({ archive: null }).files, of = (what, shape) => ({ what, shape: { archive: null, ...shape }, trust });
  const signer = mint.base().signer, list = crl(mint.letterRoot, { from: NOW + 5300, until: NOW + 30 * 86_400_000,
    entries: [entry({ serial: signer.serial, at: NOW - 3600_000, reason: 1 })] });
  yield of('good', { archive: {} });
  yield of('good-with-original', { archive: {}, members: (f) => f.set('original/0', mint.original) });
  yield of('good-not-archived', {});
  yield { what: 'good-of-the-first-version', by: first, shape: {}, trust };
  yield { what: 'good-but-judged-by-its-own-trust', shape: { archive: null }, trust: null };
  yield { ...of('good-but-a-test', { manifest: (m) => ({ ...m, test: true }) }), by: tried };
  yield of('letter-of-a-revoked-signer', { archive: { parts: (p) => ({ ...p, lists: [list, ...p.lists.slice(1)] }) } });
  yield { what: 'manifest-changed', files: mint.relist(new Map(base).set('manifest.json',
    Buffer.from(base.get('manifest.json').toString().replace('firm', 'film')))), trust };
  yield of('log-signed-by-another-key', { note: (_, e) => sign(e.text, mint.origin, mint.otherKey) });
  yield of('token-of-another-authority', { token: { 'manifest-beta': { by: 'gamma' } } });
  yield of('token-missing', { tokens: (t) => t.delete('tokens/manifest-alpha.tsr') });
  yield of('anchor-without-proof', { anchor: (a) => ({ ...a, transactionProof: [] }) });
  yield of('letter-of-another-signer', { signer: { cn: 'Another' } });
  yield of('letter-with-other-pages', { shown: (f) => ({ ...f, depositor: 'did:web:film.example' }) });
  yield of('letter-a-year-early', { stamp: NOW - 86_400_000 * 300, issued: NOW - 86_400_000 * 300 });
  yield { what: 'of-a-stranger', by: other, shape: { archive: null }, trust };
}
