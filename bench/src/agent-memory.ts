import { setTimeout as sleep } from "node:timers/promises";
import type { AgentProgram } from "@fairlead/testkit";
import type { Figure } from "./report.ts";

/** Heartbeats, garbage collection and idle connections settle within this. */
const SETTLE_MS = 20_000;
const BUDGET_MIB = 24;

/** Memory of an agent that has worked and now idles. */
export async function benchAgentMemory(agent: AgentProgram): Promise<Figure[]> {
  await sleep(SETTLE_MS);
  const { rssKiB, anonKiB } = await agent.memory();
  return [
    { name: "agent, idle, anonymous memory", unit: "MiB", value: anonKiB / 1024, budget: { atMost: BUDGET_MIB } },
    { name: "agent, idle, RSS", unit: "MiB", value: rssKiB / 1024 },
  ];
}
