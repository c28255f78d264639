// Judges recordings as docs/forensics-format.md says and knows nothing else. A line in: the folder of a package. A line out: the rungs that fail,
// as JSON. First argument: the reader's trust file. Time-stamps are left to those who read ASN.1.
import { createHash, createPublicKey, verify } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { judge as capture } from './captures.mjs'

const trust = JSON.parse(readFileSync(process.argv[2]))
const sha = (...parts) => parts.reduce((h, p) => h.update(p), createHash('sha256')).digest()
const hex = bytes => sha(bytes).toString('hex')
const spki = bytes => createPublicKey({ key: bytes, format: 'der', type: 'spki' })
const logKey = spki(Buffer.from(trust.log.key, 'base64'))
const at = text => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text) ? Date.parse(text) * 1000 : fail('time')
const fail = why => { throw new Error(why) }

const jcs = v => Array.isArray(v) ? `[${v.map(jcs).join()}]`
  : v !== null && typeof v === 'object' ? `{${Object.keys(v).sort().map(k => `${JSON.stringify(k)}:${jcs(v[k])}`).join()}}` : JSON.stringify(v)
const canonical = bytes => { const v = JSON.parse(bytes); return jcs(v) === bytes.toString() ? v : fail('spelling') }
const only = (v, members) => Object.keys(v).sort().join() === members.split(' ').sort().join() ? v : fail('members')

const kinds = {
  open: 'format session key screen encoder tools', cleanliness: 'digest size verdict', input: 'connected',
  segment: 'segment video frames events firstAt firstElapsed lastAt lastElapsed', gap: 'reason from to length',
  file: 'name path size digest origin', capture: 'number address files', close: 'reason segments frames gaps',
}
const members = link => 'n previous kind at elapsed ' + (link.kind === 'mark' ? 'note' + ('picture' in link ? ' picture' : '')
  : kinds[link.kind] + (link.kind === 'file' && 'address' in link ? ' address' : ''))

// §4: boxes of 32-bit sizes.
function* boxes(bytes) {
  for (let i = 0; i < bytes.length;) {
    const size = bytes.readUInt32BE(i)
    if (size < 8 || i + size > bytes.length) fail('box')
    yield { type: bytes.toString('latin1', i + 4, i + 8), body: bytes.subarray(i + 8, i + size), size }
    i += size
  }
}
const box = (bytes, ...path) => path.reduce((b, type) => [...boxes(b)].find(x => x.type === type)?.body ?? fail(type), bytes)

function video(bytes) {
  const [ftyp, moov, ...rest] = boxes(bytes)
  if (ftyp.type !== 'ftyp' || moov.type !== 'moov' || rest.length % 2) fail('head')
  const mdhd = box(moov.body, 'trak', 'mdia', 'mdhd'), tkhd = box(moov.body, 'trak', 'tkhd')
  const trex = box(moov.body, 'mvex', 'trex')
  const head = { scale: mdhd.readUInt32BE(mdhd[0] ? 20 : 12), width: tkhd.readUInt16BE(tkhd.length - 8), height: tkhd.readUInt16BE(tkhd.length - 4) }
  const frames = []
  for (let i = 0; i < rest.length; i += 2) {
    if (rest[i].type !== 'moof' || rest[i + 1].type !== 'mdat') fail('fragment')
    const traf = box(rest[i].body, 'traf'), tfdt = box(traf, 'tfdt'), tfhd = box(traf, 'tfhd'), trun = box(traf, 'trun')
    const has = tfhd.readUInt32BE(0), runs = trun.readUInt32BE(0)
    let p = 8 + (has & 2 ? 4 : 0) + (has & 8 ? 4 : 0), size = trex.readUInt32BE(16), flags = trex.readUInt32BE(20)
    if (has & 0x10) size = tfhd.readUInt32BE(p), p += 4
    if (has & 0x20) flags = tfhd.readUInt32BE(p)
    p = 8 + (runs & 1 ? 4 : 0)
    if (runs & 4) flags = trun.readUInt32BE(p), p += 4
    p += runs & 0x100 ? 4 : 0
    if (runs & 0x200) size = trun.readUInt32BE(p), p += 4
    if (runs & 0x400) flags = trun.readUInt32BE(p)
    if (size !== rest[i + 1].body.length || trun.readUInt32BE(4) !== 1 || trun.readUInt32BE(8) !== rest[i].size + 8) fail('sample')
    const time = tfdt[0] ? tfdt.readBigUInt64BE(4) : BigInt(tfdt.readUInt32BE(4))
    frames.push({ time, sync: !(flags & 0x10000), size, digest: hex(rest[i + 1].body) })
  }
  return { ...head, frames }
}

