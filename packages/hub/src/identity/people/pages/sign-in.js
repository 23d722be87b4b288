import {
  call,
  element,
  goOn,
  hasPasskeys,
  note,
  onClick,
  onSubmit,
  showStep,
  signInWithPasskey,
  signInWithPassword,
} from "./page.js";

/** What the provider's way back says when it failed. */
const PROVIDER_ERRORS = {
  account_not_linked:
    "There is a person with this e-mail address already, who signs in another way. Use that, or ask somebody who manages people.",
  email_not_found: "The provider did not tell an e-mail address, which this hub needs.",
  PERSON_DISABLED: "This person may not sign in. Ask somebody who manages people.",
  access_denied: "The provider refused the sign-in.",
};

onSubmit("password-form", async ({ email, password }) => {
  const answer = await signInWithPassword(email, password);
  if (answer?.twoFactorRedirect) showStep("code-step");
  else goOn();
});
onSubmit("code-form", async ({ code }) => {
  await call("POST", "/api/auth/two-factor/verify-totp", { code: code.replaceAll(" ", "") });
  goOn();
});
onSubmit("recovery-form", async ({ code }) => {
  await call("POST", "/api/auth/two-factor/verify-backup-code", { code: code.trim() });
  goOn();
});
onClick("to-recovery", async () => showStep("recovery-step"));
onClick("to-code", async () => showStep("code-step"));
onClick("passkey", async () => {
  await signInWithPasskey();
  goOn();
});
onClick("oidc", async () => {
  const next = new URLSearchParams(location.search).get("next");
  // The provider's way back carries no fragment, so the page that wanted it is asked for by the sign-in page again.
  const callbackURL = next ? `/sign-in?next=${encodeURIComponent(next)}` : "/account";
  const { url } = await call("POST", "/api/auth/sign-in/social", {
    provider: "oidc",
    callbackURL,
    errorCallbackURL: "/sign-in",
    disableRedirect: true,
  });
  location.assign(url);
});

const query = new URLSearchParams(location.search);
const failure = query.get("error");
if (failure !== null) note(PROVIDER_ERRORS[failure] ?? "The sign-in at the provider did not work. Try again.");
element("passkey").disabled = !hasPasskeys();

const { oidc } = await call("GET", "/api/v1/sign-in-methods");
if (oidc !== null) {
  element("oidc").textContent = `Sign in with ${oidc}`;
  element("oidc").hidden = false;
}
// Who is signed in already goes on.
if (query.get("next") !== null && failure === null) {
  const isSignedIn = await call("GET", "/api/v1/me").then(
    () => true,
    () => false,
  );
  if (isSignedIn) goOn();
}
