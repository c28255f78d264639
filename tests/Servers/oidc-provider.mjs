// The office's OpenID provider on this machine: its staff are four names, and whoever is asked says which he is.
// node oidc-provider.mjs PORT SECRET REDIRECT_URI TICKETS: listens on 127.0.0.1 and says "listening URL". TICKETS is a folder: a file in it named
// like a random ticket holds an account; /as/TICKET signs the browser in as it, once, and leads to the app.
import { createServer } from 'node:http';
import { readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';

const packages = new URL('../../scripts/node_modules/', import.meta.url);
const { Provider } = await import(new URL('oidc-provider/lib/index.js', packages));
const [port, secret, redirectUri, tickets] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const staff = {
  clerk: { name: '示范书记员 Clerk', roles: ['clerk'] },
  notary: { name: '示范公证员 Notary', roles: ['notary'] },
  notary2: { name: '第二公证员 Second Notary', roles: ['notary'] },
  auditor: { name: '示范审计员 Auditor', roles: ['auditor'] },
  operator: { name: '示范运维员 Operator', roles: ['operator'] },
  cook: { name: '示范炊事员 Cook', roles: [] },
};

const provider = new Provider(issuer, {
  clients: [{ client_id: 'notary', client_secret: secret, redirect_uris: [redirectUri], response_types: ['code'], grant_types: ['authorization_code'] }],
  // The roles stand in the ID token, as the app registration of a real office's provider is set to put them.
  claims: { openid: ['sub', 'name', 'roles'] },
  conformIdTokenClaims: false,
  scopes: ['openid', 'profile'],
  pkce: { required: () => true },
  findAccount: (_, id) => staff[id] && { accountId: id, claims: () => ({ sub: id, ...staff[id] }) },
  interactions: { url: (_, interaction) => `/choose/${interaction.uid}` },
  features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: false }, userinfo: { enabled: false } },
  cookies: { keys: [secret] },
  // A development server never asks twice: whoever is known goes on.
  loadExistingGrant: async ctx => {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope('openid profile');
    await grant.save();
    return grant;
  },
  ttl: { Session: 12 * 3600, Grant: 12 * 3600, Interaction: 600, AccessToken: 600, IdToken: 600, AuthorizationCode: 60 },
});
provider.on('server_error', (_, error) => console.error(error));

const serve = provider.callback();
const cookie = request => /(?:^|; )staff=(\w+)/.exec(request.headers.cookie ?? '')?.[1];

createServer(async (request, response) => {
  const [, what, argument] = new URL(request.url, issuer).pathname.split('/');
  try {
    if (what === 'as') return signInByTicket(argument, response);
    if (what !== 'choose') return serve(request, response);
    const chosen = request.method === 'POST' ? new URLSearchParams(await body(request)).get('account') : cookie(request);
    if (Object.hasOwn(staff, chosen ?? '')) return await provider.interactionFinished(request, response, { login: { accountId: chosen } });
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': "default-src 'none'" });
    response.end(page());
  } catch (error) {
    response.writeHead(400, { 'content-type': 'text/plain' }).end(error.message);
  }
}).listen(Number(port), '127.0.0.1', () => console.log(`listening ${issuer}`));

function signInByTicket(ticket, response) {
  if (!/^[0-9a-f]{64}$/.test(ticket ?? '')) return response.writeHead(404).end();
  const file = join(tickets, ticket);
  let account;
  try {
    account = readFileSync(file, 'utf8');
    unlinkSync(file);
  } catch {
    return response.writeHead(404, { 'content-type': 'text/plain' }).end('used already');
  }
  const location = new URL('/sign-in/staff', redirectUri).href;
  response.writeHead(303, { 'set-cookie': `staff=${account}; HttpOnly; SameSite=Lax; Path=/choose`, location }).end();
}

function page() {
  const buttons = Object.entries(staff).map(([id, { name }]) => `<p><button name="account" value="${id}">${name}</button></p>`).join('');
  return `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>示范身份提供方 Demo provider</title><h1>您是谁？ Who are you?</h1><form method="post">${buttons}</form></html>`;
}

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}
