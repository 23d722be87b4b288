import { PERMISSIONS } from "@fairlead/protocol";
import type { Me } from "@fairlead/protocol/rest";
import { totpCode, untilStepLasts } from "@fairlead/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BUILT_IN_ROLES } from "../../access/built-in-roles.ts";
import { type HubFixture, startHubFixture } from "../../http/hub-fixture.ts";
import { ABSOLUTE_LIMIT_MS, IDLE_LIMIT_MS } from "./sessions.ts";
import { Visitor } from "./visitor-fixture.ts";

const EMAIL = "ada@example.com";
const PASSWORD = "four words and a horse";

let hub: HubFixture;
let ada: Visitor;
let ended: string[];

beforeEach(async () => {
  hub = await startHubFixture();
  ended = [];
  hub.people.sessions.onEnded((sessionId) => ended.push(sessionId));
  ada = new Visitor(hub);
  await makeFirstAdmin();
});
afterEach(() => hub[Symbol.asyncDispose]());

async function makeFirstAdmin(): Promise<void> {
  const link = await hub.people.people.firstAdminLink();
  const token = new URL(link?.url ?? "").hash.slice(1);
  const answer = await ada.call("POST", "/api/v1/first-admin", {
    token,
    name: "Ada",
    email: EMAIL,
    password: PASSWORD,
  });
  expect(answer.status).toBe(201);
}

const everywhere = (role: string) => ({ role, scope: { type: "all" } as const });

/** Comes in by an invitation with these roles. */
async function invited(email: string, roles: string[]): Promise<Visitor> {
  const { body } = await hub.call("POST", "/api/v1/invitations", {
    token: hub.token,
    json: { email, roles: roles.map(everywhere) },
  });
  const token = new URL((JSON.parse(body) as { url: string }).url).hash.slice(1);
  const visitor = new Visitor(hub);
  expect((await visitor.call("POST", "/api/v1/links/show", { token })).json).toMatchObject({
    kind: "invitation",
    email,
  });
  await visitor.call("POST", "/api/v1/links/accept", { token, name: email, password: PASSWORD });
  expect((await visitor.call("POST", "/api/v1/links/accept", { token, name: "x", password: PASSWORD })).status).toBe(
    403,
  );
  expect((await visitor.signIn(email, PASSWORD)).status).toBe(200);
  return visitor;
}

async function sessionOf(visitor: Visitor): Promise<string> {
  const { sessions } = (await visitor.call("GET", "/api/v1/me")).json as unknown as Me;
  return sessions.find(({ current }) => current)?.id ?? "";
}

test("the first admin signs in, and may do everything; no link is made after that", async () => {
  expect(await hub.people.people.firstAdminLink()).toBeUndefined();
  const answer = await ada.signIn("ADA@example.com", PASSWORD);
  expect(answer.status).toBe(200);
  expect(JSON.stringify(answer.json)).not.toContain("token");
  expect((await ada.call("GET", "/api/v1/people")).status).toBe(200);
  expect((await ada.call("POST", "/api/v1/environments", { name: "web" })).status).toBe(201);
  expect((await ada.call("GET", "/api/v1/me")).json).toMatchObject({
    kind: "person",
    name: EMAIL,
    grants: [{ permissions: Object.keys(PERMISSIONS), scope: { type: "all" } }],
    passkeys: [],
  });
});

test("people without an admin among them get a link again", async () => {
  const { people } = hub.people;
  const [person] = await people.list();
  const before = hub.access.bindingsOf(person?.id ?? "");
  await hub.access.bind(undefined, person?.id ?? "", [{ role: "viewer", scope: { type: "all" } }]);
  expect((await people.firstAdminLink())?.url).toContain("/first-admin#");
  await hub.access.bind(undefined, person?.id ?? "", before);
  expect(await people.firstAdminLink()).toBeUndefined();
});

