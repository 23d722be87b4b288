import { expect, test } from "vitest";
import { INITIAL_WINDOW_BYTES, MAX_CONNECTION_WINDOW_BYTES, MAX_WINDOW_BYTES, MIN_WINDOW_BYTES } from "../limits.ts";
import { FRAME_HEADER_BYTES, FrameType, writeFrameHeader } from "./frame.ts";
import type { MuxStream } from "./mux-stream.ts";
import { type FramePipe, StreamMux } from "./stream-mux.ts";

/** A consumer that takes bytes as they come. */
const AT_ONCE = Number.MAX_SAFE_INTEGER;

interface Receiver {
  readonly stream: MuxStream;
  waiting: number;
  received: number;
  /** Bytes that are sent and not consumed: what the receiver vouches for. */
  outstanding: number;
  mostOutstanding: number;
}

/** A path that takes `delay` ticks each way and any rate: the hub sends without end, the agent's consumers take `rate` bytes a tick. */
class Path {
  readonly receivers = new Map<number, Receiver>();
  readonly hub: StreamMux;
  readonly agent: StreamMux;
  blocked = 0;
  #now = 0;
  readonly #delay: number;
  readonly #rate: number;
  readonly #wire: { at: number; to: "hub" | "agent"; header: Uint8Array; payload: Uint8Array }[] = [];

