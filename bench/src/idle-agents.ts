import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type HubProgram, startHub, startProgram, tempDir } from "@fairlead/testkit";
import type { Figure } from "./report.ts";
import type { SimulatedAgentsPlan } from "./simulated-agents.ts";
import { addEdgeEnvironment } from "./tunnel.ts";

const AGENTS = 2_000;
const SETTLE_MS = 30_000;
const MEMORY_BUDGET_KB = 30;
const ADMISSION_BUDGET_S = 5;

/** A hub with 2,000 idle agents: the time to let them all in after the hub was away, and the memory that each costs. */
export async function benchIdleAgents(): Promise<Figure[]> {
  await using folder = await tempDir();
  await using hub = await startHub();
  const tokens: string[] = [];
  for (let count = 0; count < AGENTS; count += 1)
    tokens.push((await addEdgeEnvironment(hub, `host-${count}`)).agentToken);
  // A restart forgets what creating them cost: memory is compared between two hubs that did nothing else.
  await hub.restart();
  const empty = await settledKb(hub);

  const plan = join(folder.path, "plan.json");
  await writeFile(
    plan,
    JSON.stringify({
      url: `${hub.url.replace("http", "ws")}/api/hawser/connect`,
      tokens,
    } satisfies SimulatedAgentsPlan),
  );
  await using agents = await startProgram(process.execPath, [join(import.meta.dirname, "simulated-agents.ts"), plan]);
  const pattern = /admitted \d+ in (\d+) ms/;
  const [, admitted = ""] = await agents.waitForLine(pattern, 120_000);
  const full = await settledKb(hub);
  return [
    {
      name: `${AGENTS} agents admitted at once`,
      unit: "s",
      value: Number(admitted) / 1000,
      budget: { atMost: ADMISSION_BUDGET_S },
    },
    {
      name: "hub memory for each idle agent",
      unit: "KB",
      value: (full - empty) / AGENTS,
      budget: { atMost: MEMORY_BUDGET_KB },
    },
  ];
}

async function settledKb(hub: HubProgram): Promise<number> {
  await sleep(SETTLE_MS);
  return ((await hub.memory()).rssKiB * 1024) / 1000;
}
