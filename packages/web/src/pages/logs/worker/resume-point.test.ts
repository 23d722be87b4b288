import { expect, test } from "vitest";
import { olderAttempts } from "./older-attempts.ts";
import { withoutKnown } from "./older-reader.ts";
import { ResumePoint } from "./resume-point.ts";

const at = (micros: number, nanos = 0) => ({ micros, nanos });

test("a log goes on after the lines of its last time that are known", () => {
  const resume = new ResumePoint(at(5, 1), 2);
  const lines = [at(5, 0), at(5, 1), at(5, 1), at(5, 1), at(5, 2), at(6)];
  expect(lines.filter((line) => resume.isNew(line))).toEqual([at(5, 1), at(5, 2), at(6)]);
  expect(resume.hasGap).toBe(false);
});

test("it is told when the engine has no more what was the last line", () => {
  const resume = new ResumePoint(at(5), 1);
  expect(resume.hasGap && resume.isNew(at(6))).toBe(true);
  expect(resume.hasGap).toBe(true);
  expect(new ResumePoint(at(5), 0).hasGap).toBe(false);
});

test("older lines come without those of the same time that are held, the last of them", () => {
  const line = (micros: number, name: string) => ({
    ...at(micros),
    stream: 1 as const,
    text: new TextEncoder().encode(name),
    isCut: false,
  });
  const names = (known: number, wanted: number): string[] =>
    withoutKnown([line(1, "a"), line(2, "b"), line(2, "c"), line(2, "d")], at(2), known, wanted).map(({ text }) =>
      new TextDecoder().decode(text),
    );
  expect(names(2, 10)).toEqual(["a", "b"]);
  expect(names(0, 10)).toEqual(["a", "b", "c", "d"]);
  expect(names(9, 10)).toEqual(["a"]);
  expect(names(2, 1)).toEqual(["b"]);
});

test("near the end so many lines more are asked for than are known; elsewhere spans that grow, none before the limit", () => {
  const until = at(Date.parse("2026-05-01T00:00:00Z") * 1000);
  const options = { known: 500, wanted: 1_000, until, since: undefined };
  expect(olderAttempts({ ...options, reachesEnd: true })).toEqual([
    { tail: "1500" },
    { tail: "15000" },
    { tail: "150000" },
    { tail: "all" },
  ]);
  const since = at(until.micros - 3600e6);
  expect(olderAttempts({ ...options, reachesEnd: false, since })).toEqual([
    { tail: "all", since: "2026-04-30T23:50:00.000000000Z" },
    { tail: "all", since: "2026-04-30T23:00:00.000000000Z" },
  ]);
});
