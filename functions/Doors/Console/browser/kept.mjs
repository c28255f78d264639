// What this browser remembers of uploads under way: under the wish's fingerprint its key, the upload's id and which blocks are there.
// No address (it is a secret), no name. Storage's own list of blocks is not asked: a signature that may read it may read the file as well.
const prefix = 'notary-upload ';
/** After a day the ticket has expired and the blocks are for nothing: milliseconds. */
const life = 24 * 3600 * 1000;

export function read(fingerprint) {
  try {
    const kept = JSON.parse(localStorage.getItem(prefix + fingerprint));
    return kept && kept.since > Date.now() - life ? kept : null;
  } catch {
    return null;
  }
}

/** Where nothing can be kept, nothing can be taken up again after a reload, and all else goes on. */
export function write(fingerprint, kept) {
  try {
    localStorage.setItem(prefix + fingerprint, JSON.stringify(kept));
  } catch {
    // Full, or forbidden.
  }
}

export const drop = fingerprint => localStorage.removeItem(prefix + fingerprint);

/** Forgets what has had its day. */
export function tidy() {
  for (const key of Object.keys(localStorage).filter(each => each.startsWith(prefix))) {
    if (!read(key.slice(prefix.length))) localStorage.removeItem(key);
  }
}
