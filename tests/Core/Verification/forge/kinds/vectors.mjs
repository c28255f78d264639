// The bundles published in ../vectors: a few good ones, and one of each kind of bad one.
import { sign } from '../mint/log.mjs';
import { NOW } from '../mint/evidence.mjs';

export function* vectors({ mint, other, trust }) {
  const base = mint.base().files, of = (what, shape) => ({ what, shape, trust });
  yield of('good', {});
  yield of('good-with-original', { members: (f) => f.set('original/0', mint.original) });
  yield { what: 'good-but-judged-by-its-own-trust', shape: {}, trust: null };
  yield { what: 'manifest-changed', files: mint.relist(new Map(base).set('manifest.json',
    Buffer.from(base.get('manifest.json').toString().replace('firm', 'film')))), trust };
  yield of('log-signed-by-another-key', { note: (_, e) => sign(e.text, mint.origin, mint.otherKey) });
  yield of('token-of-another-authority', { token: { 'manifest-beta': { by: 'gamma' } } });
  yield of('token-missing', { tokens: (t) => t.delete('tokens/manifest-alpha.tsr') });
  yield of('anchor-without-proof', { anchor: (a) => ({ ...a, transactionProof: [] }) });
  yield of('letter-of-another-signer', { signer: { cn: 'Another' } });
  yield of('letter-with-other-pages', { shown: (f) => ({ ...f, depositor: 'did:web:film.example' }) });
  yield of('letter-a-year-early', { stamp: NOW - 86_400_000 * 300, issued: NOW - 86_400_000 * 300 });
  yield { what: 'of-a-stranger', zip: other.base().zip, trust };
}