test("who signs in, and who fails to, is in the audit log, and neither password nor link", async () => {
  await ada.signIn(EMAIL, "not her password at all");
  await ada.signIn(EMAIL, PASSWORD);
  const bob = await invited("bob@example.com", ["viewer"]);
  expect((await bob.call("POST", "/api/v1/environments", { name: "web" })).status).toBe(403);
  await ada.call("POST", "/api/auth/sign-out", {});
  const { items } = await hub.domains.audit.page({ order: "asc", limit: 100 });
  expect(
    items.map(({ actor, action, outcome, target }) => [actor.name ?? actor.kind, action, outcome, target]),
  ).toEqual([
    ["nobody", "first-admin.create", "done", EMAIL],
    ["nobody", "sign-in.password", "refused", EMAIL],
    [EMAIL, "sign-in.password", "done", EMAIL],
    ["fixture", "invitation.create", "done", "bob@example.com"],
    ["nobody", "link.accept", "done", "bob@example.com"],
    ["nobody", "link.accept", "refused", "x"],
    ["bob@example.com", "sign-in.password", "done", "bob@example.com"],
    ["bob@example.com", "environment.create", "refused", null],
    [EMAIL, "sign-out", "done", null],
  ]);
  expect(items[2]?.actor).toMatchObject({ kind: "person", id: items[2]?.actor.personId });
  expect(items[2]?.address).toBe("192.0.2.1");
  const text = JSON.stringify(items);
  for (const secret of [PASSWORD, "not her password"]) expect(text).not.toContain(secret);
});

test("neither session tokens nor passwords stand in the database", async () => {
  await ada.signIn(EMAIL, PASSWORD);
  const cookie = decodeURIComponent([...ada.cookies].find(([name]) => name.endsWith("session_token"))?.[1] ?? "");
  const [token = ""] = cookie.split(".");
  expect(token).toHaveLength(32);
  const session = await hub.db.selectFrom("sessions").selectAll().executeTakeFirstOrThrow();
  expect(session.token).toMatch(/^[0-9a-f]{64}$/);
  expect(JSON.stringify(session)).not.toContain(token);
  const account = await hub.db.selectFrom("person_accounts").selectAll().executeTakeFirstOrThrow();
  expect(account.password).toMatch(/^\$argon2id\$/);

  // A token without its signature, or with another one, is nobody's.
  const thief = new Visitor(hub);
  for (const value of [token, `${token}.`, `${token}.AAAA`, `${session.token}.AAAA`]) {
    thief.cookies.set("fairlead.session_token", encodeURIComponent(value));
    expect((await thief.call("GET", "/api/v1/me")).status).toBe(401);
  }
});

test("another site's page can do nothing with the cookie: REST, Docker, terminal", async () => {
  await ada.signIn(EMAIL, PASSWORD);
  await hub.domains.environments.create({ name: "web", kind: "edge" });
  const foreign = [
    {},
    { origin: "https://evil.example" },
    { "sec-fetch-site": "cross-site", origin: "https://evil.example" },
    { "sec-fetch-site": "same-site" },
  ];
  const upgrade = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  };
  for (const headers of foreign) {
    const calls = [
      ada.call("POST", "/api/v1/environments", { name: "evil" }, headers),
      ada.call("DELETE", "/api/v1/me/sessions", undefined, headers),
      ada.call("POST", "/api/auth/sign-out", {}, headers),
      ada.call("POST", "/api/v1/environments/web/docker/containers/create", {}, headers),
      ada.call("GET", "/api/v1/environments/web/exec?container=x", undefined, { ...upgrade, ...headers }),
    ];
    for (const answer of await Promise.all(calls)) expect(answer.status).toBe(403);
  }
  const own = await ada.call("POST", "/api/v1/environments/web/docker/containers/create", {});
  expect([401, 403]).not.toContain(own.status);
  // What a host answers is fetched, and not shown as a page.
  const page = { "sec-fetch-site": "none", "sec-fetch-dest": "document" };
  const shown = await ada.call("GET", "/api/v1/environments/web/docker/info", undefined, page);
  expect(shown.status).toBe(403);
  expect(
    (await ada.call("POST", "/api/v1/environments", { name: "own" }, { origin: `http://127.0.0.1:${hub.port}` }))
      .status,
  ).toBe(201);
});

