/**
 * `npm run bench [NAME…]`: every figure of the product that is measured, as ratios within this run on this machine.
 * Exits 1 when a budget is missed.
 */
import { startDockerd } from "@fairlead/testkit";
import { benchAgentMemory } from "./agent-memory.ts";
import { benchBulkDownload } from "./bulk-download.ts";
import { benchIdleAgents } from "./idle-agents.ts";
import { benchKeystrokeEcho } from "./keystroke-echo.ts";
import { type Figure, report } from "./report.ts";
import { benchSmallRequests } from "./small-requests.ts";
import { openTunnel } from "./tunnel.ts";

const benches: Record<string, () => Promise<Figure[]>> = {
  requests: async () => {
    await using tunnel = await openTunnel();
    return await benchSmallRequests(tunnel);
  },
  bulk: async () => {
    await using tunnel = await openTunnel();
    return await benchBulkDownload(tunnel);
  },
  // A real engine: its terminal echoes, and its events and answers are what an agent holds in memory.
  agent: async () => {
    await using engine = await startDockerd();
    await engine.importBusybox();
    await using tunnel = await openTunnel({ dockerSocket: engine.socketPath });
    const echo = await benchKeystrokeEcho(tunnel.hub, engine);
    return [...echo, ...(await benchAgentMemory(tunnel.agent))];
  },
  fleet: benchIdleAgents,
};

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(benches);
const figures: Figure[] = [];
for (const name of wanted) {
  const bench = benches[name];
  if (bench === undefined) {
    console.error(`no bench ${JSON.stringify(name)}; there are: ${Object.keys(benches).join(", ")}`);
    process.exit(2);
  }
  console.error(`${name} …`);
  figures.push(...(await bench()));
}
process.exitCode = report(figures) ? 0 : 1;
