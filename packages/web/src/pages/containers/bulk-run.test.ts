import { expect, test } from "vitest";
import { type ContainerAction, containerAction } from "../../docker/container-actions.ts";
import { bulkCounts, BulkRun } from "./bulk-run.ts";
import { fixtureRow } from "./container-row.fixture.ts";

const rows = Array.from({ length: 10 }, (_, index) => fixtureRow(`web-${index}`));

class Calls {
  readonly open: (PromiseWithResolvers<unknown> & { readonly id: string })[] = [];
  most = 0;
  readonly action: ContainerAction = {
    ...containerAction("stop"),
    run: (_environmentId, id) => {
      const call = { id, ...Promise.withResolvers<unknown>() };
      this.open.push(call);
      this.most = Math.max(this.most, this.open.length);
      return call.promise;
    },
  };

  async answer(how: (call: PromiseWithResolvers<unknown> & { readonly id: string }) => void): Promise<void> {
    for (const call of this.open.splice(0)) how(call);
    await new Promise((resolve) => setTimeout(resolve));
  }
}
const states = (run: BulkRun): string => run.progress.value.items.map(({ state }) => state).join(" ");

test("four at once, until all are done; what is skipped is not called", async () => {
  const calls = new Calls();
  const skipped = fixtureRow("db");
  const run = new BulkRun({ action: calls.action, rows, forbidden: [{ row: skipped, reason: "You may not." }] });
  expect(bulkCounts(run.progress.value.items)).toMatchObject({ working: 4, waiting: 6, skipped: 1 });
  while (calls.open.length > 0) await calls.answer(({ resolve }) => resolve(undefined));
  expect(bulkCounts(run.progress.value.items)).toMatchObject({ done: 10, skipped: 1, working: 0, waiting: 0 });
  expect([calls.most, run.progress.value.isRunning]).toEqual([4, false]);
});

test("cancelling leaves what has begun alone", async () => {
  const calls = new Calls();
  const run = new BulkRun({ action: calls.action, rows: rows.slice(0, 6), forbidden: [] });
  run.cancel();
  expect([states(run), run.progress.value.isRunning]).toEqual([
    "working working working working cancelled cancelled",
    true,
  ]);
  await calls.answer(({ resolve }) => resolve(undefined));
  expect([states(run), run.progress.value.isRunning]).toEqual(["done done done done cancelled cancelled", false]);
});

test("those that failed say why, and are tried again alone", async () => {
  const calls = new Calls();
  const run = new BulkRun({ action: calls.action, rows: rows.slice(0, 3), forbidden: [] });
  const failure = new Error("it is in use");
  await calls.answer(({ id, resolve, reject }) =>
    id === rows[1]?.container.Id ? reject(failure) : resolve(undefined),
  );
  expect([states(run), run.progress.value.items[1]?.error]).toEqual(["done failed done", failure]);
  run.retryFailed();
  expect([run.progress.value.isRunning, calls.open.map(({ id }) => id)]).toEqual([true, [rows[1]?.container.Id]]);
  await calls.answer(({ resolve }) => resolve(undefined));
  expect([states(run), run.progress.value.items[1]]).toEqual(["done done done", { row: rows[1], state: "done" }]);
});

test("nothing to do is done at once", () => {
  expect(new BulkRun({ action: containerAction("stop"), rows: [], forbidden: [] }).progress.value.isRunning).toBe(
    false,
  );
});
