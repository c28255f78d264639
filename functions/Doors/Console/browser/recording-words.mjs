// What the verdicts about a recording mean, in words that a lawyer reads: [中文, English] (docs/forensics-format.md §8).

export const RUNGS = {
  package: ['录制包', 'Package'], chain: ['封存链', 'Chain'], signatures: ['链的签名', 'Signatures'], segments: ['各段文件', 'Segments'],
  frames: ['逐帧', 'Frames'], continuity: ['连续', 'Continuity'], cleanliness: ['桌面清洁', 'Cleanliness'], heads: ['列入日志', 'Heads in the log'],
  times: ['可信时间', 'Trusted time'], files: ['下载和图片', 'Files and pictures'],
  captures: ['网页固化', 'Captured pages'], close: ['结尾', 'Its end'],
};

export const MEANS = {
  verified: () => ['这份录制与封存时完全一致，没有缺段而不声明，并由公开日志和两家时间戳机构定了时间。画面所示是否属实，不在证明之列。',
    'The recording is as it was sealed, lacks no time without saying so, and is dated by the public log and two authorities. '
      + 'Whether what it shows is true is not proved.'],
  failed: () => ['下面标为“未通过”的各级说明了原因和位置。这份录制照现在的样子不能采信。',
    'The rungs below that failed say why and where. As it stands this recording should not be relied on.'],
  unjudged: () => ['下面标为“无法判断”的各级说明了还缺什么。', 'The rungs below that are unknown say what is missing.'],
};

export const seconds = (micros) => String(Math.round(micros / 1000) / 1000);
const GAPS = { paused: ['录制被暂停', 'it was paused'], restarted: ['编码器重启', 'its encoder was restarted'], 'frames-dropped': ['丢帧', 'frames were dropped'],
  'clock-jump': ['时钟跳变', 'the clock jumped'] };
export const gapWord = (reason) => GAPS[reason] ?? [reason, reason];
const ENDS = { exit: ['正常结束', 'ended by its user'], idle: ['久无操作', 'left alone'], longest: ['到了最长时间', 'its longest time was over'], aborted: ['被中止', 'aborted'],
  broken: ['录制出错', 'its recorder broke'] };
export const endWord = (reason) => ENDS[reason] ?? [reason, reason];

const DIFFERENCES = {
  'not-in-dom': ['不在 DOM 中', 'not in the DOM'], nowhere: ['不知从何而来', 'from nowhere'], pieces: ['可能由脚本拼成', 'perhaps put together by a script'],
  typed: ['键入的', 'typed'], gone: ['已不在页面上', 'gone from the page'], 'not-in-second': ['另行取得的没有', 'not in the second fetch'],
  'only-in-second': ['只在另行取得的里有', 'only in the second fetch'], 'no-wire': ['没有收到的页面可比', 'no document from the wire'],
};
const views = (zh, en) => ({ address, texts, served, scripted, kinds }) => [
  `${address}：${zh}。文字 ${texts} 处，来自网页 ${served} 处，由脚本生成 ${scripted} 处${kinds.map((k) => `，${DIFFERENCES[k.kind][0]} ${k.count} 处`).join('')}。`,
  `${address}: ${en}. ${texts} texts, ${served} served, ${scripted} made by scripts${kinds.map((k) => `, ${k.count} ${DIFFERENCES[k.kind][1]}`).join('')}.`];

