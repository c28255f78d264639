// What was judged of a recording, for the page to show.
import { element, facts, notice, t } from './dom.mjs';
import { MARKS, OUTCOMES, TEST } from './reasons.mjs';
import { MEANS, RUNGS, gapWord, place, reason, seconds } from './recording-words.mjs';

const TAGS = { pass: 'ok', fail: 'bad', unknown: 'unknown', warn: 'unknown' };

function ladder(verdicts) {
  const worst = (list) => ['fail', 'unknown', 'warn', 'pass'].find((m) => list.some((v) => v.mark === m));
  return element('ol', { class: 'ladder' }, ...Object.keys(RUNGS).filter((rung) => verdicts.some((v) => v.rung === rung)).map((rung) => {
    const list = verdicts.filter((v) => v.rung === rung), mark = worst(list);
    return element('li', { class: `rung rung-${mark}`, 'data-rung': rung },
      element('h3', {}, `${t(RUNGS[rung])} `, element('span', { class: `tag ${TAGS[mark]}` }, t(MARKS[mark]))),
      element('ul', {}, ...list.map((v) => element('li', { 'data-mark': v.mark, 'data-code': v.code, 'data-place': JSON.stringify(v.place) },
        element('span', { class: 'subject' }, t(place(v.place))), ` ${t(reason(v))} `, v.mark === 'pass' ? null : element('code', {}, v.code)))));
  }));
}

const of = (count, zh, one, many) => t([`${count} ${zh}`, `${count} ${count === 1 ? one : many}`]);

/** Verdict, ladder, and what the recording says of itself. */
export function recording(found) {
  const kind = { verified: 'ok', failed: 'bad', unjudged: 'unknown' }[found.outcome], { longest } = found;
  return [
    ...found.verdicts.some((v) => v.code === 'test-deposit') ? [notice('bad', t(TEST.title), t(TEST.text))] : [],
    notice(kind, t(OUTCOMES[found.outcome]), t(MEANS[found.outcome]())), ladder(found.verdicts),
    element('h3', {}, t(['录制所载', 'What the recording says'])), facts([
      [['录制编号', 'Session'], found.session], [['开始（录制程序的时钟）', 'Begun, by the recorder’s clock'], found.begun],
      [['长度', 'Length'], found.segments > 0 ? t([`${seconds(found.length)} 秒`, `${seconds(found.length)} s`]) : null],
      [['段和帧', 'Segments and frames'], `${of(found.segments, '段', 'segment', 'segments')}, ${of(found.frames, '帧', 'frame', 'frames')}`],
      ...found.gaps.map((gap) => [['间断', 'Gap'], t([`第 ${seconds(gap.from)} 秒之后 ${seconds(gap.length)} 秒：${gapWord(gap.reason)[0]}`,
        `${seconds(gap.length)} s after ${seconds(gap.from)} s: ${gapWord(gap.reason)[1]}`])]),
      [['最长未入日志', 'Longest exposure'], longest && t([`${seconds(longest.length)} 秒（第 ${longest.segment} 段${longest.stamped ? '，到时间戳为止' : ''}）`,
        `${seconds(longest.length)} s (segment ${longest.segment}${longest.stamped ? ', to its time-stamps' : ', by the recorder’s clock'})`])],
    ]),
  ];
}
