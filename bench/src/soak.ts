/**
 * `npm run soak [-- MINUTES]`: mixed load on a hub and an edge agent, whose network is cut now and then. Writes `bench/soak.tsv` and
 * `bench/soak.svg`. Exits 1 when memory or open files grow, when a transfer is short and looks clean,
 * fails without a cut, or never ends.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { echo, type Program } from "@fairlead/testkit";
import { type Figure, median, report } from "./report.ts";
import { startBenchEngine } from "./bench-engine.ts";
import { SoakLoad } from "./soak-load.ts";
import { plotSvg } from "./soak-plot.ts";
import { openTunnel, type Tunnel } from "./tunnel.ts";

const SAMPLE_MS = 1_000;
/** Rows kept in the files: enough for a plot. */
const ROW_EVERY_SAMPLES = 5;
/** What the last fifth of the time may be above the second one; the first is warm-up. */
const MAX_GROWTH = 1.1;
const FOLDER = join(import.meta.dirname, "..");

const COLUMNS = [
  "hub RSS MiB",
  "hub anonymous MiB",
  "agent RSS MiB",
  "agent anonymous MiB",
  "hub files",
  "agent files",
];

interface Sample {
  readonly minutes: number;
  /** As `COLUMNS`. */
  readonly values: readonly number[];
  readonly done: number;
  readonly failed: number;
}

const minutes = Number(process.argv[2] ?? 10);
if (!(minutes > 0)) {
  console.error(`usage: npm run soak [-- MINUTES], not ${JSON.stringify(process.argv[2])}`);
  process.exit(2);
}
process.exitCode = (await soak(minutes * 60_000)) ? 0 : 1;

async function soak(durationMs: number): Promise<boolean> {
  await using engine = await startBenchEngine();
  await using tunnel = await openTunnel({
    socketPath: engine.socketPath,
    isCuttable: true,
    agentEnv: { RECONNECT_DELAY: "0.5", MAX_RECONNECT_DELAY: "1" },
  });
  const { network, target } = tunnel;
  if (network === undefined) throw new Error("no network");
  const { outcome, detail } = await echo(target, { bytes: 1 });
  const withEchoes = outcome === "complete";
  if (!withEchoes) console.error(`without upgraded connections: ${detail.trim()}`);

  const load = new SoakLoad(target, network);
  load.start({ withEchoes });
  const samples = await sample(tunnel, load, durationMs);
  await load.stop();
  await writeFiles(samples.filter((_, index) => index % ROW_EVERY_SAMPLES === 0));

  const { counts, complaints } = load;
  console.error(JSON.stringify(counts));
  for (const complaint of complaints) console.error(complaint);
  const isFlat = report(growths(samples));
  return isFlat && counts.wrong + counts.unexpected + counts.stuck === 0;
}

async function sample({ hub, agent }: Tunnel, { counts }: SoakLoad, durationMs: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  const start = performance.now();
  for (let at = 0; at < durationMs; at = performance.now() - start) {
    const [[hubRss, hubAnonymous], [agentRss, agentAnonymous], hubFiles, agentFiles] = await Promise.all([
      memoryMib(hub),
      memoryMib(agent),
      hub.openFiles(),
      agent.openFiles(),
    ]);
    const values = [hubRss, hubAnonymous, agentRss, agentAnonymous, hubFiles, agentFiles];
    const { done, failed, unexpected } = counts;
    samples.push({ minutes: at / 60_000, values, done, failed: failed + unexpected });
    await sleep(SAMPLE_MS);
  }
  return samples;
}

async function memoryMib(program: Program): Promise<[rss: number, anonymous: number]> {
  const { rssKiB, anonKiB } = await program.memory();
  return [rssKiB / 1024, anonKiB / 1024];
}

/**
 * For each column the last fifth beside the second one: medians of memory, and the least of open files. A cut closes the agent's connections
 * to its engine, and up to 64 come back as they are needed: where between two cuts the samples fall is chance, and what leaks stays after each.
 */
function growths(samples: readonly Sample[]): Figure[] {
  const fifth = (index: number): Sample[] =>
    samples.slice((samples.length * index) / 5, (samples.length * (index + 1)) / 5);
  return COLUMNS.map((name, column) => {
    const level = (part: readonly Sample[]): number => {
      const values = part.map((sample) => sample.values[column] ?? Number.NaN);
      return name.endsWith("files") ? Math.min(...values) : median(values);
    };
    return {
      name: `${name}, last fifth over second`,
      unit: "×",
      value: level(fifth(4)) / level(fifth(1)),
      budget: { atMost: MAX_GROWTH },
    };
  });
}

async function writeFiles(rows: readonly Sample[]): Promise<void> {
  const head = ["minutes", ...COLUMNS, "done", "failed"];
  const lines = rows.map(({ minutes, values, done, failed }) =>
    [minutes.toFixed(2), ...values.map((value) => value.toFixed(1).replace(/\.0$/, "")), done, failed].join("\t"),
  );
  await writeFile(join(FOLDER, "soak.tsv"), `${[head.join("\t"), ...lines].join("\n")}\n`);
  const series = (name: string, column: number) => ({
    name,
    color: column === 0 || column === 1 || column === 4 ? ("hub" as const) : ("agent" as const),
    isDashed: column === 1 || column === 3,
    values: rows.map(({ values }) => values[column] ?? 0),
  });
  const svg = plotSvg(
    rows.map((row) => row.minutes),
    [
      {
        title: "Memory (MiB)",
        series: [
          series("hub, RSS", 0),
          series("hub, anonymous", 1),
          series("agent, RSS", 2),
          series("agent, anonymous", 3),
        ],
      },
      { title: "Open files (count)", series: [series("hub", 4), series("agent", 5)] },
    ],
  );
  await writeFile(join(FOLDER, "soak.svg"), svg);
}
