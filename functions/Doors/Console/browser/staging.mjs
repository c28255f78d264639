// A large file straight to storage (docs/api.md, Uploads): 1. a ticket; 2. blocks, several at once, those that are there already left out;
// 3. the list of blocks; 4. wait until it is a deposit. Whatever breaks off goes on from the blocks that are known to be there.
import { exchange, pause, Refused, send } from './exchange.mjs';
import { keyOf, today } from './handing.mjs';
import * as keptUploads from './kept.mjs';
import { lanes } from './lanes.mjs';

const MiB = 2 ** 20;
/** Lost with a broken connection at most; a larger file has larger ones, since storage takes 50,000. */
const leastBlock = 8 * MiB;
const maxBlocks = 50_000;
/** An address lasts an hour and is renewed before; storage may refuse one that was just signed twice, then it is not the age. */
const addressMinutes = 60;
const renewMilliseconds = 40 * 60_000;
const maxRefusals = 3;
/** Storage lost blocks that it had taken: once may happen. */
const maxTries = 3;
/** Between looks at an upload that is being taken in: milliseconds. */
const look = 2000;
/** Blocks under way at once, of all files. */
const sendBlock = lanes(4);

const blockBytes = size => Math.max(leastBlock, Math.ceil(size / maxBlocks / MiB) * MiB);
const blockId = index => btoa(String(index).padStart(8, '0'));

/** Returns the deposit's id. */
export async function stage(one, wish) {
  const fingerprint = await keyOf([one.name, one.file.type, one.digest, one.file.size], wish.notes, wish.previous);
  // One at a time, also of two windows: the second finds what the first has done.
  return navigator.locks.request(`notary-upload ${fingerprint}`, { signal: one.signal }, () => new Staged(one, wish, fingerprint).run());
}

class Staged {
  constructor(one, wish, fingerprint) {
    Object.assign(this, { one, wish, fingerprint, bytes: blockBytes(one.file.size), moving: new Map() });
    this.count = Math.ceil(one.file.size / this.bytes);
  }

  async run() {
    this.kept = keptUploads.read(this.fingerprint);
    for (let tries = 0; tries < maxTries; tries++) {
      await this.ticket();
      const view = await this.view();
      if (view.depositId) return this.end(view.depositId);
      await this.blocks();
      if (await this.list()) return this.end(await this.taken());
      // Storage does not have them all: begun anew.
      this.keep({ done: '' });
    }
    throw new Refused('failed');
  }

  /** Nothing is left of a file that was called off, neither here nor there. False when it is a deposit by now. */
  async giveUp() {
    const answer = await send('DELETE', `/v1/uploads/${this.kept.id}`, { headers: { 'x-antiforgery': this.wish.antiforgery }, takes: [404, 409] });
    keptUploads.drop(this.fingerprint);
    return answer.status !== 409;
  }

  // 1
  async ticket() {
    const { one, wish } = this;
    this.kept ??= { key: await keyOf(today(), this.fingerprint), since: Date.now() };
    for (;;) {
      const answer = await send('POST', '/v1/uploads', {
        headers: { 'content-type': 'application/json', 'idempotency-key': this.kept.key, 'x-antiforgery': wish.antiforgery },
        body: JSON.stringify({
          name: one.name, mediaType: one.file.type || undefined, notes: wish.notes, previous: wish.previous, contentDigest: one.digest, addressMinutes,
          size: one.file.size,
        }),
        tell: one.say, takes: [410], signal: one.signal,
      });
      if (answer.status === 410) {
        // Expired, or given up.
        this.kept = { key: crypto.randomUUID(), since: Date.now() };
        continue;
      }
      const { id, url } = JSON.parse(answer.text);
      this.url = url;
      this.signed = Date.now();
      one.giveUp = () => this.giveUp();
      this.keep(this.kept.id === id && this.kept.bytes === this.bytes ? {} : { id, bytes: this.bytes, done: '' });
      return;
    }
  }

