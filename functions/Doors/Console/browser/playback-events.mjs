// What happened in a recording, on its own time (microseconds since the first frame), as the time line and the list show it.
import { readEvents } from '../verifier/forensics-links.mjs';
import { endWord, gapWord, seconds } from './recording-words.mjs';

/** The rows of the time line, from top to bottom: [中文, English], and a letter for its marks. */
export const KINDS = {
  gap: ['间断', 'Gaps'], address: ['网址', 'Addresses'], window: ['窗口', 'Windows'], pointer: ['点按', 'Clicks'], file: ['文件', 'Files'],
  mark: ['标记', 'Marks'], session: ['会话', 'Session'], capture: ['网页固化', 'Captures'], head: ['列入日志', 'In the log'],
};

/** What the chain itself says, in order. Each: { time, until, kind, text, ... }. */
export function ofChain(recording) {
  const found = [], at = (link, kind, text, more = {}) => found.push({ time: recording.timeOf(link.elapsed), kind, text, link: link.n, ...more });
  const heads = new Set(recording.pkg.names.map((n) => Number(/^heads\/(\d{8})\.json$/.exec(n)?.[1] ?? NaN)));
  for (const l of recording.links) {
    if (l.kind === 'gap' && l.reason === 'clock-jump') {
      at(l, 'gap', [`日历时钟跳了 ${seconds(l.length)} 秒`, `The wall clock jumped by ${seconds(l.length)} s`]);
    } else if (l.kind === 'gap') {
      found.push({ time: l.from, until: l.to, kind: 'gap', link: l.n, reason: l.reason,
        text: [`缺 ${seconds(l.length)} 秒：${gapWord(l.reason)[0]}`, `${seconds(l.length)} s are missing: ${gapWord(l.reason)[1]}`] });
    } else if (l.kind === 'mark') at(l, 'mark', [l.note, l.note], { picture: l.picture });
    else if (l.kind === 'file') {
      const [zh, en] = l.origin === 'upload' ? ['带入', 'Brought in'] : ['下载', 'Downloaded'];
      at(l, 'file', [`${zh} ${l.name}（${l.size} 字节）`, `${en} ${l.name} (${l.size} bytes)`], { address: l.address });
    } else if (l.kind === 'capture') at(l, 'capture', [`固化 ${l.address}`, `Captured ${l.address}`], { files: l.files });
    else if (l.kind === 'close') at(l, 'session', [`录制结束：${endWord(l.reason)[0]}`, `The recording ends: ${endWord(l.reason)[1]}`]);
    else if (l.kind === 'input') {
      at(l, 'session', l.connected ? ['接通键盘和鼠标', 'Keyboard and pointer are connected'] : ['断开键盘和鼠标', 'Keyboard and pointer are taken away']);
    }
    if (heads.has(l.n)) at(l, 'head', [`到第 ${l.n} 环为止列入公开日志`, `In the public log up to link ${l.n}`]);
  }
  return found.sort((a, b) => a.time - b.time);
}

const EVENTS = {
  address: (e) => [`打开 ${e.url}${e.title ? `（${e.title}）` : ''}`, `Opened ${e.url}${e.title ? ` (${e.title})` : ''}`],
  window: (e) => [`窗口 ${e.title || '—'}（${e.application || '—'}）`, `Window ${e.title || '—'} (${e.application || '—'})`],
  pointer: (e) => [`点按 ${e.x}，${e.y}`, `Clicked at ${e.x}, ${e.y}`],
};

/** What a segment's events say of addresses, windows and clicks; what is not what was sealed says nothing. */
export async function ofSegment(recording, segment) {
  if (segment.events.size === 0) return [];
  const bytes = await recording.part(segment, 'events'), found = [];
  if (!bytes) return [];
  for (const event of readEvents(bytes)) {
    if (!Object.hasOwn(EVENTS, event.type) || (event.type === 'pointer' && !event.down)) continue;
    const time = segment.frames.first + event.elapsed - segment.firstElapsed;
    found.push({ time: Math.min(recording.length, Math.max(0, time)), kind: event.type, text: EVENTS[event.type](event) });
  }
  return found;
}
