// One answer a line for one question a line; "!" for what the peer refuses.
import fs from 'node:fs';

const packages = new URL('../../../../scripts/node_modules/', import.meta.url);
export const load = (path) => import(new URL(path, packages));

export async function answer(modes) {
  const ask = modes[process.argv[2]];
  const answers = [];
  for (const line of fs.readFileSync(0, 'utf8').split('\n')) {
    try {
      answers.push(await ask(line));
    } catch {
      answers.push('!');
    }
  }
  process.stdout.write(answers.map((a) => `${a}\n`).join(''));
}
