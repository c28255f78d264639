// Four organisations from nothing, by ethers and node's own P-256, against the committed artifacts on a real node; prints what an outsider
// then reads. node consortium.mjs RPC-URL
import assert from 'node:assert';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const { ethers } = createRequire(join(root, 'scripts', 'package.json'))('ethers');
const provider = new ethers.JsonRpcProvider(process.argv[2], undefined, { cacheTimeout: -1, pollingInterval: 100 });
const { chainId } = await provider.getNetwork();
const artifact = (name) => JSON.parse(readFileSync(join(root, 'functions', 'Core', 'Chain', 'contracts', `${name}.json`), 'utf8'));
const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts.map((part) => Buffer.from(part)))).digest();
const N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551n;
const [PRODUCTION, SERVICE, OBSERVER] = [1, 2, 4];
const day = 86400;
const day0 = BigInt((await provider.getBlock('latest')).timestamp);
const [from, until, deadline] = [day0, day0 + 730n * BigInt(day), day0 + 7n * BigInt(day)];
const ROOT = ethers.id('a root certificate');

async function account() {
  const wallet = ethers.Wallet.createRandom().connect(provider);
  await provider.send('anvil_setBalance', [wallet.address, ethers.toQuantity(ethers.parseEther('10'))]);
  return new ethers.NonceManager(wallet);
}

async function organisation(name, nodes) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = publicKey.export({ format: 'jwk' });
  const point = { x: Buffer.from(x, 'base64url'), y: Buffer.from(y, 'base64url') };
  return { name, nodes, privateKey, ...point, certificate: sha256(name, ' certificate'), account: await account() };
}

const word = (value) => Buffer.from(ethers.toBeArray(ethers.toBigInt(value) | (1n << 256n)).slice(1));
const eight = (value) => word(value).subarray(24);

// The proof as docs/consortium.md has it; node signs SHA-256 of the message, as openssl dgst -sha256 -sign does.
function prove(who, contract, key) {
  const message = Buffer.concat([Buffer.from('notary-consortium/1 key\0'), word(chainId), Buffer.from(ethers.getBytes(contract)), who.certificate,
    Buffer.from(ethers.getBytes(key)), eight(from), eight(until), sha256(who.name)]);
  const signature = sign('sha256', message, { key: who.privateKey, dsaEncoding: 'ieee-p1363' });
  const s = ethers.toBigInt(signature.subarray(32));
  return { r: signature.subarray(0, 32), s: word(s > N / 2n ? N - s : s) };
}

const address = (who) => who.account.signer.address;
const candidate = (who) => ({ ...who, root: ROOT, key: address(who), from, until });

async function deploy(name, by, ...values) {
  const { abi, bytecode } = artifact(name);
  const contract = await new ethers.ContractFactory(abi, bytecode, by).deploy(...values);
  await contract.waitForDeployment();
  return contract;
}

async function refused(contract, error, by, call, ...values) {
  await assert.rejects(contract.connect(by)[call].staticCall(...values), (fault) => fault.revert?.name === error, `${call} is not refused as ${error}`);
}

const gas = {};
async function done(name, sent) {
  const receipt = await (await sent).wait();
  gas[name] = Number(receipt.gasUsed);
  return receipt;
}

// Founding: the contract's address is known before it is there.
const [office, bank, court, university, guild] = [await organisation('公证处 Notary office', PRODUCTION | SERVICE),
  await organisation('Bank', PRODUCTION | SERVICE), await organisation('Court', PRODUCTION | SERVICE),
  await organisation('University', PRODUCTION), await organisation('Guild', PRODUCTION | SERVICE)];
const founders = [office, bank, court, university];
const deployer = await account();
const future = ethers.getCreateAddress({ from: deployer.signer.address, nonce: 0 });
const consortium = await deploy('Consortium', deployer, founders.map(candidate), founders.map((who) => prove(who, future, address(who))), [ROOT],
  { numerator: 1, denominator: 2 });
assert.equal(await consortium.getAddress(), future);
gas.founding = Number((await consortium.deploymentTransaction().wait()).gasUsed);

async function propose(by, call, ...values) {
  const receipt = await done(call, consortium.connect(by.account)[call](...values, deadline));
  return receipt.logs.map((log) => consortium.interface.parseLog(log)).find((log) => log.name === 'Proposed').args.id;
}

