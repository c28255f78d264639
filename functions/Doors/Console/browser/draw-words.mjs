// What the draw's scripts say: [中文, English].

export const RUNGS = {
  files: ['文件', 'Files'], commitment: ['定稿', 'What was fixed'], list: ['公开名单', 'Public list'], reveals: ['承诺与秘密数', 'Commits and secrets'],
  beacon: ['信标', 'Beacon'], seed: ['随机种子', 'Seed'], rounds: ['各轮结果', 'Rounds'], winners: ['中签名单', 'Winners'], result: ['结果文件', 'Result'],
};

export const MARKS = { pass: ['通过', 'PASS'], fail: ['未通过', 'FAIL'], unknown: ['未核对', 'NOT CHECKED'] };

export const OUTCOMES = {
  verified: ['ok', ['重算一致', 'It all comes out the same'],
    ['从名单、秘密数和信标重新算出的结果，与公布的逐字节相同。', 'What follows from list, secrets and beacon is the published result, byte for byte.']],
  unjudged: ['ok', ['重算一致，但有一项没有核对', 'It comes out the same, but one thing was not checked'],
    ['重新算出的结果与公布的逐字节相同；下面标为“未核对”的一级说明了还差什么。',
      'The result that was computed again is the published one, byte for byte; the rung that was not checked says what is missing.']],
  failed: ['bad', ['重算不一致', 'It does not come out the same'],
    ['下面标为“未通过”的各级说明了哪里不符。公布的结果照现在的样子不能采信。', 'The rungs that failed say where. As it stands the published result should not be relied on.']],
  broken: ['unknown', ['没有算完，没有结论', 'It did not finish: there is no verdict'], ['', '']],
};

export const PASSED = {
  commitment: ['定稿文件的摘要与公布的、结果所依据的一致。', 'The file that was fixed has the published digest, and the result is of that very file.'],
  list: ['名单算出的树根、人数和权数与定稿一致：此后没有增删改动。', 'Root, number and weights of the list are those that were fixed: nothing was added, removed or changed.'],
  reveals: ['公开的每个秘密数都与当初封存的承诺相符。', 'Each secret opens what was sealed before.'],
  beacon: ['信标是约定的那一轮，签名有效。', 'The beacon is the round that was fixed, and its signature is valid.'],
  seed: ['种子确由定稿、秘密数和信标合成。', 'The seed follows from what was fixed, the secrets and the beacon.'],
  rounds: ['每一轮的人数和末位号码都一致。', 'Counts and last numbers of each round are the same.'],
  winners: ['重新算出的中签名单与公布的逐字节相同。', 'The table of winners is the published one, byte for byte.'],
  result: ['结果文件与公布的摘要一致。', 'The result’s file has the published digest.'],
};

export const REASONS = {
  'file-malformed': ['文件不合规定，读不懂。', 'The file is not what the format demands.'],
  'file-missing': ['文件下载不了。', 'The file could not be had.'],
  'draw-other': ['这是另一场摇号的定稿。', 'What was fixed is of another draw.'],
  'commitment-differs': ['定稿的摘要与公布的或结果所依据的不同。', 'The digest of what was fixed is not the published one, or the result is of another.'],
  'list-differs': ['名单与定稿不符：有人被增加、删去或改动。', 'The list is not the one that was fixed: somebody was added, removed or changed.'],
  'list-large': ['名单太大，浏览器里算不了；请用命令行工具 notary draw verify。', 'The list is too large for a browser: use the command notary draw verify.'],
  'reveal-wrong': ['有秘密数与当初封存的承诺不符。', 'A secret does not open what was sealed.'],
  'beacon-unchecked': ['公开的文件里没有信标的签名。在下面填一个 drand 节点，就能核对。', 'The public files have no signature of the beacon. Name a drand node below to check it.'],
  'beacon-block': ['信标是链上一个区块的哈希，只有链的节点能说是否如此。', 'The beacon is a block’s hash: only a node of the chain can say so.'],
  'beacon-key': ['这条 drand 链的公钥不在此处。在下面填一个它的节点，就能核对。', 'The key of this drand chain is not known here. Name one of its nodes below to check it.'],
  'beacon-unreachable': ['所填的 drand 节点没有应答，或不接受浏览器的询问（CORS）。', 'The drand node does not answer, or takes no questions from browsers (CORS).'],
  'beacon-chain': ['所填的节点属于另一条 drand 链。', 'The node that was named is of another drand chain.'],
  'beacon-value': ['信标不是约定那一轮的随机数。', 'The beacon is not what that round gave.'],
  'beacon-signature': ['信标的签名无效。', 'The beacon’s signature is not valid.'],
  'seed-differs': ['种子不是由这些秘密数和信标合成的。', 'The seed does not follow from these secrets and this beacon.'],
  'rounds-differ': ['各轮的人数或末位号码不同。', 'Counts or last numbers of a round are others.'],
  'winners-differ': ['重新算出的中签名单与公布的不同。', 'The winners are others than the published ones.'],
  'result-differs': ['结果文件与公布的摘要不符，或属于另一场摇号。', 'The result’s file has another digest than the published one, or is of another draw.'],
};

export const FATES = {
  won: ['ok', ['中签', 'won']], reserve: ['unknown', ['候补', 'reserve']], lost: ['', ['未中签', 'not drawn']],
  'other-group': ['', ['未参加：这一轮不含所在的组', 'no part: not your group’s round']], 'won-before': ['', ['未参加：已在前面中签', 'no part: won before']],
};

/** Why it ended so, in a sentence. */
export const WHY = {
  won: ['号码不大于末位中签号码。', 'The number is not greater than the last that won.'],
  reserve: ['号码大于末位中签号码，不大于末位候补号码。', 'The number is greater than the last that won, and not greater than the last in reserve.'],
  lost: ['号码大于末位号码。', 'The number is greater than the last one.'],
};

/** Tampering that a candidate can see by himself. */
export const FLAWS = {
  commitment: ['定稿文件的摘要与公布的不同', 'what was fixed has another digest than the published one'],
  result: ['结果文件的摘要与公布的不同', 'the result’s file has another digest than the published one'],
  draw: ['结果不是这场摇号的', 'the result is of another draw or another list'],
  seed: ['种子不是由各方的秘密数和信标合成的', 'the seed does not follow from secrets and beacon'],
  reveals: ['有秘密数与封存的承诺不符', 'a secret does not open what was sealed'],
  list: ['按所给的路径，您不在定稿的名单里', 'by the path that was given you are not in the list that was fixed'],
  handle: ['所给的是另一个人的行', 'the line that was given is not yours'],
  table: ['中签名单与结果所载的摘要不同', 'the table of winners has another digest than the result says'],
  place: ['中签名单上没有您应得的名次，或者多给了您一个', 'the table of winners lacks a place that is yours, or has one that is not'],
};
