// The arithmetic of the key ceremony: what has to be computed from the vault's public halves. Private halves never leave
// the vault; the one signature that is needed (over the certificate request) is asked of it by az.
//
// usage: node scripts/ceremony.mjs address VAULT [KEY]                the address of chain-sender, to be permitted by the contract, or of draw-sender
//        node scripts/ceremony.mjs contract ADMIN MEMBER...           data of the transaction that creates the anchoring contract
//        node scripts/ceremony.mjs registry INFO MARGIN           data of the transaction that creates the draw registry; INFO is a file with a
//                                                                 drand chain's own description (/info), MARGIN how many seconds block times may lag
//        node scripts/ceremony.mjs request VAULT COUNTRY ORG NAME     certificate request (PKCS #10, PEM) for letter-signer
// docs/deployment.md says who stands by. az must be signed in; not tried on Azure.
import { execFileSync } from 'node:child_process';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [verb, ...args] = process.argv.slice(2);
const verbs = { address: [1, address], contract: [2, contract], registry: [2, registry], request: [4, request] };
const found = verbs[verb];
if (!found || args.length < found[0]) {
  console.error('usage: ceremony.mjs address VAULT | contract ADMIN MEMBER... | registry INFO MARGIN | request VAULT COUNTRY ORG NAME');
  process.exit(2);
}
console.log(await found[1](...args));

async function address(vault, name = 'chain-sender') {
  const { computeAddress } = await import('ethers');
  const { x, y } = publicKey(vault, name, 'P-256K');
  return computeAddress('0x04' + x.toString('hex') + y.toString('hex'));
}

async function contract(admin, ...members) {
  const { getAddress } = await import('ethers');
  return creation('EvidenceAnchor', getAddress(admin), members.map((m) => getAddress(m)));
}

async function registry(file, margin) {
  const { bls12_381: { G2 } } = await import('@noble/curves/bls12-381.js');
  const info = JSON.parse(readFileSync(file, 'utf8'));
  if (info.schemeID !== 'bls-unchained-g1-rfc9380') throw new Error(`the chain's scheme is ${info.schemeID}, not bls-unchained-g1-rfc9380`);
  const { x, y } = G2.Point.fromHex(info.public_key).toAffine();
  const key = '0x' + [x.c1, x.c0, y.c1, y.c0].map((n) => n.toString(16).padStart(96, '0')).join('');
  return creation('DrawRegistry', key, info.genesis_time, info.period, '0x' + info.groupHash, info.metadata.beaconID, Number(margin));
}

async function creation(name, ...values) {
  const { ContractFactory } = await import('ethers');
  const { abi, bytecode } = JSON.parse(readFileSync(new URL(`../functions/Core/Chain/contracts/${name}.json`, import.meta.url), 'utf8'));
  return (await new ContractFactory(abi, bytecode).getDeployTransaction(...values)).data;
}

async function request(vault, country, organisation, name) {
  if (!/^[A-Z]{2}$/.test(country)) throw new Error('COUNTRY is two capital letters');
  const { x, y } = publicKey(vault, 'letter-signer', 'P-256');
  const point = Buffer.concat([Buffer.from([4]), x, y]);

  // RFC 2986, section 4.1: version, subject, the key with its curve, no attributes.
  const spki = sequence(sequence(oid('2a8648ce3d0201'), oid('2a8648ce3d030107')), tlv(0x03, Buffer.concat([Buffer.from([0]), point])));
  const subject = sequence(...[['550406', 0x13, country], ['55040a', 0x0c, organisation], ['550403', 0x0c, name]]
    .map(([type, tag, value]) => tlv(0x31, sequence(oid(type), tlv(tag, Buffer.from(value, 'utf8'))))));
  const info = sequence(tlv(0x02, Buffer.from([0])), subject, spki, tlv(0xa0, Buffer.alloc(0)));

  const digest = createHash('sha256').update(info).digest();
  const answer = az('keyvault', 'key', 'sign', '--vault-name', vault, '--name', 'letter-signer', '--algorithm', 'ES256', '--digest', digest.toString('base64'));
  const raw = Buffer.from(answer.signature ?? answer.result, 'base64');
  if (raw.length !== 64) throw new Error(`the vault's signature has ${raw.length} bytes, not 64`);
  const signature = sequence(integer(raw.subarray(0, 32)), integer(raw.subarray(32)));

  // Nobody should carry a request to an authority that the key did not sign.
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  if (!verify('sha256', info, key, signature)) throw new Error('the vault signed something else');
  const der = sequence(info, sequence(oid('2a8648ce3d040302')), tlv(0x03, Buffer.concat([Buffer.from([0]), signature])));
  return `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64').match(/.{1,64}/g).join('\n')}\n-----END CERTIFICATE REQUEST-----`;
}

function publicKey(vault, name, curve) {
  const { key } = az('keyvault', 'key', 'show', '--vault-name', vault, '--name', name);
  if (key.crv !== curve) throw new Error(`${name} is on ${key.crv}, not ${curve}`);
  return { x: coordinate(key.x), y: coordinate(key.y) };
}

// The CLI writes base64; the REST API base64url. A coordinate that begins with zeros may come shorter.
function coordinate(text) {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length > 32) throw new Error('a coordinate is longer than the curve');
  return Buffer.concat([Buffer.alloc(32 - bytes.length), bytes]);
}

function az(...command) { return JSON.parse(execFileSync('az', [...command, '--output', 'json'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })); }

function tlv(tag, value) {
  const size = value.length;
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), value]);
}

function sequence(...items) { return tlv(0x30, Buffer.concat(items)); }
function oid(hex) { return tlv(0x06, Buffer.from(hex, 'hex')); }

function integer(bytes) {
  let at = 0;
  while (at < bytes.length - 1 && bytes[at] === 0) at++;
  const trimmed = bytes.subarray(at);
  return tlv(0x02, trimmed[0] & 0x80 ? Buffer.concat([Buffer.from([0]), trimmed]) : trimmed);
}
