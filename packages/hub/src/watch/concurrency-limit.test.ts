import { describe, expect, it } from "vitest";
import { ConcurrencyLimit } from "./concurrency-limit.ts";

describe("ConcurrencyLimit", () => {
  it("runs so many at a time, in order, whatever fails", async () => {
    const limit = new ConcurrencyLimit(3);
    const started: number[] = [];
    let running = 0;
    let most = 0;
    const tasks = Array.from({ length: 20 }, (_, number) =>
      limit.run(async () => {
        started.push(number);
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        if (number % 2 === 0) throw new Error(String(number));
        return number;
      }),
    );
    expect(limit.waiting).toBe(17);
    const results = await Promise.allSettled(tasks);
    expect(most).toBe(3);
    expect(started).toEqual(Array.from({ length: 20 }, (_, number) => number));
    expect(results.map(({ status }) => status === "fulfilled")).toEqual(started.map((number) => number % 2 === 1));
    expect(limit.waiting).toBe(0);
    expect(await limit.run(() => Promise.resolve("again"))).toBe("again");
  });
});
