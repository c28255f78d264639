// The time line: a row for each kind of event, drawn; where the recording is; and what one sees there in words.
import { t } from './dom.mjs';
import { KINDS } from './playback-events.mjs';

const SVG = 'http://www.w3.org/2000/svg', ROW = 22, WIDTH = 1000;
const kinds = Object.keys(KINDS);

function draw(name, attributes) {
  const e = document.createElementNS(SVG, name);
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
  return e;
}

/** 1:02:03.4 */
export function clock(micros) {
  const tenths = Math.round(micros / 1e5), s = Math.floor(tenths / 10), two = (n) => String(n).padStart(2, '0');
  return `${s >= 3600 ? `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}` : Math.floor(s / 60)}:${two(s % 60)}.${tenths % 10}`;
}

export class TimeLine {
  #svg; #now;

  /** @param seek told where one pointed, in microseconds. */
  constructor(place, recording, seek) {
    this.recording = recording;
    const height = ROW * kinds.length;
    this.#svg = draw('svg', { class: 'track', viewBox: `0 0 ${WIDTH} ${height}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' });
    kinds.forEach((kind, i) => this.#svg.append(draw('rect', { x: 0, y: i * ROW, width: WIDTH, height: ROW, class: i % 2 ? 'row odd' : 'row' })));
    this.#now = draw('line', { class: 'now', x1: 0, x2: 0, y1: 0, y2: height });
    this.#svg.append(this.#now);
    this.#svg.addEventListener('click', (event) => {
      const box = this.#svg.getBoundingClientRect();
      seek((event.clientX - box.left) / box.width * recording.length);
    });
    const labels = document.createElement('ul');
    labels.className = 'track-names';
    labels.setAttribute('aria-hidden', 'true');
    for (const kind of kinds) {
      const item = document.createElement('li');
      item.textContent = t(KINDS[kind]);
      labels.append(item);
    }
    place.replaceChildren(labels, this.#svg);
  }

  add(events) {
    for (const { time, until, kind, text } of events) {
      const x = this.#x(time), y = kinds.indexOf(kind) * ROW, mark = draw('rect', {
        class: `at ${kind}`, x, y: y + 3, height: ROW - 6, width: until === undefined ? 3 : Math.max(3, this.#x(until) - x) });
      const title = draw('title', {});
      title.textContent = `${clock(time)} ${t(text)}`;
      mark.append(title);
      this.#svg.insertBefore(mark, this.#now);
    }
  }

  show(time) {
    for (const side of ['x1', 'x2']) this.#now.setAttribute(side, this.#x(time));
  }

  #x(time) { return Math.round(time / this.recording.length * WIDTH * 10) / 10; }
}