  async view() {
    const view = JSON.parse((await send('GET', `/v1/uploads/${this.kept.id}`, { tell: this.one.say, signal: this.one.signal })).text);
    if (view.state !== 'refused') return view;
    // The same wish again is another upload.
    keptUploads.write(this.fingerprint, { key: crypto.randomUUID(), since: Date.now() });
    throw new Refused('refused', view.reason);
  }

  // 2
  async blocks() {
    const { one } = this;
    const left = Array.from({ length: this.count }, (_, index) => index).filter(index => this.kept.done[index] !== '1');
    one.say('sending');
    this.sent = one.file.size - left.reduce((sum, index) => sum + this.piece(index).size, 0);
    this.progress();
    let failed = false;
    const ended = await Promise.allSettled(left.map(index => one.through(sendBlock,
      () => failed || this.block(index).catch(error => { failed = true; throw error; }))));
    const bad = ended.find(each => each.status === 'rejected');
    if (bad) throw bad.reason;
    await one.gate();
  }

  piece(index) {
    return this.one.file.slice(index * this.bytes, (index + 1) * this.bytes);
  }

  async block(index) {
    const piece = this.piece(index);
    await this.put(`&comp=block&blockid=${encodeURIComponent(blockId(index))}`, piece, {}, moved => {
      this.moving.set(index, moved * piece.size);
      this.progress();
    });
    this.moving.delete(index);
    this.sent += piece.size;
    this.keep({ done: mark(this.kept.done, index, this.count) });
    this.progress();
    return true;
  }

  // 3
  async list() {
    const ids = Array.from({ length: this.count }, (_, index) => `<Latest>${blockId(index)}</Latest>`).join('');
    const answer = await this.put('&comp=blocklist', `<?xml version="1.0" encoding="utf-8"?><BlockList>${ids}</BlockList>`,
      { 'content-type': 'application/xml', 'if-none-match': '*' }, () => {}, [400, 409, 412]);
    // There is one already: an earlier try's, whose answer was lost. Without blocks it was taken since, or they are gone.
    return answer.status !== 400 || Boolean((await this.view()).depositId);
  }

  /** Sends to storage until it is there. */
  async put(query, body, headers, progress, takes = []) {
    const { one } = this;
    for (let [attempt, refusals] = [0, 0]; ; attempt++) {
      if (Date.now() - this.signed > renewMilliseconds) await this.renew();
      const { status, code } = await exchange('PUT', this.url + query, { headers, body, progress, signal: one.signal });
      if (status === 201 || takes.includes(status)) {
        one.say('sending');
        return { status };
      }
      if (status === 0) await demandReadable(body);
      if (status === 403 ? ++refusals > maxRefusals : status !== 0 && status !== 408 && status !== 429 && status < 500) {
        throw new Refused('refused', `storage: ${status} ${code ?? ''}`);
      }
      one.say(status !== 0 ? 'busy' : navigator.onLine ? 'unreachable' : 'offline');
      await pause(attempt, one.signal);
      await this.renew();
    }
  }

  /** One request for all blocks that wait for it. */
  renew() {
    this.renewing ??= this.ticket().finally(() => { this.renewing = null; });
    return this.renewing;
  }

  // 4
  async taken() {
    this.one.progress(1);
    for (;;) {
      this.one.say('taking');
      const view = await this.view();
      if (view.depositId) return view.depositId;
      await new Promise(resolve => { setTimeout(resolve, look); });
    }
  }

  end(deposit) {
    keptUploads.drop(this.fingerprint);
    return deposit;
  }

  keep(change) {
    Object.assign(this.kept, change);
    keptUploads.write(this.fingerprint, this.kept);
  }

  progress() {
    this.one.progress([...this.moving.values()].reduce((sum, each) => sum + each, this.sent) / this.one.file.size);
  }
}

/** One character a block: 1 is there. */
function mark(done, index, count) {
  const marks = [...done.padEnd(count, '0')];
  marks[index] = '1';
  return marks.join('');
}

/** A browser says of a file that has changed or gone since it was chosen only that nothing could be sent. */
async function demandReadable(body) {
  if (body instanceof Blob) await body.slice(0, 1).arrayBuffer().catch(() => { throw new Refused('unreadable'); });
}
