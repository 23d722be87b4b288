import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type FaultyNetwork, seededRandom, type Transfer, waitFor } from "@fairlead/testkit";
import { CARRIED, directionOf, type TransferKind } from "./carried-transfers.ts";
import { endOf, type FaultyEnvironment, FaultStage } from "./fault-stage.ts";

// The network between hub and agent fails in the midst of a transfer: it ends complete and correct or with an error, never short and
// clean, neither for the caller nor for the engine; the next one is good; and nothing is left behind.

/** Several windows and buffers long, and an upload that protocol 1.0 can carry. */
const BYTES = 8 * 1024 * 1024;
/** Some ten thousand single bytes pass in a second. */
const FEW_BYTES = 10_000;
/** Points of a transfer that are tried for each fault. */
const POINTS = 3;
const SEED = 20_261_125;

let stage: FaultStage;
const environments = {} as Record<keyof typeof CARRIED, FaultyEnvironment>;
beforeAll(async () => {
  stage = await FaultStage.open();
  environments.edge = await stage.addEdge("edge");
  environments.standard = await stage.addStandard("standard");
  for (const kind of ["edge", "standard"] as const) {
    for (const transfer of CARRIED[kind]) {
      expect(await endOf(transfer.start(environments[kind].target, BYTES))).toMatchObject({ outcome: "complete" });
    }
  }
  await stage.keepBaseline();
});
afterAll(() => stage[Symbol.asyncDispose]());

afterEach(async () => {
  await stage.settled();
  stage.expectWholeUploads();
});

describe.each(["edge", "standard"] as const)("%s environment", (kind) => {
  describe.each(CARRIED[kind])("$name", (transfer: TransferKind) => {
    const random = seededRandom(SEED);
    const points = Array.from({ length: POINTS }, () => random.integer(1, BYTES - 1));
    const forth = directionOf(kind, transfer.towards);
    const back = forth === "toTarget" ? "toClient" : "toTarget";
    let environment: FaultyEnvironment;
    let network: FaultyNetwork;
    beforeAll(() => {
      environment = environments[kind];
      ({ network } = environment);
    });

    afterAll(() => stage.idle());

    const start = (bytes = BYTES) => endOf(transfer.start(environment.target, bytes));

    /** Starts a transfer, and does something to the network when so many bytes of it are through. */
    const startAndAt = async (bytes: number, strike: () => void) => {
      const reached = network.passed(forth, bytes);
      const ended = start();
      await reached;
      strike();
      return { ended };
    };

    const isBroken = async (ended: Promise<Transfer>) => {
      expect((await ended).outcome).toBeOneOf(transfer.endsByReset ? ["failed", "wrong"] : ["failed"]);
    };

    const isGoodAgain = async () => {
      network.heal();
      await stage.online(environment);
      expect(await start()).toMatchObject({ outcome: "complete", bytes: BYTES });
    };

    test.each(points)("cut after %i bytes: an error", async (point) => {
      const { ended } = await startAndAt(point, () => network.cut());
      await isBroken(ended);
      await isGoodAgain();
    });

    test("stall, then heal: goes on", async () => {
      for (const point of points) {
        const { ended } = await startAndAt(point, () => network.stall());
        await isQuiet(network);
        network.heal();
        expect(await ended).toMatchObject({ outcome: "complete", bytes: BYTES });
      }
    });

    test("half-open, then cut: an error", async () => {
      const { ended } = await startAndAt(points[0] ?? 0, () => network.halfOpen());
      await isQuiet(network);
      network.cut();
      await isBroken(ended);
      await isGoodAgain();
    });

    test("cut while the engine says nothing: an error, and the engine's call ends", async () => {
      const { engine } = stage;
      const calls = () => engine.requests.filter(({ url }) => url.includes(transfer.path)).length;
      const before = calls();
      // The answer to an upload, or to an upgrade, has not even a head.
      const hasHead = transfer.path === "/images/get";
      engine.fault(`* ${transfer.path}`, hasHead ? { kind: "stallBody", afterBytes: 1_000 } : { kind: "stall" }, 1);
      const ended = start();
      await waitFor(() => calls() > before, { what: "the call to reach the engine" });
      await isQuiet(network);
      network.cut();
      await isBroken(ended);
      await isGoodAgain();
    });

    test("delay: complete", async () => {
      network.delay(30);
      expect(await start()).toMatchObject({ outcome: "complete", bytes: BYTES });
    });

    test("one byte at a time: complete", async () => {
      network.oneByteAtATime();
      expect(await start(FEW_BYTES)).toMatchObject({ outcome: "complete", bytes: FEW_BYTES });
    });

    // Plain HTTP has nothing to tell garbage from a body by: only a link with frames is asked to.
    if (kind !== "edge") return;

    test.each(points)("garbage after %i bytes: an error", async (point) => {
      network.injectGarbage({ direction: forth, afterBytes: point });
      await isBroken(start());
      await isGoodAgain();
    });

    test("garbage in the other direction: complete, or an error", async () => {
      // Of an upload the answer comes that way. Garbage in its last frame looks like the answer: only TLS, whose records are authenticated, knows.
      const ends = transfer.towards === "engine" ? ["complete", "failed", "wrong"] : ["complete", "failed"];
      for (const afterBytes of [0, random.integer(1, 200), random.integer(200, 2_000)]) {
        network.injectGarbage({ direction: back, afterBytes });
        expect((await start()).outcome).toBeOneOf(ends);
        network.heal();
        await stage.reconnected(environment);
        await isGoodAgain();
      }
    });
  });
});

test("the memory of what was under way is given back", () => stage.memorySettled());

/** Waits until nobody sends any more: buffers are full, or answers are missing. */
async function isQuiet(network: FaultyNetwork): Promise<void> {
  let before = -1;
  await waitFor(
    async () => {
      const now = network.bytesToClient + network.bytesToTarget;
      const isSame = now === before;
      before = now;
      if (!isSame) await sleep(100);
      return isSame;
    },
    { what: "senders to meet a full pipe" },
  );
}
