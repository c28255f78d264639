// Judges a captured page as docs/forensics-format.md §10 says and knows nothing else.
import { createHash, X509Certificate } from 'node:crypto'
import { gunzipSync, inflateRawSync } from 'node:zlib'

const hex = bytes => createHash('sha256').update(bytes).digest('hex')
const fail = why => { throw new Error(why) }

function unzip(bytes) {
  const files = {}
  let at = bytes.lastIndexOf(Buffer.from('PK\x05\x06'))
  for (let left = bytes.readUInt16LE(at + 10), p = bytes.readUInt32LE(at + 16); left > 0; left--) {
    const [method, size, name, extra, comment] = [10, 20, 28, 30, 32].map(o => o === 20 ? bytes.readUInt32LE(p + o) : bytes.readUInt16LE(p + o))
    const local = bytes.readUInt32LE(p + 42), from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
    const content = bytes.subarray(from, from + size), key = bytes.toString('utf8', p + 46, p + 46 + name)
    files[key] = key in files ? fail('twice') : method === 0 ? content : method === 8 ? inflateRawSync(content) : fail('method')
    p += 46 + name + extra + comment
  }
  return files
}

const fields = lines => Object.fromEntries(lines.map(l => [l.slice(0, l.indexOf(':')).toLowerCase(), l.slice(l.indexOf(':') + 1).trim()]).reverse())

function responses(warc) {
  const found = [], bytes = gunzipSync(warc)
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf('\r\n\r\n', at), [first, ...lines] = bytes.toString('utf8', at, end).split('\r\n'), head = fields(lines)
    const length = Number(head['content-length']), block = bytes.subarray(end + 4, end + 4 + length)
    if (first !== 'WARC/1.1' || bytes.toString('latin1', end + 4 + length, end + 8 + length) !== '\r\n\r\n') fail('record')
    if (head['warc-type'] === 'response') {
      const body = block.indexOf('\r\n\r\n'), [status, ...own] = block.toString('utf8', 0, body).split('\r\n')
      found.push({ address: head['warc-target-uri'], status: Number(/^HTTP\/1\.1 (\d+)/.exec(status)[1]),
        type: (fields(own)['content-type'] ?? '').split(';')[0].trim().toLowerCase(), body: block.subarray(body + 4) })
    }
    at = end + 8 + length
  }
  return found
}

