import { expect, test } from "vitest";
import { type BatchProgress, runBatch } from "./batch.ts";

test("does everything, whatever fails, and tells how it stands", async () => {
  const items = ["a", "b", "c", "d", "e", "f"].map((key) => ({ key }));
  const told: BatchProgress[] = [];
  let running = 0;
  let most = 0;
  const work = async ({ key }: { key: string }): Promise<void> => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    running--;
    if (key === "b") throw new Error("in use");
  };
  const end = await runBatch(items, work, (progress) => told.push(progress));
  expect([...end].map(([key, { state }]) => `${key} ${state}`)).toEqual([
    "a done",
    "b failed",
    "c done",
    "d done",
    "e done",
    "f done",
  ]);
  expect(end.get("b")).toMatchObject({ error: new Error("in use") });
  expect(told[0]?.get("f")).toEqual({ state: "waiting" });
  expect(told).toHaveLength(12);
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(4);
});
