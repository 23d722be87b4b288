import { expect, test } from "vitest";
import { environmentName } from "./local-environment.ts";

test.each([
  ["web-1", "web-1"],
  ["Jane's Mac.local", "Jane-s-Mac.local"],
  ["12345", "host-12345"],
  ["-._x", "x"],
  ["", "local"],
  ["ü", "local"],
  ["a".repeat(100), "a".repeat(63)],
])("a host called %j is the environment %j", (host, name) => {
  expect(environmentName(host)).toBe(name);
});
