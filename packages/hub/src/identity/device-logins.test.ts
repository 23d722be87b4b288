import { afterEach, beforeEach, expect, test } from "vitest";
import { type DatabaseFixture, databaseFixture } from "../database/database-fixture.ts";
import { FairleadError } from "@fairlead/protocol";
import { DeviceLogins } from "./device-logins.ts";
import { DeviceLoginStore } from "./device-login-store.ts";

let database: DatabaseFixture;
let logins: DeviceLogins;
let made: string[];

beforeEach(async () => {
  database = await databaseFixture();
  made = [];
  const now = new Date().toISOString();
  await database.db
    .insertInto("people")
    .values({ id: "ada", name: "Ada", email: "ada@example.com", email_verified: 0, created_at: now, updated_at: now })
    .execute();
  logins = new DeviceLogins({
    store: new DeviceLoginStore(database.db),
    makeToken: (personId, name) => {
      if (made.includes(name)) throw new FairleadError("conflict", "taken");
      made.push(name);
      return Promise.resolve(`token of ${personId}`);
    },
    emailOf: (personId) => Promise.resolve(personId === "ada" ? "ada@example.com" : undefined),
    url: () => "https://hub.example",
  });
});
afterEach(() => database[Symbol.asyncDispose]());

const code = (expected: string) => expect.objectContaining({ code: expected }) as Error;

test("a program gets the person's token once, when the person has allowed it", async () => {
  const { deviceCode, userCode, verificationUrlComplete } = await logins.start("laptop", "192.0.2.1", 0);
  expect(userCode).toMatch(/^[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}$/);
  expect(verificationUrlComplete).toBe(`https://hub.example/device#${userCode}`);
  expect(await logins.poll(deviceCode, 5_000)).toEqual({ status: "pending", intervalSeconds: 5 });
  // However it is typed.
  const typed = ` ${userCode.toLowerCase().replace("-", " ")} `;
  expect(await logins.show(typed, 6_000)).toMatchObject({ hostname: "laptop", address: "192.0.2.1" });
  await logins.decide(typed, "ada", true, 7_000);
  expect(await logins.poll(deviceCode, 10_000)).toEqual({
    status: "approved",
    personId: "ada",
    email: "ada@example.com",
    token: "token of ada",
    tokenName: "device: laptop",
  });
  expect(await logins.poll(deviceCode, 20_000)).toEqual({ status: "expired" });
  await expect(logins.show(userCode, 20_000)).rejects.toThrow(code("not_found"));
});

test("neither code stands in the database", async () => {
  const { deviceCode, userCode } = await logins.start("laptop", "192.0.2.1");
  const rows = JSON.stringify(await database.db.selectFrom("device_logins").selectAll().execute());
  expect(rows).not.toContain(deviceCode);
  expect(rows).not.toContain(userCode);
  expect(rows).not.toContain(userCode.replace("-", ""));
});

test("who asks too often is told so", async () => {
  const { deviceCode } = await logins.start("laptop", "192.0.2.1", 0);
  await logins.poll(deviceCode, 1_000);
  await expect(logins.poll(deviceCode, 3_000)).rejects.toThrow(code("rate_limited"));
  expect(await logins.poll(deviceCode, 6_000)).toMatchObject({ status: "pending" });
});

test("a refusal holds, and so does the first decision", async () => {
  const { deviceCode, userCode } = await logins.start("laptop", "192.0.2.1", 0);
  await logins.decide(userCode, "ada", false, 1_000);
  await expect(logins.decide(userCode, "ada", true, 2_000)).rejects.toThrow(code("not_found"));
  expect(await logins.poll(deviceCode, 5_000)).toEqual({ status: "denied" });
  expect(made).toEqual([]);
});

test("a code ends after ten minutes", async () => {
  const { deviceCode, userCode } = await logins.start("laptop", "192.0.2.1", 0);
  await expect(logins.decide(userCode, "ada", true, 600_000)).rejects.toThrow(code("not_found"));
  expect(await logins.poll(deviceCode, 600_000)).toEqual({ status: "expired" });
});

test("two logins of one host have tokens of different names", async () => {
  for (const expected of [/^device: laptop$/, /^device: laptop \([0-9a-f]{6}\)$/]) {
    const { deviceCode, userCode } = await logins.start("laptop", "192.0.2.1", 0);
    await logins.decide(userCode, "ada", true, 1_000);
    expect(await logins.poll(deviceCode, 2_000)).toMatchObject({
      tokenName: expect.stringMatching(expected) as string,
    });
  }
});

test("what a program calls itself cannot fool the person", async () => {
  const { userCode } = await logins.start('<b>"x"\u001b[2J\u202e</b>', "192.0.2.1", 0);
  expect((await logins.show(userCode, 1)).hostname).toBe("bx2Jb");
});