test("signing out ends the session and what it let in", async () => {
  await ada.signIn(EMAIL, PASSWORD);
  const id = await sessionOf(ada);
  const kept = new Map(ada.cookies);
  let closed = false;
  const caller = {
    kind: "person",
    id: "x",
    name: EMAIL,
    personId: "x",
    sessionId: id,
    grants: [],
    expiresAt: null,
  } as const;
  hub.live.add({ caller, close: () => (closed = true) });
  expect((await ada.call("POST", "/api/auth/sign-out", {})).status).toBe(200);
  expect(ended).toEqual([id]);
  expect(closed).toBe(true);
  for (const [name, value] of kept) ada.cookies.set(name, value);
  expect((await ada.call("GET", "/api/v1/me")).status).toBe(401);
});

test("one's own sessions are listed and ended one by one, nobody else's", async () => {
  await ada.signIn(EMAIL, PASSWORD);
  const other = new Visitor(hub, "192.0.2.9");
  await other.signIn(EMAIL, PASSWORD);
  const bob = await invited("bob@example.com", []);
  const me = (await ada.call("GET", "/api/v1/me")).json as unknown as Me;
  const shown = me.sessions.map(({ address, current }) => `${address} ${current}`);
  expect(shown.toSorted((a, b) => a.localeCompare(b))).toEqual(["192.0.2.1 true", "192.0.2.9 false"]);
  const id = await sessionOf(other);
  expect((await bob.call("DELETE", `/api/v1/me/sessions/${id}`)).status).toBe(404);
  expect((await ada.call("DELETE", `/api/v1/me/sessions/${id}`)).status).toBe(204);
  expect((await other.call("GET", "/api/v1/me")).status).toBe(401);
  expect((await ada.call("GET", "/api/v1/me")).status).toBe(200);
});

test("a session ends when it was idle for too long, and when it is a week old, however busy", async () => {
  const { sessions } = hub.people;
  for (const [column, at] of [
    ["last_seen_at", Date.now() - IDLE_LIMIT_MS],
    ["expires_at", new Date(Date.now() - 1).toISOString()],
  ] as const) {
    await ada.signIn(EMAIL, PASSWORD);
    expect((await ada.call("GET", "/api/v1/me")).status).toBe(200);
    await hub.db
      .updateTable("sessions")
      .set({ [column]: at })
      .execute();
    // Not by the sign-in's own endpoints either.
    const changed = await ada.call("POST", "/api/auth/change-password", {
      currentPassword: PASSWORD,
      newPassword: `${PASSWORD}s`,
    });
    expect(changed.status).toBe(401);
    expect((await ada.call("GET", "/api/v1/me")).status).toBe(401);
  }
  expect(ended).toHaveLength(2);
  // Nobody has to ask for it.
  await ada.signIn(EMAIL, PASSWORD);
  await sessions.sweep(Date.now() + IDLE_LIMIT_MS - 60_000);
  expect(ended).toHaveLength(2);
  await sessions.sweep(Date.now() + IDLE_LIMIT_MS + 1);
  expect(ended).toHaveLength(3);
  const cookie = (await ada.signIn(EMAIL, PASSWORD)).headers["set-cookie"]?.[0];
  expect(cookie).toContain(`Max-Age=${ABSOLUTE_LIMIT_MS / 1000}`);
});

test("a new password asks for the old one, keeps the rules, and signs out elsewhere", async () => {
  await ada.signIn(EMAIL, PASSWORD);
  const other = new Visitor(hub);
  await other.signIn(EMAIL, PASSWORD);
  const change = (currentPassword: string, newPassword: string) =>
    ada.call("POST", "/api/auth/change-password", { currentPassword, newPassword, revokeOtherSessions: true });
  expect((await change("wrong", "another four words here")).status).toBe(400);
  expect((await change(PASSWORD, "passwordpassword")).json).toMatchObject({ details: { field: "newPassword" } });
  expect((await change(PASSWORD, "another four words here")).status).toBe(200);
  expect((await other.call("GET", "/api/v1/me")).status).toBe(401);
  expect((await ada.call("GET", "/api/v1/me")).status).toBe(200);
  expect((await new Visitor(hub).signIn(EMAIL, PASSWORD)).status).toBe(401);
  expect((await new Visitor(hub).signIn(EMAIL, "another four words here")).status).toBe(200);
});

