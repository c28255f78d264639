// Letters of version 1 under trust files of version 2, which are judged as they always were, and each under the other's.
import { factFields } from './json.mjs';
import { pages } from './letters.mjs';

export function* firsts({ first, mint, trust, ...rest }) {
  const old = first.base().files.get('trust.json');
  for (const kind of [pages, factFields]) {
    for (const c of kind({ ...rest, mint: first, trust: old })) yield { by: first, trust: old, ...c };
  }
  yield { what: 'as it is', by: first, shape: {}, trust: old };
  yield { what: 'as it is, alone', by: first, shape: {}, trust: null };
  yield { what: 'the first under the third', zip: first.base().zip, trust };
  yield { what: 'the second under the second', zip: mint.base().zip, trust: old };
  const times = (change) => (f) => ({ ...f, times: f.times.map(change) });
  for (const [what, facts] of Object.entries({
    'an authority of two names': times((t, i) => (i === 0 ? { ...t, legalName: 'Gamma' } : t)), 'an authority of another name': times((t) => ({ ...t,
      legalName: `${t.legalName}!` })),
    'all of one name': times((t) => ({ ...t, legalName: 'One' })), 'another short name': (f) => ({ ...f, office: { ...f.office, shortName: '另' } }),
    'another short name, numbered so': (f) => ({ ...f, number: f.number.replace('锻证', '另'), office: { ...f.office, shortName: '另' } }),
    'number of the first': (f) => ({ ...f, number: '(2026) 电存字第 00000098 号' }), 'number with zeros': (f) => ({ ...f, number: f.number.replace('98', '098') }),
  })) for (const [name, by] of Object.entries({ 'the third': trust, 'the second': old })) yield { what: `${what}, under ${name}`, shape: { facts }, trust: by };
}
