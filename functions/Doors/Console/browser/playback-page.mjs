// Plays a deposited recording back: the video, its events on a time line and in a list, and gaps as what they are.
import { element, notice, t } from './dom.mjs';
import { KINDS, ofChain, ofSegment } from './playback-events.mjs';
import { TimeLine, clock } from './playback-line.mjs';
import { Unreadable, openRecording } from './playback-source.mjs';
import { Player } from './playback-video.mjs';
import { place as placeWords } from './recording-words.mjs';

/** Milliseconds that a gap is shown before it is passed over; events that the list shows; pixels of a picture. */
const GAP_SHOWN = 1500, MOST = 1000, PICTURE = 320;
const page = document.querySelector('[data-playback]'), part = (name) => page.querySelector(`[data-${name}]`);
const video = page.querySelector('video'), slider = page.querySelector('input[type=range]'), said = part('said'), now = part('now'), play = part('play');
const shown = new Set(Object.keys(KINDS).filter((kind) => kind !== 'pointer' && kind !== 'head'));
let recording, line, gap = null;
const events = [];

const say = (...what) => said.replaceChildren(...what);
const seek = (micros) => {
  gap = null;
  video.currentTime = Math.min(recording.length - 1, Math.max(0, micros)) / 1e6;
  tick();
};

function tick() {
  const time = video.currentTime * 1e6;
  slider.value = String(Math.round(time / 1e5));
  slider.setAttribute('aria-valuetext', `${clock(time)} / ${clock(recording.length)}`);
  now.textContent = `${clock(time)} / ${clock(recording.length)}`;
  line.show(time);
  const inside = recording.gaps.find((g) => g.reason !== 'clock-jump' && time > g.from + recording.interval && time < g.to) ?? null;
  if (inside !== gap) {
    gap = inside;
    part('gap').hidden = !inside;
    part('gap').textContent = inside ? t(ofGap(inside)) : '';
    if (inside && !video.paused) setTimeout(() => { if (gap === inside && !video.paused) seek(inside.to); }, GAP_SHOWN);
  }
}

const ofGap = (g) => events.find((e) => e.kind === 'gap' && e.link === g.n).text;

/** A picture that was sealed, drawn: the page needs no leave to show images from anywhere. */
async function picture(name, sealed) {
  const canvas = element('canvas', { class: 'thumbnail', role: 'img', 'aria-label': name });
  const bytes = await recording.sealed(name, sealed), image = bytes && await createImageBitmap(new Blob([bytes])).catch(() => null);
  if (!image) return null;
  canvas.width = Math.min(PICTURE, image.width);
  canvas.height = Math.round(image.height * canvas.width / image.width);
  canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  return canvas;
}

function item(event) {
  const go = element('button', { type: 'button', class: 'button quiet small' }, clock(event.time));
  go.addEventListener('click', () => seek(event.time));
  const kind = element('span', { class: 'aside' }, `${t(KINDS[event.kind])} `);
  const row = element('li', { 'data-kind': event.kind }, go, element('span', {}, kind, t(event.text)));
  const thumbnail = event.files?.find((f) => f.path.endsWith('/thumbnail.jpg')), file = thumbnail ? [thumbnail.path, thumbnail]
    : event.picture ? [`marks/${event.picture.name}`, event.picture] : null;
  if (file) {
    const show = element('button', { type: 'button', class: 'button quiet small' }, t(['看图', 'Show the picture']));
    show.addEventListener('click', async () => {
      const drawn = await picture(...file);
      show.replaceWith(drawn ?? element('span', { class: 'tag bad' }, t(['图片不是封存的那一份', 'not the picture that was sealed'])));
    });
    row.append(show);
  }
  return row;
}

/** The list, as the boxes above it choose. */
function list() {
  const chosen = events.filter((e) => shown.has(e.kind)), rest = chosen.length - MOST;
  part('list').replaceChildren(...chosen.slice(0, MOST).map(item));
  part('more').textContent = rest > 0 ? t([`还有 ${rest} 条，没有列出。`, `${rest} more are not listed.`]) : '';
}

function choices() {
  part('kinds').append(...Object.entries(KINDS).map(([kind, name]) => {
    const box = element('input', { type: 'checkbox', name: kind });
    box.checked = shown.has(kind);
    box.addEventListener('change', () => { if (box.checked) shown.add(kind); else shown.delete(kind); list(); });
    return element('label', { class: 'choice' }, box, t(name));
  }));
}

function add(more) {
  line.add(more);
  events.push(...more);
  events.sort((a, b) => a.time - b.time);
}

/** Events lie in each segment's own file: one after the other, so that watching has the line. */
async function gather() {
  for (const [i, segment] of recording.segments.entries()) {
    const more = await ofSegment(recording, segment);
    if (more.length > 0) add(more);
    if (i % 20 === 19 || i === recording.segments.length - 1) list();
  }
  page.dataset.gathered = 'yes';
}

async function start() {
  recording = await openRecording(page.dataset.package);
  if (recording.segments.length === 0) {
    say(notice('unknown', t(['这份录制没有画面。', 'Nothing on the screen was recorded.'])));
    return;
  }
  line = new TimeLine(part('line'), recording, seek);
  slider.max = String(Math.floor(recording.length / 1e5));
  add(ofChain(recording));
  choices();
  list();
  const player = new Player(video, recording, (segment) => say(notice('bad', t(['这一段不是封存的那一份，没有播放：', 'Not what was sealed, and not shown: '])
    + t(placeWords({ segment: segment.segment })))));
  for (const event of ['timeupdate', 'seeked']) video.addEventListener(event, tick);
  for (const event of ['play', 'pause']) {
    video.addEventListener(event, () => { play.textContent = video.paused ? t(['播放', 'Play']) : t(['暂停', 'Pause']); tick(); });
  }
  slider.addEventListener('input', () => seek(Number(slider.value) * 1e5));
  play.addEventListener('click', () => { if (video.paused) video.play(); else video.pause(); });
  if (await player.start()) {
    say();
    for (const control of [slider, play]) control.disabled = false;
    page.dataset.ready = 'yes';
  } else {
    say(notice('unknown', t(['这个浏览器放不了这种视频；下面的记录照常可看。', 'This browser does not show such a video; the list below can be read all the same.'])));
  }
  tick();
  await gather();
}

start().catch((e) => say(notice('bad', t(['录制读不出来。', 'The recording could not be read.']), e instanceof Unreadable ? e.message : '')));
