import { expect, test } from "vitest";
import { createLog } from "./log.ts";

test("a line has time, level, message and fields; lower levels are left out", () => {
  const lines: string[] = [];
  const log = createLog("info", (line) => lines.push(line));
  log.debug("not shown");
  log.info("hello", { a: 1, b: "two words", c: undefined, d: true, e: 'q"' });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z info hello a=1 b="two words" d=true e="q\\""$/);
});

test("no text can begin a line of its own, or fill the disk", () => {
  const lines: string[] = [];
  const log = createLog("debug", (line) => lines.push(line));
  log.warn("a\nb\u001b[2J", { text: "x\ny\u0000", long: "z".repeat(1_000_000) });
  expect(lines[0]).not.toMatch(/[\u0000-\u001f]/);
  expect(lines[0]?.length).toBeLessThan(3_000);
});
