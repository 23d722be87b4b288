import { expect, test } from "vitest";
import { loadHubConfig } from "../../config.ts";
import { loadOidcConfig } from "./oidc-config.ts";

const MINIMAL = { FAIRLEAD_OIDC_ISSUER: "https://id.example/realms/x", FAIRLEAD_OIDC_CLIENT_ID: "fairlead" };

test("without an issuer there is none; with one the rest has defaults", () => {
  expect(loadOidcConfig({})).toBeUndefined();
  expect(loadOidcConfig(MINIMAL)).toEqual({
    issuer: "https://id.example/realms/x",
    clientId: "fairlead",
    name: "single sign-on",
    scopes: ["openid", "profile", "email"],
    groupsClaim: "groups",
    roles: [],
  });
});

test("groups may hold what groups of directories hold", () => {
  const env = {
    ...MINIMAL,
    FAIRLEAD_OIDC_ROLES: "admins=admin, cn=ops=operator ,",
    FAIRLEAD_OIDC_SCOPES: "email,groups",
  };
  expect(loadOidcConfig(env)).toMatchObject({
    scopes: ["openid", "email", "groups"],
    roles: [
      { group: "admins", role: "admin" },
      { group: "cn=ops", role: "operator" },
    ],
  });
});

test.each([
  ["FAIRLEAD_OIDC_ISSUER", "http://id.example"],
  ["FAIRLEAD_OIDC_ISSUER", "id.example"],
  ["FAIRLEAD_OIDC_ISSUER", "https://id.example?x=1"],
  ["FAIRLEAD_OIDC_ISSUER", ""],
  ["FAIRLEAD_OIDC_CLIENT_ID", ""],
  ["FAIRLEAD_OIDC_ROLES", "admins"],
  ["FAIRLEAD_OIDC_ROLES", "=admin"],
  ["FAIRLEAD_OIDC_ROLES", "admins="],
  ["FAIRLEAD_PUBLIC_URL", "hub.example"],
  ["FAIRLEAD_PUBLIC_URL", "ftp://hub.example"],
  ["FAIRLEAD_PUBLIC_URL", "https://hub.example/fairlead"],
])("%s=%s is refused by name", (variable, value) => {
  expect(() => loadHubConfig({ ...MINIMAL, [variable]: value })).toThrow(
    expect.objectContaining({ code: "config_invalid", details: { setting: variable } }) as Error,
  );
});

test("the public URL is an origin", () => {
  expect(loadHubConfig({ FAIRLEAD_PUBLIC_URL: "https://hub.example/" }).publicUrl).toBe("https://hub.example");
  expect(loadHubConfig({}).publicUrl).toBeUndefined();
});
