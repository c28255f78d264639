// Texts of captured pages in the one form in which they are compared (docs/forensics-format.md §10).
/** From here on letters stand without spaces between words. */
const WIDE = 0x2e80, REFERENCE = 10, QUOTED = 200;
const isWhite = (c) => (c >= 9 && c <= 13) || c === 0x20 || c === 0x85 || c === 0xa0 || c === 0x1680 || (c >= 0x2000 && c <= 0x200a)
  || c === 0x2028 || c === 0x2029 || c === 0x202f || c === 0x205f || c === 0x3000;
const isUnseen = (c) => c === 0xad || (c >= 0x200b && c <= 0x200f) || c === 0x2060 || c === 0xfeff;
const isDigit = (c) => c >= 48 && c <= 57, isWord = (c) => isDigit(c) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122);
const isPunctuation = (c) => (c < 0x80 ? !isWord(c) : (c >= 0x2010 && c <= 0x2027) || (c >= 0x3000 && c <= 0x303f) || (c >= 0xff00 && c <= 0xff0f));

/** A body as characters: UTF-8, or else GB 18030. */
export function decode(bytes) {
  try { return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes); } catch { return new TextDecoder('gb18030').decode(bytes); }
}

/** White space is one space, and none between wide letters or at an end; what is not seen is left out. */
export function fold(text) {
  const out = [];
  let last = 0, gap = false;
  for (const letter of text) {
    let c = letter.codePointAt(0);
    if (isUnseen(c)) continue;
    if (isWhite(c)) { gap = true; continue; }
    if (gap && last !== 0 && !(last >= WIDE && c >= WIDE)) out.push(' ');
    const half = c >= 0xd800 && c <= 0xdfff;
    if (half) c = 0xfffd;
    out.push(half ? '\ufffd' : letter);
    [last, gap] = [c, false];
  }
  return out.join('');
}

/** Whether a folded text is a part of another, with words of its own where it begins and ends with ASCII letters or digits. */
export function stands(text, within) {
  const [first, last] = [isWord(text.charCodeAt(0)), isWord(text.charCodeAt(text.length - 1))];
  for (let at = 0; (at = within.indexOf(text, at)) >= 0; at++) {
    if (!(first && isWord(within.charCodeAt(at - 1))) && !(last && isWord(within.charCodeAt(at + text.length)))) return true;
  }
  return false;
}

/** What a folded text is put together from: cut before and after digits and at punctuation, which is left out. */
export function pieces(text) {
  const found = [];
  for (let i = 0, from = 0, kind = 0; i <= text.length; i++) {
    const c = text.charCodeAt(i), next = i === text.length || isPunctuation(c) ? 0 : isDigit(c) ? 1 : 2;
    if (next === kind) continue;
    if (kind !== 0) found.push(text.slice(from, i));
    [from, kind] = [i, next];
  }
  return found;
}

export const quote = (text) => Array.from(text).slice(0, QUOTED).join('');

// HTML 4.01 §24.2, from 160 on; then what else is known by name.
const LATIN = `nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil sup1
  ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde
  Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave
  eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml`.split(/\s+/);
const NAMES = new Map([...LATIN.map((name, i) => [name, 160 + i]), ['amp', 38], ['lt', 60], ['gt', 62], ['quot', 34], ['apos', 39], ['hellip', 0x2026],
  ['mdash', 0x2014], ['ndash', 0x2013], ['lsquo', 0x2018], ['rsquo', 0x2019], ['ldquo', 0x201c], ['rdquo', 0x201d], ['bull', 0x2022], ['trade', 0x2122],
  ['euro', 0x20ac], ['ensp', 0x2002], ['emsp', 0x2003], ['larr', 0x2190], ['rarr', 0x2192]]);

const scalar = (n) => (n <= 0x10ffff && !(n >= 0xd800 && n <= 0xdfff) ? String.fromCodePoint(n) : null);

function named(name) {
  if (/^#x[0-9a-f]+$/i.test(name)) return scalar(parseInt(name.slice(2), 16));
  if (/^#\d+$/.test(name)) return scalar(Number(name.slice(1)));
  return NAMES.has(name) ? String.fromCodePoint(NAMES.get(name)) : null;
}

/** Character references undone. */
export function references(text) {
  const out = [];
  let from = 0;
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', at)) {
    const end = text.indexOf(';', at), letter = end > at && end - at - 1 <= REFERENCE ? named(text.slice(at + 1, end)) : null;
    if (letter === null) { at++; continue; }
    out.push(text.slice(from, at), letter);
    from = at = end + 1;
  }
  return out.join('') + text.slice(from);
}

/** Of JavaScript and JSON. */
export const ofScript = (text) => references(text.replace(/\\(?:u\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([^]))/g, (_, a, b, c, other) => {
  if (other !== undefined) return 'nrt'.includes(other) ? ' ' : other;
  const n = parseInt(a ?? b ?? c, 16);
  return n <= 0xffff ? String.fromCharCode(n) : scalar(n) ?? '';
}));

/** Of style sheets. */
export const ofStyle = (text) => text.replace(/\\(?:([0-9A-Fa-f]{1,6}) ?)?/g, (_, digits) => (digits ? scalar(parseInt(digits, 16)) ?? '' : ''));

/** Where the markup ends that begins there; 0 when it is text. */
function endOf(html, at) {
  if (html.startsWith('<!--', at)) { const end = html.indexOf('-->', at + 4); return end < 0 ? html.length : end + 3; }
  if (!/[A-Za-z/!?]/.test(html[at + 1] ?? '')) return 0;
  let end = at + 1;
  while (end < html.length && html[end] !== '>') {
    if (html[end++] !== '=') continue;
    while (end < html.length && ' \t\n\f\r'.includes(html[end])) end++;
    if (html[end] === '"' || html[end] === "'") {
      const close = html.indexOf(html[end], end + 1);
      end = close < 0 ? html.length : close + 1;
    }
  }
  end = Math.min(end + 1, html.length);
  const raw = /^(script|style|title)[^A-Za-z0-9]/i.exec(html.slice(at + 1, at + 8))?.[1];
  if (!raw) return end;
  const close = new RegExp(`</${raw}`, 'gi');
  close.lastIndex = end;
  return close.exec(html)?.index ?? html.length;
}

/** A document's texts in order, all of them as one, and its markup. */
export function markup(html) {
  const texts = [], rest = [];
  let from = 0;
  const take = (to) => { const text = fold(references(html.slice(from, to))); if (text) texts.push(text); };
  for (let at = html.indexOf('<'); at >= 0; at = html.indexOf('<', at)) {
    const end = endOf(html, at);
    if (end === 0) { at++; continue; }
    take(at);
    rest.push(html.slice(at, end), ' ');
    from = at = end;
  }
  take(html.length);
  return { texts, text: fold(texts.join(' ')), rest: rest.join('') };
}
