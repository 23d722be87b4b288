import fc from "fast-check";
import { expect, test } from "vitest";
import { formatStamp, parseStamp } from "./log-time.ts";

test("times of engines keep their nanoseconds", () => {
  const time = parseStamp("2026-05-01T10:20:30.123456789Z");
  expect(time).toEqual({ micros: Date.parse("2026-05-01T10:20:30Z") * 1000 + 123_456, nanos: 789 });
  expect(parseStamp("2026-05-01T12:20:30.123456789+02:00")).toEqual(time);
  expect(parseStamp("2026-05-01T08:50:30.123456789-01:30")).toEqual(time);
  expect(parseStamp("2026-05-01T10:20:30.5Z")).toEqual({
    micros: Date.parse("2026-05-01T10:20:30.5Z") * 1000,
    nanos: 0,
  });
  expect(parseStamp("2026-05-01T10:20:30Z")?.nanos).toBe(0);
});

test.each([
  "",
  "2026-05-01",
  "2026-05-01T10:20:30",
  "2026-05-01T10:20:30.Z",
  "x026-05-01T10:20:30Z",
  "2026-05-01T10:20:30Zx",
])("%j is no time", (text) => expect(parseStamp(text)).toBeUndefined());

test("what is formatted is read again", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e15 }), fc.integer({ min: 0, max: 999 }), (micros, nanos) => {
      expect(parseStamp(formatStamp({ micros, nanos }))).toEqual({ micros, nanos });
    }),
  );
});
