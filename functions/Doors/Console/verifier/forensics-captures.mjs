// Captured pages: each report is about its own files, and the comparison is the one that these give (docs/forensics-format.md §10).
import { Bytes } from './bytes.mjs';
import { MAX_ARCHIVE, readWacz, readWarc } from './capture-archive.mjs';
import { decode } from './capture-texts.mjs';
import { reconcile } from './capture-views.mjs';
import { hash } from './forensics-ladder.mjs';
import { moment, plain } from './forensics-links.mjs';
import { Bad, canonical, is, jcs, members, need } from './json.mjs';

const RUNG = 'captures', MAX_CAPTURES = 100, MAX_REPORT = 4 * 1024 * 1024, MAX_DOM = 16 * 1024 * 1024, MAX_SEEN = 8 * 1024 * 1024, LISTED = 200, TEXTS = 10_000;
const NAME = 255, TEXT = 4096, ADDRESS = 8192, CODE = 'capture-malformed', FILES = 'capture-files', REPORT = 'capture.json';
const ALWAYS = ['page.html', 'page.png', 'page.wacz', 'seen.json', 'thumbnail.jpg'], PERHAPS = ['second.warc.gz', 'tls.pem'];

const upTo = (most) => (v) => Number.isSafeInteger(v) && v >= 0 && v <= most, int = upTo(2 ** 31 - 1), whole = upTo(Number.MAX_SAFE_INTEGER);
const said = is.text(0, TEXT), address = is.text(1, ADDRESS), list = (most, each) => is.list(0, most, each);
const shape = (checks) => (v) => { try { return !!members(v, CODE, checks); } catch (e) { if (e instanceof Bad) return false; throw e; } };
const KINDS = ['not-in-dom', 'nowhere', 'pieces', 'typed', 'gone', 'not-in-second', 'only-in-second', 'no-wire'];
const REPORT_SHAPE = {
  format: is.one('notary-capture/1'), number: upTo(MAX_CAPTURES), at: (v) => moment(v) !== null, address, title: said,
  size: shape({ width: int, height: int, whole, window: int }),
  files: list(16, shape({ name: (v) => is.text(1, NAME)(v) && plain(v), size: whole, digest: is.hex(32) })),
  tls: is.orNull(shape({ protocol: said, cipher: said, issuer: said, certificate: is.hex(32) })),
  wire: shape({ main: is.orNull(address), responses: int, missing: list(LISTED, shape({ address, why: said })) }),
  frames: list(LISTED, is.text(0, ADDRESS)),
  second: shape({ outcome: is.one('fetched', 'failed', 'unasked'), address: is.text(0, ADDRESS), status: int, detail: said }),
  reconciliation: shape({ texts: int, served: int, scripted: int, more: int, verdict: is.one('agrees', 'differs', 'unknown'),
    differences: list(LISTED, shape({ kind: is.one(...KINDS), text: said })) }),
};

export const fileOf = (number, name) => `captures/${String(number).padStart(4, '0')}/${name}`;

export async function judgeCaptures({ links }, pkg, ladder) {
  let number = 0;
  for (const link of links.filter((l) => l.kind === 'capture')) {
    const place = { link: link.n, file: fileOf(link.number, REPORT) };
    number++;
    if (link.number !== number || number > MAX_CAPTURES) { ladder.fail(RUNG, place, 'capture-order', { number }); continue; }
    try {
      const { reconciliation: r, address: of } = await judgeCapture(link, pkg);
      const kinds = KINDS.map((kind) => ({ kind, count: r.differences.filter((d) => d.kind === kind).length })).filter(({ count }) => count > 0);
      ladder.add(RUNG, place, 'pass', r.verdict, { say: `capture-${r.verdict}`, address: of, ...r, kinds });
    } catch (e) {
      if (!(e instanceof Bad)) throw e;
      ladder.fail(RUNG, place, e.code === 'unreadable' ? FILES : e.code === 'malformed' || e.code === 'not-a-recording' ? CODE : e.code, { why: e.message });
    }
  }
  if (number === 0) ladder.pass(RUNG, {}, 'no-captures');
}

/** The report, if all of it is so. Throws Bad with the rung's code. */
async function judgeCapture(link, pkg) {
  const read = async (name, most) => {
    const bytes = await pkg.read(fileOf(link.number, name), most);
    need(bytes, FILES, `${name} is missing, or longer than any`);
    return bytes;
  };
  const report = members(canonical(await read(REPORT, MAX_REPORT), CODE, MAX_REPORT), CODE, REPORT_SHAPE);
  need(report.number === link.number && report.address === link.address, 'capture-differs');
  const others = link.files.filter((f) => f.path !== fileOf(link.number, REPORT)), names = report.files.map((f) => f.name);
  const listed = report.files.map((f) => ({ path: fileOf(link.number, f.name), size: f.size, digest: f.digest }));
  need(jcs(others) === jcs(listed) && link.files.length === listed.length + 1, FILES);
  need(new Set(names).size === names.length && ALWAYS.every((n) => names.includes(n)) && names.every((n) => ALWAYS.includes(n) || PERHAPS.includes(n)), FILES);
  need(names.includes('tls.pem') === (report.tls !== null) && (!report.tls || await first(await read('tls.pem', MAX_REPORT)) === report.tls.certificate),
    'tls-differs');
  const wire = await readWacz(await read('page.wacz', MAX_ARCHIVE));
  need(wire.length === report.wire.responses, 'wire-differs');
  const there = names.includes('second.warc.gz'), { outcome } = report.second;
  let second = null;
  if (outcome === 'fetched') {
    need(there, 'second-differs');
    second = readWarc(await read('second.warc.gz', MAX_ARCHIVE)).at(-1) ?? null;
    need(second && second.address === report.second.address && second.status === report.second.status, 'second-differs');
  } else need(outcome === 'failed' || !there, 'second-differs');
  const seen = canonical(await read('seen.json', MAX_SEEN), CODE, MAX_SEEN);
  need(list(TEXTS, shape({ origin: is.one('text', 'field', 'style'), text: is.text(0, 2 * TEXT) }))(seen), CODE);
  const again = reconcile(seen, decode(await read('page.html', MAX_DOM)), wire, report.wire.main, second);
  need(jcs(again) === jcs(report.reconciliation), 'comparison-differs');
  return report;
}

/** SHA-256 of the first certificate (RFC 7468); null when there is none. */
async function first(pem) {
  const found = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/.exec(pem.toString('latin1'));
  const der = found && Bytes.from(found[1].replace(/\s/g, ''), 'base64');
  return der && hash(der);
}
