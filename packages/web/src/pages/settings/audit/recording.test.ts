import { expect, test } from "vitest";
import { readRecording } from "./recording.ts";

async function* lines(...items: unknown[]): AsyncGenerator {
  yield* items;
}
const HEADER = { version: 2, width: 100, height: 30, timestamp: 1 };

test("output and sizes at their times, pauses cut, input left out", async () => {
  const recording = await readRecording(
    lines(HEADER, [0.5, "o", "$ "], [1, "i", "ls\r"], [60, "o", "ls\r\n"], [60.1, "r", "120x40"], [60.2, "o", "a b"]),
    2_000,
  );
  expect(recording).toMatchObject({ columns: 100, rows: 30 });
  expect(recording.events.map((event) => [Math.round(event.atMs), event.kind])).toEqual([
    [500, "output"],
    [3_000, "output"],
    [3_100, "resize"],
    [3_200, "output"],
  ]);
  expect(Math.round(recording.durationMs)).toBe(3_200);
});

test("what is no recording is refused; broken lines are passed over", async () => {
  await expect(readRecording(lines({ version: 1 }))).rejects.toMatchObject({ code: "bad_request" });
  const recording = await readRecording(lines(HEADER, "x", [1], [2, "o", 5], [1, "r", "axb"], [3, "o", "ok"]));
  expect(recording.events).toHaveLength(1);
});
