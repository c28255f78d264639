// Computes one draw again, away from the page. The page hands the list over piece by piece, each when it is asked for: no more is in memory.
import { checkDraw } from './draw-check.mjs';

let give = null;

/** Pieces as they come; each asks for the next. */
async function* pieces() {
  for (;;) {
    const piece = await new Promise(resolve => {
      give = resolve;
      self.postMessage({ more: true });
    });
    if (piece === null) return;
    yield piece;
  }
}

self.onmessage = async ({ data }) => {
  if ('piece' in data) return give(data.piece);
  let told = 0;
  try {
    const found = await checkDraw({ ...data, pieces: pieces() }, part => {
      // A reader sees no more than hundredths.
      if (part - told >= 0.01) self.postMessage({ part: told = part });
    });
    self.postMessage({ found });
  } catch (error) {
    self.postMessage({ found: { outcome: 'broken', rungs: [], why: String(error) } });
  }
};