  constructor(streams: number, delay: number, rate: number) {
    this.#delay = delay;
    this.#rate = rate;
    const onViolation = (): void => expect.unreachable();
    const now = (): number => this.#now;
    this.hub = new StreamMux({ pipe: this.#pipe("agent"), now, onViolation });
    this.agent = new StreamMux({
      pipe: this.#pipe("hub"),
      now,
      onViolation,
      onOpen: (stream) => {
        const receiver = this.#receiver(stream.id, stream);
        stream.user = {
          data: (bytes) => {
            receiver.waiting += bytes.length;
            receiver.received += bytes.length;
            if (this.#rate === AT_ONCE) this.#consume(receiver);
          },
          end() {},
          reset: () => expect.unreachable(),
        };
      },
    });
    const endless = new Uint8Array(64 * 1024);
    for (let count = 0; count < streams; count += 1) {
      const stream = this.hub.open({ method: "POST", path: "/", headers: [] });
      stream.user = { data() {}, end() {}, reset: () => expect.unreachable() };
      const next = (): void => stream.write(endless, next);
      this.tick(this.#delay);
      next();
      next();
    }
  }

  #receiver(id: number, stream: MuxStream): Receiver {
    const receiver = { stream, waiting: 0, received: 0, outstanding: 0, mostOutstanding: 0 };
    this.receivers.set(id, receiver);
    return receiver;
  }

  #pipe(to: "hub" | "agent"): FramePipe {
    return {
      bufferedBytes: 0,
      send: (type, id, payload, written) => {
        const header = new Uint8Array(FRAME_HEADER_BYTES);
        writeFrameHeader(header, 0, type, id);
        this.#wire.push({ at: this.#now + this.#delay, to, header, payload });
        if (type === FrameType.Blocked) this.blocked += 1;
        const receiver = this.receivers.get(id);
        if (type === FrameType.Data && receiver !== undefined) {
          receiver.outstanding += payload.length;
          receiver.mostOutstanding = Math.max(receiver.mostOutstanding, receiver.outstanding);
        }
        written?.();
      },
    };
  }

  tick(ticks: number): void {
    for (let left = ticks; left > 0; left -= 1) {
      this.#now += 1;
      while (this.#wire[0] !== undefined && this.#wire[0].at <= this.#now) {
        const message = this.#wire.shift();
        if (message === undefined) break;
        const receiver = message.to === "hub" ? this.hub : this.agent;
        receiver.receive(message.header, message.payload.length === 0);
        if (message.payload.length > 0) receiver.receive(message.payload, true);
      }
      for (const receiver of this.receivers.values()) this.#consume(receiver);
    }
  }

  #consume(receiver: Receiver): void {
    const taken = Math.min(receiver.waiting, this.#rate);
    receiver.waiting -= taken;
    receiver.outstanding -= taken;
    if (taken > 0) receiver.stream.consumed(taken);
  }

  /** The most that each stream had outstanding in the next `ticks`. */
  mostIn(ticks: number): number[] {
    for (const receiver of this.receivers.values()) receiver.mostOutstanding = receiver.outstanding;
    this.tick(ticks);
    return [...this.receivers.values()].map(({ mostOutstanding }) => mostOutstanding);
  }
}

const DELAY = 10;

test("a window doubles when its sender waits and its consumer keeps up, to its limit and no further", () => {
  const path = new Path(1, DELAY, AT_ONCE);
  const seen: number[] = [];
  for (let trip = 0; trip < 40; trip += 1) {
    const [most = 0] = path.mostIn(2 * DELAY);
    if (most !== seen.at(-1)) seen.push(most);
  }
  expect(seen[0]).toBeLessThanOrEqual(2 * INITIAL_WINDOW_BYTES);
  expect(seen.at(-1)).toBe(MAX_WINDOW_BYTES);
  for (const [index, size] of seen.entries()) expect(size).toBeGreaterThanOrEqual(seen[index - 1] ?? 0);
  expect(seen.length).toBeGreaterThan(2);
  expect(path.agent.budget.grown).toBe(MAX_WINDOW_BYTES - INITIAL_WINDOW_BYTES);
  // It takes what the path holds: no less than a window each round trip.
  const before = path.receivers.get(1)?.received ?? 0;
  path.tick(20 * DELAY);
  expect((path.receivers.get(1)?.received ?? 0) - before).toBeGreaterThanOrEqual(9 * MAX_WINDOW_BYTES);
  path.receivers.get(1)?.stream.reset("agent_error", "enough");
  expect(path.agent.budget.grown).toBe(0);
});

test("a consumer that takes a whole window at once, after its sender said that it waits, has kept up", () => {
  const path = new Path(1, DELAY, MAX_WINDOW_BYTES);
  path.tick(40 * DELAY);
  expect(path.agent.budget.grown).toBe(MAX_WINDOW_BYTES - INITIAL_WINDOW_BYTES);
});

test.each([1, 1000, 16 * 1024])("a consumer that takes %i bytes a tick does not make its window grow", (rate) => {
  const path = new Path(1, 2, rate);
  const [most = 0] = path.mostIn(2000);
  expect(path.blocked).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(INITIAL_WINDOW_BYTES);
  expect(path.agent.budget.grown).toBe(0);
});

test("the windows of 16 streams grow to their share of the connection's", () => {
  const path = new Path(16, DELAY, AT_ONCE);
  path.tick(20 * DELAY);
  const most = path.mostIn(4 * DELAY);
  for (const size of most) expect(size).toBeLessThanOrEqual(MAX_CONNECTION_WINDOW_BYTES / 16);
  expect(most.reduce((sum, size) => sum + size)).toBeGreaterThan(MAX_CONNECTION_WINDOW_BYTES / 2);
});

test("500 streams share the connection's windows, and none starves", () => {
  const path = new Path(500, 1, AT_ONCE);
  path.tick(20);
  const before = [...path.receivers.values()].map(({ received }) => received);
  const most = path.mostIn(20);
  expect(most.length).toBe(500);
  for (const size of most) expect(size).toBeGreaterThanOrEqual(MIN_WINDOW_BYTES);
  expect(most.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(MAX_CONNECTION_WINDOW_BYTES);
  for (const [index, { received }] of [...path.receivers.values()].entries())
    expect(received - (before[index] ?? 0)).toBeGreaterThanOrEqual(5 * MIN_WINDOW_BYTES);
});
