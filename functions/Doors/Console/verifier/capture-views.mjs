// What is seen of a captured page, its DOM, the wire and the second fetch, compared (docs/forensics-format.md §10).
import { decode, fold, markup, ofScript, ofStyle, pieces, quote, stands } from './capture-texts.mjs';

const LISTED = 200, TEXTS = 10_000, CONTRADICTIONS = new Set(['not-in-dom', 'nowhere', 'not-in-second', 'only-in-second']);
const some = (document) => [...new Set(document?.texts ?? [])].slice(0, TEXTS);

/** What came over the wire, read in the ways in which a page can show it. */
function views(wire, address) {
  const documents = [], scripts = [], styles = [];
  let main = null;
  for (const { address: at, status, type, body } of wire) {
    if (!type.startsWith('text/') && !/(?:json|xml|javascript|ecmascript)$/.test(type)) continue;
    const text = decode(body);
    if (type === 'text/html' || type === 'application/xhtml+xml') {
      const document = markup(text);
      documents.push(document.text);
      scripts.push(fold(ofScript(document.rest)));
      styles.push(fold(ofStyle(document.rest)));
      // Of several answers the page is made from the last.
      if (at === address && !(status >= 300 && status < 400)) main = document;
    } else if (type === 'text/css') styles.push(fold(ofStyle(text)));
    else scripts.push(fold(ofScript(text)));
  }
  return { main, documents: documents.join('\n'), scripts: scripts.join('\n'), styles: styles.join('\n') };
}

/** The member `reconciliation` that the views give. */
export function reconcile(seen, dom, wire, address, second) {
  const { main, documents, scripts, styles } = views(wire, address), page = markup(dom).text, other = second && markup(decode(second.body)), found = [];
  const differs = (kind, text) => found.push({ kind, text: quote(text) });
  let [texts, served, scripted] = [0, 0, 0];
  if (!main) differs('no-wire', '');
  for (const { origin, text: written } of seen) {
    const text = fold(written);
    if (!text) continue;
    texts++;
    if (origin === 'text' && !stands(text, page)) differs('not-in-dom', text);
    if (stands(text, origin === 'style' ? styles : documents)) {
      served++;
      if (origin === 'text' && other && main && stands(text, main.text) && !stands(text, other.text)) differs('not-in-second', text);
    } else if (origin !== 'style' && stands(text, scripts)) scripted++;
    else if (origin === 'field') differs('typed', text);
    else if (main) {
      const parts = pieces(text);
      differs(origin === 'text' && parts.length > 0 && parts.every((each) => stands(each, scripts)) ? 'pieces' : 'nowhere', text);
    }
  }
  for (const text of some(main)) if (!stands(text, page)) differs('gone', text);
  if (other && main) for (const text of some(other)) if (!stands(text, main.text)) differs('only-in-second', text);
  const all = [...new Map(found.map((each) => [`${each.kind} ${each.text}`, each])).values()];
  const verdict = all.some((each) => CONTRADICTIONS.has(each.kind)) ? 'differs' : all.length > 0 || !second ? 'unknown' : 'agrees';
  return { differences: all.slice(0, LISTED), more: Math.max(0, all.length - LISTED), scripted, served, texts, verdict };
}
