import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { waitFor } from "@fairlead/testkit";
import { expect, it } from "vitest";
import { joinLink, type LinkUnderTest, startLink, text } from "./link-under-test.ts";

const MESSAGES = 100_000;

/** Repeatable random numbers (mulberry32): a failure names its seed. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

function wires(): Record<string, unknown>[] {
  return ["messages-1.0", "session-1.0"].flatMap((name) => {
    const file = new URL(`../../../protocol/vectors/${name}.jsonl`, import.meta.url);
    const lines = readFileSync(file, "utf8").trim().split("\n");
    return lines.flatMap((line) => {
      const { wire } = JSON.parse(line) as { wire?: Record<string, unknown> };
      return wire === undefined ? [] : [wire];
    });
  });
}

const VALUES: readonly unknown[] = [
  null,
  0,
  -1,
  1e308,
  2 ** 53,
  "",
  "x".repeat(300),
  "\u0000",
  "r1",
  true,
  [],
  [[]],
  {},
  { a: 1 },
];

/** One message of a recorded session, spoilt in some way; mostly it is still a JSON object. */
function spoilt(wire: Record<string, unknown>, ids: readonly unknown[], random: (below: number) => number): string {
  const message = structuredClone(wire);
  const keys = Object.keys(message);
  const key = keys[random(keys.length)] ?? "type";
  const way = random(8);
  if (way === 0) delete message[key];
  else if (way === 1) message[key] = VALUES[random(VALUES.length)];
  else if (way === 2) message[`${key}${random(3)}`] = VALUES[random(VALUES.length)];
  else if (way < 6 && ids.length > 0)
    message["requestId" in message ? "requestId" : "execId"] = ids[random(ids.length)];
  const text = JSON.stringify(message);
  if (way === 6) return text.slice(0, random(text.length));
  if (way !== 7) return text;
  const at = random(text.length);
  return text.slice(0, at) + String.fromCharCode(32 + random(95)) + text.slice(at + 1);
}

/** Sends that many spoilt messages, on a new connection whenever the link has closed the last, with calls open on it. */
async function fuzz(link: LinkUnderTest, messages: number, random: (below: number) => number): Promise<void> {
  const samples = wires();
  const settled: Promise<unknown>[] = [];
  let agent = await joinLink(link.url);
  for (let sent = 0; sent < messages; sent += 100) {
    if (agent.closed !== undefined || agent.socket.readyState !== agent.socket.OPEN) agent = await joinLink(link.url);
    if (sent % 1_000 === 0) settled.push(...openCalls(link));
    const ids = agent.came.slice(-6).map((message) => message["requestId"] ?? message["execId"]);
    for (let n = 0; n < 100; n += 1) {
      const sample = samples[random(samples.length)] ?? {};
      if (random(50) > 0) agent.socket.send(spoilt(sample, ids, random));
      else
        agent.socket.send(Buffer.from(JSON.stringify(sample)).subarray(0, random(40)), { binary: random(100) === 0 });
    }
    await new Promise(setImmediate);
  }
  agent.socket.terminate();
  await waitFor(() => link.link.sessions.list().length === 0, { what: "the last connection to end" });
  await Promise.all(settled);
}

/** A request, a stream and an exec; they settle at the latest with their connection. */
function openCalls(link: LinkUnderTest): Promise<unknown>[] {
  const session = link.link.sessions.get(1);
  if (session === undefined) return [];
  const terminal = { container: "c", cmd: "sh", user: "", cols: 1, rows: 1 };
  return [
    session.request({ method: "GET", path: "/info" }).catch((error: unknown) => error),
    session
      .openStream({ method: "GET", path: "/events" })
      .then(text)
      .catch((error: unknown) => error),
    session
      .openTerminal(terminal)
      .then(text)
      .catch((error: unknown) => error),
  ];
}

/** Bytes of live objects. */
function heapBytes(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return process.memoryUsage().heapUsed;
}

it(`survives ${MESSAGES} spoilt messages on live connections with calls open, and keeps nothing of them`, async () => {
  const seed = Date.now() % 1_000_000;
  const random = randomNumbers(seed);
  await using link = await startLink({ failedDialBurst: 1_000_000 });
  // Compiles and fills what stays anyway.
  await fuzz(link, MESSAGES / 4, random);
  link.told.length = 0;
  const before = heapBytes();
  await fuzz(link, MESSAGES, random);
  link.told.length = 0;
  const growth = heapBytes() / before;
  const { connected, pending, messagesIn, accepted } = link.link.stats();
  expect({ connected, pending }, `seed ${seed}`).toEqual({ connected: 0, pending: 0 });
  expect(messagesIn, `seed ${seed}`).toBeGreaterThan(MESSAGES * 0.9);
  expect(accepted).toBeGreaterThan(2);
  expect(growth, `seed ${seed}`).toBeLessThan(1.1);
  const healthy = await joinLink(link.url);
  healthy.send({ type: "ping", timestamp: 9 });
  await healthy.message("pong", ({ timestamp }) => timestamp === 9);
});
