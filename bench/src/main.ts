/**
 * `npm run bench [NAME…] [--quick]`: every figure of the product that is measured, as ratios within this run on this machine.
 * Exits 1 when a budget is missed or a bench fails. With `--quick` everything is small: it shows that the benches work, and no more.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { startDockerd } from "@fairlead/testkit";
import { benchAgentMemory } from "./agent-memory.ts";
import { benchBulkDown, benchBulkUp } from "./bulk.ts";
import { benchContention } from "./contention.ts";
import { benchIdleAgents } from "./idle-agents.ts";
import { benchKeystrokeEcho } from "./keystroke-echo.ts";
import { benchLongPath } from "./long-path.ts";
import { benchManyStreams } from "./many-streams.ts";
import { type Figure, report, reportHead } from "./report.ts";
import { FULL, QUICK, type Sizes } from "./sizes.ts";
import { benchSmallRequests } from "./small-requests.ts";
import { openTunnel } from "./tunnel.ts";
import { benchWeb } from "./web.ts";
import { benchWebLogs } from "./web-logs.ts";

const benches: Record<string, (sizes: Sizes) => Promise<Figure[]>> = {
  requests: benchSmallRequests,
  "bulk-down": benchBulkDown,
  "bulk-up": benchBulkUp,
  contention: benchContention,
  "long-path": benchLongPath,
  "many-streams": benchManyStreams,
  // A real engine: its terminal echoes, and its events and answers are what an agent holds in memory.
  agent: async (sizes) => {
    await using engine = await startDockerd();
    await engine.importBusybox();
    await using tunnel = await openTunnel({ socketPath: engine.socketPath });
    const echo = await benchKeystrokeEcho(tunnel.hub, engine, sizes);
    return [...echo, ...(await benchAgentMemory(tunnel.agent))];
  },
  fleet: benchIdleAgents,
  web: benchWeb,
  "web-logs": benchWebLogs,
};

const { positionals, values } = parseArgs({ allowPositionals: true, options: { quick: { type: "boolean" } } });
const unknown = positionals.find((name) => !Object.hasOwn(benches, name));
if (unknown !== undefined) {
  console.error(`no bench ${JSON.stringify(unknown)}; there are: ${Object.keys(benches).join(", ")}`);
  process.exit(2);
}
console.error(
  `Node.js ${process.version}, ${availableParallelism()} cores${values.quick ? ", quick: no figures" : ""}`,
);
reportHead();
let isGood = true;
for (const [name, bench] of Object.entries(benches)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  console.error(`${name} …`);
  try {
    // Each bench's rows as soon as they are there: a long run that is ended early has not been in vain.
    isGood = report(await bench(values.quick ? QUICK : FULL)) && isGood;
  } catch (error) {
    isGood = false;
    console.error(`${name} failed:`, error);
  }
}
process.exitCode = isGood ? 0 : 1;
