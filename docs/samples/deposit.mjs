// Deposits a file, waits for its letter, and keeps the evidence:
//   URL=https://notary.example KEY=ntk_… node deposit.mjs contract.pdf      (Node 20 or newer, nothing else)
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const { URL: server, KEY: key } = process.env, file = process.argv[2];
const bytes = await readFile(file), sha256 = createHash("sha256").update(bytes).digest();

/** Asks until there is an answer: too fast (429), not there yet (409 with Retry-After), or a dependency that is away (503). */
async function ask(path, options = {}) {
  for (let left = 300; ; left--) {
    const answer = await fetch(server + path, { ...options, headers: { Authorization: `Bearer ${key}`, ...options.headers } })
      .catch((cause) => new Response(String(cause.cause ?? cause), { status: 503 }));
    if (answer.ok)
      return answer;

    const seconds = answer.headers.get("retry-after") ?? (answer.status === 503 ? 5 : null);
    if (seconds === null || left === 0)
      throw new Error(`${path}: ${answer.status} ${await answer.text()}`);

    await pause(seconds * 1000);
  }
}

// The same Idempotency-Key and bytes give the same deposit, so what is not answered may be sent again.
const receipt = await (await ask(`/v1/deposits/file?name=${encodeURIComponent(basename(file))}`, {
  method: "POST",
  body: bytes,
  headers: {
    "Content-Type": "application/octet-stream",
    "Content-Digest": `sha-256=:${sha256.toString("base64")}:`,
    "Idempotency-Key": `file-${sha256.toString("hex")}`,
  },
})).json();
await writeFile(`${file}.receipt.json`, JSON.stringify(receipt));

// The letter is there when everything else is: time stamps, the anchor on the chain, the signature.
for (const [what, name] of [["letter", "letter.pdf"], ["bundle", "evidence.zip"]])
  await writeFile(`${file}.${name}`, Buffer.from(await (await ask(`/v1/deposits/${receipt.id}/${what}`)).arrayBuffer()));

console.log(receipt.id);
