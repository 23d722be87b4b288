import { afterAll, beforeAll, expect, test } from "vitest";
import { type DatabaseFixture, databaseFixture } from "../../database/database-fixture.ts";
import { OneTimeLinks } from "./one-time-links.ts";
import { OneTimeLinkStore } from "./one-time-link-store.ts";

let database: DatabaseFixture;
let links: OneTimeLinks;
beforeAll(async () => {
  database = await databaseFixture();
  links = new OneTimeLinks(new OneTimeLinkStore(database.db));
});
afterAll(() => database[Symbol.asyncDispose]());

const VIEWER = [{ role: "viewer", scope: { type: "all" } as const }];
const DAY_MS = 24 * 3_600_000;

test("a link has 256 bits, of which the database has the hash only", async () => {
  const { secret } = await links.make({ kind: "first-admin" });
  expect(Buffer.from(secret, "base64url")).toHaveLength(32);
  const rows = await database.db.selectFrom("person_links").selectAll().execute();
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain(secret);
  expect(await links.find(secret)).toMatchObject({ kind: "first-admin" });
  expect(await links.find(`${secret.slice(0, -2)}AA`)).toBeUndefined();
});

test("it ends by its time, and by a newer one for the same", async () => {
  const first = await links.make({ kind: "first-admin" }, 0);
  expect(await links.find(first.secret, DAY_MS - 1)).toBeDefined();
  expect(await links.find(first.secret, DAY_MS)).toBeUndefined();
  const second = await links.make({ kind: "first-admin" }, 0);
  expect(await links.find(first.secret, 1)).toBeUndefined();

  const invite = (email: string) => links.make({ kind: "invitation", email, name: null, roles: VIEWER }, 0);
  const ada = await invite("Ada@example.com");
  const grace = await invite("grace@example.com");
  await invite("ada@example.com");
  expect(await links.find(ada.secret, 1)).toBeUndefined();
  expect(await links.find(grace.secret, 1)).toMatchObject({ roles: JSON.stringify(VIEWER) });
  expect(await links.find(second.secret, 1)).toBeDefined();
  expect(await links.invitations(1)).toHaveLength(2);
  await links.removeExpired(DAY_MS * 8);
  expect(await links.invitations(1)).toHaveLength(0);
});

test("password links are taken back, of one person or of everybody; others stay", async () => {
  const now = new Date().toISOString();
  for (const id of ["ada", "grace"]) {
    const person = { id, name: id, email: `${id}@example.com`, email_verified: 0, created_at: now, updated_at: now };
    await database.db.insertInto("people").values(person).execute();
  }
  const password = (personId: string) => links.make({ kind: "password", personId });
  const [ada, grace, admin] = [
    await password("ada"),
    await password("grace"),
    await links.make({ kind: "first-admin" }),
  ];
  const known = async () => {
    const rows = await Promise.all([ada, grace, admin].map(({ secret }) => links.find(secret)));
    return rows.map((row) => row !== undefined);
  };
  await links.removePasswordLinks("ada");
  expect(await known()).toEqual([false, true, true]);
  await links.removePasswordLinks(undefined);
  expect(await known()).toEqual([false, false, true]);
});

test("of many who use a link at once one gets in", async () => {
  const { secret } = await links.make({ kind: "first-admin" });
  const link = await links.find(secret);
  if (!link) throw new Error("no link");
  const used = await Promise.all(Array.from({ length: 5 }, () => links.use(link)));
  expect(used.filter(Boolean)).toHaveLength(1);
  expect(await links.find(secret)).toBeUndefined();
  await links.giveBack(link);
  expect(await links.find(secret)).toBeDefined();
});
