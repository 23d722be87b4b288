/** What every page uses: calls of the hub, notes to the person, passkeys. */

/** The hub's answer to a call that failed: `code`, and `message` for people. */
export class HubError extends Error {
  constructor(status, body) {
    super(body?.message ?? `The hub answered ${status}.`);
    this.status = status;
    this.code = body?.code;
    this.reason = body?.details?.reason;
  }
}

/** Calls the hub with the person's cookie. */
export async function call(method, path, body) {
  const response = await fetch(path, {
    method,
    ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  }).catch(() => {
    throw new HubError(0, { message: "The hub does not answer. Check the connection and try again." });
  });
  const text = await response.text();
  let answer;
  try {
    answer = text === "" ? undefined : JSON.parse(text);
  } catch {
    answer = undefined;
  }
  if (!response.ok) throw new HubError(response.status, answer);
  return answer;
}

export const element = (id) => document.getElementById(id);

/** Shows only these of the elements that have `data-step`. */
export function showStep(...ids) {
  for (const step of document.querySelectorAll("[data-step]")) step.hidden = !ids.includes(step.id);
  const field = document.querySelector("[data-step]:not([hidden]) input:not([hidden])");
  field?.focus();
}

/** A note at the top of the page; without a text it goes. */
export function note(text, tone = "bad") {
  const place = element("note");
  place.textContent = text ?? "";
  place.className = `note ${tone}`;
  place.hidden = !text;
  if (text) place.scrollIntoView({ block: "nearest" });
}

/** Runs a task once at a time, its button off meanwhile, and notes what went wrong. */
export async function attempt(button, task) {
  note();
  button.disabled = true;
  try {
    await task();
  } catch (error) {
    // A passkey prompt that was closed, or waited too long.
    if (error.name === "NotAllowedError") note("No passkey was given.");
    else note(error.message);
  } finally {
    button.disabled = false;
  }
}

/** What to do with a form's values when it is sent. */
export function onSubmit(id, task) {
  const form = element(id);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = form.querySelector("button[type=submit]");
    void attempt(button, () => task(Object.fromEntries(new FormData(form)), form));
  });
}

export function onClick(id, task) {
  const button = element(id);
  button.addEventListener("click", () => void attempt(button, task));
}

/** Where to go after the sign-in: a page of this hub, or the account. */
export function goOn() {
  const next = new URLSearchParams(location.search).get("next") ?? "/account";
  location.assign(isOwnPage(next) ? next : "/account");
}

/** What an address bar was given must not lead elsewhere. */
function isOwnPage(address) {
  try {
    return new URL(address, location.origin).origin === location.origin;
  } catch {
    return false;
  }
}

export function goToSignIn() {
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.hash)}`);
}

/** Who is signed in. Without anybody the sign-in page comes. */
export async function whoAmI() {
  try {
    return await call("GET", "/api/v1/me");
  } catch (error) {
    if (error.status !== 401) throw error;
    goToSignIn();
    return new Promise(() => {});
  }
}

/** The secret of a one-time link; it does not stay in the address bar and the history. */
export function takeSecret() {
  const secret = location.hash.slice(1);
  if (secret !== "") history.replaceState(null, "", location.pathname);
  return secret;
}

export const hasPasskeys = () => typeof globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON === "function";

export async function signInWithPasskey() {
  const options = await call("GET", "/api/auth/passkey/generate-authenticate-options");
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const credential = await navigator.credentials.get({ publicKey });
  await call("POST", "/api/auth/passkey/verify-authentication", { response: credential.toJSON() });
}

export async function addPasskey(name) {
  const options = await call("GET", "/api/auth/passkey/generate-register-options");
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const credential = await navigator.credentials.create({ publicKey });
  await call("POST", "/api/auth/passkey/verify-registration", { response: credential.toJSON(), name });
}

export function signInWithPassword(email, password) {
  return call("POST", "/api/auth/sign-in/email", { email, password });
}
