import { expect, test } from "vitest";
import { hashPassword, portableArgon2id, verifyPassword } from "./password-hash.ts";

test("a password is known by its hash, and no other is", async () => {
  const hash = await hashPassword("four words and a horse");
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  expect(await hashPassword("four words and a horse")).not.toBe(hash);
  expect(await verifyPassword("four words and a horse", hash)).toBe(true);
  expect(await verifyPassword("four words and a horsE", hash)).toBe(false);
});

test("Node's argon2id and the portable one come to the same", async () => {
  const hash = await hashPassword("pässword of the tests");
  const [, , , , salt = "", tag = ""] = hash.split("$");
  const parameters = { memoryKiB: 19_456, passes: 2, parallelism: 1, tagBytes: 32 };
  const portable = await portableArgon2id("pässword of the tests", Buffer.from(salt, "base64"), parameters);
  expect(portable.toString("base64").replace(/=+$/, "")).toBe(tag);
});

test.each([
  "",
  "plain text",
  "$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA",
  // A row that somebody changed must not take the hub's memory or its time.
  "$argon2id$v=19$m=99999999,t=2,p=1$c2FsdHNhbHQ$aGFzaA",
  "$argon2id$v=19$m=19456,t=9999,p=1$c2FsdHNhbHQ$aGFzaA",
])("%s is no hash that lets anybody in", async (hash) => {
  expect(await verifyPassword("plain text", hash)).toBe(false);
});
