// The console's judge of recordings, asked from Node. A line in: a package's zip. A line out: what of it does not pass, with its places.
// First argument: the reader's trust file.
import { openSync, closeSync, fstatSync, readSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Bytes } from '../../../../functions/Doors/Console/verifier/bytes.mjs'
import { judgeRecording } from '../../../../functions/Doors/Console/verifier/forensics.mjs'
import { openZip } from '../../../../functions/Doors/Console/verifier/forensics-zip.mjs'
import { parseTrust } from '../../../../functions/Doors/Console/verifier/trust.mjs'

const trust = parseTrust(Bytes.over(readFileSync(process.argv[2])))

for await (const path of createInterface({ input: process.stdin })) {
  const file = openSync(path)
  const read = async (from, to) => {
    const bytes = new Uint8Array(to - from)
    readSync(file, bytes, 0, bytes.length, from)
    return bytes
  }
  const found = await judgeRecording(await openZip({ size: fstatSync(file).size, read }), trust), { outcome, session, segments, frames, length } = found
  closeSync(file)
  const findings = found.verdicts.filter(v => v.mark !== 'pass').map(({ rung, code, mark, place: p }) =>
    [mark, rung, code, p.segment ?? '-', p.frame ?? '-', p.link ?? '-', p.file ?? '-'].join(' '))
  const longest = found.longest && `${found.longest.segment} ${found.longest.length} ${found.longest.stamped}`
  console.log(JSON.stringify({ outcome, session, segments, frames, length, longest, findings }))
}
