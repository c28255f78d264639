// Trust files: the reader's and the bundle's differ, cannot be read, name too few, or the same authority twice.

export function* trusts({ mint, other, trust, random }) {
  const t = () => JSON.parse(trust), base = mint.base(), j = (v) => Buffer.from(JSON.stringify(v));
  const foreign = other.base().files.get('trust.json');
  const unnamed = (x) => x.authorities.map(({ legalName: _, ...a }) => a), short = ({ shortName: _, ...o }) => o;
  const first = (x) => { const { letters, ...rest } = x; return sorted({ ...rest, authorities: unnamed(x), format: 'notary-trust/1',
    letterRoots: letters.roots }); };
  const second = (x) => ({ ...x, authorities: unnamed(x), format: 'notary-trust/2', letters: { ...x.letters, office: short(x.letters.office) } });
  const sorted = (x) => Object.fromEntries(Object.keys(x).sort().map((k) => [k, x[k]]));
  const changed = {
    'one authority': (x) => ({ ...x, authorities: x.authorities.slice(0, 1) }), 'no authority': (x) => ({ ...x, authorities: [] }),
      'one root for both': (x) => ({ ...x, authorities: x.authorities.map((a) => ({ ...a, policy: null, roots: x.authorities[0].roots })) }),
    'a root shared': (x) => ({ ...x, authorities: [x.authorities[0], { ...x.authorities[1],
      roots: [...x.authorities[1].roots, ...x.authorities[0].roots] }] }), 'a root twice': (x) =>
      ({ ...x, authorities: [{ ...x.authorities[0], roots: [...x.authorities[0].roots, ...x.authorities[0].roots] }, x.authorities[1]] }),
    'the other\'s root': (x) => ({ ...x, authorities: [{ ...x.authorities[0], roots: x.authorities[1].roots },
      { ...x.authorities[1], roots: x.authorities[0].roots }] }), 'a third': (x) =>
      ({ ...x, authorities: [...x.authorities, { legalName: 'Gamma', name: 'gamma', policy: null, roots: [mint.gamma.root.raw.toString('base64')] }] }),
    'names swapped': (x) => ({ ...x, authorities: x.authorities.map((a, i) => ({ ...a, name: ['beta', 'alpha'][i] })) }),
      'reordered': (x) => ({ ...x, authorities: [...x.authorities].reverse() }), 'policy null': (x) =>
      ({ ...x, authorities: x.authorities.map((a) => ({ ...a, policy: null })) }),
    'another policy': (x) => ({ ...x, authorities: x.authorities.map((a) => ({ ...a, policy: '1.2.3' })) }),
      'another log key': (x) => ({ ...x, log: { ...x.log, key: mint.otherKey.spki.toString('base64') } }),
      'another origin': (x) => ({ ...x, log: { ...x.log, origin: 'other.example/log' } }), 'the first format': first,
    'the first format, another key': (x) => first({ ...x, log: { ...x.log, key: mint.otherKey.spki.toString('base64') } }),
      'another signer': (x) => ({ ...x, letters: { ...x.letters, signer: { ...x.letters.signer, commonName: 'Another' } } }),
      'signer without organization': (x) => ({ ...x, letters: { ...x.letters, signer: { ...x.letters.signer, organization: null } } }),
    'another office': (x) => ({ ...x, letters: { ...x.letters, office: { ...x.letters.office, en: 'Another', zh: '另' } } }),
      'another short name': (x) => ({ ...x, letters: { ...x.letters, office: { ...x.letters.office, shortName: '另' } } }),
      'no short name': (x) => ({ ...x, letters: { ...x.letters, office: short(x.letters.office) } }), 'no legal names': (x) => ({ ...x,
        authorities: unnamed(x) }),
      'another legal name': (x) => ({ ...x, authorities: x.authorities.map((a) => ({ ...a, legalName: `${a.legalName}!` })) }), 'the second format': second,
      'the second format, named': (x) => ({ ...x, format: 'notary-trust/2' }), 'the fourth format': (x) => ({ ...x, format: 'notary-trust/4' }),
      'legal name of 201': (x) => ({ ...x, authorities: x.authorities.map((a) => ({ ...a, legalName: 'x'.repeat(201) })) }),
      'another letter root': (x) => ({ ...x, letters: { ...x.letters, roots: [mint.alpha.root.raw.toString('base64')] } }),
      'letter roots more': (x) => ({ ...x, letters: { ...x.letters, roots: [mint.alpha.root.raw.toString('base64'), ...x.letters.roots] } }),
    'another chain': (x) => ({ ...x, chain: { ...x.chain, chainId: 1 } }), 'another contract': (x) =>
      ({ ...x, chain: { ...x.chain, contract: `0x${'11'.repeat(20)}` } }), 'log key of another curve': (x) =>
      ({ ...x, log: { ...x.log, key: 'MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAE' } }),
    'policy no OID': (x) => ({ ...x, authorities: x.authorities.map((a) => ({ ...a, policy: 'policy' })) }),
      'policy with a leading zero': (x) => ({ ...x, authorities: x.authorities.map((a) => ({ ...a, policy: '1.02.3' })) }), 'an expired root': (x) => x,
      'origin with plus': (x) => ({ ...x, log: { ...x.log, origin: 'forge+log' } }),
    'origin of 300': (x) => ({ ...x, log: { ...x.log, origin: 'f'.repeat(300) } }),
      'signer of 201': (x) => ({ ...x, letters: { ...x.letters, signer: { ...x.letters.signer, commonName: 'f'.repeat(201) } } }),
      'name of 41': (x) => ({ ...x, authorities: x.authorities.map((a) => ({ ...a, name: a.name.padEnd(41, 'x') })) }),
    'name with a hyphen first': (x) => ({ ...x, authorities: x.authorities.map((a) => ({ ...a, name: `-${a.name}` })) }),
      'a DID for a chain': (x) => ({ ...x, chain: { ...x.chain, chainId: 0 } }), 'a root that is none': (x) =>
      ({ ...x, letters: { ...x.letters, roots: ['AAAA'] } }), 'base64 with a line': (x) =>
      ({ ...x, letters: { ...x.letters, roots: [`${x.letters.roots[0].slice(0, 64)}\n${x.letters.roots[0].slice(64)}`] } }),
  };
  for (const [what, change] of Object.entries(changed)) {
    const mine = j(change(t()));
    yield { what: `the reader's: ${what}`, zip: base.zip, trust: mine };
    yield { what: `the bundle's: ${what}`, shape: { trust: () => mine }, trust };
    yield { what: `the bundle's, alone: ${what}`, shape: { trust: change }, trust: null };
    yield { what: `both: ${what}`, shape: { trust: change }, trust: mine };
  }
  for (const [what, bytes] of Object.entries({ empty: Buffer.alloc(0), garbage: Buffer.from('garbage'), zeros: Buffer.alloc(500),
    'an object': Buffer.from('{}'), 'utf-16': Buffer.from(trust.toString(), 'utf16le') })) {
    yield { what: `the bundle's is ${what}`, shape: { trust: () => bytes }, trust };
    yield { what: `the bundle's is ${what}, alone`, shape: { trust: () => bytes }, trust: null };
    yield { what: `the bundle's is ${what}, foreign PEM`, shape: { trust: () => bytes,
      members: (f) => { for (const n of f.keys()) if (n.endsWith('.pem')) f.set(n, other.base().files.get(n)); } }, trust };
    yield { what: `the reader's is ${what}`, zip: base.zip, trust: bytes };
  }
  yield { what: 'of a stranger', shape: { trust: () => foreign }, trust };
  yield { what: 'of a stranger, alone', shape: { trust: () => foreign }, trust: null };
  yield { what: 'the reader is a stranger', zip: base.zip, trust: foreign };
  yield { what: 'all of a stranger, alone', zip: other.base().zip, trust: null };
  const pems = [...base.files].filter(([n]) => n.endsWith('.pem'));
  for (const [name, b] of pems) {
    const text = b.toString();
    const variants = { foreign: other.base().files.get(name), twice: text + text, CRLF: text.replaceAll('\n', '\r\n'), 'a comment': `# hello\n${text}`,
      'a newline': `${text}\n`, 'no newline': text.trimEnd(), 'wide lines': text.replace(/\n(?!-)/g, '').replace(/-----(.)/, '-----\n$1'),
      appended: text + other.base().files.get(name) };
    for (const [what, v] of Object.entries(variants)) yield { what: `${name} ${what}`, files: mint.relist(new Map(base.files).set(name, Buffer.from(v))),
      trust: random.chance(2) ? trust : null };
  }
}
