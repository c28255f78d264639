// What verdicts mean, in words that a lawyer reads: [中文, English] by code, or by rung and code where a code means something else there.

export const RUNGS = {
  bytes: ['文件完整', 'Bytes'], manifest: ['存证清单', 'Manifest'], item: ['批量中的一项', 'Item of the batch'],
  inclusion: ['列入日志', 'Inclusion in the log'], checkpoint: ['日志签名', 'Log signature'],
  time: ['可信时间', 'Trusted time'], chain: ['上链', 'Chain'], letter: ['存证函', 'Letter'], status: ['先后与信任', 'Order and trust'],
};

export const MARKS = { pass: ['通过', 'PASS'], fail: ['未通过', 'FAIL'], warn: ['注意', 'NOTE'], unknown: ['无法判断', 'UNKNOWN'] };

export const OUTCOMES = {
  verified: ['核对通过', 'Verified'], failed: ['核对未通过', 'Failed'], unjudged: ['没有不合之处，但有的内容无法判断', 'Nothing is wrong, but not all could be judged'],
};

/** What an outcome comes to; `first` is the earliest trusted time. */
export const MEANS = {
  verified: (first) => [`清单所列的数据至迟在 ${first} 已经存在，此后没有改动。谁写的、所说是否属实，不在证明之列。`,
    `What the manifest lists existed no later than ${first} and has not changed since. Who wrote it, and whether it is true, is not proved.`],
  failed: () => ['下面标为“未通过”的各级说明了原因。这份证据照现在的样子不能采信。', 'The rungs below that failed say why. As it stands this evidence should not be relied on.'],
  unjudged: () => ['下面标为“无法判断”的各级说明了还缺什么。', 'The rungs below that are unknown say what is missing.'],
};

/** What stands before all else when the evidence says of itself that it is a test. */
export const TEST = {
  title: ['测试存证，不是真的', 'A test deposit, not a real one'],
  text: ['由测试账户存入，只为试用平台。下面核对的结论对任何真实的事都不作证明。',
    'Made by a sandbox tenant to try the platform. Whatever is verified below proves nothing about anything real.'],
};

const FILES = {
  bundle: ['证据包', 'Bundle'], 'manifest.json': ['存证清单', 'Manifest'], 'item.json': ['批量中的一项', 'Item of the batch'],
  'item.proof': ['该项的路径', 'Path of the item'], 'inclusion.tlog-proof': ['列入证明', 'Inclusion proof'], checkpoint: ['检查点', 'Checkpoint'],
  'anchor.json': ['上链记录', 'Anchor'], 'letter.pdf': ['存证函', 'Letter'], 'trust.json': ['信任文件', 'Trust file'], 'VERIFY.txt': ['核对脚本', 'VERIFY.txt'],
  order: ['先后', 'Order'], authorities: ['时间戳机构', 'Authorities'], tokens: ['时间戳', 'Tokens'],
};
const OVER = { checkpoint: ['检查点', 'the checkpoint'], manifest: ['清单', 'the manifest'] };

/** What a verdict is about, in words; a file without any by its name. */
export function subject(name) {
  const token = /^tokens\/(checkpoint|manifest)-(.+)\.tsr$/.exec(name), list = /^list (\d+)$/.exec(name);
  if (token) return [`${token[2]} 对${OVER[token[1]][0]}的时间戳`, `Token of ${token[2]} over ${OVER[token[1]][1]}`];
  return list ? [`第 ${Number(list[1]) + 1} 份吊销列表`, `Revocation list ${Number(list[1]) + 1}`] : Object.hasOwn(FILES, name) ? FILES[name] : [name, name];
}

export const over = (what) => OVER[what] ?? [what, what];

