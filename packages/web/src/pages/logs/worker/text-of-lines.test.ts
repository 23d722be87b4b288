import { expect, test } from "vitest";
import { styledParts } from "../styled-parts.ts";
import { parseAnsi, stripAnsi } from "./ansi.ts";
import { parseJsonLine } from "./json-line.ts";
import { LEVELS, levelOf } from "./level.ts";
import { lineMatcher } from "./line-matcher.ts";

test("ANSI colours become spans, and every other escape goes", () => {
  expect(parseAnsi("\x1b[1;31mred\x1b[0m plain \x1b[2K\x1b[93mbright\x1b[39m")).toEqual({
    text: "red plain bright",
    spans: [
      { start: 0, end: 3, bold: true, color: 1 },
      { start: 10, end: 16, color: 11 },
    ],
  });
  expect(parseAnsi("\x1b[38;5;4mfour\x1b[38;5;200m none\x1b[48;2;1;2;3m").spans).toEqual([
    { start: 0, end: 4, color: 4 },
    { start: 4, end: 9, color: 4 },
  ]);
  expect(stripAnsi("a\x1b]8;;http://x\x07link\x1b]8;;\x1b\\ b\rc\td")).toBe("alink bc\td");
  expect(parseAnsi("cut \x1b[3")).toEqual({ text: "cut ", spans: [] });
});

test("JSON lines give message and fields; others none", () => {
  expect(parseJsonLine('{"level":"info","time":"x","msg":"served","n":1,"a":{"b":2},"__proto__":"p"}')).toEqual({
    message: "served",
    fields: Object.defineProperty({ n: "1", a: '{"b":2}' }, "__proto__", { value: "p", enumerable: true }),
  });
  expect(parseJsonLine("{not json}")).toBeUndefined();
  expect(parseJsonLine("[1]")).toBeUndefined();
});

test.each([
  ['{"level":"warning","msg":"x"}', "warn"],
  ['{"time":1,"level":50,"msg":"x"}', "error"],
  ['{"msg":"level: error"}', ""],
  ["error: upstream 7 timed out", "error"],
  ["2026-05-01 10:20 [WARN] disk", "warn"],
  ["time=1 level=debug msg=x", "debug"],
  ["E0502 10:20:30.1 main.go:1] broke", "error"],
  ["10:20 INFO started", "info"],
  ["found 0 errors", ""],
  ["no error happened", ""],
  ["GET /error/page 200", ""],
  ["the FATAL-ity of it", ""],
])("the level of %j is %j", (text, level) => {
  expect(LEVELS[levelOf(text)]).toBe(level);
});

test("what is looked for is a text or an expression, large and small alike unless asked", () => {
  const search = { text: "a.c", isRegex: false, matchCase: false };
  expect(lineMatcher(search)?.ranges("abc A.C a.c")).toEqual([
    [4, 7],
    [8, 11],
  ]);
  expect(lineMatcher({ ...search, isRegex: true })?.ranges("abc A.C")).toEqual([
    [0, 3],
    [4, 7],
  ]);
  expect(lineMatcher({ ...search, matchCase: true })?.matches("A.C")).toBe(false);
  expect(lineMatcher({ text: "x*", isRegex: true, matchCase: false })?.ranges("axa")).toEqual([[1, 2]]);
  expect(lineMatcher({ ...search, text: "" })).toBeUndefined();
  expect(() => lineMatcher({ text: "(", isRegex: true, matchCase: false })).toThrow(SyntaxError);
});

test("a line is cut where colours or matches begin and end", () => {
  const parts = styledParts("abcdef", [{ start: 1, end: 4, color: 1 }], [[3, 5]]);
  expect(parts.map(({ text, span, isMatch }) => [text, span?.color, isMatch])).toEqual([
    ["a", undefined, false],
    ["bc", 1, false],
    ["d", 1, true],
    ["e", undefined, true],
    ["f", undefined, false],
  ]);
});
