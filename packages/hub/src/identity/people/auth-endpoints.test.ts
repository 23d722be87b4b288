import { expect, test } from "vitest";
import { AUTH_ENDPOINTS, bodyFields, queryFields } from "./auth-endpoints.ts";

test("of a body only what the endpoint takes is handed on", () => {
  const verify = AUTH_ENDPOINTS["/two-factor/verify-totp"];
  expect(bodyFields(verify, { code: "123456", trustDevice: true })).toEqual({ code: "123456" });
  const social = { provider: "oidc", callbackURL: "/account", errorCallbackURL: "/sign-in", disableRedirect: true };
  const taken = { idToken: { token: "x" }, scopes: ["x"], additionalData: {}, additionalParams: {}, loginHint: "x" };
  expect(bodyFields(AUTH_ENDPOINTS["/sign-in/social"], { ...social, ...taken, requestSignUp: true })).toEqual(social);
  for (const body of [undefined, null, "code", 7, ["code"]]) expect(bodyFields(verify, body)).toEqual({});
});

test("of a target only the query is handed on, and of it what the endpoint takes", () => {
  const callback = AUTH_ENDPOINTS["/callback/oidc"];
  const path = "/api/auth/callback/oidc";
  expect(queryFields(callback, `${path}?code=a%26b&state=s&session_state=x`)).toBe("?code=a%26b&state=s");
  expect(queryFields(callback, `${path}?code=a#&state=s`)).toBe("?code=a");
  for (const target of [path, `${path}?`, `${path}#?code=a`, `${path}?other=a`]) {
    expect(queryFields(callback, target)).toBe("");
  }
});