const PASSED = {
  chain: ['所在的区块在链上，合约的记录与检查点的树根一致。', 'Its block is on the chain, and the contract’s record in it is of the checkpoint’s root.'],
  'chain/manifest.json': ['清单所称见过的区块在链上，所以清单不早于它。', 'The block that the manifest claims to have seen is on the chain: the manifest is no older.'],
  bytes: ['证据包及其中各文件完整，与其自带的摘要一致。', 'The bundle and its members are whole and have the digests that it states.'],
  manifest: ['清单的写法合乎规定。', 'The manifest is what the format demands.'],
  item: ['这一项确在清单所载的批量之中，由路径可以算到批量的树根。', 'The item is in the batch: its path leads to the root that the manifest states.'],
  inclusion: ['清单的摘要确在日志之中，由证明可以算到检查点的树根。', 'The manifest is in the log: the proof leads from it to the checkpoint’s root.'],
  checkpoint: ['检查点由日志的密钥签署。', 'The checkpoint was signed with the log’s key.'],
  time: ['时间戳有效，由所信任的机构签署。', 'The time-stamp is valid and of a trusted authority.'],
  letter: ['存证函由本处的签名人签署，未经改动，所载与证据一致。', 'The letter was signed by the office’s signer, is unchanged, and agrees with the evidence.'],
  'status/order': ['各项时间先后相合。', 'All times are in order.'],
  'status/trust.json': ['以读者选定的信任文件判断。', 'Judged by the trust file that the reader chose.'],
};

