// A party's part in a draw's randomness: a secret that is in a file of his before anything of it is sent, sealed on chain and told there later. Signed by
// a wallet of the browser (EIP-1193), or here with the key of a keystore file and sent by the node that he named.
import { BrowserProvider, Contract, Interface, JsonRpcProvider, Network, Wallet } from 'ethers';
import { abi, deployedBytecode } from '../../../Core/Chain/contracts/DrawRegistry.json';
import { element, facts, hex, notice, t } from './dom.mjs';
import { commitmentOf, hexOf } from './draw.mjs';

/** The contract's state in which it takes commits and reveals. */
const published = 1n;
/** Milliseconds to wait for a block that has the transaction. */
const patience = 600_000;
/** Bytes of a file that holds a secret, or a key. */
const mostBytes = 64 * 1024;

const form = document.getElementById('party');
const { act, draw, registry, chain, node } = form.dataset, drawId = `0x${draw}`;
const [sending, result, send] = ['sending', 'result', 'send'].map(id => document.getElementById(id));

const contractFaults = new Interface(abi);

/** What keeps it from being done, in words. */
class Stopped extends Error {}
const stop = words => { throw new Stopped(t(words)); };

const REFUSALS = {
  WrongState: ['这场摇号已不接受承诺和公开，或还没有上链。', 'The draw takes neither commits nor reveals any more, or is not published.'],
  TooEarly: ['承诺截止的区块还没有过，还不能公开。', 'Reveals are taken only after the commit deadline’s block.'],
  TooLate: ['截止的区块已经过了。', 'The deadline is over.'],
  NoPlace: ['位置已经占满，或留给了别人。', 'All places are taken or kept.'],
  CommittedAlready: ['这个账户已经承诺过。', 'This account has committed already.'],
  RevealedAlready: ['这个账户已经公开过。', 'This account has revealed already.'],
  NotAParty: ['这个账户没有承诺过。', 'This account has not committed.'],
  NoMatch: ['这不是这个账户封存的秘密数。', 'This is not the secret that the account has sealed.'],
};

function say(...parts) {
  sending.hidden = true;
  result.replaceChildren(...parts);
}

function tell(words) {
  sending.textContent = t(words);
  sending.hidden = false;
}

async function textOf(id) {
  const file = document.getElementById(id).files[0];
  if (file.size > mostBytes) stop(['文件太大，不会是它。', 'The file is too large to be that.']);
  return file.text();
}

async function secretOf() {
  const secret = (await textOf('secret')).replace(/[\r\n]+$/, '');
  return /^[0-9a-f]{64}$/.test(secret) ? secret : stop(['文件里不是秘密数：应为 64 位小写十六进制。', 'The file holds no secret: that is 64 lower-case hexadecimal digits.']);
}

/** Who signs, in front of the chain that the draw is on. */
async function signerOf() {
  if (!node) {
    if (!globalThis.ethereum) stop(['这个浏览器里没有钱包。', 'There is no wallet in this browser.']);
    const provider = new BrowserProvider(globalThis.ethereum, 'any');
    await provider.send('eth_requestAccounts', []);
    return provider.getSigner();
  }
  const provider = new JsonRpcProvider(node, undefined, { staticNetwork: Network.from(Number(chain)), batchMaxCount: 1 });
  tell(['正在打开密钥文件，可能要十几秒……', 'Opening the keystore; this may take some seconds…']);
  try {
    return (await Wallet.fromEncryptedJson(await textOf('keystore'), document.getElementById('password').value)).connect(provider);
  } catch (error) {
    if (error instanceof Stopped) throw error;
    return stop(['口令不对，或者不是第 3 版的密钥文件。', 'The password is wrong, or this is no keystore of version 3.']);
  }
}

/** The draw's registry, and nothing else in its place: another contract could take a commitment and do what it likes. */
async function contractOf(signer) {
  tell(['正在询问节点……', 'Asking the node…']);
  const [there, code] = await Promise.all([signer.provider.send('eth_chainId', []), signer.provider.getCode(registry)]);
  if (BigInt(there) !== BigInt(chain)) stop([`节点或钱包在另一条链上（${BigInt(there)}）。`, `The node or wallet is on another chain (${BigInt(there)}).`]);
  if (code !== deployedBytecode) stop(['那个地址上不是摇号的登记合约。', 'What stands at that address is not the draw registry.']);
  return new Contract(registry, abi, signer);
}

