// A candidate list as its organiser holds it (docs/draw-format.md, section 1), row by row, from a file that stays where it is.

/** What keeps the list from being read: the line, and a code as the platform's own. */
export class BadRow extends Error {
  constructor(line, code) {
    super(`${line}: ${code}`);
    Object.assign(this, { line, code });
  }
}

/** By the name that it has. */
export const formatOf = name => (/\.(ndjson|jsonl)$/i.test(name) ? 'ndjson' : 'csv');

/** Pieces of text. A byte order mark is dropped; bytes without a meaning throw. */
async function* texts(file, encoding, tell) {
  const decoder = new TextDecoder(encoding, { fatal: true }), reader = file.stream().getReader();
  for (let read = 0, line = 1; ;) {
    const { value, done } = await reader.read();
    let text;
    try {
      text = done ? decoder.decode() : decoder.decode(value, { stream: true });
    } catch {
      throw new BadRow(line, 'row-encoding');
    }
    if (text) yield text;
    if (done) return;
    tell((read += value.length) / file.size);
    line += text.split('\n').length - 1;
  }
}

/** Rows of a CSV (RFC 4180) as [line, fields]; a line without anything is none. */
async function* csvRows(pieces) {
  let [line, begun, row, field, quoted, state] = [1, 1, [], '', false, 'start'];
  const endField = () => { row.push(field); [field, quoted, state] = ['', false, 'start']; };
  function* endRow() {
    const empty = row.length === 0 && field === '' && !quoted;
    if (!empty) {
      endField();
      yield [begun, row];
    }
    [row, begun, state] = [[], line, 'start'];
  }
  for await (const piece of pieces) {
    for (const c of piece) {
      if (c === '\n') line++;
      if (state === 'quoted') {
        if (c === '"') state = 'closing';
        else field += c;
      } else if (c === '"' && state === 'closing') {
        [field, state] = [`${field}"`, 'quoted'];
      } else if (c === '"' && state === 'start' && field === '') {
        [quoted, state] = [true, 'quoted'];
      } else if (c === ',') {
        endField();
      } else if (c === '\n') {
        if (!quoted && field.endsWith('\r')) field = field.slice(0, -1);
        yield* endRow();
      } else if (c === '"' || (state === 'closing' && c !== '\r')) {
        throw new BadRow(begun, 'row-quotes');
      } else if (state !== 'closing') {
        [field, state] = [field + c, 'plain'];
      }
    }
  }
  if (state === 'quoted') throw new BadRow(begun, 'row-quotes');
  if (!quoted && field.endsWith('\r')) field = field.slice(0, -1);
  yield* endRow();
}

/** Ids in the list's order, as they are written there. */
export async function* idsOf(file, encoding, tell = () => {}) {
  const pieces = texts(file, encoding, tell);
  if (formatOf(file.name) === 'csv') {
    let columns = null;
    for await (const [line, row] of csvRows(pieces)) {
      if (columns === null) {
        columns = row;
        if (!row.includes('id')) throw new BadRow(line, 'columns');
        continue;
      }
      if (row.length !== columns.length) throw new BadRow(line, 'row-fields');
      yield [line, row[columns.indexOf('id')]];
    }
    return;
  }
  let [line, rest] = [0, ''];
  const idIn = text => {
    try {
      const { id } = JSON.parse(text);
      if (typeof id === 'string') return id;
    } catch {
      // Said below.
    }
    throw new BadRow(line, 'row-json');
  };
  for await (const piece of pieces) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop();
    for (const text of lines) {
      line++;
      if (text.replace('\r', '') !== '') yield [line, idIn(text)];
    }
  }
  line++;
  if (rest !== '') yield [line, idIn(rest)];
}
