import { expect, test } from "vitest";
import { StopSequence } from "./stop-sequence.ts";
import { silentLog } from "./database/database-fixture.ts";

const log = silentLog;

test("steps are ended in reverse order, once, whatever one of them throws", async () => {
  const ended: string[] = [];
  const stops = new StopSequence(log);
  stops.add("first", () => void ended.push("first"));
  stops.add("failing", () => {
    throw new Error("on purpose");
  });
  stops.add("rejecting", () => Promise.reject(new Error("on purpose")));
  stops.add("last", async () => {
    await Promise.resolve();
    ended.push("last");
  });
  expect(stops.isRunning).toBe(false);
  const [one, two] = [stops.run(), stops.run()];
  expect(stops.isRunning).toBe(true);
  await Promise.all([one, two]);
  expect(ended).toEqual(["last", "first"]);
});

test("a step that hangs holds the others up for some seconds only", async () => {
  const stops = new StopSequence(log, 20);
  let isEnded = false;
  stops.add("first", () => {
    isEnded = true;
  });
  stops.add("hanging", () => new Promise<void>(() => {}));
  await stops.run();
  expect(isEnded).toBe(true);
});