test("whoever guesses is slowed down by account and by address, and locks nobody out at a device of their own", async () => {
  await ada.signIn(EMAIL, PASSWORD);
  await ada.call("POST", "/api/auth/sign-out", {});
  // From many addresses, at once.
  const guesses = Array.from({ length: 12 }, async (_, index) => {
    const guesser = new Visitor(hub, `198.51.100.${index}`);
    return (await guesser.signIn(EMAIL, `guess number ${index}`)).status;
  });
  expect((await Promise.all(guesses)).filter((status) => status === 401)).toHaveLength(5);
  const stranger = await new Visitor(hub, "203.0.113.5").signIn(EMAIL, PASSWORD);
  expect([stranger.status, Number(stranger.headers["retry-after"])]).toEqual([429, 1]);
  expect((await ada.signIn(EMAIL, PASSWORD)).status).toBe(200);

  // From one address, at many accounts.
  const guesser = new Visitor(hub, "203.0.113.77");
  const many: number[] = [];
  for (let index = 0; index < 22; index += 1) {
    many.push((await guesser.signIn(`somebody-${index}@example.com`, "a guess of twelve")).status);
  }
  expect(many.indexOf(429)).toBe(20);
  // Known or unknown accounts are told alike.
  expect(new Set(many)).toEqual(new Set([401, 429]));
});

test("however the path of a sign-in is written, its limits and rules hold", async () => {
  await ada.signIn(EMAIL, PASSWORD);
  const guesses = Array.from({ length: 12 }, async (_, index) => {
    const guesser = new Visitor(hub, `198.51.100.${index}`);
    const guess = { email: EMAIL, password: `guess number ${index}` };
    return (await guesser.call("POST", "/api/auth/sign-in/%65mail?x", guess)).status;
  });
  const answers = await Promise.all(guesses);
  expect(answers.filter((status) => status === 401)).toHaveLength(5);
  expect(answers.filter((status) => status === 429)).toHaveLength(7);
  const weak = { currentPassword: PASSWORD, newPassword: "passwordpassword" };
  expect((await ada.call("POST", "/api/auth/change-passwor%64", weak)).json).toMatchObject({
    details: { field: "newPassword" },
  });
});

test("an address that is longer than any is refused before failures are kept by it", async () => {
  const email = `${"a".repeat(243)}@example.com`;
  expect(email).toHaveLength(255);
  const statuses: number[] = [];
  for (let guess = 0; guess < 7; guess += 1) statuses.push((await ada.signIn(email, "a guess of twelve")).status);
  expect(new Set(statuses)).toEqual(new Set([400]));
});

test("an open session is no place to guess the password", async () => {
  await ada.signIn(EMAIL, PASSWORD);
  const guesses = Array.from({ length: 12 }, async (_, index) => {
    const body = { password: `guess number ${index}` };
    return (await ada.call("POST", "/api/auth/two-factor/enable", body)).status;
  });
  const answers = await Promise.all(guesses);
  expect(answers.filter((status) => status === 400)).toHaveLength(5);
  expect(answers.filter((status) => status === 429)).toHaveLength(7);
});

