// Reads a WARC by Webrecorder's own library and prints its responses, a JSON object a line. First argument: the file.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
const { WARCParser } = await import(new URL('../../../scripts/node_modules/warcio/dist/index.js', import.meta.url))

const sha = bytes => `sha-256:${createHash('sha256').update(bytes).digest('hex')}`
for await (const record of new WARCParser(createReadStream(process.argv[2]))) {
  const payload = Buffer.from(await record.readFully(false))
  if (record.warcType !== 'response') continue
  if (record.warcHeader('WARC-Payload-Digest') !== sha(payload)) throw new Error(`another payload of ${record.warcTargetURI}`)
  console.log(JSON.stringify({ url: record.warcTargetURI, status: record.httpHeaders.statusCode, body: payload.toString('base64'),
    type: record.httpHeaders.headers.get('content-type') ?? '' }))
}
