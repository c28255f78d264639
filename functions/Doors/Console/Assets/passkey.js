// Asks the browser's authenticator for what a form's server options say, and sends its answer back (Web Authentication Level 3 §5.1).
const known = { NotAllowedError: 'cancelled', AbortError: 'cancelled', InvalidStateError: 'known' };
const refused = { 400: 'refused', 401: 'refused', 403: 'refused', 410: 'gone' };

for (const form of document.querySelectorAll('form[data-passkey]')) {
  form.addEventListener('submit', event => {
    event.preventDefault();
    run(form);
  });
  form.querySelector('button').disabled = false;
}

async function run(form) {
  const button = form.querySelector('button');
  const say = what => form.querySelectorAll('[data-says]').forEach(part => { part.hidden = part.dataset.says !== what; });
  say(null);
  if (!window.PublicKeyCredential?.parseCreationOptionsFromJSON) return say('unsupported');
  button.disabled = true;
  try {
    const { antiforgery, ...fields } = Object.fromEntries(new FormData(form));
    const options = await post(form.dataset.options, antiforgery, fields);
    const credential = form.dataset.passkey === 'create'
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
    const { location } = await post(form.dataset.finish, antiforgery, credential.toJSON());
    window.location.assign(location);
  } catch (error) {
    say(error.says ?? known[error.name] ?? 'failed');
    button.disabled = false;
  }
}

async function post(path, antiforgery, value) {
  const answer = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', 'x-antiforgery': antiforgery },
    body: JSON.stringify(value),
    redirect: 'error',
  });
  if (!answer.ok) throw Object.assign(new Error(`status ${answer.status}`), { says: refused[answer.status] ?? 'failed' });
  return answer.json();
}
