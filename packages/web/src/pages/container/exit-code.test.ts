import { expect, test } from "vitest";
import { exitCodeMeaning } from "./exit-code.ts";

test.each([
  [0, "success"],
  [127, "the command was not found"],
  [139, "ended by signal 11 (SIGSEGV)"],
  [160, "ended by signal 32"],
  [3, undefined],
  [255, undefined],
])("%d", (code, meaning) => {
  expect(exitCodeMeaning(code)).toBe(meaning);
});

test("what the kernel killed for its memory says so, not SIGKILL", () => {
  expect(exitCodeMeaning(137, true)).toContain("out of memory");
});
