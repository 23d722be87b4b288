import fc from "fast-check";
import { expect, test } from "vitest";
import { applyProgress, NO_PROGRESS, type ProgressMessage, type PullProgress, totalProgress } from "./pull-progress.ts";

const after = (...messages: ProgressMessage[]): PullProgress => messages.reduce(applyProgress, NO_PROGRESS);
const layer = (id: string, status: string, current?: number, total?: number): ProgressMessage => ({
  id,
  status,
  progressDetail: current === undefined || total === undefined ? {} : { current, total },
});

test("a pull from its first word to its last", () => {
  const first = after({ id: "1.27", status: "Pulling from library/nginx" });
  expect(first.layers.size).toBe(0);
  expect(totalProgress(first).percent).toBeUndefined();

  const middle = [
    layer("a", "Already exists"),
    layer("b", "Pulling fs layer"),
    layer("c", "Waiting"),
    layer("b", "Downloading", 25, 100),
    layer("c", "Downloading", 300, 300),
    layer("c", "Download complete"),
  ].reduce(applyProgress, first);
  expect(totalProgress(middle)).toEqual({
    percent: (100 * (12.5 + 150)) / 400,
    done: 1,
    layers: 3,
    currentBytes: 325,
    totalBytes: 400,
  });

  const last = [
    layer("b", "Download complete"),
    layer("b", "Extracting", 50, 100),
    layer("b", "Pull complete"),
    layer("c", "Pull complete"),
    { status: "Digest: sha256:ab" },
    { status: "Status: Downloaded newer image for nginx:1.27" },
  ].reduce(applyProgress, middle);
  expect(totalProgress(last).percent).toBe(100);
  expect(last.notes).toEqual(["Digest: sha256:ab", "Status: Downloaded newer image for nginx:1.27"]);
});

test("an image that is there already is whole", () => {
  expect(totalProgress(after(layer("a", "Already exists"))).percent).toBe(100);
});

test("an error at the end of an answer that began well is a failure", () => {
  const failed = after(layer("a", "Downloading", 1, 2), {
    errorDetail: { message: "no space left" },
    error: "old words",
  });
  expect(failed.error).toBe("no space left");
  expect(after({ error: "denied" }).error).toBe("denied");
});

test("seconds of unpacking are no bytes", () => {
  const { layers } = after(layer("a", "Downloading", 5, 10), {
    id: "a",
    status: "Extracting",
    progressDetail: { current: 3, units: "s" },
  });
  expect(layers.get("a")).toEqual({ id: "a", phase: "extracting", status: "Extracting", bytes: 10, fraction: 0.5 });
});

test("a load says its words as a stream", () => {
  expect(after({ stream: "Loaded image: nginx:1.27\n" }).notes).toEqual(["Loaded image: nginx:1.27"]);
});

test("a layer never goes back, and the whole stays within its bounds", () => {
  const message = fc.record({
    id: fc.constantFrom("a", "b", "c"),
    status: fc.constantFrom(
      "Waiting",
      "Downloading",
      "Download complete",
      "Extracting",
      "Pull complete",
      "Already exists",
      "Pondering",
    ),
    progressDetail: fc.record({ current: fc.nat(200), total: fc.nat(200) }),
  });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 40 }), (messages) => {
      let progress = NO_PROGRESS;
      for (const next of messages) {
        const before = progress.layers.get(next.id)?.fraction ?? 0;
        progress = applyProgress(progress, next);
        expect(progress.layers.get(next.id)?.fraction ?? 0).toBeGreaterThanOrEqual(before);
        const { percent = 0, currentBytes, totalBytes } = totalProgress(progress);
        expect(percent).toBeGreaterThanOrEqual(0);
        expect(percent).toBeLessThanOrEqual(100.000001);
        expect(currentBytes).toBeLessThanOrEqual(totalBytes);
      }
    }),
  );
});
