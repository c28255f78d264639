// Test deposits of sandbox tenants: what says so, in the manifest, in the letter and on its pages, and what does not.
export function* tests({ mint, tried, trust }) {
  const marked = (m) => ({ ...m, test: true }), bare = ({ test, ...rest }) => rest;
  const of = (what, shape, more = {}) => ({ what, by: tried, shape: { manifest: marked, ...shape }, trust, ...more });
  yield of('as it is', {});
  yield of('own trust', {}, { trust: null });
  yield of('not archived', { archive: null });
  yield of('with the recipe of others', {}, { by: mint });
  yield { what: 'no test, with the recipe of tests', by: tried, shape: {}, trust };
  for (const test of [false, null, 1, 'true', [], {}]) yield of(`test ${JSON.stringify(test)}`, { manifest: (m) => ({ ...m, test }) });
  yield of('the letter does not say so', { facts: bare });
  yield of('the letter says otherwise', { facts: (f) => ({ ...f, test: false }) });
  yield of('the pages do not say so', { shown: bare });
  yield of('neither says so', { facts: bare, shown: bare });
  yield { what: 'the letter alone says so', shape: { facts: marked }, trust };
  yield { what: 'the pages alone say so', shape: { shown: marked }, trust };
  yield { what: 'letter and pages say so', shape: { facts: marked, shown: marked }, trust };
  yield { what: 'the letter says no', shape: { facts: (f) => ({ ...f, test: false }) }, trust };

  // The member taken out of what was logged and stamped.
  const files = tried.make({ manifest: marked }).files, without = Buffer.from(files.get('manifest.json').toString().replace(',"test":true', ''));
  for (const by of [mint, tried]) {
    yield { what: `taken out, recipe of ${by === mint ? 'others' : 'tests'}`, files: by.relist(new Map(files).set('manifest.json', without)), by, trust };
  }
  yield { what: 'taken out, unlisted', files: new Map(files).set('manifest.json', without), trust };
}
