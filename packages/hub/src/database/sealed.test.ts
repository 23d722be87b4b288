import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tempDir } from "@fairlead/testkit";
import { expect, test } from "vitest";
import { SecretBox } from "./sealed.ts";

test("a sealed secret opens with the key of its folder, after a restart too", async () => {
  await using folder = await tempDir();
  const sealed = (await SecretBox.open(folder.path)).seal("geheim ✓", "token");
  expect(sealed).not.toContain("geheim");
  expect((await SecretBox.open(folder.path)).unseal(sealed, "token")).toBe("geheim ✓");
  expect((await stat(join(folder.path, "secret.key"))).mode & 0o777).toBe(0o600);
});

test("two seals of one secret differ", async () => {
  await using folder = await tempDir();
  const box = await SecretBox.open(folder.path);
  expect(box.seal("x", "token")).not.toBe(box.seal("x", "token"));
});

test("another key, another purpose, a changed or a cut text open nothing", async () => {
  await using folder = await tempDir();
  await using other = await tempDir();
  const box = await SecretBox.open(folder.path);
  const sealed = box.seal("secret", "token");
  expect((await SecretBox.open(other.path)).unseal(sealed, "token")).toBeUndefined();
  expect(box.unseal(sealed, "key")).toBeUndefined();
  const bytes = Buffer.from(sealed.slice(3), "base64");
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at]! ^= 1;
    expect(box.unseal(`v1:${changed.toString("base64")}`, "token")).toBeUndefined();
    expect(box.unseal(`v1:${bytes.subarray(0, at).toString("base64")}`, "token")).toBeUndefined();
  }
  expect(box.unseal("secret", "token")).toBeUndefined();
});

test("a key file that is none stops the start and says what to do", async () => {
  await using folder = await tempDir();
  await writeFile(join(folder.path, "secret.key"), "short");
  await expect(SecretBox.open(folder.path)).rejects.toMatchObject({
    code: "config_invalid",
    message: expect.stringMatching(/must hold 32 bytes and has 5\. Restore it/) as string,
  });
});
