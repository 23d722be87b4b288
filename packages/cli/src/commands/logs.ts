import type { ContainerEvent } from "@fairlead/protocol";
import type { EventItem } from "@fairlead/protocol/rest";
import type { Command } from "commander";
import { EXIT_FAILED, ExitCode, UsageError } from "../errors.ts";
import { type ContainerRef, type LogEntry, type LogRange, readContainerLog } from "../logs/container-log.ts";
import { type ContainerFilter, containerMatcher, requireSome, selectContainers } from "../logs/container-selection.ts";
import { FollowedLogs } from "../logs/followed-log.ts";
import { LiveMerge } from "../logs/live-merge.ts";
import { mergeByTime } from "../logs/merge-by-time.ts";
import { printable, visibleWidth } from "../output/style.ts";
import { parseTime } from "../output/time.ts";
import { hubCommand, type HubCommandFlags, openSession, type Session, untilInterrupted } from "./hub-command.ts";

interface Flags extends HubCommandFlags {
  container?: string[];
  all?: boolean;
  follow?: boolean;
  since?: string;
  until?: string;
  tail: string;
  timestamps?: boolean;
}

/** Each is a stream through the hub and its agent, which carries 1,024 at once. */
const MAX_LOGS = 500;
/** Lines that come within this are put in order of time; nobody sees a delay so short. */
const LIVE_WINDOW_MS = 150;

/** `fairlead logs [ENV…]` */
export function logs(): Command {
  return hubCommand("logs", "logs of containers across environments, merged by time and labelled", [
    "logs",
    "logs web-1 web-2 --container 'api-*' --follow",
    "logs --since 1h --tail all --json > last-hour.jsonl",
  ])
    .argument("[env...]", "names or ids (default: all)")
    .option("-c, --container <pattern...>", "containers: names with * and ?, or beginnings of ids; stopped ones too")
    .option("-a, --all", "also containers that do not run")
    .option("-f, --follow", "go on with what is logged from now on, also by containers that start later")
    .option("--since <time>", "from this time on: 2026-01-31T12:00:00Z, Unix seconds, or 10m")
    .option("--until <time>", "before this time")
    .option("-n, --tail <lines>", "at most so many last lines of each container, or all", "100")
    .option("-t, --timestamps", "show the time of each line")
    .action(async (environments: string[], flags: Flags) => {
      const range = rangeOf(flags);
      const patterns = flags.container ?? [];
      const filter = { environments, patterns, all: flags.all === true || patterns.length > 0 };
      const session = await openSession(flags);
      const found = await selectContainers(session.client, filter);
      for (const { environment, error } of found.away)
        session.output.note(`${environment.name}: ${error ?? "offline"}`);
      if (!flags.follow) requireSome(found, filter);
      if (found.containers.length > MAX_LOGS) {
        throw new UsageError(
          `${found.containers.length} containers are more than ${MAX_LOGS}; name fewer with --container`,
        );
      }
      const print = linePrinter(session, flags.timestamps === true, found.containers);
      const failed = flags.follow
        ? await followLogs(session, found.containers, { range, filter, print })
        : await printHistory(session, found.containers, { range, print, signal: untilInterrupted() });
      const isNamedAway = environments.length > 0 && found.away.length > 0;
      if (failed || isNamedAway) throw new ExitCode(EXIT_FAILED);
    });
}

function rangeOf(flags: Flags): LogRange {
  const time = (text: string, option: string): string => String(parseTime(text, option).getTime() / 1000);
  if (!/^(\d+|all)$/.test(flags.tail))
    throw new UsageError(`--tail '${flags.tail}' must be a number of lines or 'all'`);
  return {
    tail: flags.tail,
    ...(flags.since === undefined ? {} : { since: time(flags.since, "--since") }),
    ...(flags.until === undefined ? {} : { until: time(flags.until, "--until") }),
  };
}

interface HistoryOptions {
  range: LogRange;
  print: (entry: LogEntry) => Promise<void>;
  signal: AbortSignal;
}