const PASSED = {
  'no-captures': () => ['没有固化网页。', 'No page was captured.'],
  'capture-agrees': views('所见、DOM、收到的数据和另行取得的一致', 'what is seen, the DOM, the wire and the second fetch agree'),
  'capture-differs': views('几种取得方式的内容不一致', 'the views of the page DIFFER'),
  'capture-unknown': views('没有不合之处，但有的内容无从比对', 'nothing contradicts, but not everything could be compared'),
  package: ({ count }) => [`包内 ${count} 个文件都有封存的依据。`, `Every one of ${count} files is spoken of.`],
  chain: ({ count }) => [`${count} 个环，环环相扣。`, `${count} links, each following from the one before.`],
  signatures: ({ count }) => [`${count} 个环都由本次录制的密钥签署。`, `The session’s key signed all ${count} links.`],
  segments: ({ count, bytes }) => [`${count} 段的视频、帧表和事件都与封存时一致，视频共 ${bytes} 字节。`,
    `Video, frames and events of all ${count} segments are as they were sealed; ${bytes} bytes of video.`],
  frames: ({ count }) => [`${count} 帧逐帧与帧表相符，每段都从关键帧开始。`, `Each of ${count} frames is the one in the list, and each segment begins with a key frame.`],
  continuity: () => ['没有哪一帧迟到而不声明；画面、单调时钟和日历时钟走得一致。', 'No frame is late without a gap that says so, and frames, clock and wall clock pass alike.'],
  gap: ({ length, from, reason }) => [`第 ${seconds(from)} 秒之后缺 ${seconds(length)} 秒（${gapWord(reason)[0]}），已如实封存。`,
    `A gap of ${seconds(length)} s after ${seconds(from)} s (${gapWord(reason)[1]}), sealed as one.`],
  jump: ({ length, from }) => [`第 ${seconds(from)} 秒之后日历时钟跳了 ${seconds(length)} 秒，已如实封存。`,
    `The wall clock jumped by ${seconds(length)} s after ${seconds(from)} s, sealed as a gap.`],
  clean: () => ['桌面经检查是干净的，而且在接通键盘鼠标之前就已封存。', 'The desktop was measured and clean, and that was sealed before the user’s input was connected.'],
  'clean-untouched': () => ['桌面经检查是干净的；没有接通过键盘鼠标。', 'The desktop was measured and clean; no user’s input was connected.'],
  heads: ({ count, last }) => [`链首 ${count} 次列入公开日志，最后一次是第 ${last} 环。`, `${count} heads of the chain are in the log, the last of them of link ${last}.`],
  times: ({ count }) => [`${count} 个链首都由两家机构加了时间戳，没有一个早于录制程序的时钟。`,
    `Two authorities dated each of ${count} heads, none earlier than the recorder’s clock says.`],
  files: ({ count }) => [`封存的 ${count} 个文件都与封存时一致。`, `${count} sealed files are as they were sealed.`],
  'no-files': () => ['没有封存下载、网页或图片。', 'No file, capture or picture was sealed.'],
  close: ({ reason, segments, frames, gaps }) => [`结尾（${endWord(reason)[0]}）所计的 ${segments} 段、${frames} 帧、${gaps} 处间断都相符。`,
    `It ends (${endWord(reason)[1]}) after ${segments} segments, ${frames} frames, ${gaps} gaps, as it counts them.`],
};

const DIFFERS = {
  list: ['帧表里没有这一帧。', 'This frame is not in the list.'], picture: ['这一帧的画面不是帧表里的那一幅。', 'This frame is another picture than the one in the list.'],
  time: ['这一帧的时间或序号与帧表不同。', 'The frame’s time or number is another than in the list.'],
};

