import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type FaultyNetwork, startFaultyNetwork } from "./faulty-network.ts";
import { waitFor } from "./wait-for.ts";

let echo: Server;
let network: FaultyNetwork;
const accepted = new Set<Socket>();
const dialled: Socket[] = [];

beforeAll(async () => {
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    accepted.add(socket);
    socket.once("close", () => accepted.delete(socket));
    socket.on("error", () => {});
    socket.pipe(socket);
  }).listen(0, "127.0.0.1");
  await once(echo, "listening");
});
afterAll(() => void echo.close());

beforeEach(async () => {
  network = await startFaultyNetwork({ port: (echo.address() as AddressInfo).port });
});
afterEach(async () => {
  for (const socket of dialled.splice(0)) socket.destroy();
  await network.stop();
});

interface Client {
  socket: Socket;
  received(): Buffer;
  /** Ends of reads, as byte counts. */
  reads: number[];
}

function dial(): Client {
  const socket = connect({ port: network.port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
  dialled.push(socket);
  const parts: Buffer[] = [];
  const reads: number[] = [];
  socket.on("error", () => {});
  socket.on("data", (data: Buffer) => {
    parts.push(data);
    reads.push(data.length);
  });
  return { socket, reads, received: () => Buffer.concat(parts) };
}

/** `once` would reject with the reset. */
function closeOf(client: Client): Promise<void> {
  return new Promise((resolve) => client.socket.once("close", () => resolve()));
}

async function say(client: Client, text: string): Promise<void> {
  const before = client.received().length;
  client.socket.write(text);
  await waitFor(() => client.received().length >= before + text.length, {
    what: `the echo of ${text}`,
  });
  expect(client.received().subarray(before).toString()).toBe(text);
}

test("a good network carries bytes and half-closes, and counts", async () => {
  const client = dial();
  const block = Buffer.alloc(3_000_000, "0123456789");
  client.socket.end(block);
  await once(client.socket, "end");
  expect(client.received().equals(block)).toBe(true);
  expect([network.bytesToTarget, network.bytesToClient, network.connectionCount]).toEqual([3_000_000, 3_000_000, 1]);
  await waitFor(() => network.openCount === 0, { what: "the link to be forgotten" });
});

test("cut resets both sides; refuse resets newcomers", async () => {
  const client = dial();
  await say(client, "hello");
  const closed = closeOf(client);
  network.cut();
  await closed;
  await waitFor(() => accepted.size === 0, { what: "the target's side to close" });
  network.refuse();
  const refused = dial();
  await closeOf(refused);
  expect(network.refusedCount).toBe(1);
  network.heal();
  await say(dial(), "again");
});

test("passed tells when bytes have gone by, so that a transfer can be cut in its midst", async () => {
  const client = dial();
  await say(client, "hello");
  const halfway = network.passed("toClient", 5_000_000);
  const closed = closeOf(client);
  client.socket.write(Buffer.alloc(10_000_000, "0123456789"));
  await halfway;
  network.cut();
  await closed;
  expect(network.bytesToClient).toBeGreaterThanOrEqual(5_000_005);
  expect(client.received().length).toBeLessThan(10_000_005);
});

test("stall holds bytes back without losing any", async () => {
  const client = dial();
  await say(client, "one");
  network.stall();
  client.socket.write("two");
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(client.received().toString()).toBe("one");
  network.stall(false);
  await waitFor(() => client.received().toString() === "onetwo", { what: "what was held back" });
});

test("half-open swallows one direction, ends included", async () => {
  const client = dial();
  await say(client, "one");
  network.halfOpen("toClient");
  client.socket.write("two");
  await waitFor(() => network.bytesToClient === 6, { what: "the echo to be swallowed" });
  for (const socket of accepted) socket.end();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(client.received().toString()).toBe("one");
  expect(client.socket.readableEnded).toBe(false);
});

test("delay, bandwidth, single bytes and garbage", async () => {
  const client = dial();
  await say(client, "warm");
  network.delay(60);
  const before = performance.now();
  await say(client, "late");
  expect(performance.now() - before).toBeGreaterThanOrEqual(119);
  network.heal();

  network.bandwidth(100_000, "toTarget");
  const start = performance.now();
  await say(client, "x".repeat(20_000));
  expect(performance.now() - start).toBeGreaterThan(150);
  network.heal();

  network.oneByteAtATime(true, "toClient");
  const reads = client.reads.length;
  await say(client, "y".repeat(200));
  expect(client.reads.length - reads).toBeGreaterThan(50);
  network.heal();

  const length = client.received().length;
  network.injectGarbage({ direction: "toClient", afterBytes: 4, bytes: Buffer.from("###") });
  client.socket.write("abcdefgh");
  await waitFor(() => client.received().length === length + 11, { what: "the garbage" });
  expect(client.received().subarray(length).toString()).toBe("abcd###efgh");
});
