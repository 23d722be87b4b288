import { call, goOn, note, onSubmit, signInWithPassword, takeSecret } from "./page.js";

const token = takeSecret();
if (token === "") note("The link is not whole: open it as the hub printed it, with all that stands after the #.");

onSubmit("admin-form", async ({ name, email, password }) => {
  await call("POST", "/api/v1/first-admin", { token, name, email, password });
  await signInWithPassword(email, password);
  goOn();
});
