import type { AuditEntry } from "@fairlead/protocol/rest";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type HubFixture, startHubFixture } from "../http/hub-fixture.ts";

let hub: HubFixture;
beforeAll(async () => {
  hub = await startHubFixture();
});
afterAll(() => hub[Symbol.asyncDispose]());

async function entries(text: string): Promise<AuditEntry[]> {
  return (await hub.domains.audit.page({ order: "asc", limit: 1000, text })).items;
}

/** They ask, begin or look, and change nothing that lasts. */
const NOT_TOLD = [
  "POST /api/auth/sign-in/social",
  "POST /api/v1/device/poll",
  "POST /api/v1/device/start",
  "POST /api/v1/links/show",
];

test("every route that changes something tells of it, by a name", async () => {
  const untold: string[] = [];
  const changing = hub.routes.filter(({ method }) => !["GET", "HEAD", "OPTIONS"].includes(method));
  expect(changing.length).toBeGreaterThan(30);
  for (const { method, url } of changing) {
    const path = url.replaceAll(/:[a-z]+/g, "999");
    const before = (await entries(path)).length;
    await hub.call(method, path, { token: hub.token, json: {} });
    const told = (await entries(path)).slice(before).at(-1);
    if (told === undefined) untold.push(`${method} ${url}`);
    else {
      expect([url, told.action]).not.toContain("unknown");
      expect(told).toMatchObject({ door: "rest", method, path, outcome: "refused", address: "127.0.0.1" });
    }
  }
  expect(untold.toSorted()).toEqual(NOT_TOLD);
});

test("the body's secrets and the query's are not told", async () => {
  const secret = "hunter2-hunter2-hunter2";
  const json = { email: secret, password: secret, name: "x", joinKey: secret, token: secret };
  for (const path of [
    "/api/v1/first-admin",
    "/api/v1/links/accept",
    "/api/v1/agents/join",
    "/api/auth/sign-in/email",
  ]) {
    await hub.call("POST", `${path}?code=${secret}&state=${secret}`, {
      json,
      headers: { cookie: `session=${secret}` },
    });
    expect((await entries(path)).length).toBeGreaterThan(0);
  }
  await hub.call("GET", `/api/auth/callback/oidc?code=${secret}&state=${secret}`);
  const all = await hub.domains.audit.page({ order: "asc", limit: 1000 });
  expect(JSON.stringify(all)).not.toContain(secret);
});

test("whoever exports the log, or asks for a recorded terminal, is in it", async () => {
  await hub.call("GET", "/api/v1/audit/export", { token: hub.token });
  await hub.call("GET", "/api/v1/audit/999/recording", { token: hub.token });
  expect((await entries("/api/v1/audit/export")).at(-1)).toMatchObject({ action: "audit.export", outcome: "done" });
  expect((await entries("/api/v1/audit/999/recording")).at(-1)).toMatchObject({ action: "audit.replay" });
  const before = (await hub.domains.audit.page({ order: "asc", limit: 1000 })).items.length;
  await hub.call("GET", "/api/v1/audit", { token: hub.token });
  expect((await hub.domains.audit.page({ order: "asc", limit: 1000 })).items).toHaveLength(before);
});
