// A relying party that is not ours: npm's openid-client, on the login centre's own word (discovery) alone.
// node relying-party.mjs ISSUER CLIENT_ID SECRET CALLBACK AFTER_LOGOUT COOKIE: goes the whole way, pushed and not, and prints what it got as JSON.
// COOKIE signs the browser in; whatever openid-client does not accept throws.
const packages = new URL('../../../../scripts/node_modules/', import.meta.url);
const client = await import(new URL('openid-client/build/index.js', packages));
const [issuer, id, secret, callback, afterLogout, cookie] = process.argv.slice(2);

const config = await client.discovery(new URL(issuer), id, secret, undefined, { execute: [client.allowInsecureRequests] });
const results = [];
for (const [pushed, bound] of [[false, false], [true, false], [false, true], [true, true]]) {
  const DPoP = bound ? client.getDPoPHandle(config, await client.randomDPoPKeyPair()) : undefined;
  const [verifier, state, nonce] = [client.randomPKCECodeVerifier(), client.randomState(), client.randomNonce()];
  const parameters = {
    redirect_uri: callback, scope: 'openid profile offline_access read write', state, nonce,
    code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
  };
  const url = pushed ? await client.buildAuthorizationUrlWithPAR(config, parameters, { DPoP }) : client.buildAuthorizationUrl(config, parameters);
  const answer = new URL(await browse(url));

  // It demands iss (RFC 9207) because discovery promises it, and compares state, nonce, signature, issuer, audience and times.
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true, maxAge: 3600 };
  const tokens = await client.authorizationCodeGrant(config, answer, checks, undefined, { DPoP });
  const user = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub, { DPoP });
  const fresh = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP });
  results.push({
    pushed, type: tokens.token_type, length: url.href.length, user, scope: tokens.scope, subject: tokens.claims().sub, refreshed: fresh.claims().sub,
    access: fresh.access_token,
    logout: client.buildEndSessionUrl(config, { id_token_hint: fresh.id_token, post_logout_redirect_uri: afterLogout, state: 's' }).href,
    refused: [
      await refused(() => client.authorizationCodeGrant(config, answer, checks, undefined, { DPoP })),
      await refused(() => client.authorizationCodeGrant(config, answer, { ...checks, expectedState: 'other' })),
      await refused(() => client.authorizationCodeGrant(config, changed(answer, 'iss', 'https://evil.example/'), checks)),
      await refused(() => client.authorizationCodeGrant(config, changed(answer, 'iss'), checks)),
      await refused(() => client.refreshTokenGrant(config, tokens.refresh_token)),
    ],
  });
  await client.tokenRevocation(config, fresh.refresh_token);
}
console.log(JSON.stringify({ endpoints: config.serverMetadata(), results }));

// A browser: opens, clicks "allow" when it is asked, and stops where it would leave.
async function browse(url) {
  const jar = [cookie];
  let page = await fetch(url, { redirect: 'manual', headers: { cookie: jar.join('; ') } });
  if (page.status === 200) {
    jar.push(...page.headers.getSetCookie().map(c => c.split(';')[0]));
    const fields = [...(await page.text()).matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(m => [plain(m[1]), plain(m[2])]);
    page = await fetch(new URL('/connect/authorize', issuer), {
      method: 'POST', redirect: 'manual', headers: { cookie: jar.join('; ') }, body: new URLSearchParams([...fields, ['decision', 'allow']]),
    });
  }
  return page.headers.get('location') ?? fail(`${page.status} ${await page.text()}`);
}

function plain(text) {
  return text.replace(/&#x([0-9A-F]+);/g, (_, hex) => String.fromCodePoint(parseInt(hex, 16)))
    .replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

async function refused(act) {
  try { await act(); } catch (error) { return error.error ?? error.code ?? error.message; }
  return 'ACCEPTED';
}

function changed(url, name, value) {
  const other = new URL(url);
  if (value) other.searchParams.set(name, value); else other.searchParams.delete(name);
  return other;
}

function fail(why) {
  throw new Error(why);
}
