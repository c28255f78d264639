/** Every file of what was dropped, with its path; folders are walked one entry after the other. */
export async function dropped(items) {
  // All at once: the items are there only as long as the event.
  const entries = [...items].map(item => item.webkitGetAsEntry?.()).filter(Boolean);
  const found = [];
  for (const entry of entries) await walk(entry, found);
  return found;
}

async function walk(entry, found) {
  if (entry.isFile) {
    found.push({ file: await new Promise((resolve, reject) => { entry.file(resolve, reject); }), name: entry.fullPath.slice(1) });
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    // A hundred at a time, until there are none.
    const some = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });
    if (some.length === 0) return;
    for (const each of some) await walk(each, found);
  }
}
