import { ApiTokenListSchema, type CreatedApiToken, CreatedApiTokenSchema } from "@fairlead/protocol/rest";
import { Value } from "typebox/value";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AppFixture, appFixture } from "../http/app-fixture.ts";

let hub: AppFixture;
beforeAll(async () => {
  hub = await appFixture();
});
afterAll(() => hub.stop());

test("a token is made, listed without its secret, used, and revoked", async () => {
  const made = await hub.request({ method: "POST", url: "/api/v1/tokens", payload: { name: "script" } });
  expect(made.statusCode).toBe(201);
  const { secret, token } = made.json<CreatedApiToken>();
  expect(Value.Check(CreatedApiTokenSchema, made.json())).toBe(true);

  const headers = { authorization: `Bearer ${secret}` };
  const list = await hub.request({ url: "/api/v1/tokens", headers });
  expect(Value.Check(ApiTokenListSchema, list.json())).toBe(true);
  expect(list.json<{ items: object[] }>().items).toHaveLength(2);
  expect(list.body).not.toContain(secret);

  const revoked = await hub.request({ method: "DELETE", url: `/api/v1/tokens/${token.id}` });
  expect([revoked.statusCode, revoked.body]).toEqual([204, ""]);
  expect((await hub.request({ url: "/api/v1/tokens", headers })).statusCode).toBe(401);
  expect((await hub.request({ method: "DELETE", url: `/api/v1/tokens/${token.id}` })).statusCode).toBe(404);
});

test("a taken name is a conflict that names the field", async () => {
  const make = { method: "POST", url: "/api/v1/tokens", payload: { name: "twice" } } as const;
  expect((await hub.request(make)).statusCode).toBe(201);
  const second = await hub.request(make);
  expect(second.statusCode).toBe(409);
  expect(second.json()).toMatchObject({ code: "conflict", details: { field: "name" } });
});