// Characters
const decode = bytes => {
  try { return new TextDecoder('utf-8', { fatal: true }).decode(bytes) } catch { return new TextDecoder('gb18030').decode(bytes) }
}
const white = /[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/u, unseen = /[\xad\u200b-\u200f\u2060\ufeff]/gu
const fold = text => {
  let out = '', last = 0, gap = false
  for (const c of text.toWellFormed().replace(unseen, '')) {
    if (white.test(c)) { gap = true; continue }
    const point = c.codePointAt(0)
    if (gap && last && !(last >= 0x2e80 && point >= 0x2e80)) out += ' '
    out += c, last = point, gap = false
  }
  return out
}
const word = c => c !== undefined && /^[A-Za-z0-9]$/.test(c)
const stands = (text, within) => {
  for (let at = 0; (at = within.indexOf(text, at)) >= 0; at++) {
    const end = at + text.length
    if (!(word(text[0]) && word(within[at - 1])) && !(word(text.at(-1)) && word(within[end]))) return true
  }
  return false
}
const pieces = text => text.split(/[^A-Za-z0-9\x80-\uffff]|[\u2010-\u2027\u3000-\u303f\uff00-\uff0f]/).flatMap(p => p.match(/[0-9]+|[^0-9]+/g) ?? [])
const quote = text => [...text].slice(0, 200).join('')

// Markup
const latin = ('nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm '
  + 'raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve '
  + 'Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc '
  + 'euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml').split(' ')
const names = new Map([...latin.map((n, i) => [n, String.fromCodePoint(160 + i)]), ['amp', '&'], ['lt', '<'], ['gt', '>'], ['quot', '"'], ['apos', "'"],
  ['hellip', '\u2026'], ['mdash', '\u2014'], ['ndash', '\u2013'], ['lsquo', '\u2018'], ['rsquo', '\u2019'], ['ldquo', '\u201c'], ['rdquo', '\u201d'],
  ['bull', '\u2022'], ['trade', '\u2122'], ['euro', '\u20ac'], ['ensp', '\u2002'], ['emsp', '\u2003'], ['larr', '\u2190'], ['rarr', '\u2192']])
const scalar = n => n <= 0x10ffff && (n < 0xd800 || n > 0xdfff) ? String.fromCodePoint(n) : null
const references = text => text.replace(/&([^;]{0,10});/g, whole => {
  // What begins with an ampersand may hold another, whose reference it then is.
  const at = whole.lastIndexOf('&'), name = whole.slice(at + 1, -1)
  const c = /^#x[0-9a-f]+$/i.test(name) ? scalar(parseInt(name.slice(2), 16)) : /^#\d+$/.test(name) ? scalar(Number(name.slice(1))) : names.get(name) ?? null
  return c === null ? whole : whole.slice(0, at) + c
})

function markup(html) {
  const texts = [], rest = []
  let from = 0
  const take = to => { const t = fold(references(html.slice(from, to))); if (t) texts.push(t) }
  for (let at = html.indexOf('<'); at >= 0; at = html.indexOf('<', at)) {
    let end
    if (html.startsWith('<!--', at)) end = (html.indexOf('-->', at + 4) + 1 || html.length - 1) + 2
    else if (!/^[A-Za-z/!?]$/.test(html[at + 1] ?? '')) { at++; continue } else {
      end = at + 1
      while (end < html.length && html[end] !== '>') {
        if (html[end++] !== '=') continue
        while (/^[ \t\n\f\r]$/.test(html[end] ?? '')) end++
        if (html[end] === '"' || html[end] === "'") end = html.indexOf(html[end], end + 1) + 1 || html.length
      }
      end++
      const raw = /^(script|style|title)[^A-Za-z0-9]/i.exec(html.slice(at + 1, at + 8))?.[1]
      if (raw) {
        const close = new RegExp(`</${raw}`, 'ig')
        close.lastIndex = end
        end = close.exec(html)?.index ?? html.length
      }
    }
    end = Math.min(end, html.length)
    take(at)
    rest.push(html.slice(at, end), ' ')
    from = at = end
  }
  take(html.length)
  return { texts, text: fold(texts.join(' ')), rest: rest.join('') }
}

const ofScript = text => references(text.replace(/\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([^]))/g, (_, a, b, c, other) => {
  if (other !== undefined) return 'nrt'.includes(other) ? ' ' : other
  const n = parseInt(a ?? b ?? c, 16)
  return n <= 0xffff ? String.fromCharCode(n) : scalar(n) ?? ''
}))
const ofStyle = text => text.replace(/\\(?:([0-9a-fA-F]{1,6}) ?)?/g, (_, digits) => digits ? scalar(parseInt(digits, 16)) ?? '' : '')