test("who manages people cannot become, lock out or remove somebody who may more", async () => {
  const json = { name: "people-manager", permissions: ["user.manage"] };
  expect((await hub.call("POST", "/api/v1/roles", { token: hub.token, json })).status).toBe(201);
  const bob = await invited("bob@example.com", ["people-manager"]);
  const carol = await invited("carol@example.com", []);
  for (const [method, path, body] of [
    ["POST", `/api/v1/people/${EMAIL}/password-link`, {}],
    ["PATCH", `/api/v1/people/${EMAIL}`, { disabled: true }],
    ["DELETE", `/api/v1/people/${EMAIL}`, undefined],
    ["DELETE", `/api/v1/people/${EMAIL}/sessions`, undefined],
    ["DELETE", `/api/v1/people/${EMAIL}/second-factors`, undefined],
    ["PUT", `/api/v1/people/${EMAIL}/roles`, { items: [] }],
    ["PUT", "/api/v1/people/carol@example.com/roles", { items: [everywhere("admin")] }],
    ["POST", "/api/v1/invitations", { email: "eve@example.com", roles: [everywhere("admin")] }],
  ] as const) {
    expect((await bob.call(method, path, body)).status, `${method} ${path}`).toBe(403);
  }
  expect((await bob.call("PATCH", "/api/v1/people/bob@example.com", { disabled: true })).status).toBe(400);
  expect((await carol.call("GET", "/api/v1/people")).status).toBe(403);
  expect((await bob.call("PATCH", "/api/v1/people/carol@example.com", { disabled: true })).status).toBe(200);
  expect((await carol.call("GET", "/api/v1/me")).status).toBe(401);
  expect((await carol.signIn("carol@example.com", PASSWORD)).json).toMatchObject({
    details: { reason: "PERSON_DISABLED" },
  });
  expect((await bob.call("PATCH", "/api/v1/people/carol@example.com", { disabled: false })).status).toBe(200);
  expect((await carol.signIn("carol@example.com", PASSWORD)).status).toBe(200);
});

test("a person's API token sees whose it is, and neither sees nor ends the person's sessions", async () => {
  await ada.signIn(EMAIL, PASSWORD);
  const viewer = { name: "narrow", grants: [everywhere("viewer")] };
  const { secret: token } = (await ada.call("POST", "/api/v1/tokens", viewer)).json as { secret: string };
  expect(JSON.parse((await hub.call("GET", "/api/v1/me", { token })).body)).toMatchObject({
    kind: "token",
    person: { email: EMAIL },
    grants: [{ permissions: [...(BUILT_IN_ROLES.get("viewer") ?? [])], scope: { type: "all" } }],
    passkeys: [],
    sessions: [],
  });
  const id = await sessionOf(ada);
  for (const path of ["/api/v1/me/sessions", `/api/v1/me/sessions/${id}`]) {
    expect((await hub.call("DELETE", path, { token })).status, path).toBe(403);
  }
  expect(await sessionOf(ada)).toBe(id);
  expect((await ada.call("DELETE", "/api/v1/me/sessions")).status).toBe(204);
});

test("a program that was let in is in the audit log: by whom, which, and with which token", async () => {
  await ada.signIn(EMAIL, PASSWORD);
  const program = new Visitor(hub, "192.0.2.7");
  for (const [hostname, allow] of [
    ["laptop", true],
    ["stranger", false],
  ] as const) {
    const { userCode, deviceCode } = (await program.call("POST", "/api/v1/device/start", { hostname })).json;
    expect((await ada.call("POST", "/api/v1/device/decide", { userCode, allow })).status).toBe(204);
    const polled = (await program.call("POST", "/api/v1/device/poll", { deviceCode })).json;
    expect(polled["status"]).toBe(allow ? "approved" : "denied");
    expect(polled).not.toHaveProperty("personId");
  }
  const { items } = await hub.domains.audit.page({ order: "asc", limit: 100 });
  const told = items.map(({ actor, action, outcome, target }) => [actor.name, action, outcome, target]);
  expect(told.slice(2)).toEqual([
    [EMAIL, "device-login.allow", "done", "laptop"],
    [EMAIL, "token.create", "done", "device: laptop"],
    [EMAIL, "device-login.deny", "done", "stranger"],
  ]);
  expect(items[3]).toMatchObject({ address: "192.0.2.7", actor: { kind: "person", id: items[3]?.actor.personId } });
});

test("a person's API tokens do what the person may, and end with the person", async () => {
  const bob = await invited("bob@example.com", ["admin"]);
  const { secret } = (await bob.call("POST", "/api/v1/tokens", { name: "bob's" })).json as { secret: string };
  expect((await hub.call("GET", "/api/v1/people", { token: secret })).status).toBe(200);
  expect(JSON.parse((await hub.call("GET", "/api/v1/me", { token: secret })).body)).toMatchObject({
    kind: "token",
    person: { email: "bob@example.com" },
  });
  await ada.signIn(EMAIL, PASSWORD);
  expect((await ada.call("DELETE", "/api/v1/people/bob@example.com")).status).toBe(204);
  expect((await hub.call("GET", "/api/v1/me", { token: secret })).status).toBe(401);
  expect((await bob.call("GET", "/api/v1/me")).status).toBe(401);
});

