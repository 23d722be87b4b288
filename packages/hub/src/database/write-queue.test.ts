import { waitFor } from "@fairlead/testkit";
import { describe, expect, it } from "vitest";
import { silentLog as log } from "./database-fixture.ts";
import { WriteQueue } from "./write-queue.ts";

describe("WriteQueue", () => {
  it("writes in order, in batches of at most batchSize", async () => {
    const batches: number[][] = [];
    const queue = new WriteQueue<number>({
      what: "numbers",
      log,
      batchSize: 4,
      write: (batch) => Promise.resolve(void batches.push([...batch])),
    });
    for (let number = 0; number < 10; number += 1) expect(queue.push(number)).toBe(true);
    await queue.flush();
    expect(batches).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ]);
    expect(queue.length).toBe(0);
    await queue.stop();
  });

  it("refuses and counts what does not fit, by number and by weight, and takes more when there is room", async () => {
    const written: string[] = [];
    const queue = new WriteQueue<string>({
      what: "texts",
      log,
      capacity: 3,
      maxWeight: 10,
      weigh: (text) => text.length,
      write: (batch) => Promise.resolve(void written.push(...batch)),
    });
    expect(["aaaa", "bbbb", "cccc", "d", "e"].map((text) => queue.push(text))).toEqual([
      true,
      true,
      false,
      true,
      false,
    ]);
    expect(queue.dropped).toBe(2);
    await queue.flush();
    expect(queue.push("cccc")).toBe(true);
    await queue.stop();
    expect(written).toEqual(["aaaa", "bbbb", "d", "cccc"]);
  });

  it("tries a failed batch again until it is written, and loses nothing", async () => {
    const written: number[] = [];
    let failures = 3;
    const queue = new WriteQueue<number>({
      what: "numbers",
      log,
      delayMs: 0,
      write: (batch) => {
        failures -= 1;
        if (failures >= 0) return Promise.reject(new Error("disk full"));
        written.push(...batch);
        return Promise.resolve();
      },
    });
    queue.push(1);
    queue.push(2);
    await queue.flush();
    expect(written).toEqual([1, 2]);
    expect(queue.dropped).toBe(0);
    await queue.stop();
  });

  it("flush waits for what was pushed before it, not for what comes after", async () => {
    const written: number[] = [];
    const gate = Promise.withResolvers<void>();
    const queue = new WriteQueue<number>({
      what: "numbers",
      log,
      delayMs: 0,
      batchSize: 1,
      write: async ([number = 0]) => {
        if (number === 2) await gate.promise;
        written.push(number);
      },
    });
    queue.push(1);
    const flushed = queue.flush();
    queue.push(2);
    await flushed;
    expect(written).toEqual([1]);
    gate.resolve();
    await queue.stop();
    expect(written).toEqual([1, 2]);
  });

  it("stops with all written, takes nothing more, and gives up what cannot be written", async () => {
    const queue = new WriteQueue<number>({
      what: "numbers",
      log,
      write: () => Promise.reject(new Error("disk gone")),
    });
    queue.push(1);
    await queue.stop();
    expect(queue.dropped).toBe(1);
    expect(queue.push(2)).toBe(false);
    await waitFor(() => queue.length === 0, { what: "an empty queue" });
  });
});