async function decide(id, ...voters) {
  for (const who of voters) {
    await refused(consortium, 'NotEnoughVotes', deployer, 'execute', id);
    await done('vote', consortium.connect(who.account).vote(id, true));
  }

  await done('execute', consortium.connect(deployer).execute(id));
}

// A fifth is admitted, one is removed, the threshold raised, a key rotated.
const proof = prove(guild, future, address(guild));
await refused(consortium, 'BadProof', office.account, 'proposeAdmission', candidate(guild), prove(bank, future, address(guild)), deadline);
await decide(await propose(office, 'proposeAdmission', candidate(guild), proof), office, bank, court);
await refused(consortium, 'KeyTaken', office.account, 'proposeAdmission', { ...candidate(guild), certificate: ethers.id('another') }, proof, deadline);
const removal = await propose(office, 'proposeRemoval', 4, 'left the consortium');
await refused(consortium, 'OwnCase', university.account, 'vote', removal, false);
await decide(removal, office, guild, court);
await decide(await propose(bank, 'proposeThreshold', { numerator: 2, denominator: 3 }), bank, court, office);
const fresh = await account();
const former = bank.account;
const rotation = await propose(bank, 'proposeKey', 2, fresh.signer.address, from, until, address(bank), prove(bank, future, fresh.signer.address));
await decide(rotation, office, court);
bank.account = fresh;
await refused(consortium, 'KeyNotValid', former, 'proposeRoot', ethers.id('x'), true, deadline);

// The log goes over from the earlier contract.
const earlier = await deploy('EvidenceAnchor', deployer, deployer.signer.address, [address(office)]);
await done('former', earlier.connect(office.account).anchor(10, ethers.id('ten')));
const anchors = await deploy('ConsortiumAnchor', deployer, future, await earlier.getAddress());
await refused(anchors, 'NotOpen', office.account, 'anchor', 20, ethers.id('twenty'));
await done('former', earlier.connect(office.account).anchor(15, ethers.id('fifteen')));
await done('changeAdmin', earlier.connect(deployer).changeAdmin(await anchors.getAddress()));
const granted = (await earlier.queryFilter(earlier.filters.Granted())).map((event) => event.args.member);
await done('takeOver', anchors.connect(deployer).takeOver(granted));
await refused(earlier, 'NotPermitted', office.account, 'anchor', 20, ethers.id('twenty'));
await refused(anchors, 'NotPermitted', university.account, 'anchor', 20, ethers.id('twenty'));
await refused(anchors, 'NotPermitted', former, 'anchor', 20, ethers.id('twenty'));
await refused(anchors, 'Stale', office.account, 'anchor', 12, ethers.id('twelve'));
await done('anchor', anchors.connect(office.account).anchor(20, ethers.id('twenty')));
const receipt = await done('anchor', anchors.connect(fresh).anchor(30, ethers.id('thirty')));

// An outsider counts the votes from events alone.
const votes = {};
for (const { args } of await consortium.queryFilter(consortium.filters.Voted())) (votes[args.id] ??= new Set()).add(args.member);
const executed = await consortium.queryFilter(consortium.filters.Executed());
const counted = executed.map(({ args }) => ({ id: args.id, by: votes[args.id].size, votes: args.votes, needed: args.needed }));
const statuses = [];
for (let number = 1; number <= await consortium.memberCount(); number++) statuses.push(Number((await consortium.memberOf(number)).status));

console.log(JSON.stringify({
  statuses, counted, gas, voters: await consortium.voters(), threshold: [...await consortium.threshold()],
  roots: Object.fromEntries(await Promise.all([10, 15, 20, 30, 25].map(async (size) => [size, await anchors.rootOf(size)]))),
  expected: { 10: ethers.id('ten'), 15: ethers.id('fifteen'), 20: ethers.id('twenty'), 30: ethers.id('thirty'), 25: ethers.ZeroHash },
  log: { address: await anchors.getAddress(), topics: receipt.logs[0].topics, data: receipt.logs[0].data }, sender: fresh.signer.address,
}, (_, value) => (typeof value === 'bigint' ? Number(value) : value)));
provider.destroy();
