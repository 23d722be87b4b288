import { call, element, note, onClick, onSubmit, showStep, whoAmI } from "./page.js";

let userCode = location.hash.slice(1);

async function show(code) {
  userCode = code.trim().toUpperCase();
  const request = await call("GET", `/api/v1/device?code=${encodeURIComponent(userCode)}`);
  element("user-code").textContent = userCode;
  element("hostname").textContent = request.hostname;
  element("address").textContent = request.address;
  element("asked").textContent = new Date(request.createdAt).toLocaleTimeString();
  showStep("decide-step");
}

async function decide(allow) {
  await call("POST", "/api/v1/device/decide", { userCode, allow });
  element("done-title").textContent = allow ? "It is let in" : "It was refused";
  element("done-text").textContent = allow
    ? "Go back to the terminal. This page can be closed."
    : "The program got nothing. This page can be closed.";
  showStep("done-step");
}

onSubmit("code-form", ({ code }) => show(code));
onClick("allow", () => decide(true));
onClick("deny", () => decide(false));

const me = await whoAmI();
element("email").textContent = me.name;
if (userCode === "") showStep("code-step");
else {
  await show(userCode).catch((error) => {
    note(error.message);
    showStep("code-step");
  });
}
