import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { seededRandom } from "@fairlead/testkit";
import { CARRIED, directionOf, type TransferKind } from "./carried-transfers.ts";
import { endOf, type FaultyEnvironment, FaultStage } from "./fault-stage.ts";

// 300 reconnects, each in the midst of transfers: several agents at a time, since each needs a moment to come back.

const AGENTS = 4;
const CUTS_EACH = 75;
/** Some transfers are through before the next cut, others are not. */
const BYTES = 1024 * 1024;
/** A cut comes at a point of these first bytes after the last one. */
const MAX_BYTES_BETWEEN_CUTS = 4 * BYTES;
/** Who lost a transfer does not try again at once. */
const RETRY_MS = 20;
const SEED = 300;

let stage: FaultStage;
const environments: FaultyEnvironment[] = [];
beforeAll(async () => {
  stage = await FaultStage.open();
  for (let count = 1; count <= AGENTS; count += 1) environments.push(await stage.addEdge(`edge-${count}`));
  for (const { target } of environments) {
    for (const transfer of CARRIED.edge) await endOf(transfer.start(target, BYTES));
  }
  await stage.keepBaseline();
});
afterAll(() => stage[Symbol.asyncDispose]());

test(`${AGENTS * CUTS_EACH} reconnects during transfers: none is short and clean, and nothing stays behind`, async () => {
  const counts = { complete: 0, failed: 0, left: 0, wrong: 0 };
  const wrong: string[] = [];

  const transferUntil = async ({ target }: FaultyEnvironment, transfer: TransferKind, isOver: () => boolean) => {
    while (!isOver()) {
      const { outcome, detail } = await endOf(transfer.start(target, BYTES));
      counts[outcome] += 1;
      if (outcome === "wrong") wrong.push(`${transfer.name}: ${detail}`);
      if (outcome === "failed") await sleep(RETRY_MS);
    }
  };

  const cutAgainAndAgain = async (environment: FaultyEnvironment, seed: number) => {
    const random = seededRandom(seed);
    let isOver = false;
    const transfers = CARRIED.edge.map((transfer) => transferUntil(environment, transfer, () => isOver));
    for (let cuts = 0; cuts < CUTS_EACH; cuts += 1) {
      // Bytes of transfers show that the agent is back.
      await environment.network.passed(directionOf("edge", "caller"), random.integer(1, MAX_BYTES_BETWEEN_CUTS));
      environment.network.cut();
    }
    isOver = true;
    await Promise.all(transfers);
  };

  await Promise.all(environments.map((environment, index) => cutAgainAndAgain(environment, SEED + index)));
  expect(wrong).toEqual([]);
  // Both kinds of end were met, or this would have tested little.
  expect(Math.min(counts.complete, counts.failed)).toBeGreaterThan(AGENTS * 10);
  for (const { network } of environments) expect(network.connectionCount).toBeGreaterThanOrEqual(CUTS_EACH);

  await stage.settled();
  for (const { target } of environments) {
    for (const transfer of CARRIED.edge) {
      expect(await endOf(transfer.start(target, BYTES))).toMatchObject({ outcome: "complete", bytes: BYTES });
    }
  }
  stage.expectWholeUploads();
  await stage.idle();
  await stage.memorySettled();
}, 600_000);
