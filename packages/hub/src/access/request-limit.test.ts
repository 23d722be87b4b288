import { expect, test } from "vitest";
import { RequestLimit } from "./request-limit.ts";

const one = { kind: "token", id: "1", name: "ci" } as const;
const other = { kind: "person", id: "1", name: "ada" } as const;

test("a burst passes, then the rate; others are not affected", () => {
  let now = 0;
  const limit = new RequestLimit(10, () => now);
  const passing = (caller: typeof one | typeof other, count: number): number => {
    let passed = 0;
    for (let at = 0; at < count; at += 1) {
      try {
        limit.take(caller);
        passed += 1;
      } catch (error) {
        expect(error).toMatchObject({ code: "rate_limited", details: { retryAfterSeconds: 1 } });
      }
    }
    return passed;
  };
  expect(passing(one, 60)).toBe(50);
  expect(passing(other, 10)).toBe(10);
  now += 1_000;
  expect(passing(one, 60)).toBe(10);
  now += 3_600_000;
  expect(passing(one, 60)).toBe(50);
});

test("0 is no limit", () => {
  const limit = new RequestLimit(0);
  for (let at = 0; at < 100_000; at += 1) limit.take(one);
});