async function take() {
  const secret = await secretOf(), signer = await signerOf(), contract = await contractOf(signer);
  const party = (await signer.getAddress()).toLowerCase(), commitment = `0x${commitmentOf(draw, { party, secret })}`;
  const [seen, parties] = await Promise.all([contract.drawOf(drawId), contract.partiesOf(drawId)]);
  if (seen.state !== published) stop(REFUSALS.WrongState);
  const mine = parties.find(one => one.account.toLowerCase() === party);
  if (act === 'commit' && mine) stop(REFUSALS.CommittedAlready);
  if (act === 'reveal' && (!mine || mine.revealed || mine.commitment !== commitment)) {
    stop(!mine ? REFUSALS.NotAParty : mine.revealed ? REFUSALS.RevealedAlready : REFUSALS.NoMatch);
  }

  const call = contract[act], data = [drawId, act === 'commit' ? commitment : `0x${secret}`];
  // Half as much again: a party more before this one changes what the call costs.
  const gasLimit = (await call.estimateGas(...data)) * 3n / 2n;
  tell(['请在钱包里确认（如有提示），等待进入区块……', 'Confirm it in the wallet if it asks; waiting for a block…']);
  const receipt = await (await call(...data, { gasLimit })).wait(1, patience);
  return [notice('ok', t(act === 'commit' ? ['已封存。', 'Sealed.'] : ['已公开。', 'Told.']),
    act === 'commit' ? t([`请保管好文件：区块 ${seen.commitDeadline} 之后、${seen.revealDeadline} 之前用它公开。`,
      `Keep the file: it is told with it after block ${seen.commitDeadline} and up to block ${seen.revealDeadline}.`])
      : t(['种子里会有它。', 'The seed will have it.'])),
  facts([[['区块', 'Block'], String(receipt.blockNumber)], [['账户', 'Account'], hex(party)], [['交易', 'Transaction'], hex(receipt.hash)]])];
}

/** The contract's own error, which a node passes on as bytes. */
function nameOf(error) {
  try {
    return contractFaults.parseError(error.data ?? error.info?.error?.data)?.name;
  } catch {
    return undefined;
  }
}

function refusal(error) {
  if (error instanceof Stopped) return error.message;
  const name = nameOf(error);
  if (REFUSALS[name]) return t(REFUSALS[name]);
  if (error.code === 'ACTION_REJECTED') return t(['钱包里没有确认。', 'It was not confirmed in the wallet.']);
  if (error.code === 'INSUFFICIENT_FUNDS') return t(['账户里的钱不够付手续费。', 'The account has not enough for the fee.']);
  if (error.code === 'TIMEOUT') return t(['已发出，但还没有进入区块；请稍后在摇号页面上查看。', 'It was sent and is in no block yet: look at the draw’s page later.']);
  return t(['节点或钱包没有接受，或没有应答（节点要允许浏览器询问）。', 'The node or wallet refused it or does not answer (a node has to let browsers ask).']);
}

form.addEventListener('submit', async event => {
  event.preventDefault();
  send.disabled = true;
  result.replaceChildren();
  try {
    say(...await take());
    result.dataset.outcome = 'done';
  } catch (error) {
    say(notice('bad', t(['没有完成。', 'Not done.']), refusal(error)));
    result.dataset.outcome = 'refused';
  }
  send.disabled = false;
});

document.getElementById('make')?.addEventListener('click', () => {
  // Only the file has it: what is sealed is read back from there.
  const address = URL.createObjectURL(new Blob([`${hexOf(crypto.getRandomValues(new Uint8Array(32)))}\n`], { type: 'text/plain' }));
  element('a', { href: address, download: `${draw}.secret` }).click();
  setTimeout(() => URL.revokeObjectURL(address), patience);
  say(notice('info', t(['已存为文件，请保管好。', 'Saved as a file: keep it.']), t(['现在在下面选它。', 'Now choose it below.'])));
});

// Wallets come by themselves, some a moment late.
const walletLess = document.getElementById('no-wallet');
if (walletLess) setTimeout(() => { walletLess.hidden = Boolean(globalThis.ethereum); }, 1000);
send.disabled = false;
