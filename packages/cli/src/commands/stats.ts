import type { FairleadClient } from "@fairlead/api-client";
import type { Command } from "commander";
import { setTimeout as sleep } from "node:timers/promises";
import { EXIT_FAILED, ExitCode } from "../errors.ts";
import type { ContainerRef } from "../logs/container-log.ts";
import { requireSome, selectContainers } from "../logs/container-selection.ts";
import { formatBytes } from "../output/format.ts";
import { printable } from "../output/style.ts";
import { type Column, formatTable } from "../output/table.ts";
import { containerFigures, type ContainerFigures, type EngineStats } from "../stats/container-figures.ts";
import {
  hubCommand,
  type HubCommandFlags,
  openSession,
  type Session,
  untilInterrupted,
  wholeNumber,
} from "./hub-command.ts";

interface Flags extends HubCommandFlags {
  container?: string[];
  stream: boolean;
  interval: string;
}

interface Row extends ContainerFigures {
  readonly environment: string;
  readonly name: string;
  readonly id: string;
}

/** The engine measures for a second or two each: one after the other would take minutes, all at once would load it. */
const MAX_AT_ONCE = 16;
/** Home and clear: the next table takes the place of the last. */
const CLEAR_SCREEN = "\u001b[H\u001b[J";

/** `fairlead stats [ENV…]` */
export function stats(): Command {
  return hubCommand("stats", "processor, memory and network use of running containers across environments", [
    "stats",
    "stats web-1 --no-stream",
    "stats --container 'api-*' --json",
  ])
    .argument("[env...]", "names or ids (default: all)")
    .option("-c, --container <pattern...>", "names with * and ?, or beginnings of ids")
    .option("--no-stream", "once only (the default where standard output is not a terminal)")
    .option("--interval <seconds>", "pause between two tables", "2")
    .action(async (environments: string[], flags: Flags) => {
      const intervalMs = wholeNumber(flags.interval, "--interval", 1, 3600) * 1000;
      const session = await openSession(flags);
      const signal = untilInterrupted();
      const filter = { environments, patterns: flags.container ?? [], all: false };
      const isLive = flags.stream && process.stdout.isTTY && !session.output.json;
      for (;;) {
        const found = await selectContainers(session.client, filter);
        const rows = await measure(session, found.containers, signal);
        if (signal.aborted) return;
        if (isLive) process.stdout.write(CLEAR_SCREEN);
        else requireSome(found, filter);
        print(session, rows);
        for (const { environment, error } of found.away)
          session.output.note(`${environment.name}: ${error ?? "offline"}`);
        if (!isLive && (rows.length < found.containers.length || (environments.length > 0 && found.away.length > 0))) {
          throw new ExitCode(EXIT_FAILED);
        }
        if (!isLive) return;
        await sleep(intervalMs, undefined, { signal }).catch(() => {});
      }
    });
}

async function measure(
  { client, output }: Session,
  containers: readonly ContainerRef[],
  signal: AbortSignal,
): Promise<Row[]> {
  const rows: (Row | undefined)[] = [];
  const next = containers.entries();
  const work = async (): Promise<void> => {
    for (const [index, container] of next) {
      try {
        rows[index] = await measureOne(client, container, signal);
      } catch (error) {
        if (signal.aborted) return;
        output.note(
          `${container.environment.name}/${container.name}: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
  };
  await Promise.all(Array.from({ length: MAX_AT_ONCE }, work));
  return rows.filter((row) => row !== undefined);
}

async function measureOne(client: FairleadClient, container: ContainerRef, signal: AbortSignal): Promise<Row> {
  const path = `/containers/${encodeURIComponent(container.id)}/stats`;
  const response = await client.docker(container.environment.id, path, { query: { stream: 0 }, signal });
  const figures = containerFigures((await response.json()) as EngineStats);
  return { environment: container.environment.name, name: container.name, id: container.id, ...figures };
}

function print({ output }: Session, rows: readonly Row[]): void {
  if (output.json) {
    for (const row of rows) output.jsonLine(row);
    return;
  }
  const { style } = output;
  const columns: Column<Row>[] = [
    { title: "ENVIRONMENT", value: ({ environment }) => style.paint("host", environment) },
    { title: "NAME", value: ({ name }) => printable(name) },
    {
      title: "CPU",
      value: ({ cpuPercent }) => (cpuPercent === null ? "-" : `${cpuPercent.toFixed(2)}%`),
      align: "right",
    },
    { title: "MEMORY", value: ({ memoryBytes }) => bytesOrDash(memoryBytes), align: "right" },
    { title: "LIMIT", value: ({ memoryLimitBytes }) => bytesOrDash(memoryLimitBytes), align: "right" },
    { title: "NET IN", value: ({ networkRxBytes }) => bytesOrDash(networkRxBytes), align: "right" },
    { title: "NET OUT", value: ({ networkTxBytes }) => bytesOrDash(networkTxBytes), align: "right" },
    { title: "READ", value: ({ blockReadBytes }) => bytesOrDash(blockReadBytes), align: "right" },
    { title: "WRITTEN", value: ({ blockWriteBytes }) => bytesOrDash(blockWriteBytes), align: "right" },
    { title: "PIDS", value: ({ pids }) => (pids === null ? "-" : String(pids)), align: "right" },
  ];
  output.line(formatTable(rows, columns));
}

function bytesOrDash(bytes: number | null): string {
  return bytes === null ? "-" : formatBytes(bytes);
}
