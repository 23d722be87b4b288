import { expect, test } from "vitest";
import { readPathStat } from "./container-archive.ts";

const header = (mode: number, linkTarget = ""): string =>
  btoa(JSON.stringify({ name: "x", size: 5, mode, mtime: "", linkTarget }));

test.each([
  ["file", 0o644],
  ["file", 0o4755 + 2 ** 23],
  ["folder", 2 ** 31 + 0o755],
  ["folder", 2 ** 31 + 2 ** 20 + 0o777],
  ["symlink", 2 ** 27 + 0o777],
  ["other", 2 ** 26 + 2 ** 21 + 0o666],
  ["other", 2 ** 24 + 0o755],
])("a %s of mode %d", (type, mode) => {
  expect(readPathStat(header(mode)).type).toBe(type);
});

test("a link tells where it leads, and a missing header is a failure of the engine's", () => {
  expect(readPathStat(header(2 ** 27, "/etc/hosts")).linkTarget).toBe("/etc/hosts");
  expect(() => readPathStat("")).toThrow("did not tell");
});
