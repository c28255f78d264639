// A receiver of webhooks, as a partner would write it with the published library, and its six bad brothers.
//   POST /good/NAME, /hang/NAME, /reset/NAME, /500/NAME, /302/NAME, /410/NAME, /endless/NAME   a delivery; the kind says how it is answered
//   PUT  /secret/NAME   the secrets that NAME knows, one a line; of several one is enough
//   PUT  /answer/NAME   JSON {status, headers, times}: how the next deliveries to /good/NAME are answered
//   GET  /got/NAME      what came: JSON lines {id, at, verified, contentType, signatures, body}
import http from "node:http";
import { createRequire } from "node:module";

const { Webhook } = createRequire(new URL("../../scripts/package.json", import.meta.url))("standardwebhooks");
const secrets = new Map(), got = new Map(), answers = new Map();
const list = (map, name) => map.get(name) ?? map.set(name, []).get(name);

function verify(name, body, headers) {
  for (const secret of list(secrets, name)) {
    try {
      new Webhook(secret).verify(body, headers);
      return true;
    } catch {
      // Another secret may be the one.
    }
  }
  return false;
}

const server = http.createServer((request, response) => {
  const [, kind, name] = request.url.split("/"), at = Date.now(), chunks = [];
  request.on("error", () => {});
  response.on("error", () => {});
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const body = Buffer.concat(chunks);
    if (request.method === "PUT" && kind === "secret")
      return secrets.set(name, body.toString().split("\n").filter(Boolean)), response.end();
    if (request.method === "PUT" && kind === "answer")
      return answers.set(name, JSON.parse(body)), response.end();
    if (kind === "got")
      return response.end(list(got, name).map((line) => JSON.stringify(line) + "\n").join(""));
    const verified = verify(name, body, request.headers);
    list(got, name).push({
      id: request.headers["webhook-id"], at, verified, contentType: request.headers["content-type"],
      timestamp: request.headers["webhook-timestamp"], signature: request.headers["webhook-signature"], body: body.toString(),
    });
    switch (kind) {
      case "hang":
        return;
      case "reset":
        return request.socket.resetAndDestroy();
      case "500":
        return response.writeHead(500).end("out of order");
      case "302":
        return response.writeHead(302, { location: `/good/${name}-elsewhere` }).end();
      case "410":
        return response.writeHead(410).end();
      case "endless": {
        response.writeHead(200);
        const more = () => {
          while (!response.destroyed && response.write("x".repeat(16384)));
        };
        response.on("drain", more);
        return more();
      }
    }
    const answer = answers.get(name);
    if (answer && answer.times-- > 0)
      return response.writeHead(answer.status, answer.headers).end(answer.body ?? "");
    response.writeHead(verified ? 204 : 401).end();
  });
});
server.keepAliveTimeout = 60_000;
server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => console.log(`listening ${server.address().port}`));
