#!/usr/bin/env bash
# Chromium's policy DeveloperToolsAvailability = 2 is described as one about a person's developer tools. It also refuses the program that
# started the browser with --remote-debugging-pipe: the pipe answers, pages are listed and made, and attaching to one is "Not allowed".
# Whoever drives a browser and wants the tools closed to its user has to close them otherwise. Exits 0 while that is so.
set -euo pipefail
for program in chromium bwrap node; do command -v "$program" >/dev/null || { echo "missing: $program" >&2; exit 2; }; done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chromium --version 2>/dev/null | head -1 | cut -d' ' -f1,2    # seen with 156
cat > "$folder/ask.mjs" <<'J'
import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync, mkdirSync } from 'node:fs';
const root = process.argv[2];
async function ask(availability) {
  const home = mkdtempSync(`${root}/home-`), policies = `${home}/policies`;
  mkdirSync(`${policies}/managed`, { recursive: true });
  writeFileSync(`${policies}/managed/one.json`, JSON.stringify({ DeveloperToolsAvailability: availability }));
  // Policies are read from a folder of the system's: this one stands in its place, for this process alone.
  const browser = spawn('bwrap', ['--dev-bind', '/', '/', '--tmpfs', '/etc/chromium', '--ro-bind', policies, '/etc/chromium/policies', '--die-with-parent',
    'chromium', '--headless=new', '--no-sandbox', '--disable-gpu', `--user-data-dir=${home}/profile`, '--remote-debugging-pipe', 'about:blank'],
  { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  let rest = '', last = 0;
  const waiting = new Map();
  browser.stdio[4].on('data', data => {
    const parts = (rest + data).split('\0');
    rest = parts.pop();
    for (const message of parts.map(part => JSON.parse(part)))
      waiting.get(message.id)?.(message);
  });
  const send = (method, params = {}) => new Promise(done => {
    waiting.set(++last, done);
    browser.stdio[3].write(JSON.stringify({ id: last, method, params }) + '\0');
  });
  const made = await send('Target.createTarget', { url: 'about:blank' });
  const attached = await send('Target.attachToTarget', { targetId: made.result.targetId, flatten: true });
  const ended = new Promise(done => browser.on('exit', done));
  await send('Browser.close');
  await ended;
  return attached.error?.message ?? 'attached';
}
const [open, shut] = [await ask(1), await ask(2)];
console.log(`policy 1: ${open}; policy 2: ${shut}`);
process.exit(open === 'attached' && shut !== 'attached' ? 0 : 1);
J
timeout 300 node "$folder/ask.mjs" "$folder"
