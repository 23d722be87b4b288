import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { HubConnection } from "./hub-connection.ts";
import { Outbox, RESEND_WINDOW_MS, SILENT_RESEND_WINDOW_MS } from "./outbox.ts";

/** What an outbox uses of a connection. */
class FakeConnection {
  readonly sent: string[] = [];
  lastReceivedAt = performance.now();
  pingsSent = 0;
  pongsReceived = 0;
  /** While set, messages wait. */
  blocked: PromiseWithResolvers<void> | undefined;

  post(_lane: string, text: string): Promise<void> | undefined {
    if (this.blocked) return this.blocked.promise.then(() => void this.sent.push(text));
    this.sent.push(text);
    return undefined;
  }

  /** A ping and its answer. */
  beat(): void {
    this.pingsSent += 1;
    this.pongsReceived += 1;
    this.lastReceivedAt = performance.now();
  }

  get asConnection(): HubConnection {
    return this as unknown as HubConnection;
  }
}

const large = { maxMessages: 1_000, maxLength: 1_000_000 };

describe("Outbox", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  test("keeps what comes without a connection, and sends it in order", () => {
    const outbox = new Outbox<number>(large);
    for (let index = 0; index < 5; index += 1) outbox.add(`m${index}`, index);
    const connection = new FakeConnection();
    outbox.attach(connection.asConnection);
    outbox.add("m5", 5);
    expect(connection.sent).toEqual(["m0", "m1", "m2", "m3", "m4", "m5"]);
    outbox.detach();
  });

  test("sends again on the next connection what may not have arrived", () => {
    const arrived: number[] = [];
    const outbox = new Outbox<number>({ ...large, onArrived: (mark) => arrived.push(mark) });
    const first = new FakeConnection();
    outbox.attach(first.asConnection);
    outbox.add("old", 1);
    vi.advanceTimersByTime(RESEND_WINDOW_MS);
    outbox.add("new", 2);
    first.beat();
    outbox.detach();
    expect(arrived).toEqual([1]);
    const second = new FakeConnection();
    outbox.attach(second.asConnection);
    expect(second.sent).toEqual(["new"]);
    outbox.detach();
  });

  test("a hub that answers no pings is believed later, and one that says nothing never", () => {
    const outbox = new Outbox<number>(large);
    const connection = new FakeConnection();
    outbox.attach(connection.asConnection);
    outbox.add("m", 1);
    vi.advanceTimersByTime(SILENT_RESEND_WINDOW_MS - 1_000);
    connection.lastReceivedAt = performance.now();
    outbox.settle();
    expect(outbox.size).toBe(1);
    vi.advanceTimersByTime(10 * SILENT_RESEND_WINDOW_MS);
    expect(outbox.size).toBe(1);
    connection.lastReceivedAt = performance.now();
    vi.advanceTimersByTime(5_000);
    expect(outbox.size).toBe(0);
    outbox.detach();
  });

  test("a ping that overtook a waiting message proves nothing about it", async () => {
    const outbox = new Outbox<number>(large);
    const connection = new FakeConnection();
    connection.blocked = Promise.withResolvers<void>();
    outbox.attach(connection.asConnection);
    outbox.add("waiting", 1);
    connection.beat();
    vi.advanceTimersByTime(RESEND_WINDOW_MS);
    connection.beat();
    connection.blocked.resolve();
    await vi.advanceTimersByTimeAsync(0);
    connection.lastReceivedAt = performance.now();
    outbox.settle();
    expect(outbox.size).toBe(1);
    outbox.detach();
  });

  test("the oldest go first when there are too many, or too long; how many and which is told", () => {
    const dropped: unknown[] = [];
    const outbox = new Outbox<number>({
      maxMessages: 16,
      maxLength: 100,
      onDropped: (count, from, to) => dropped.push([count, from, to]),
    });
    for (let index = 0; index < 17; index += 1) outbox.add("12345", index);
    expect(dropped).toEqual([[1, 0, 0]]);
    outbox.add("x".repeat(60), 17);
    expect(outbox.size).toBe(9);
    expect(dropped).toHaveLength(2);
    expect(dropped[1]).toEqual([8, 1, 8]);
    outbox.add("x".repeat(1_000), 18);
    expect(outbox.size).toBeLessThanOrEqual(1);
  });

  test("what was sent already is not told as lost", () => {
    const dropped: number[] = [];
    const outbox = new Outbox<number>({ maxMessages: 4, maxLength: 100, onDropped: (count) => dropped.push(count) });
    const connection = new FakeConnection();
    outbox.attach(connection.asConnection);
    for (let index = 0; index < 100; index += 1) outbox.add(`m${index}`, index);
    expect(connection.sent).toHaveLength(100);
    expect(outbox.size).toBeLessThanOrEqual(4);
    expect(dropped).toEqual([]);
    outbox.detach();
  });
});