test("a forgotten password is chosen anew by a link, once, and all sessions end", async () => {
  await ada.signIn(EMAIL, PASSWORD);
  const { body } = await hub.call("POST", `/api/v1/people/${EMAIL}/password-link`, { token: hub.token, json: {} });
  const token = new URL((JSON.parse(body) as { url: string }).url).hash.slice(1);
  const visitor = new Visitor(hub);
  expect((await visitor.call("POST", "/api/v1/links/show", { token })).json).toEqual({
    kind: "password",
    email: EMAIL,
    name: "Ada",
  });
  expect((await visitor.call("POST", "/api/v1/links/accept", { token, password: "short" })).status).toBe(400);
  expect(
    (await visitor.call("POST", "/api/v1/links/accept", { token, password: "another four words here" })).status,
  ).toBe(200);
  expect((await ada.call("GET", "/api/v1/me")).status).toBe(401);
  expect((await visitor.signIn(EMAIL, "another four words here")).status).toBe(200);
});

test("a password link ends when the person's rights change: who made it may have fewer by then", async () => {
  await invited("bob@example.com", []);
  const passwordLink = async (): Promise<string> => {
    const path = "/api/v1/people/bob@example.com/password-link";
    const { body } = await hub.call("POST", path, { token: hub.token, json: {} });
    return new URL((JSON.parse(body) as { url: string }).url).hash.slice(1);
  };
  const showLink = async (token: string) =>
    (await new Visitor(hub).call("POST", "/api/v1/links/show", { token })).status;
  const json = { name: "helper", permissions: ["container.view"] };
  expect((await hub.call("POST", "/api/v1/roles", { token: hub.token, json })).status).toBe(201);
  for (const change of [
    ["PUT", "/api/v1/people/bob@example.com/roles", { items: [everywhere("helper")] }],
    ["PATCH", "/api/v1/roles/helper", { permissions: ["container.view", "container.exec"] }],
  ] as const) {
    const token = await passwordLink();
    // Somebody else's rights change.
    await hub.access.bind(undefined, "somebody", [everywhere("viewer")]);
    expect(await showLink(token)).toBe(200);
    const [method, path, body] = change;
    expect((await hub.call(method, path, { token: hub.token, json: body })).status).toBe(200);
    expect(await showLink(token), path).toBe(403);
    const accepted = await new Visitor(hub).call("POST", "/api/v1/links/accept", {
      token,
      password: "four new words here",
    });
    expect(accepted.status, path).toBe(403);
  }
});

test("of better-auth only what is needed is there", async () => {
  await ada.signIn(EMAIL, PASSWORD);
  for (const [method, path] of [
    ["POST", "/sign-up/email"],
    ["POST", "/update-user"],
    ["POST", "/delete-user"],
    ["POST", "/change-email"],
    ["POST", "/link-social"],
    ["POST", "/unlink-account"],
    ["GET", "/get-session"],
    ["GET", "/list-sessions"],
    ["POST", "/forget-password"],
    ["POST", "/get-access-token"],
    ["POST", "/two-factor/send-otp"],
    ["GET", "/error"],
  ] as const) {
    const { status } = await ada.call(method, `/api/auth${path}`, method === "POST" ? {} : undefined);
    expect(status, path).toBe(404);
  }
});