function reconcile(seen, dom, wire, main, second) {
  const documents = [], scripts = [], styles = [], found = [], page = markup(dom).text
  let document = null
  for (const r of wire) {
    if (!/^text\/|(json|xml|javascript|ecmascript)$/.test(r.type)) continue
    const text = decode(r.body)
    if (r.type === 'text/html' || r.type === 'application/xhtml+xml') {
      const m = markup(text)
      documents.push(m.text), scripts.push(fold(ofScript(m.rest))), styles.push(fold(ofStyle(m.rest)))
      if (r.address === main && !(r.status >= 300 && r.status < 400)) document = m
    } else if (r.type === 'text/css') styles.push(fold(ofStyle(text)))
    else scripts.push(fold(ofScript(text)))
  }
  const other = second && markup(decode(second.body)), [d, s, c] = [documents, scripts, styles].map(l => l.join('\n')), n = { texts: 0, served: 0, scripted: 0 }
  const differs = (kind, text) => found.push({ kind, text: quote(text) })
  if (!document) differs('no-wire', '')
  for (const { origin, text: written } of seen) {
    const text = fold(written)
    if (!text) continue
    n.texts++
    if (origin === 'text' && !stands(text, page)) differs('not-in-dom', text)
    if (stands(text, origin === 'style' ? c : d)) {
      n.served++
      if (origin === 'text' && other && document && stands(text, document.text) && !stands(text, other.text)) differs('not-in-second', text)
    } else if (origin !== 'style' && stands(text, s)) n.scripted++
    else if (origin === 'field') differs('typed', text)
    else if (document) {
      const p = pieces(text)
      differs(origin === 'text' && p.length && p.every(x => stands(x, s)) ? 'pieces' : 'nowhere', text)
    }
  }
  const some = m => [...new Set(m?.texts ?? [])].slice(0, 10000)
  for (const text of some(document)) if (!stands(text, page)) differs('gone', text)
  if (document) for (const text of some(other)) if (!stands(text, document.text)) differs('only-in-second', text)
  const all = [...new Map(found.map(f => [`${f.kind} ${f.text}`, f])).values()]
  const verdict = all.some(f => ['not-in-dom', 'nowhere', 'not-in-second', 'only-in-second'].includes(f.kind)) ? 'differs'
    : all.length || !second ? 'unknown' : 'agrees'
  return { differences: all.slice(0, 200), more: Math.max(0, all.length - 200), ...n, verdict }
}

// Throws where a capture is not what it says.
export function judge(link, number, read, canonical, jcs) {
  const place = `captures/${String(number).padStart(4, '0')}/`, file = name => read(place + name) ?? fail(name)
  const report = canonical(file('capture.json')), others = link.files.filter(f => f.path !== `${place}capture.json`)
  if (report.format !== 'notary-capture/1' || link.number !== number || report.number !== number || report.address !== link.address) fail('report')
  if (jcs(others) !== jcs(report.files.map(f => ({ digest: f.digest, path: place + f.name, size: f.size })))
    || others.length + 1 !== link.files.length) fail('files')
  if (report.files.some(f => hex(file(f.name)) !== f.digest)) fail('digest')
  const must = ['page.html', 'page.png', 'page.wacz', 'seen.json', 'thumbnail.jpg'], may = ['second.warc.gz', 'tls.pem'], has = report.files.map(f => f.name)
  if (new Set(has).size !== has.length || must.some(m => !has.includes(m)) || has.some(h => !must.includes(h) && !may.includes(h))) fail('names')
  if (has.includes('tls.pem') !== (report.tls !== null) || (report.tls && hex(new X509Certificate(file('tls.pem')).raw) !== report.tls.certificate)) fail('tls')
  const wacz = unzip(file('page.wacz')), resources = JSON.parse(wacz['datapackage.json']).resources
  if (JSON.parse(wacz['datapackage-digest.json']).hash !== `sha256:${hex(wacz['datapackage.json'])}`
    || resources.map(r => r.path).sort().join() !== 'archive/data.warc.gz,indexes/index.cdx,pages/pages.jsonl' || Object.keys(wacz).length !== 5
    || resources.some(r => r.hash !== `sha256:${hex(wacz[r.path])}`)) fail('wacz')
  const wire = responses(wacz['archive/data.warc.gz']), second = report.second.outcome === 'fetched' ? responses(file('second.warc.gz')).at(-1) : null
  if (wire.length !== report.wire.responses || (second && (second.address !== report.second.address || second.status !== report.second.status))
    || (report.second.outcome === 'unasked' && has.includes('second.warc.gz'))) fail('wire')
  if (jcs(reconcile(canonical(file('seen.json')), decode(file('page.html')), wire, report.wire.main, second)) !== jcs(report.reconciliation)) fail('comparison')
}
