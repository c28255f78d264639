// One file in the list: what becomes of it, and its buttons.
import { Cancelled } from './exchange.mjs';

/** What storage has whole is not stopped any more. */
const final = ['taking', 'cancelling'];

export class Row {
  #control = new AbortController();
  #wait = null;

  /** @param changed called when progress or state is another. */
  constructor(file, name, { template, texts, changed }) {
    Object.assign(this, { file, name, texts, changed, share: 0, ended: false, paused: false, giveUp: null });
    this.element = template.content.firstElementChild.cloneNode(true);
    this.part('name').textContent = name;
    this.part('size').textContent = `${file.size.toLocaleString()} B`;
    for (const [button, other] of [['pause', 'go'], ['go', 'pause']]) {
      this.part(button).onclick = () => {
        this[button]();
        this.part(other).focus();
      };
    }
    this.part('cancel').onclick = () => this.cancel();
    this.say('waiting');
  }

  get signal() { return this.#control.signal; }

  part(what) { return this.element.querySelector(`[data-part="${what}"]`); }

  /** Says what is being done. Who waits says so until he goes on. */
  say = what => {
    this.state = what;
    this.part('says').textContent = this.texts[this.paused && !this.ended ? 'paused' : what];
    this.#show(!this.ended && !final.includes(what));
  };

  /** 0 to 1; `share` is what of the file's whole way is behind it. */
  progress = (done, share = done) => {
    this.part('bar').value = done;
    this.share = share;
    this.changed();
  };

  end(what, { detail = '', again, link } = {}) {
    this.ended = true;
    this.part('says').textContent = detail ? `${this.texts[what]}: ${detail}` : this.texts[what];
    this.part('bar').hidden = true;
    this.#show(false);
    if (link) {
      this.share = 1;
      this.part('link').href = link;
      this.part('link').hidden = false;
    }
    this.part('again').hidden = !again;
    this.part('again').onclick = () => {
      this.#control = new AbortController();
      this.ended = false;
      this.part('bar').hidden = false;
      this.part('again').hidden = true;
      this.say('waiting');
      again();
    };
    this.changed();
  }

  /** Nothing new is begun; what is under way goes to its end. */
  pause() {
    if (this.ended || final.includes(this.state)) return;
    this.paused = true;
    this.say(this.state);
    this.changed();
  }

  go() {
    this.paused = false;
    if (!this.ended) this.say(this.state);
    this.#wait?.();
    this.changed();
  }

  cancel() {
    if (this.ended || final.includes(this.state)) return;
    this.#control.abort();
    this.paused = false;
    this.#wait?.();
  }

  /** Waits while paused. */
  async gate() {
    while (this.paused && !this.signal.aborted) {
      this.waiting ??= new Promise(resolve => { this.#wait = resolve; }).finally(() => { this.waiting = null; });
      await this.waiting;
    }
    if (this.signal.aborted) throw new Cancelled();
  }

  /** Does a task in a lane, and while paused holds none. */
  async through(lane, task) {
    for (;;) {
      await this.gate();
      const answer = await lane(() => (this.paused ? undefined : task()));
      if (answer !== undefined) return answer;
    }
  }

  #show(running) {
    this.part('pause').hidden = !running || this.paused;
    this.part('go').hidden = !running || !this.paused;
    this.part('cancel').hidden = !running;
  }
}
