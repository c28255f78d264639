/** So many tasks at once, first come, first served. */
export function lanes(count) {
  const waiting = [];
  let free = count;
  return async task => {
    if (free > 0) free--;
    else await new Promise(resolve => { waiting.push(resolve); });
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}