function judge(folder) {
  const failing = new Set(), no = (rung, ok) => ok || failing.add(rung), attempt = (rung, f) => { try { return f() } catch { failing.add(rung) } }
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(e => e.isFile())
    .map(e => join(e.parentPath, e.name).slice(folder.length + 1))
  const read = name => names.includes(name) ? readFileSync(join(folder, name)) : null
  const same = (name, part) => { const b = read(name); return b !== null && b.length === part.size && hex(b) === part.digest }

  // §2, §3
  const chain = read('chain.ndjson') ?? Buffer.alloc(0), links = [], lines = chain.toString().split('\n').slice(0, -1)
  lines.forEach(line => attempt('chain', () => {
    const match = /^\{"link":(\{.*\}),"signature":"([A-Za-z0-9_-]{86})"\}$/s.exec(line) ?? fail('line')
    const bytes = Buffer.from(match[1]), link = only(canonical(bytes), members(JSON.parse(match[1])))
    at(link.at)
    links.push({ ...link, bytes, head: hex(bytes), signature: Buffer.from(match[2], 'base64url') })
  }))
  no('chain', links.length > 0)
  links.forEach((l, i) => no('chain', l.n === i && l.previous === (i ? links[i - 1].head : '0'.repeat(64)) && (l.kind === 'open') === (i === 0)
    && (l.kind !== 'close' || i === links.length - 1) && (i ? l.elapsed >= links[i - 1].elapsed : l.elapsed === 0)))
  const open = links.find(l => l.kind === 'open'), closed = links.at(-1)?.kind === 'close'
  if (!open) return [...failing]
  const key = spki(Buffer.from(open.key, 'base64url'))
  links.forEach(l => no('signatures', verify('sha256', l.bytes, { key, dsaEncoding: 'ieee-p1363' }, l.signature)))

  // §4, §5
  const segments = links.filter(l => l.kind === 'segment'), gaps = links.filter(l => l.kind === 'gap' && l.reason !== 'clock-jump')
  const shown = [], interval = Math.floor(1e6 / open.screen.framesPerSecond)
  let index = 0, last = null, origin = null
  segments.forEach((s, i) => no('segments', s.segment === i))
  for (const s of segments) {
    const path = `segments/${String(s.segment).padStart(8, '0')}`
    for (const [part, ext] of [[s.video, 'mp4'], [s.frames, 'frames'], [s.events, 'events']]) no('segments', same(`${path}.${ext}`, part))
    const events = read(`${path}.events`)?.toString().split('\n').slice(0, -1) ?? []
    no('segments', events.length === s.events.count)
    events.forEach(e => attempt('segments', () => {
      const event = canonical(Buffer.from(e))
      at(event.at)
      no('segments', event.elapsed <= s.elapsed && (event.type !== 'key' || (only(event, 'at elapsed type down'), true)))
    }))
    if (read(`${path}.mp4`) === null || read(`${path}.frames`) === null) {
      [index, last] = [index + s.frames.count, s.frames.last]
      continue
    }
    attempt('frames', () => {
      const v = video(read(`${path}.mp4`)), list = read(`${path}.frames`).toString()
      origin ??= v.frames[0].time
      const mine = v.frames.map((f, i) => ({ ...f, index: index + i, at: Number((f.time - origin) * 1000000n / BigInt(v.scale)) }))
      no('frames', v.width === open.screen.width && v.height === open.screen.height && mine[0].sync)
      no('frames', mine.map(f => `${f.index} ${f.at} ${f.size} ${f.digest}\n`).join('') === list)
      no('frames', mine.length === s.frames.count && mine[0].at === s.frames.first && mine.at(-1).at === s.frames.last)
      let missing = 0
      mine.forEach((f, i) => {
        const before = i ? mine[i - 1].at : last
        if (before === null) return
        no('continuity', f.at > before)
        if (f.at - before > 3 * interval) shown.push(`${before} ${f.at}`), missing += i ? f.at - before : 0
      })
      no('continuity', s.frames.last - s.frames.first - missing <= 10e6)
    })
    ;[index, last] = [index + s.frames.count, s.frames.last]
  }
  no('continuity', shown.every(g => gaps.some(x => `${x.from} ${x.to}` === g)))
  const whole = links.at(-1).kind === 'close' && links.at(-1).reason !== 'broken', sealedTo = whole ? Infinity : segments.at(-1)?.frames.last ?? 0
  no('continuity', gaps.every(x => x.from >= sealedTo || (shown.includes(`${x.from} ${x.to}`) && x.length === x.to - x.from)))
  const drift = e => Math.floor(e / 1e6) * 1000
  const late = segments.flatMap(s => [[s.firstElapsed, s.frames.first], [s.lastElapsed, s.frames.last]])
  const least = (list, sign) => Math.min(...list.map(([e, t]) => e - t + sign * drift(e)))
  late.forEach((f, i) => no('continuity', i === 0 || (least(late.slice(0, i), 1) - least([f], 1) <= 2e6
    && least(late.slice(i), -1) - least(late.slice(0, i), -1) <= 2e6)))
  const jumps = links.filter(l => l.reason === 'clock-jump'), by = e => jumps.filter(j => j.to <= e).reduce((n, j) => n + j.length, 0)
  const moments = [...links.map(l => [l.elapsed, at(l.at)]), ...segments.flatMap(s => [[s.firstElapsed, at(s.firstAt)], [s.lastElapsed, at(s.lastAt)]])]
    .sort((a, b) => a[0] - b[0]).map(([e, t]) => [e, t - e - by(e)])
  moments.slice(1).forEach(([e, o], i) => no('continuity', Math.abs(o - moments[i][1]) <= 1e6 + drift(e - moments[i][0])))
  if (closed && segments.length && links.at(-1).reason !== 'broken') no('continuity', links.at(-1).elapsed - segments.at(-1).lastElapsed <= 10e6)

  // §6
  const clean = links.find(l => l.kind === 'cleanliness'), input = links.find(l => l.kind === 'input' && l.connected)
  no('cleanliness', links.filter(l => l.kind === 'cleanliness').length < 2)
  if (clean) {
    no('cleanliness', same('cleanliness.json', clean) && !(input && (input.n < clean.n || clean.verdict !== 'clean')))
    attempt('cleanliness', () => {
      const report = only(canonical(read('cleanliness.json')), 'at checks format session verdict')
      no('cleanliness', report.session === open.session && report.verdict === clean.verdict && report.verdict === 'clean'
        && report.checks.length > 0 && report.checks.every(c => c.verdict === 'pass'))
    })
  } else no('cleanliness', !input)

  // §7
  const logged = [], stated = []
  for (const name of names.filter(n => /^heads\/.*\.json$/.test(n))) {
    attempt('heads', () => {
      const bytes = read(name), m = only(canonical(bytes), 'depositor format id items kind notBefore notes previous receivedAt salt')
      const [item] = m.items, notes = only(m.notes, 'link session'), link = links.find(l => l.n === Number(notes.link))
      stated.push({ n: Number(notes.link), digest: hex(bytes), previous: m.previous })
      const number = String(notes.link).padStart(8, '0')
      no('heads', m.format === 'notary-manifest/1' && m.kind === 'digest' && m.items.length === 1 && notes.session === open.session
        && item.digests['sha-256'] === link?.head && item.size === link.bytes.length && item.name === `head-${number}` && name === `heads/${number}.json`)
      const proof = read(name.replace('.json', '.tlog-proof')).toString(), split = proof.indexOf('\n\n')
      const [magic, place, ...path] = proof.slice(0, split).split('\n'), note = proof.slice(split + 2), body = note.slice(0, note.lastIndexOf('\n\n') + 1)
      const signature = Buffer.from(note.trimEnd().split(' ').at(-1), 'base64').subarray(4), [origin, size, root] = body.split('\n')
      no('heads', magic === 'c2sp.org/tlog-proof@v1' && verify('sha256', Buffer.from(body), logKey, signature) && origin === trust.log.origin)
      // RFC 9162 §2.1.3.2
      let fn = Number(place.slice('index '.length)), sn = Number(size) - 1, r = sha(Buffer.from([0]), sha(bytes))
      for (const step of path.map(p => Buffer.from(p, 'base64'))) {
        if (fn % 2 || fn === sn) {
          r = sha(Buffer.from([1]), step, r)
          while (fn % 2 === 0 && fn) [fn, sn] = [fn >> 1, sn >> 1]
        } else r = sha(Buffer.from([1]), r, step)
        ;[fn, sn] = [fn >> 1, sn >> 1]
      }
      no('heads', sn === 0 && r.toString('base64') === root)
      logged.push(link)
    })
  }
  logged.sort((a, b) => a.n - b.n)
  stated.sort((a, b) => a.n - b.n).forEach((s, i) => no('heads', s.previous === (i ? stated[i - 1].digest : null)))
  if (names.some(n => n.startsWith('heads/'))) {
    for (const s of segments) {
      const next = logged.find(l => l.n >= s.n)
      no('heads', next || !closed)
      no('heads?', !next || next.elapsed - s.firstElapsed <= 45e6)
    }
    no('heads', !closed || logged.at(-1)?.n === links.at(-1).n)
    if (clean && input && clean.n < input.n) no('heads', logged.some(l => l.n >= clean.n && l.n < input.n))
  }

  // What else is sealed, what is not, and the end.
  const others = links.flatMap(l => l.kind === 'file' ? [[l.path, l]] : l.kind === 'capture' ? l.files.map(f => [f.path, f])
    : l.picture ? [[`marks/${l.picture.name}`, l.picture]] : [])
  others.forEach(([name, part]) => no('files', same(name, part)))
  links.filter(l => l.kind === 'capture').forEach((l, i) => attempt('captures', () => capture(l, i + 1, read, canonical, jcs)))
  const known = new Set(['chain.ndjson', ...(clean ? ['cleanliness.json'] : []), ...others.map(o => o[0]),
    ...segments.flatMap(s => ['mp4', 'frames', 'events'].map(e => `segments/${String(s.segment).padStart(8, '0')}.${e}`)),
    ...names.filter(n => /^heads\/\d{8}\.json$/.test(n)).flatMap(n => ['.json', '.tlog-proof', '.1.tsr', '.2.tsr'].map(e => n.replace('.json', e)))])
  no('package', names.every(n => known.has(n)) || !closed)
  const end = links.at(-1)
  if (closed) no('close', end.segments === segments.length && end.frames === segments.reduce((n, s) => n + s.frames.count, 0)
    && end.gaps === links.filter(l => l.kind === 'gap').length && chain.at(-1) === 10)
  return [...failing]
}

for await (const folder of createInterface({ input: process.stdin })) console.log(JSON.stringify(judge(folder)))
