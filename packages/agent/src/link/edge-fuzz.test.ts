import { setTimeout as sleep } from "node:timers/promises";
import {
  type AgentProgram,
  type LegacyHub,
  type LegacyHubConnection,
  startAgent,
  startFakeEngine,
  startLegacyHub,
} from "@fairlead/testkit";
import { expect, test } from "vitest";

const MESSAGES = 100_000;

/** Memory may differ by what one burst leaves in caches; a leak of 40 bytes a message would show. */
const MAX_GROWTH_KIB = 4 * 1024;

test(
  "100,000 random and mutated messages at a live connection: it goes on, and memory is as before",
  { timeout: 240_000 },
  async () => {
    await using engine = await startFakeEngine();
    await using hub = await startLegacyHub();
    await using agent = await startAgent({ serverUrl: hub.url, token: hub.token, dockerSocket: engine.socketPath });
    const random = seeded(42);
    // Compiled code and warm caches are no leak.
    await storm(hub, random, MESSAGES);
    const before = await restingKiB(hub, agent);
    await storm(hub, random, MESSAGES);
    const connection = await storm(hub, random, 0);
    expect((await connection.request("GET", "/_ping")).statusCode).toBe(200);
    expect((await restingKiB(hub, agent)) - before).toBeLessThan(MAX_GROWTH_KIB);
    expect(agent.exit).toBeUndefined();
  },
);

/** Sends messages over one connection after the other: some of them rightly close it. @returns one that is open */
async function storm(hub: LegacyHub, random: () => number, count: number): Promise<LegacyHubConnection> {
  let connection = await hub.waitForAgent();
  for (let sent = 0; sent < count; sent += 1) {
    if (!connection.isOpen) connection = await hub.waitForAgent();
    connection.socket.send(mutated(random));
    // Lets the answers in, and the next stretch of messages out.
    if (sent % 200 === 0) await connection.ping(sent).catch(() => {});
  }
  await connection.ping(count).catch(() => {});
  return await hub.waitForAgent();
}

/** Anonymous memory on a new connection, once it has not changed for a while: an idle agent gives memory back. */
async function restingKiB(hub: LegacyHub, agent: AgentProgram): Promise<number> {
  for (const connection of hub.connections) connection.terminate();
  await hub.waitForAgent();
  let last = 0;
  for (let unchanged = 0; unchanged < 6;) {
    await sleep(2_000);
    const { anonKiB } = await agent.memory();
    unchanged = Math.abs(anonKiB - last) < 256 ? unchanged + 1 : 0;
    last = anonKiB;
  }
  return last;
}

const SEEDS: readonly string[] = [
  `{"type":"request","requestId":"a","method":"GET","path":"/_ping","headers":{"A":"b"},"streaming":false}`,
  `{"type":"request","requestId":"b","method":"POST","path":"/fairlead-test/sink","body":{"a":[1,2]},"streaming":true}`,
  `{"type":"request","requestId":"c","method":"POST","path":"/_hawser/compose","body":"e30=","isBinary":true,"streaming":true}`,
  `{"type":"stream_end","requestId":"a","reason":"cancelled"}`,
  `{"type":"exec_start","execId":"e","containerId":"c","cmd":"/bin/sh","user":"","cols":80,"rows":24}`,
  `{"type":"exec_input","execId":"e","data":"bHMK"}`,
  `{"type":"exec_resize","execId":"e","cols":10,"rows":10}`,
  `{"type":"exec_end","execId":"e","reason":"user_closed"}`,
  `{"type":"pong","timestamp":1}`,
  `{"type":"error","requestId":"a","error":"x","retryAfter":1}`,
  `{"type":"stream","requestId":"b","data":"AAAA"}`,
];

/** A message of the hub with up to three bytes changed, cut or doubled; one in five stays whole. */
function mutated(random: () => number): string {
  let text = SEEDS[Math.floor(random() * SEEDS.length)] ?? "";
  if (random() < 0.2) return text.replace(/"(a|b|c|e)"/, `"${Math.floor(random() * 50)}"`);
  for (let change = 0; change <= random() * 3; change += 1) {
    const at = Math.floor(random() * text.length);
    const byte = String.fromCharCode(Math.floor(random() * 300));
    const kind = random();
    if (kind < 0.5) text = text.slice(0, at) + byte + text.slice(at + 1);
    else if (kind < 0.8) text = text.slice(0, at) + text.slice(at + Math.floor(random() * 9));
    else text = text.slice(0, at) + text.slice(at) + text.slice(at);
  }
  return text;
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