const REASONS = {
  more: ({ count }) => [`这一级还有 ${count} 条，不再列出。`, `${count} judgements more of this rung are not listed.`],
  'member-unknown': () => ['没有哪个环提到这个文件。', 'No link speaks of this file.'],
  'member-odd': () => ['这个文件出现了不止一次。', 'This file is there twice.'],
  unsealed: ({ count }) => (count === undefined ? ['录制中断时这个文件正在写。', 'It was being written when the recording broke off.']
    : [`录制中断时这一段正在写：${count} 个完整的帧与帧表相符，但没有封存。`,
      `It was being written when the recording broke off: ${count} whole frames are as in its list, and nothing seals them.`]),
  missing: () => ['没有可读的封存链。', 'There is no chain that can be read.'],
  malformed: () => ['这一行不是合乎规定的环。', 'The line is not a link in its only spelling.'],
  'too-long': () => ['环太多。', 'There are more links than a chain may have.'],
  'link-missing': ({ from, to }) => (from === to ? [`缺第 ${from} 环。`, `Link ${from} is missing.`]
    : [`缺第 ${from} 到 ${to} 环。`, `Links ${from} to ${to} are missing.`]),
  'link-order': () => ['这一环重复出现，或者位置不对。', 'The link is there twice, or in another place.'],
  'link-differs': () => ['这一环接不上前一环现在的样子。', 'The link does not follow from the one before as that stands here.'],
  'time-back': () => ['时间倒退。', 'Time goes back.'],
  signature: () => ['不是由本次录制的密钥签署。', 'The session’s key did not sign it as it stands here.'],
  'heads/signature': () => ['检查点没有日志密钥的有效签名。', 'No valid signature by the log’s key is on the checkpoint.'],
  'no-key': () => ['没有带密钥的第一环。', 'There is no first link with the session’s key.'],
  'video-missing': () => ['视频缺失，或大得不合规定。', 'The video is missing, or longer than any.'],
  'video-changed': () => ['视频不是封存的那一份。', 'The video is not the file that was sealed.'],
  'frames-missing': () => ['帧表缺失。', 'The list of frames is missing.'],
  'frames-changed': () => ['帧表不是封存的那一份。', 'The list of frames is not the file that was sealed.'],
  'events-missing': () => ['事件文件缺失。', 'The events are missing.'],
  'events-changed': () => ['事件文件不是封存的那一份。', 'The events are not the file that was sealed.'],
  'events-differ': ({ count, sealed }) => [`有 ${count} 个事件，封存的是 ${sealed} 个。`, `There are ${count} events, and ${sealed} were sealed.`],
  'event-malformed': ({ number }) => [`第 ${number} 个事件不合规定。`, `Event ${number} is not what the format demands.`],
  'segment-order': ({ expected }) => [`这里应是第 ${expected} 段。`, `Segment ${expected} should be here.`],
  'no-segments': () => ['没有录下内容，或者读不懂。', 'Nothing was recorded, or it cannot be read.'],
  'frame-differs': ({ why, count }) => DIFFERS[why] ?? [`这一段有 ${count} 帧与帧表不符。`, `${count} frames of the segment are not those in the list.`],
  'frames-differ': ({ count, sealed }) => [`视频有 ${count} 帧，封存的是 ${sealed} 帧，或者起止时间不同。`,
    `The video has ${count} frames and ${sealed} were sealed, or their first or last time is another.`],
  'no-key-frame': () => ['这一段的第一帧不是关键帧。', 'The segment’s first frame is no key frame.'],
  'video-malformed': () => ['视频的结构不合规定。', 'The video is not built as the format demands.'],
  'video-differs': () => ['视频的尺寸或时基与本次录制不同。', 'The video has not the size or the time base of the session’s.'],
  'not-read': () => ['有一段的帧读不出来。', 'The frames of a segment could not be read.'],
  'gap-silent': ({ length }) => [`这一帧之前缺 ${seconds(length)} 秒，没有声明。`, `${seconds(length)} s are missing before this frame, and no gap was sealed.`],
  'gap-invented': () => ['封存了一处间断，画面里却没有。', 'A gap is sealed, and the frames show none.'],
  'segment-long': ({ length }) => [`这一段长 ${seconds(length)} 秒，超过规定。`, `The segment has ${seconds(length)} s, more than it may.`],
  speed: () => ['画面走得比时钟快或慢。', 'Frames pass faster or more slowly than the clock.'],
  clock: ({ length }) => [`日历时钟变动了 ${seconds(length)} 秒，没有声明。`, `The wall clock moved by ${seconds(length)} s, and no gap says so.`],
  tail: ({ length }) => [`最后一帧之后又过了 ${seconds(length)} 秒才结束。`, `The session went on for ${seconds(length)} s after its last frame.`],
  'no-screen': () => ['没有说明帧率的第一环。', 'There is no first link that says how many frames a second there are.'],
  'report-missing': () => ['检查报告缺失。', 'The report is missing.'],
  'report-changed': () => ['检查报告不是封存的那一份。', 'The report is not the one that was sealed.'],
  'report-malformed': () => ['检查报告不合规定。', 'The report is not what the format demands.'],
  'report-foreign': () => ['检查报告属于另一次录制。', 'The report is of another session.'],
  'verdict-differs': () => ['报告的结论与环所说不同。', 'The report says another verdict than the link.'],
  'not-clean': ({ checks }) => [`桌面不干净：${checks}`, `The desktop was not clean: ${checks}`],
  'input-before': () => ['在封存检查结果之前就接通了键盘鼠标。', 'The user’s input was connected before the desktop’s cleanliness was sealed.'],
  'input-refused': () => ['桌面未通过检查，却接通了键盘鼠标。', 'The user’s input was connected to a desktop that was refused.'],
  'input-unmeasured': () => ['桌面没有检查过，却接通了键盘鼠标。', 'The user’s input was connected to a desktop that was not measured.'],
  'measured-twice': () => ['检查结果封存了两次。', 'The desktop’s cleanliness is sealed twice.'],
  unmeasured: () => ['没有检查过桌面是否干净。', 'Nobody measured whether the desktop was clean.'],
  'head-malformed': () => ['不是链首的存证清单。', 'It is not the manifest of a head.'],
  'head-misnamed': () => ['文件名与它所说的环不符。', 'It states the head at another link than its name says.'],
  'head-foreign': () => ['这份清单属于另一次录制。', 'The statement is of another session.'],
  'head-beyond': () => ['列入日志的那一环不在链上。', 'The link whose hash was put into the log is not in the chain.'],
  'head-differs': () => ['这一环现在的样子不是当时列入日志的那一个。', 'The link as it stands here is not the one whose hash was put into the log.'],
  'head-skipped': () => ['链首不相衔接：中间有一个被拿掉了。', 'The head does not continue the one before it here: one is left out.'],
  'head-late': ({ length, from }) => [`自 ${from} 起过了 ${seconds(length)} 秒才列入日志：45 秒之后到列入之前，只有录制者自己的说法。`,
    `From ${from} it stood for ${seconds(length)} s before a head was put into the log: beyond 45, nothing but the recorder’s own word stands for it.`],
  'head-missing': () => ['之后没有列入日志的链首。', 'No head in the log covers it and what follows.'],
  'clean-unlogged': () => ['检查结果列入日志之前就接通了键盘鼠标。', 'The user’s input was connected before the desktop’s cleanliness was in the log.'],
  'proof-missing': () => ['缺少列入日志的证明。', 'The proof that the head is in the log is missing.'],
  'proof-malformed': () => ['列入日志的证明读不懂。', 'The proof that the head is in the log cannot be read.'],
  'proof-extra': () => ['证明带有本日志从不写的数据。', 'The proof carries data that this log never writes.'],
  'not-included': () => ['由证明算不到检查点的树根。', 'The proof does not lead to the checkpoint’s root.'],
  origin: () => ['检查点属于另一个日志。', 'The checkpoint is of another log.'],
  'test-deposit': () => ['这是测试账户的测试取证，不证明任何真实的事。', 'A test of a sandbox tenant: it proves nothing about anything real.'],
  'no-heads': () => ['链首没有列入任何日志：何时录制，只有录制者自己的说法。', 'No head was put into a log: nothing but the recorder’s own word says when this was recorded.'],
  'no-trust': () => ['没有信任文件，日志的签名和时间戳无从判断。', 'No trust file was given: the log’s signature and the time-stamps are not judged.'],
  'token-missing': () => ['缺少时间戳。', 'A time-stamp is missing.'],
  'token-invalid': () => ['不是所信任的机构对这个检查点的时间戳。', 'It is no time-stamp over the checkpoint by an authority of the trust file.'],
  'time-early': ({ authority }) => [`${authority} 的时间早于录制程序的时钟。`, `${authority} had seen it before the recorder’s clock says that it was made.`],
  'dated-late': ({ length }) => [`过了 ${seconds(length)} 秒才加上时间戳：是否更晚才制作，只有录制程序的时钟为凭。`,
    `It was dated ${seconds(length)} s after the recorder’s clock says that it was made: that it was not made later, only that clock says.`],
  'authority-single': () => ['时间戳只来自一家机构。', 'The time-stamps are by one authority alone.'],
  'authority-shared': () => ['两家机构共用一个根密钥，实为一家。', 'Two authorities share a root’s key: they are one.'],
  'file-missing': () => ['封存的文件缺失。', 'The sealed file is missing.'],
  'file-changed': () => ['不是封存的那个文件。', 'It is not the file that was sealed.'],
  'capture-order': ({ number }) => [`这里应是第 ${number} 次固化。`, `Capture ${number} should be here.`],
  'capture-malformed': () => ['固化的文件读不懂。', 'A file of the capture is not what the format demands.'],
  'capture-files': () => ['固化的文件不齐，或与报告所列不同。', 'Files of the capture are missing, or others than its report lists.'],
  'capture-differs': () => ['报告说的是另一个网页。', 'The report is of another page than the link.'],
  'tls-differs': () => ['证书不是报告所说的那一张。', 'The certificate is not the one in the report.'],
  'wire-differs': () => ['收到的数据与报告所说不同。', 'The archive has other responses than the report says.'],
  'second-differs': () => ['另行取得的不是报告所说的。', 'The second fetch is not as the report says.'],
  'comparison-differs': () => ['重新比对的结果与报告不同。', 'Compared again, the views give another result than the report.'],
  agrees: () => ['一致', 'It agrees.'], differs: () => ['不一致', 'It differs.'], unknown: () => ['无从全部比对', 'Not everything could be compared.'],
  count: () => ['结尾所计的数目不符。', 'The end counts other numbers than there are.'],
  'after-end': () => ['链的结尾之后还有内容。', 'Something follows the chain’s end.'],
  'broken-off': () => ['录制中断：只能判断中断之前封存的部分。', 'The recording broke off: what was sealed is judged.'],
};

/** Every code that there is a sentence for. */
export const CODES = Object.keys(REASONS);

export function reason({ rung, mark, code, about }) {
  if (mark === 'pass') return PASSED[about.say](about);
  return (REASONS[`${rung}/${code}`] ?? REASONS[code])?.(about) ?? [code, code];
}

/** Where, as much as is known: [中文, English]. */
export function place({ link, segment, frame, file }) {
  const zh = [], en = [];
  if (segment !== undefined) { zh.push(`第 ${segment} 段`); en.push(`segment ${segment}`); }
  if (frame !== undefined) { zh.push(`第 ${frame} 帧`); en.push(`frame ${frame}`); }
  if (link !== undefined) { zh.push(`第 ${link} 环`); en.push(`link ${link}`); }
  if (file !== undefined) { zh.push(file); en.push(file); }
  return zh.length ? [zh.join('，'), en.join(', ')] : ['整份录制', 'Recording'];
}
