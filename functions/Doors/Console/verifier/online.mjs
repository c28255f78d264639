// The chain rung with a node's help (docs/evidence-format.md, rung chain). The node is believed about which blocks are on the chain, and about nothing else.
import { outcomeOf } from './verify.mjs';

const SUBJECT = 'anchor.json';
const quantity = (n) => `0x${BigInt(n).toString(16)}`;
const number = (text) => { if (!/^0x[0-9a-f]{1,16}$/i.test(text)) throw new Error('no number'); return BigInt(text); };

/** Whether a node could add anything: the anchor holds by itself, and nobody was asked. */
export const isOpen = ({ verdicts }) => verdicts.some((v) => v.rung === 'chain' && v.subject === SUBJECT && v.code === 'offline');

/**
 * The verdict on a bundle once a node was asked.
 * @param found what verify said, with an anchor that holds by itself
 * @param ask (method, parameters) to the answer; throws when there is none
 */
export async function askChain(found, ask) {
  const { anchor, manifest } = found, verdicts = found.verdicts.filter((v) => !(v.rung === 'chain' && v.subject === SUBJECT));
  const verdict = await judge(anchor, ask).catch(() => ({ mark: 'unknown', code: 'chain-unreachable' }));
  verdicts.push({ rung: 'chain', subject: SUBJECT, ...verdict });
  const head = manifest?.notBefore;
  if (head && !verdicts.some((v) => v.code === 'not-before')) {
    const hash = verdict.mark === 'pass' ? await hashOf(head.block, ask).catch(() => null) : null;
    verdicts.push({ rung: 'chain', subject: 'manifest.json',
      ...(hash === null ? { mark: 'unknown', code: 'not-before' }
        : hash === head.hash ? { mark: 'pass', code: 'ok' } : { mark: 'fail', code: 'not-before' }) });
  }
  return { ...found, outcome: outcomeOf(verdicts), verdicts };
}

async function judge(anchor, ask) {
  const fail = (code) => ({ mark: 'fail', code });
  if (number(await ask('eth_chainId', [])) !== BigInt(anchor.chainId)) return fail('anchor-wrong-chain');

  // The head first: a block that comes meanwhile can only make the depth look smaller than it is.
  const head = number(await ask('eth_blockNumber', []));
  if (await hashOf(anchor.block, ask) !== anchor.blockHash) return fail('anchor-not-canonical');
  if (head < BigInt(anchor.block)) return fail('anchor-too-new');
  if (await ask('eth_getCode', [anchor.contract, 'latest']) === '0x') return fail('anchor-contract');
  return { mark: 'pass', code: 'ok' };
}

async function hashOf(block, ask) {
  return (await ask('eth_getBlockByNumber', [quantity(block), false]))?.hash ?? null;
}
