import { addPasskey, attempt, call, element, hasPasskeys, note, onClick, onSubmit, whoAmI } from "./page.js";

function item(title, detail, action) {
  const li = document.createElement("li");
  const text = document.createElement("div");
  const small = document.createElement("small");
  small.textContent = detail;
  text.append(title, small);
  li.append(text);
  if (action) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "plain small";
    button.textContent = action.name;
    button.addEventListener("click", () => void attempt(button, action.run));
    li.append(button);
  }
  return li;
}

const time = (text) => new Date(text).toLocaleString();

/** A browser's own name for itself is long; people know it by two words of it. */
function browserName(userAgent) {
  const browser = /(Firefox|Edg|OPR|Chrome|Safari)\//.exec(userAgent ?? "")?.[1];
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(userAgent ?? "")?.[1];
  return [{ Edg: "Edge", OPR: "Opera" }[browser] ?? browser ?? "A browser", system].filter(Boolean).join(" on ");
}

function showSession({ id, current, address, userAgent, lastSeenAt }) {
  const detail = `${current ? "this one" : `last seen ${time(lastSeenAt)}`}${address ? `, from ${address}` : ""}`;
  const run = async () => {
    await call("DELETE", `/api/v1/me/sessions/${id}`);
    await refresh();
  };
  return item(browserName(userAgent), detail, current ? undefined : { name: "Sign out", run });
}

function showPasskey({ id, name, createdAt }) {
  const run = async () => {
    await call("POST", "/api/auth/passkey/delete-passkey", { id });
    await refresh();
  };
  return item(name, createdAt === null ? "" : `added ${time(createdAt)}`, { name: "Remove", run });
}

async function refresh() {
  const me = await whoAmI();
  const { person } = me;
  element("name").textContent = person?.name ?? me.name;
  element("email").textContent = person?.email ?? "";
  const hasPassword = person?.signIn.includes("password") ?? false;
  element("password-card").hidden = !hasPassword;
  element("password-form").elements.username.value = person?.email ?? "";
  // Who comes by a provider has the provider's second factor.
  element("totp-card").hidden = !hasPassword;
  element("totp-off").hidden = person?.twoFactor ?? false;
  element("totp-on").hidden = !person?.twoFactor;
  element("passkeys").replaceChildren(...me.passkeys.map(showPasskey));
  element("sessions").replaceChildren(...me.sessions.map(showSession));
}

onSubmit("password-form", async ({ currentPassword, newPassword }, form) => {
  await call("POST", "/api/auth/change-password", { currentPassword, newPassword, revokeOtherSessions: true });
  form.reset();
  await refresh();
  note("The password was changed.", "good");
});

onSubmit("totp-form", async ({ password }, form) => {
  const setup = await call("POST", "/api/auth/two-factor/enable", { password });
  form.reset();
  element("totp-picture").src = setup.totpPicture;
  element("totp-secret").textContent = new URL(setup.totpURI).searchParams.get("secret");
  element("recovery-codes").textContent = setup.backupCodes.join("\n");
  element("totp-off").hidden = true;
  element("totp-setup").hidden = false;
});
onSubmit("totp-confirm-form", async ({ code }, form) => {
  await call("POST", "/api/auth/two-factor/verify-totp", { code: code.replaceAll(" ", "") });
  form.reset();
  element("totp-setup").hidden = true;
  element("recovery-codes").textContent = "";
  await refresh();
  note("The authenticator app is asked for from now on.", "good");
});
onSubmit("totp-change-form", async ({ password }, form) => {
  const { backupCodes } = await call("POST", "/api/auth/two-factor/generate-backup-codes", { password });
  form.reset();
  element("new-recovery-codes").textContent = backupCodes.join("\n");
  element("new-codes").hidden = false;
});
onClick("totp-disable", async () => {
  const form = element("totp-change-form");
  if (!form.reportValidity()) return;
  await call("POST", "/api/auth/two-factor/disable", { password: form.elements.password.value });
  form.reset();
  element("new-codes").hidden = true;
  await refresh();
  note("The authenticator app is not asked for any more.", "good");
});

onSubmit("passkey-form", async ({ name }, form) => {
  await addPasskey(name);
  form.reset();
  await refresh();
  note("The passkey was added.", "good");
});
element("passkey-form").querySelector("button").disabled = !hasPasskeys();

onClick("sign-out", async () => {
  await call("POST", "/api/auth/sign-out", {});
  location.assign("/sign-in");
});
onClick("sign-out-everywhere", async () => {
  await call("DELETE", "/api/v1/me/sessions");
  location.assign("/sign-in");
});

await refresh();
