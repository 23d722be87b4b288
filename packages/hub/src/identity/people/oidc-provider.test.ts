import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type DatabaseFixture, databaseFixture } from "../../database/database-fixture.ts";
import { SecretBox } from "../../database/sealed.ts";
import { Access } from "../../access/service.ts";
import { AccessStore } from "../../access/store.ts";
import { ApiTokens } from "../service.ts";
import { ApiTokenStore } from "../store.ts";
import { createPeople, type PeopleDomain } from "./create-people.ts";
import type { OidcConfig } from "./oidc-config.ts";
import { OidcProvider } from "./oidc-provider.ts";

// The whole way through a provider is in test/e2e; here is a provider that misbehaves.

const provider = createServer((request, response) => {
  asked += 1;
  if (answer === undefined) response.writeHead(503).end();
  else if (request.url === "/.well-known/openid-configuration") response.end(JSON.stringify(answer));
  else response.writeHead(404).end();
});
let asked = 0;
let answer: Record<string, unknown> | undefined;
let issuer: string;
let database: DatabaseFixture;
let access: Access;
const log = pino({ level: "silent" });

beforeAll(async () => {
  await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
  issuer = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  database = await databaseFixture();
  access = new Access(new AccessStore(database.db));
  await access.start();
});
afterAll(async () => {
  provider.closeAllConnections();
  provider.close();
  await database[Symbol.asyncDispose]();
});

const config = (): OidcConfig => ({
  issuer,
  clientId: "fairlead",
  name: "Example ID",
  scopes: ["openid"],
  groupsClaim: "groups",
  roles: [
    { group: "admins", role: "admin" },
    { group: "ops", role: "operator" },
    { group: "ghosts", role: "no-such-role" },
  ],
});

const document = () => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
  id_token_signing_alg_values_supported: ["RS256"],
});

async function signInUrl({ signIn }: PeopleDomain, more: Record<string, unknown> = {}): Promise<string> {
  const request = { headers: {}, method: "POST", socket: { remoteAddress: "192.0.2.1" } } as never;
  const path = "/sign-in/social";
  const body = { provider: "oidc", callbackURL: "/account", disableRedirect: true, ...more };
  return ((await signIn.call({ request, path, target: `/api/auth${path}`, body })).body as { url: string }).url;
}

test("a provider that is away, or another one, keeps nobody from signing in otherwise, and is asked again", async () => {
  const tokens = new ApiTokens(new ApiTokenStore(database.db), access, log);
  const people = createPeople({
    db: database.db,
    secrets: await SecretBox.open(database.folder),
    roles: access,
    tokens,
    url: () => "http://localhost:8375",
    oidc: config(),
    addressOf: () => "192.0.2.1",
    log,
  });
  try {
    for (const wrong of [undefined, { ...document(), issuer: "https://other.example" }]) {
      answer = wrong;
      await expect(signInUrl(people)).rejects.toThrow(expect.objectContaining({ code: "not_found" }) as Error);
    }
    answer = document();
    const url = new URL(await vi.waitFor(() => signInUrl(people), { timeout: 30_000, interval: 200 }));
    expect(url.origin + url.pathname).toBe(`${issuer}/authorize`);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      client_id: "fairlead",
      code_challenge_method: "S256",
      code_challenge: expect.any(String) as string,
      state: expect.any(String) as string,
      nonce: expect.any(String) as string,
      redirect_uri: "http://localhost:8375/api/auth/callback/oidc",
    });
    // Once it is known it is not asked for every sign-in.
    const before = asked;
    await signInUrl(people);
    expect(asked).toBe(before);
    // No ID token that somebody has takes the place of the provider's way back, and nobody chooses what the provider is asked.
    const more = { idToken: { token: "e30.e30.e30" }, scopes: ["all"], loginHint: "ada", additionalParams: { x: "y" } };
    const { searchParams } = new URL(await signInUrl(people, more));
    expect(searchParams.get("scope")).toBe("openid");
    for (const name of ["login_hint", "x"]) expect(searchParams.has(name), name).toBe(false);
  } finally {
    await people.stop();
    await tokens.stop();
  }
});

test("groups give their roles everywhere, and take them away; what somebody gave stays", async () => {
  const oidc = new OidcProvider(config(), { roles: access, log });
  const rolesOf = async (groups: unknown): Promise<string[]> => {
    await oidc.mapRoles("ada", { sub: "ada", groups });
    return access.bindingsOf("ada").map(({ role }) => role);
  };
  await access.bind(undefined, "ada", [{ role: "viewer", scope: { type: "all" } }]);
  expect(await rolesOf(["admins", "cooks"])).toEqual(["viewer", "admin"]);
  expect(await rolesOf("ops,ghosts")).toEqual(["viewer", "operator"]);
  for (const nothing of [[], undefined, null, 7, [{ admins: true }], { admins: true }]) {
    expect(await rolesOf(nothing)).toEqual(["viewer"]);
  }
});

test("roles that the groups gave go when no group has one any more", async () => {
  const claims = { sub: "grace", groups: ["admins"] };
  await new OidcProvider(config(), { roles: access, log }).mapRoles("grace", claims);
  expect(access.bindingsOf("grace")).toMatchObject([{ role: "admin" }]);
  await new OidcProvider({ ...config(), roles: [] }, { roles: access, log }).mapRoles("grace", claims);
  expect(access.bindingsOf("grace")).toEqual([]);
});

test("a subject is one of its issuer only", () => {
  const oidc = new OidcProvider(config(), { roles: access, log });
  expect(oidc.subject({ sub: "ada" })).toBe(`${issuer}#ada`);
  for (const sub of [undefined, "", 7]) expect(() => oidc.subject({ sub })).toThrow(TypeError);
});