test("roles are given and taken away, everywhere or on one environment, and hold at once", async () => {
  const bob = await invited("bob@example.com", []);
  const web = await hub.domains.environments.create({ name: "web", kind: "edge" });
  await hub.domains.environments.create({ name: "db", kind: "edge" });
  const statuses = async () => {
    const paths = ["web", "db"].map((name) => bob.call("GET", `/api/v1/environments/${name}`));
    return (await Promise.all(paths)).map(({ status }) => status);
  };
  expect(await statuses()).toEqual([404, 404]);
  const put = (items: unknown[]) =>
    hub.call("PUT", "/api/v1/people/bob@example.com/roles", { token: hub.token, json: { items } });
  const onWeb = { role: "viewer", scope: { type: "environment", environmentId: web.id } };
  expect(JSON.parse((await put([onWeb])).body)).toEqual({ items: [onWeb] });
  expect(await statuses()).toEqual([200, 404]);
  await put([everywhere("viewer")]);
  expect(await statuses()).toEqual([200, 200]);
  expect((await put([everywhere("nonsense")])).status).toBe(400);
  await put([]);
  expect(await statuses()).toEqual([404, 404]);
});

test("no browser is let off the second factor", async () => {
  await ada.signIn(EMAIL, PASSWORD);
  const enabled = (await ada.call("POST", "/api/auth/two-factor/enable", { password: PASSWORD })).json;
  const secret = new URL(String(enabled["totpURI"])).searchParams.get("secret") ?? "";
  const [recoveryCode] = enabled["backupCodes"] as string[];
  await untilStepLasts();
  await ada.call("POST", "/api/auth/two-factor/verify-totp", { code: totpCode(secret, -1) });
  for (const [path, code] of [
    ["verify-totp", totpCode(secret)],
    ["verify-backup-code", recoveryCode],
  ] as const) {
    await ada.call("POST", "/api/auth/sign-out", {});
    expect((await ada.signIn(EMAIL, PASSWORD)).json, path).toMatchObject({ twoFactorRedirect: true });
    const verified = await ada.call("POST", `/api/auth/two-factor/${path}`, { code, trustDevice: true });
    expect(verified.status, path).toBe(200);
    expect([...ada.cookies.keys()].filter((name) => name.includes("trust"))).toEqual([]);
  }
  await ada.call("POST", "/api/auth/sign-out", {});
  expect((await ada.signIn(EMAIL, PASSWORD)).json).toMatchObject({ twoFactorRedirect: true });
});

test("an authenticator's code works once; ten wrong ones lock it, whoever asks", async () => {
  await ada.signIn(EMAIL, PASSWORD);
  const { totpURI, totpPicture } = (await ada.call("POST", "/api/auth/two-factor/enable", { password: PASSWORD })).json;
  expect(totpPicture).toMatch(/^data:image\/svg\+xml;base64,/);
  const secret = new URL(String(totpURI)).searchParams.get("secret") ?? "";
  const verify = (by: Visitor, code: string) => by.call("POST", "/api/auth/two-factor/verify-totp", { code });
  await untilStepLasts();
  expect((await verify(ada, totpCode(secret, -1))).status).toBe(200);

  const signIn = async (address: string): Promise<Visitor> => {
    const visitor = new Visitor(hub, address);
    expect((await visitor.signIn(EMAIL, PASSWORD)).json).toMatchObject({ twoFactorRedirect: true });
    expect((await visitor.call("GET", "/api/v1/me")).status).toBe(401);
    return visitor;
  };
  const first = await signIn("198.51.100.1");
  const code = totpCode(secret);
  expect((await verify(first, code)).status).toBe(200);
  expect((await first.call("GET", "/api/v1/me")).status).toBe(200);
  const second = await signIn("198.51.100.2");
  expect((await verify(second, code)).status).toBe(401);
  expect((await second.call("GET", "/api/v1/me")).status).toBe(401);

  for (let round = 0; round < 2; round += 1) {
    const guesser = await signIn(`198.51.100.1${round}`);
    for (let guess = 0; guess < 5; guess += 1) expect((await verify(guesser, "000000")).status).toBe(401);
    expect((await verify(guesser, "000000")).status).toBeGreaterThanOrEqual(400);
  }
  const late = await signIn("198.51.100.30");
  expect((await verify(late, totpCode(secret, 1))).json).toMatchObject({
    code: "rate_limited",
    details: { reason: "ACCOUNT_TEMPORARILY_LOCKED" },
  });
});