const REASONS = {
  'not-a-bundle': ['这个文件不是证据包，或者损坏严重。', 'This file is no evidence bundle, or it is badly damaged.'],
  'container-changed': ['压缩包的排列与平台所写的不同：它被改动过。', 'The zip is not laid out as the platform writes it: it was changed.'],
  'member-missing': ['缺少这个文件。', 'This member is missing.'],
  'member-unknown': ['证据包里不该有这个文件。', 'A bundle has no such member.'],
  'member-repeated': ['这个文件出现了不止一次。', 'This member is there more than once.'],
  'member-too-large': ['这个文件大得不合规定。', 'This member is larger than it may be.'],
  'member-damaged': ['这个文件已损坏。', 'This member is damaged.'],
  'digest-differs': ['这个文件与证据包自带的摘要不符：两者之一被改动过。', 'This member is not what the bundle’s own list says: one of the two was changed.'],
  'recipe-differs': ['核对脚本与各文件不相配：其中有的被改动过。', 'VERIFY.txt is not the recipe of these members: it or one of them was changed.'],
  'recipe-version': ['核对脚本的版本不明，请换用较新的核对程序。', 'The recipe’s version is not known here: get a newer verifier.'],
  'recipe-unjudged': ['清单读不懂，核对脚本无法比对。', 'The recipe cannot be compared, because the manifest cannot be read.'],
  'trust-malformed': ['包内的信任文件不合规定。', 'The bundle’s trust file is malformed.'],
  'pem-differs': ['这个证书文件与信任文件所载不同。', 'This file is not what the trust file says.'],
  'pem-unjudged': ['没有可读的信任文件，无从比对。', 'There is no trust file that could be read to compare this with.'],
  'original-differs': ['这份原件不是当初存证的那份。', 'This original is not what was deposited.'],
  'test-deposit': ['这是测试账户的测试存证，不证明任何真实的事。', 'A test deposit of a sandbox tenant: it proves nothing about anything real.'],
  'manifest-malformed': ['清单缺失，或不合规定。', 'The manifest is missing or malformed.'],
  'item-malformed': ['批量中的这一项缺失，或不合规定。', 'The item of the batch is missing or malformed.'],
  'item-proof-malformed': ['这一项的路径缺失，或不合规定。', 'The path of the item is missing or malformed.'],
  'item-of-no-batch': ['清单不是批量存证的清单，这一项不属于它。', 'The manifest is of no batch, so the item belongs to nothing.'],
  'item-not-included': ['由路径算不到清单所载的树根：这一项不在这个批量里。', 'The path does not lead to the root that the manifest states: this item is not in that batch.'],
  'proof-malformed': ['列入证明缺失，或不合规定。', 'The inclusion proof is missing or malformed.'],
  'proof-extra': ['列入证明里有多余的、无人担保的内容。', 'The proof carries extra data that nothing authenticates.'],
  'proof-checkpoint': ['列入证明所指的是另一个检查点。', 'The proof is for another checkpoint.'],
  'not-included': ['由证明算不到检查点的树根：这份清单不在日志里。', 'The proof does not lead to the checkpoint’s root: this manifest is not in the log.'],
  'checkpoint/signature': ['检查点不是由日志的密钥签署的。', 'The checkpoint was not signed with the log’s key.'],
  'checkpoint-malformed': ['检查点缺失，或不合规定。', 'The checkpoint is missing or malformed.'],
  origin: ['这是另一个日志的检查点。', 'This is another log’s checkpoint.'],
  extension: ['检查点里有规定之外的内容。', 'The checkpoint has lines that it may not have.'],
  'too-large': ['时间戳大得不合规定。', 'The token is larger than it may be.'],
  malformed: ['时间戳不合规定的编码。', 'The token is not well-formed.'],
  version: ['时间戳的版本号不对。', 'A version number of the token is wrong.'],
  status: ['时间戳机构没有同意签发。', 'The authority did not grant the token.'],
  'token-missing': ['缺少这家机构的时间戳。', 'This authority’s token is missing.'],
  'content-type': ['内容不是时间戳。', 'This is no time-stamp.'],
  'signer-count': ['时间戳须恰有一个签名人。', 'A token has exactly one signer.'],
  'imprint-algorithm': ['时间戳所用的摘要算法不是 SHA-256。', 'The imprint is not SHA-256.'],
  imprint: ['这个时间戳是为别的数据签发的。', 'This token is over other data.'],
  policy: ['时间戳依据的不是所约定的策略。', 'The token states another policy than the trusted one.'],
  'nonce-missing': ['时间戳没有重复所送的随机数。', 'The token does not repeat the nonce.'],
  nonce: ['时间戳重复的是另一个随机数。', 'The token repeats another nonce.'],
  'gen-time': ['时间戳上的时间写法不对，或者没有。', 'The token’s time is missing or malformed.'],
  'critical-extension': ['时间戳含有不可忽略的未知内容。', 'The token has a critical extension.'],
  attributes: ['签名属性缺失或重复。', 'Signed attributes are missing or repeated.'],
  'message-digest': ['签名所指的内容不是这个时间戳的内容。', 'The signed digest is not that of the token’s content.'],
  'ess-missing': ['没有写明由哪张证书签署。', 'Nothing says which certificate signed.'],
  'ess-mismatch': ['写明的是另一张证书。', 'Another certificate is named as the signer’s.'],
  'certificate-missing': ['签名人的证书不在时间戳里。', 'The signer’s certificate is not in the token.'],
  'key-usage': ['这张证书不是只为签发时间戳的。', 'The certificate is not for time-stamping alone.'],
  'tsa-name': ['时间戳上的名称不是签名人的。', 'The name in the token is not its signer’s.'],
  algorithm: ['所用的算法不在允许之列。', 'An algorithm is not among those allowed.'],
  signature: ['签名不对：内容或签名被改动过。', 'The signature is wrong: content or signature was changed.'],
  untrusted: ['证书追溯不到所信任的根。', 'The certificate does not lead to a trusted root.'],
  revoked: ['签名人的证书（或其上级）在此之前已被吊销。', 'The signer’s certificate, or one above it, was revoked before.'],
  expired: ['当时证书不在有效期内。', 'A certificate was not valid at that time.'],
  'authority-unknown': ['信任文件里没有这家机构。', 'The trust file does not know this authority.'],
  'authority-single': ['所信任的机构不足两家。', 'Fewer than two authorities are trusted.'],
  'authority-shared': ['两家机构出自同一把根密钥，不算各自独立。', 'Two authorities share a root’s key and are not independent.'],
  'list-unused': ['这份吊销列表与证据中的证书都无关。', 'This revocation list is about none of the certificates in the evidence.'],
  offline: ['与区块的记载自相一致；此区块是否在链上，只有链的节点能说，这次没有询问节点。',
    'It agrees with its block. Whether that block is on the chain only a node can say, and none was asked.'],
  'anchor-malformed': ['上链记录缺失，或不合规定。', 'The anchor is missing or malformed.'],
  checkpoint: ['检查点未经日志签署，上链记录无所附着。', 'The log signed no checkpoint that the anchor could be about.'],
  'anchor-wrong-chain': ['记在另一条链或另一个合约上。', 'It is on another chain or contract.'],
  'anchor-wrong-root': ['上链的是另一个树根。', 'Another root was anchored.'],
  'anchor-block': ['区块头与所称的区块不符。', 'The header is not that of the block named.'],
  'anchor-receipt': ['区块里没有这份回执，或者交易失败。', 'The receipt is not in the block, or the transaction failed.'],
  'anchor-event': ['回执里没有合约对这个树根的记录。', 'The contract’s event for this root is not in the receipt.'],
  'anchor-signature': ['交易的签名不对。', 'The transaction’s signature is wrong.'],
  'anchor-transaction': ['交易不是所称的那一笔，或不在区块里。', 'The transaction is not the one named, or not in the block.'],
  'anchor-sender': ['上链者不在所信任的账户之列。', 'The sender is none of the trusted ones.'],
  'anchor-not-canonical': ['这个区块不在链上。', 'The block is not on the chain.'],
  'anchor-too-new': ['确认数还不够。', 'There are too few confirmations yet.'],
  'anchor-contract': ['所信任的地址上没有合约。', 'There is no contract at the trusted address.'],
  'chain-unreachable': ['所填的节点没有应答，或不接受浏览器的询问（CORS）。', 'The node named does not answer, or takes no questions from browsers (CORS).'],
  'not-before': ['清单所称见过的区块晚于上链的区块，或不在这条链上。', 'The block that the manifest claims to have seen is later than the anchor’s, or not on the chain.'],
  'letter/member-missing': ['证据包里没有存证函。', 'There is no letter in the bundle.'],
  'letter/malformed': ['这不是本处格式的存证函，或者签署之后被改动过。', 'This is no letter of the office’s form, or it was changed after it was signed.'],
  unsigned: ['存证函没有签名。', 'The letter is not signed.'],
  digest: ['存证函的内容在签署之后被改动过。', 'The letter was changed after it was signed.'],
  certificate: ['签名人的证书不符：缺失、不是所称的那张，或不可用于签署。', 'The signer’s certificate is missing, another than named, or not one for signing.'],
  'time-stamp': ['签名上的时间戳无效。', 'The time-stamp over the signature is not valid.'],
  'signer-unknown': ['签名人不是本处的签名人。', 'The signer is not the office’s.'],
  'letter/signature': ['存证函的签名不对。', 'The letter’s signature is wrong.'],
  'letter-pages': ['页面上写的与函内所附的事实不同。', 'The pages show other facts than the letter carries.'],
  archive: ['存证函的存档时间戳无效。', 'The letter’s archive time-stamp is not valid.'],
  'letter-facts': ['存证函是真的，但说的是别的证据，或证据本身不成立。', 'The letter is genuine but about other facts, or the evidence itself does not hold.'],
  'letter-archive': ['存证函的存档里有与此证据无关的内容。', 'The letter’s archive has what nobody in this evidence needs.'],
  'letter-alone': ['存证函本身是真的；所载的事实要与证据包对照，请把证据包拖进来。', 'The letter itself is genuine. What it says has to be compared with the bundle: drop the bundle.'],
  order: ['时间先后不合：某事早于它的前提，或晚于现在。', 'Times are out of order: something is earlier than what it follows, or later than now.'],
  'order-unjudged': ['已知的时间没有不合之处，但并非全部已知。', 'No known time is out of order, but not all are known.'],
  'own-trust': ['只以证据包自带的信任文件判断：它不能为自己作证。', 'Judged by the bundle’s own trust file alone: it cannot vouch for itself.'],
  'trust-unreadable': ['没有可用的信任文件。', 'There is no trust file to judge by.'],
};

export const CODES = Object.keys(REASONS);

/** The sentence for a verdict. */
export function reason({ rung, subject: about, mark, code }) {
  if (mark === 'pass') return PASSED[`${rung}/${about}`] ?? PASSED[rung];
  return REASONS[`${rung}/${code}`] ?? REASONS[code] ?? [code, code];
}
