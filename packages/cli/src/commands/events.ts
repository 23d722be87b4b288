import type { FairleadClient } from "@fairlead/api-client";
import type { Environment, EventItem, EventPage } from "@fairlead/protocol/rest";
import type { Command } from "commander";
import { containerMatcher } from "../logs/container-selection.ts";
import type { Output } from "../output/output.ts";
import { printable } from "../output/style.ts";
import { parseTime } from "../output/time.ts";
import { hubCommand, type HubCommandFlags, openSession, untilInterrupted } from "./hub-command.ts";

interface Flags extends HubCommandFlags {
  since?: string;
  until?: string;
  container?: string[];
  action?: string[];
  follow: boolean;
}

/** The hub's own limit (`MAX_EVENT_PAGE`). */
const PAGE = 1000;

/** `fairlead events [ENV…]` */
export function events(): Command {
  return hubCommand("events", "container events across environments: what was kept, then what happens", [
    "events",
    "events web-1 --since 1h --no-follow",
    "events --action die oom --json",
  ])
    .argument("[env...]", "names or ids (default: all)")
    .option("--since <time>", "begin with those kept since: 2026-01-31T12:00:00Z, Unix seconds, or 10m")
    .option("--until <time>", "end at this time")
    .option("-c, --container <pattern...>", "names with * and ?, or beginnings of ids")
    .option("--action <action...>", "create, start, die, …")
    .option("--no-follow", "end after those that were kept (default: of the last day)")
    .action(async (environments: string[], flags: Flags) => {
      const { client, output } = await openSession(flags);
      const signal = untilInterrupted();
      const reader = new EventReader(client, environments, flags, signal);
      const names = new Map((await client.listEnvironments()).map(({ id, name }) => [id, name]));
      for await (const change of reader.read((text) => output.note(text))) {
        if ("name" in change) names.set(change.id, change.name);
        else await printItem(output, change, names.get(change.environmentId) ?? String(change.environmentId));
      }
    });
}

/** More events than are stored while a history is read. */
const MAX_REMEMBERED = 10_000;

/** Without `--since` and `--follow`: what somebody who looks in the morning wants to see. */
const DEFAULT_SINCE = "1d";

class EventReader {
  readonly #client: FairleadClient;
  readonly #environments: readonly string[];
  readonly #flags: Flags;
  readonly #signal: AbortSignal;
  readonly #since: string | undefined;
  readonly #until: Date | undefined;
  readonly #matches: (id: string, name: string) => boolean;
  /** Shown already: what was stored while the history was read comes by the stream too. */
  readonly #shown = new Set<number>();
  /** Where to read on when the stream could not be resumed. */
  #resumeFrom = new Date().toISOString();

  constructor(client: FairleadClient, environments: readonly string[], flags: Flags, signal: AbortSignal) {
    this.#client = client;
    this.#environments = environments;
    this.#flags = flags;
    this.#until = flags.until === undefined ? undefined : parseTime(flags.until, "--until");
    // An end that is still to come ends the live events too.
    const rest = this.#until === undefined ? undefined : Math.max(0, this.#until.getTime() - Date.now());
    this.#signal = rest === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(rest)]);
    const since = flags.since ?? (flags.follow ? undefined : DEFAULT_SINCE);
    this.#since = since === undefined ? undefined : parseTime(since, "--since").toISOString();
    this.#matches = containerMatcher(flags.container ?? []);
  }

  /** Events, and environments that changed (a new one has a name to show). */
  async *read(note: (text: string) => void): AsyncGenerator<EventItem | Environment> {
    const follows = this.#flags.follow && (this.#until === undefined || this.#until.getTime() > Date.now());
    if (!follows) return yield* this.#history(this.#since);
    const opened = Promise.withResolvers<void>();
    const stream = this.#client.stream({
      topics: ["event", "environment"],
      environments: this.#environments,
      signal: this.#signal,
      onOpen: opened.resolve,
      onReconnect: ({ message }) => note(`${message}; trying again`),
    });
    // The stream is open before the history is read: nothing falls between the two.
    const first = stream.next();
    await Promise.race([opened.promise, first]);
    if (this.#since !== undefined) yield* this.#history(this.#since);
    for (let next = await first; !next.done; next = await stream.next()) {
      const { topic, data } = next.value;
      if (topic === "reset") yield* this.#history(this.#resumeFrom);
      else if (topic === "environment") yield data as Environment;
      else if (topic === "event" && this.#isWanted(data as EventItem)) yield data as EventItem;
    }
  }

  /** What is kept since a time, in order of time, and was not shown yet. */
  async *#history(since: string | undefined): AsyncGenerator<EventItem> {
    const { action } = this.#flags;
    let after: number | null | undefined;
    while (after !== null) {
      const page: EventPage = await this.#client.listEvents({
        environments: this.#environments,
        ...(since === undefined ? {} : { since }),
        ...(this.#until === undefined ? {} : { until: this.#until.toISOString() }),
        ...(action === undefined ? {} : { action: action.join(",") }),
        ...(after === undefined ? {} : { after }),
        limit: PAGE,
      });
      for (const item of page.items) if (this.#isWanted(item)) yield item;
      after = page.next;
    }
  }

  #isWanted(item: EventItem): boolean {
    if (this.#shown.has(item.id)) return false;
    this.#remember(item);
    if (item.kind === "gap") return true;
    const { action, containerId, containerName } = item.event;
    const isAction = this.#flags.action === undefined || this.#flags.action.includes(action);
    return isAction && this.#matches(containerId, (containerName ?? "").replace(/^\//, ""));
  }

  #remember(item: EventItem): void {
    this.#shown.add(item.id);
    this.#resumeFrom = item.kind === "gap" ? item.to : item.event.timestamp;
    const oldest = this.#shown.keys().next();
    if (this.#shown.size > MAX_REMEMBERED && !oldest.done) this.#shown.delete(oldest.value);
  }
}

async function printItem(output: Output, item: EventItem, environment: string): Promise<void> {
  if (output.json) return output.writeLine(JSON.stringify({ environment, ...item }));
  const { style } = output;
  const host = style.paint("host", environment);
  if (item.kind === "gap") {
    const text = `${item.to} ${host} events may be missing from ${item.from ?? "the beginning"} to here: ${item.reason}`;
    return output.writeLine(style.paint("warn", printable(text)));
  }
  const { action, containerId, containerName, image, timestamp, actorAttributes } = item.event;
  const exitCode = actorAttributes?.["exitCode"];
  const name = (containerName ?? containerId.slice(0, 12)).replace(/^\//, "");
  const words = [action, name, image ?? "", exitCode === undefined ? "" : `exitCode=${exitCode}`];
  return output.writeLine(`${style.paint("faint", timestamp)} ${host} ${printable(words.filter(Boolean).join(" "))}`);
}
