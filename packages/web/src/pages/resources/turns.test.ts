import { expect, test } from "vitest";
import { Turns } from "./turns.ts";

/** Lets what waits go on as far as it can. */
const settle = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await Promise.resolve();
};

test("runs so many at once, in order, and goes on after failures", async () => {
  const turns = new Turns(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const done = [0, 1, 2, 3].map((number) =>
    turns.run(() => {
      begun.push(number);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      ends.push(number === 0 ? () => reject(new Error("failed")) : resolve);
      return promise;
    }),
  );
  const outcome = Promise.allSettled(done);
  await settle();
  expect(begun).toEqual([0, 1]);
  ends[0]?.();
  await settle();
  expect(begun).toEqual([0, 1, 2]);
  ends[1]?.();
  ends[2]?.();
  await settle();
  expect(begun).toEqual([0, 1, 2, 3]);
  ends[3]?.();
  expect((await outcome).map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled", "fulfilled"]);
});

test("who leaves the queue does not hold it up", async () => {
  const turns = new Turns(1);
  const first = Promise.withResolvers<string>();
  const one = turns.run(() => first.promise);
  const leaving = new AbortController();
  const two = turns.run(() => Promise.resolve("two"), leaving.signal);
  const three = turns.run(() => Promise.resolve("three"));
  const refused = expect(two).rejects.toThrow("gone");
  leaving.abort(new Error("gone"));
  await refused;
  first.resolve("one");
  expect(await Promise.all([one, three])).toEqual(["one", "three"]);
  await expect(turns.run(() => Promise.resolve(), leaving.signal)).rejects.toThrow("gone");
});
