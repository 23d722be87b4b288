import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startProgram, tempDir } from "@fairlead/testkit";
import { startBenchEngine } from "./bench-engine.ts";
import type { DownloadPlan } from "./downloads-process.ts";
import { peakMemoryMiB } from "./memory-watch.ts";
import type { Figure } from "./report.ts";
import type { Sizes } from "./sizes.ts";
import { LINKS, openTunnel } from "./tunnel.ts";

const MEMORY_BUDGET = { atMost: 250 };
const TIMEOUT_MS = 20 * 60 * 1000;

/** Hundreds of downloads at once, compared byte for byte, and the most memory that hub and agent have taken for them. */
export async function benchManyStreams({ downloads, downloadBytes, runs }: Sizes): Promise<Figure[]> {
  await using engine = await startBenchEngine();
  await using folder = await tempDir();
  const figures: Figure[] = [];
  for (const link of LINKS) {
    await using tunnel = await openTunnel({ socketPath: engine.socketPath, link });
    const { target, hub, agent } = tunnel;
    const plan: DownloadPlan = { target, downloads, bytes: downloadBytes, runs };
    const planPath = join(folder.path, `${link}.json`);
    await writeFile(planPath, JSON.stringify(plan));
    await using client = await startProgram(
      process.execPath,
      [join(import.meta.dirname, "downloads-process.ts"), planPath],
      { env: { NODE_EXTRA_CA_CERTS: target.caPath } },
    );
    const [, exact, rate] = await client.waitForLine(/(\d+) exact at (\S+) MB\/s/, TIMEOUT_MS);
    const name = `${downloads} downloads of ${downloadBytes / 1e6} MB at once, ${link}`;
    const asked = downloads * runs;
    figures.push(
      { name: `${name}: byte-exact, of ${asked}`, unit: "", value: Number(exact), budget: { atLeast: asked } },
      { name: `${name}: together`, unit: "MB/s", value: Number(rate) },
      { name: `${name}: hub, peak RSS`, unit: "MiB", value: await peakMemoryMiB(hub.pid), budget: MEMORY_BUDGET },
      { name: `${name}: agent, peak RSS`, unit: "MiB", value: await peakMemoryMiB(agent.pid), budget: MEMORY_BUDGET },
    );
  }
  return figures;
}
