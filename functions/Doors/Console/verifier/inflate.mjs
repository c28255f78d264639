// Unpacks deflated data (RFC 1951), with zlib's wrapping and checksum (RFC 1950) or raw, within a bound.
import { Inflate } from 'pako';
import { Bytes } from './bytes.mjs';

const CHUNK = 64 * 1024;

/** Returns { bytes, used }: the content, and how many bytes of the input it took. Throws for what is damaged, cut, or unfolds to more than `most`. */
export function inflate(packed, { raw = false, most }) {
  const parts = [], stream = new Inflate({ raw, chunkSize: CHUNK, windowBits: raw ? -15 : 15 });
  let length = 0;
  stream.onData = (part) => {
    if ((length += part.length) > most) throw new RangeError('unfolds to more than it may');
    parts.push(part);
  };
  stream.push(packed, true);
  if (stream.err) throw new Error(stream.msg);
  return { bytes: Bytes.concat(parts), used: packed.length - stream.strm.avail_in };
}
