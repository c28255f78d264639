// Parts of pages that scripts make, as the server's components make them.

const chinese = document.documentElement.lang.startsWith('zh');

/** The text that the reader reads, of [中文, English]. */
export const t = ([zh, en]) => (chinese ? zh : en);

/** No text goes in but as text. */
export function element(name, attributes = {}, ...children) {
  const e = document.createElement(name);
  for (const [k, v] of Object.entries(attributes)) if (v !== null) e.setAttribute(k, v);
  e.append(...children.filter((c) => c !== null));
  return e;
}

/** As Notice.razor writes it. */
export const notice = (kind, title, ...more) => element('div', { class: `notice notice-${kind}`, role: kind === 'bad' ? 'alert' : 'status' },
  element('span', { class: 'notice-mark', 'aria-hidden': 'true' }, { ok: '✓', bad: '✗', unknown: '?', info: 'i' }[kind]),
  element('div', {}, element('p', { class: 'notice-title' }, title), ...more.map((m) => element('p', {}, m))));

/** In eights, as Hex.razor writes it. */
export function hex(digits) {
  const start = digits.startsWith('0x') ? 2 : 0, code = element('code', { class: 'hex' }, digits.slice(0, start));
  for (const eight of digits.slice(start).match(/.{1,8}/g) ?? []) code.append(element('span', {}, eight), element('wbr'));
  return code;
}

export const facts = (rows) => element('dl', { class: 'facts' }, ...rows.filter((r) => r[1] !== undefined && r[1] !== null).map(([name, value]) =>
  element('div', {}, element('dt', {}, t(name)), element('dd', {}, value))));
