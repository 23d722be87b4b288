import fc from "fast-check";
import { expect, test } from "vitest";
import { FairleadError } from "../errors.ts";
import type { MuxStream } from "./mux-stream.ts";
import { MuxPair } from "./mux-pair.ts";

const FIXED_SEED = 20_261_125;
const PERIOD = 65_521;
const PATTERN = Buffer.from(
  Array.from({ length: 5 * PERIOD }, (_, at) => ((at % PERIOD) * 31 + ((at % PERIOD) >> 8)) & 0xff),
);

/** The bytes that one direction of a stream carries, from `at`: each stream and direction has its own. */
function bytesOf(id: number, isHub: boolean, at: number, length: number): Buffer {
  const from = (at + id * 131 + (isHub ? 17 : 0)) % PERIOD;
  return PATTERN.subarray(from, from + length);
}

/** One end of one stream: what was done to it, and what it was told. */
class Follower {
  readonly stream: MuxStream;
  readonly isHub: boolean;
  wrote = 0;
  got = 0;
  unconsumed = 0;
  takesAll = false;
  isHeaded = false;
  isEnded = false;
  isReset = false;
  heads = 0;
  lastEvent: "end" | "reset" | undefined;
  readonly freed: number[] = [];

  constructor(stream: MuxStream, isHub: boolean) {
    this.stream = stream;
    this.isHub = isHub;
    // A hub's side needs no head before it sends.
    this.isHeaded = isHub;
    stream.user = {
      head: () => {
        if (this.lastEvent !== undefined || this.got > 0 || !isHub) throw new Error("a head out of order");
        this.heads += 1;
      },
      data: (bytes) => this.#data(bytes),
      end: () => {
        if (this.lastEvent !== undefined || this.isReset) throw new Error(`end after ${this.lastEvent ?? "own reset"}`);
        this.lastEvent = "end";
      },
      reset: () => {
        if (this.lastEvent === "reset" || this.isReset) throw new Error("a second reset");
        if (this.wasOver) throw new Error("a reset of a stream that was over");
        this.lastEvent = "reset";
      },
    };
  }

  /** As it was before the last step. */
  wasOver = false;

  #data(bytes: Uint8Array): void {
    if (this.lastEvent !== undefined || this.isReset) throw new Error("data after the end");
    if (!bytesOf(this.stream.id, !this.isHub, this.got, bytes.length).equals(bytes)) throw new Error("other bytes");
    this.got += bytes.length;
    this.unconsumed += bytes.length;
    if (this.takesAll) this.consume(this.unconsumed);
  }

  consume(bytes: number): void {
    this.unconsumed -= bytes;
    this.stream.consumed(bytes);
  }

  head(isInterim: boolean): void {
    if (this.isHub || this.isHeaded) return;
    this.isHeaded = !isInterim;
    this.stream.sendHead({ status: isInterim ? 103 : 200, headers: [["A", "b"]] });
  }

  write(length: number): void {
    if (!this.isHeaded) return;
    const bytes = new Uint8Array(bytesOf(this.stream.id, this.isHub, this.wrote, length));
    const index = this.freed.push(0) - 1;
    const isTaken = !this.isEnded && !this.stream.isOver;
    this.stream.write(bytes, () => (this.freed[index] = (this.freed[index] ?? 0) + 1));
    if (isTaken) this.wrote += length;
  }

  end(): void {
    if (!this.isHeaded) return;
    this.isEnded = true;
    this.stream.end();
  }

  reset(): void {
    if (!this.stream.isOver) this.isReset = true;
    this.stream.reset("agent_error", "by the program");
  }
}

type Step = readonly [kind: number, which: number, size: number];

/** A program on both ends, with the network's own moves between its steps. */
class Run {
  readonly hubs: Follower[] = [];
  readonly agents: Follower[] = [];
  readonly pair = new MuxPair((stream) => void this.agents.push(new Follower(stream, false)));

  get all(): Follower[] {
    return [...this.hubs, ...this.agents];
  }

  step([kind, which, size]: Step): void {
    const { all, pair } = this;
    for (const follower of all) follower.wasOver = follower.stream.isOver;
    const one = all[which % Math.max(1, all.length)];
    const toAgent = which % 2 === 0;
    if (kind < 4) {
      this.hubs.push(new Follower(pair.hub.open({ method: "POST", path: "/", headers: [] }), true));
    } else if (kind < 14) pair.writable(toAgent);
    else if (kind < 34) for (let left = size % 8; left >= 0; left -= 1) pair.drain(toAgent);
    else if (kind < 60) for (let left = which % 5; left >= 0; left -= 1) pair.deliver(toAgent, 1 + (size % 70_000));
    else if (kind < 68) one?.head(size % 3 === 0);
    else if (kind < 85) one?.write(size % 10 === 0 ? size % 200_000 : size % 3000);
    else if (kind < 87) one?.end();
    else if (kind < 88) one?.reset();
    else if (one !== undefined) one.consume(size % 3 === 0 ? one.unconsumed : size % (one.unconsumed + 1));
  }

  mustBeOver(): void {
    const { pair, all } = this;
    expect(pair.violations).toEqual([]);
    for (const mux of [pair.hub, pair.agent])
      expect([mux.openStreams, mux.budget.openStreams, mux.budget.grown]).toEqual([0, 0, 0]);
    for (const follower of all) {
      expect(follower.stream.isOver).toBe(true);
      expect(follower.freed.every((count) => count === 1)).toBe(true);
      if (!follower.isReset) expect(follower.lastEvent).toBeDefined();
    }
  }
}

const steps = fc.array(fc.tuple(fc.nat({ max: 99 }), fc.nat({ max: 1000 }), fc.nat({ max: 1_000_000 })), {
  maxLength: 400,
  size: "max",
});
const settings = { seed: FIXED_SEED, numRuns: 300 };

test("whatever both ends do, once all is taken every stream ends, whole, and nothing is left", () => {
  fc.assert(
    fc.property(steps, (program) => {
      const run = new Run();
      for (const step of program) run.step(step);
      run.pair.settle();
      for (const follower of run.all) {
        follower.takesAll = true;
        follower.head(false);
        follower.end();
        follower.consume(follower.unconsumed);
      }
      run.pair.settle();
      run.mustBeOver();
      for (const hub of run.hubs) {
        const agent = run.agents.find(({ stream }) => stream.id === hub.stream.id);
        if (agent === undefined || hub.isReset || agent.isReset) continue;
        expect([agent.got, hub.got, hub.lastEvent, agent.lastEvent]).toEqual([hub.wrote, agent.wrote, "end", "end"]);
      }
    }),
    settings,
  );
});

test("a connection that goes at any point ends every stream once and frees every write", () => {
  fc.assert(
    fc.property(steps, fc.array(fc.nat({ max: 99 }), { maxLength: 20 }), (program, after) => {
      const run = new Run();
      for (const step of program) run.step(step);
      for (const follower of run.all) follower.wasOver = follower.stream.isOver;
      const gone = new FairleadError("agent_disconnected", "gone");
      run.pair.hub.close(gone);
      // The other end may hear of it later, or of what was under way.
      for (const kind of after) if (kind >= 4) run.step([kind, kind, kind * 7]);
      for (const follower of run.all) follower.wasOver = follower.stream.isOver;
      run.pair.agent.close(gone);
      run.pair.settle();
      run.mustBeOver();
    }),
    settings,
  );
});
