import { afterAll, beforeAll, expect, test } from "vitest";
import type { FaultyNetwork } from "@fairlead/testkit";
import { CARRIED, directionOf } from "./carried-transfers.ts";
import { endOf, type FaultyEnvironment, FaultStage } from "./fault-stage.ts";

// A link on which nothing comes any more, and which nobody ends: only the hub's own limit (30 s) ends what is under way.

const BYTES = 8 * 1024 * 1024;

/** What is done for ever, to an environment of its own each. */
const silences: Record<string, (network: FaultyNetwork) => void> = {
  stalled: (network) => network.stall(),
  "half-open": (network) => network.halfOpen(),
  "half-open-to-hub": (network) => network.halfOpen("toTarget"),
};

let stage: FaultStage;
const environments: FaultyEnvironment[] = [];
beforeAll(async () => {
  stage = await FaultStage.open();
  for (const name of Object.keys(silences)) environments.push(await stage.addEdge(name));
  for (const { target } of environments) {
    for (const transfer of CARRIED.edge) await endOf(transfer.start(target, BYTES));
  }
  await stage.keepBaseline();
});
afterAll(() => stage[Symbol.asyncDispose]());

test("a link that is silent for ever: every transfer ends with an error, and the next ones are good", async () => {
  const outcomes = environments.map(async ({ name, network, target }) => {
    const underWay = network.passed(directionOf("edge", "caller"), BYTES / 4);
    const ended = CARRIED.edge.map((transfer) => endOf(transfer.start(target, BYTES)));
    await underWay;
    silences[name]?.(network);
    return (await Promise.all(ended)).map(({ outcome }) => outcome);
  });
  // Some may have been complete before: each environment has one at least that was not.
  for (const ended of await Promise.all(outcomes)) {
    expect(ended).toContain("failed");
    for (const outcome of ended) expect(outcome).toBeOneOf(["complete", "failed"]);
  }
  for (const { network } of environments) {
    network.heal();
    // What was swallowed is lost: without this the agents would believe in their connections for a minute.
    network.cut();
  }
  await stage.settled();
  for (const { target } of environments) {
    for (const transfer of CARRIED.edge) {
      expect(await endOf(transfer.start(target, BYTES))).toMatchObject({ outcome: "complete", bytes: BYTES });
    }
  }
  await stage.idle();
  stage.expectWholeUploads();
});
