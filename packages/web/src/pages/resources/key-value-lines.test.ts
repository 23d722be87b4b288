import { expect, test } from "vitest";
import { parseKeyValueLines } from "./key-value-lines.ts";

test.each([
  ["", { ok: true, values: {} }],
  ["a=1\n\n b = x=y", { ok: true, values: { a: "1", b: " x=y" } }],
  ["a=1\nb", { ok: false, problem: "Line 2 is not name=value: b" }],
  ["=1", { ok: false, problem: "Line 1 is not name=value: =1" }],
  ["a=1\na=2", { ok: false, problem: "Line 2 gives a a second time." }],
])("%j", (text, expected) => expect(parseKeyValueLines(text)).toEqual(expected));

test("labels may be bare, and a name of Object's own is one like any other", () => {
  expect(parseKeyValueLines("keep", { bareNames: true })).toEqual({ ok: true, values: { keep: "" } });
  const read = parseKeyValueLines("__proto__=x");
  expect(read.ok && Object.keys(read.values)).toEqual(["__proto__"]);
});