/** What is there now, in order of time. True: some of it could not be read. */
async function printHistory(
  session: Session,
  containers: readonly ContainerRef[],
  options: HistoryOptions,
): Promise<boolean> {
  let failed = false;
  const sources = containers.map(async function* (container) {
    try {
      yield* readContainerLog(session.client, container, options.range, options.signal);
    } catch (error) {
      if (options.signal.aborted) return;
      failed = true;
      const message = error instanceof Error ? error.message : String(error);
      session.output.note(`${container.environment.name}/${container.name}: ${message}`);
    }
  });
  for await (const entry of mergeByTime(sources)) {
    if (options.signal.aborted) break;
    await options.print(entry);
  }
  return failed;
}

/** The history in order, then what comes, until Ctrl-C. */
async function followLogs(
  session: Session,
  containers: readonly ContainerRef[],
  options: { range: LogRange; filter: ContainerFilter; print: (entry: LogEntry) => Promise<void> },
): Promise<boolean> {
  const signal = untilInterrupted();
  const followed = new FollowedLogs(session.client, options.range, signal, (text) => session.output.note(text));
  const show = async (entry: LogEntry): Promise<void> => {
    followed.mark(entry);
    await options.print(entry);
  };
  const failed = await printHistory(session, containers, { range: options.range, print: show, signal });
  const live = new LiveMerge<LogEntry>(LIVE_WINDOW_MS);
  for (const container of containers) live.add(followed.follow(container));
  const starts = watchStarts(session, options.filter, signal, (container) => {
    if (!followed.isFollowing(container)) live.add(followed.follow(container));
  });
  for await (const entry of live.read(signal)) await options.print(entry);
  await starts;
  return failed;
}

/** Tells of matching containers that start. */
async function watchStarts(
  { client, output }: Session,
  filter: ContainerFilter,
  signal: AbortSignal,
  onStart: (container: ContainerRef) => void,
): Promise<void> {
  const matches = containerMatcher(filter.patterns);
  const names = new Map((await client.listEnvironments(signal)).map(({ id, name }) => [id, name]));
  try {
    for await (const { topic, data } of client.stream({
      topics: ["event"],
      environments: filter.environments,
      signal,
    })) {
      const item = data as EventItem;
      if (topic !== "event" || item.kind !== "event" || item.event.action !== "start") continue;
      const { containerId, containerName }: ContainerEvent = item.event;
      const name = containerName?.replace(/^\//, "") ?? containerId.slice(0, 12);
      const environment = { id: item.environmentId, name: names.get(item.environmentId) ?? String(item.environmentId) };
      if (matches(containerId, name)) onStart({ environment, id: containerId, name });
    }
  } catch (error) {
    if (!signal.aborted) output.note(`Containers that start from now on are not followed: ${String(error)}`);
  }
}

/** Colours that tell neighbours apart. */
const LABEL_TONES = ["host", "good", "warn"] as const;

function linePrinter(
  { output }: Session,
  timestamps: boolean,
  containers: readonly ContainerRef[],
): (entry: LogEntry) => Promise<void> {
  const label = ({ environment, name }: ContainerRef): string => `${environment.name}/${name}`;
  const width = Math.max(0, ...containers.map((container) => visibleWidth(label(container))));
  return async ({ container, time, stream, text }) => {
    const { environment, id } = container;
    if (output.json) {
      const line = { environment: environment.name, container: container.name, containerId: id, time, stream, text };
      return output.writeLine(JSON.stringify(line));
    }
    const name = label(container);
    const sum = Number.parseInt(id.slice(0, 6), 16) || 0;
    const tone = LABEL_TONES[sum % LABEL_TONES.length] ?? "host";
    const head = output.style.paint(tone, `${printable(name).padEnd(width)} |`);
    return output.writeLine(`${head} ${timestamps ? `${time} ` : ""}${text}`);
  };
}
