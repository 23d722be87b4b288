import type { FairleadClient } from "@fairlead/api-client";
import { toFairleadError } from "@fairlead/protocol";
import { setTimeout as sleep } from "node:timers/promises";
import { type ContainerRef, type LogEntry, type LogRange, readContainerLog } from "./container-log.ts";

/** Where a container's log was read up to: several lines can have the same time. */
interface Position {
  at: bigint;
  lines: number;
}

/** Containers that came and went are forgotten after this many; one that starts again is then read from its start. */
const MAX_POSITIONS = 10_000;
/** A host that went away is asked again this often. */
const RETRY_MS = 2_000;

/**
 * The logs that `-f` follows. Each container's position is kept, so that what was read as history, before a host went
 * away or before a restart is not read again.
 */
export class FollowedLogs {
  readonly #client: FairleadClient;
  readonly #range: LogRange;
  readonly #signal: AbortSignal;
  readonly #say: (text: string) => void;
  readonly #positions = new Map<string, Position>();
  readonly #following = new Set<string>();

  constructor(client: FairleadClient, range: LogRange, signal: AbortSignal, say: (text: string) => void) {
    this.#client = client;
    this.#range = range;
    this.#signal = signal;
    this.#say = say;
  }

  /** This line was shown. */
  mark({ container, at }: LogEntry): void {
    const key = keyOf(container);
    const position = this.#positions.get(key);
    if (position?.at === at) position.lines += 1;
    else if (!position || at > position.at) this.#positions.set(key, { at, lines: 1 });
    if (this.#positions.size <= MAX_POSITIONS) return;
    const oldest = this.#positions.keys().next();
    if (!oldest.done) this.#positions.delete(oldest.value);
  }

  isFollowing(container: ContainerRef): boolean {
    return this.#following.has(keyOf(container));
  }

  /** The container's lines after its position, until it stops. Never throws: what goes wrong is said. */
  async *follow(container: ContainerRef): AsyncGenerator<LogEntry> {
    const key = keyOf(container);
    this.#following.add(key);
    try {
      while (!this.#signal.aborted) {
        try {
          yield* this.#followOnce(container, this.#positions.get(key));
          return;
        } catch (error) {
          if (this.#signal.aborted) return;
          // A body that breaks off is a TypeError of fetch.
          const failure = toFairleadError(error, "hub_unreachable");
          this.#say(`${container.environment.name}/${container.name}: ${failure.message}`);
          if (!failure.retryable) return;
        }
        await sleep(RETRY_MS, undefined, { signal: this.#signal }).catch(() => {});
      }
    } finally {
      this.#following.delete(key);
    }
  }

  async *#followOnce(container: ContainerRef, from: Position | undefined): AsyncGenerator<LogEntry> {
    const start = from && from.at > 0n ? { since: unixTime(from.at), tail: "all" } : {};
    const range = { ...this.#range, ...start, follow: true };
    let skip = from?.lines ?? 0;
    for await (const entry of readContainerLog(this.#client, container, range, this.#signal)) {
      if (from && entry.at > 0n) {
        if (entry.at < from.at) continue;
        if (entry.at === from.at && skip > 0) {
          skip -= 1;
          continue;
        }
      }
      this.mark(entry);
      yield entry;
    }
  }
}

function keyOf({ environment, id }: ContainerRef): string {
  return `${environment.id}/${id}`;
}

function unixTime(at: bigint): string {
  return `${at / 1_000_000_000n}.${String(at % 1_000_000_000n).padStart(9, "0")}`;
}
