import { call, element, note, onSubmit, showStep, signInWithPassword, takeSecret } from "./page.js";

const token = takeSecret();
const form = element("accept-form");

onSubmit("accept-form", async ({ name, password }) => {
  const { email } = await call("POST", "/api/v1/links/accept", {
    token,
    password,
    ...(element("name-field").hidden ? {} : { name }),
  });
  const answer = await signInWithPassword(email, password);
  location.assign(answer?.twoFactorRedirect ? "/sign-in" : "/account");
});

try {
  const link = await call("POST", "/api/v1/links/show", { token });
  const isInvitation = link.kind === "invitation";
  element("title").textContent = isInvitation ? "Welcome" : "A new password";
  element("summary").textContent = isInvitation
    ? "You are invited to this hub. Choose how you are called, and a password."
    : "Choose a new password. You are signed out everywhere else.";
  form.elements.email.value = link.email;
  form.elements.name.value = link.name;
  element("name-field").hidden = !isInvitation;
  form.elements.name.required = isInvitation;
  showStep("accept-step");
} catch (error) {
  note(token === "" ? "The link is not whole: open it with all that stands after the #." : error.message);
}
