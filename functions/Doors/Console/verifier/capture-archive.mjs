// A captured page's web archive: WACZ 1.1.1 with a WARC 1.1, read within bounds (docs/forensics-format.md §10).
import { Inflate } from 'pako';
import { Bytes } from './bytes.mjs';
import { hash } from './forensics-ladder.mjs';
import { openZip } from './forensics-zip.mjs';
import { need } from './json.mjs';

export const MAX_ARCHIVE = 160 * 1024 * 1024;
const CODE = 'malformed', MAX_HEAD = 256 * 1024, MAX_BODY = 16 * 1024 * 1024, MAX_RECORDS = 2 * 5000 + 1, CHUNK = 64 * 1024;
const WARC = 'archive/data.warc.gz', LISTED = [WARC, 'indexes/index.cdx', 'pages/pages.jsonl'];

/** All members of a gzip file (RFC 1952 §2.2), one after the other. Throws Bad. */
function gunzip(packed) {
  const parts = [];
  let length = 0;
  for (let at = 0; at < packed.length;) {
    const stream = new Inflate({ windowBits: 31, chunkSize: CHUNK });
    stream.onData = (part) => { need((length += part.length) <= MAX_ARCHIVE, CODE, 'the WARC is too long'); parts.push(part); };
    stream.push(packed.subarray(at), true);
    need(!stream.err && stream.ended, CODE, 'the WARC is damaged');
    const used = packed.length - at - stream.strm.avail_in;
    need(used > 0, CODE, 'the WARC is damaged');
    at += used;
  }
  return Bytes.concat(parts);
}

const field = (lines, name) => lines.slice(1).map((line) => /^([^:]*):([^]*)$/.exec(line)).find((m) => m && m[1].toLowerCase() === name)?.[2].trim() ?? '';

/** The responses in order: { address, status, type, body }. Throws Bad. */
export function readWarc(packed) {
  const bytes = gunzip(packed), found = [];
  for (let at = 0, records = 0; at < bytes.length; records++) {
    const end = bytes.indexOf('\r\n\r\n', at);
    need(end >= 0 && end - at <= MAX_HEAD && records < MAX_RECORDS, CODE, 'the WARC breaks off');
    const lines = bytes.toString('utf8', at, end).split('\r\n'), length = field(lines, 'content-length'), from = end + 4, to = from + Number(length);
    need(lines[0] === 'WARC/1.1' && /^\d{1,9}$/.test(length) && to - from <= MAX_BODY + MAX_HEAD && bytes.toString('latin1', to, to + 4) === '\r\n\r\n',
      CODE, 'the WARC has a record that is none');
    if (field(lines, 'warc-type') === 'response') found.push(response(field(lines, 'warc-target-uri'), bytes.subarray(from, to)));
    at = to + 4;
  }
  return found;
}

function response(address, block) {
  const end = block.indexOf('\r\n\r\n');
  need(end >= 0 && end <= MAX_HEAD, CODE, 'the WARC has a response without a head');
  const lines = block.toString('utf8', 0, end).split('\r\n'), status = /^HTTP\/1\.1 (\d{1,9})(?: |$)/.exec(lines[0])?.[1];
  need(status, CODE, 'the WARC has a response without a status');
  return { address, status: Number(status), type: field(lines, 'content-type').split(';')[0].trim().toLowerCase(), body: block.subarray(end + 4) };
}

/** The responses in a WACZ whose own digests are right. Throws Bad. */
export async function readWacz(bytes) {
  const zip = await openZip({ size: bytes.length, read: async (from, to) => bytes.subarray(from, to) });
  const member = async (name) => { const found = await zip.read(name, MAX_ARCHIVE); need(found, CODE, `the WACZ has no ${name}`); return found; };
  const json = async (name) => { try { return JSON.parse((await member(name)).toString()); } catch { return need(false, CODE, `the WACZ has no ${name}`); } };
  const { hash: stated } = await json('datapackage-digest.json') ?? {}, { resources } = await json('datapackage.json') ?? {};
  need(stated === `sha256:${await hash(await member('datapackage.json'))}` && Array.isArray(resources), CODE, 'the WACZ has another datapackage');
  need(resources.map((r) => r?.path).sort().join() === LISTED.join() && zip.names.length === LISTED.length + 2 && zip.odd.length === 0, CODE,
    'the WACZ has other members than its datapackage lists');
  for (const { path, hash: listed } of resources) need(listed === `sha256:${await hash(await member(path))}`, CODE, `the WACZ has another ${path}`);
  return readWarc(await member(WARC));
}
