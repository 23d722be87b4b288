import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type HubProgram,
  type Program,
  registerSecret,
  startHub,
  startProgram,
  tempDir,
  waitFor,
} from "@fairlead/testkit";
import type { SimulatedAgentsPlan } from "./simulated-agents.ts";
import type { Sizes } from "./sizes.ts";
import { addEdgeEnvironment } from "./tunnel.ts";

const EMAIL = "bench@example.com";

/** A real hub with many hosts that one process simulates, and somebody who can sign in to it. */
export interface WebFleet extends AsyncDisposable {
  readonly hub: HubProgram;
  /** The hub's page; sign-in works on this origin. */
  readonly url: string;
  readonly containers: number;
  /** Signs in: to be run in a page of the hub. */
  readonly signIn: string;
  /** Events begin to come from the hosts, or end. @returns how many were sent, when they end. */
  toggleEvents(): Promise<number>;
}

export async function openWebFleet(sizes: Sizes): Promise<WebFleet> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await tempDir());
  const hub = stack.use(await startHub({ env: { FAIRLEAD_REQUESTS_PER_SECOND: "0" } }));
  const url = hub.url.replace("127.0.0.1", "localhost");
  const password = registerSecret(randomBytes(12).toString("hex"));
  await acceptFirstAdmin(hub, url, password);

  const tokens: string[] = [];
  for (let number = 0; number < sizes.webHosts; number += 1)
    tokens.push((await addEdgeEnvironment(hub, `host-${number}`)).agentToken);
  const plan: SimulatedAgentsPlan = {
    url: `${hub.url.replace("http", "ws")}/api/hawser/connect`,
    tokens,
    containers: sizes.webContainersPerHost,
    eventsPerSecond: sizes.webEventsPerSecond,
  };
  const path = join(folder.path, "plan.json");
  await writeFile(path, JSON.stringify(plan));
  const agents = stack.use(
    await startProgram(process.execPath, [join(import.meta.dirname, "simulated-agents.ts"), path]),
  );
  await agents.waitForLine(/admitted \d+ in \d+ ms/, 120_000);
  const containers = sizes.webHosts * sizes.webContainersPerHost;
  await waitFor(async () => (await containersOf(hub)) === containers, {
    what: `${containers} containers`,
    intervalMs: 500,
    timeoutMs: 120_000,
  });
  const started = stack.move();
  return {
    hub,
    url,
    containers,
    signIn: signInSource(password),
    toggleEvents: () => toggleEvents(agents),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

async function acceptFirstAdmin(hub: HubProgram, url: string, password: string): Promise<void> {
  const [link = ""] = await hub.waitForLine(/https?:\/\/\S+\/first-admin#\S+/);
  const response = await fetch(`${url}/api/v1/first-admin`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: url },
    body: JSON.stringify({ token: link.split("#")[1], name: "Bench", email: EMAIL, password }),
  });
  if (!response.ok) throw new Error(`first admin: ${response.status} ${await response.text()}`);
}

function signInSource(password: string): string {
  const body = JSON.stringify(JSON.stringify({ email: EMAIL, password }));
  return `fetch("/api/auth/sign-in/email", { method: "POST", headers: { "content-type": "application/json" }, body: ${body} })
    .then((response) => response.status)`;
}

async function containersOf(hub: HubProgram): Promise<number> {
  const response = await fetch(`${hub.url}/api/v1/containers`, { headers: { authorization: `Bearer ${hub.token}` } });
  const { items } = (await response.json()) as { items: { live: boolean; containers: unknown[] }[] };
  return items.reduce((total, { live, containers }) => total + (live ? containers.length : 0), 0);
}

async function toggleEvents(agents: Program): Promise<number> {
  const after = agents.lines.length;
  agents.signal("SIGUSR2");
  const [, sent = "0"] = await agents.waitForLine(/sending events|sent (\d+) events/, 30_000, after);
  return Number(sent);
}
