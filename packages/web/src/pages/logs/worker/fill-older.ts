import type { LogLine } from "./line-assembler.ts";
import type { OpenSocket } from "./log-socket.ts";
import type { LogTime } from "./log-time.ts";
import { olderAttempts } from "./older-attempts.ts";
import { readOlder } from "./older-reader.ts";
import type { SourceReader } from "./source-reader.ts";

/** What runs to get older lines. */
export interface OlderState {
  running: number;
  error: string | undefined;
  readonly leave: AbortController;
}

export interface OlderHost {
  readonly origin: string;
  readonly openSocket: OpenSocket;
  readonly since: LogTime | undefined;
  heldOf(slot: number): number;
  heldAt(slot: number, time: LogTime): number;
  onLines(reader: SourceReader, lines: readonly LogLine[]): void;
  onChange(): void;
}

/** Older lines of all sources together that are asked for at once. */
const WANTED_LINES = 4_000;
const LEAST_LINES = 200;
/** Engines read files from end to end for it. */
const MAX_RUNNING = 4;

/** Sources whose older lines are being read, or could not be. */
const busy = new WeakSet<SourceReader>();

/** Asks again for what failed. */
export function retryOlder(state: OlderState, readers: Iterable<SourceReader>): void {
  state.error = undefined;
  for (const reader of readers) busy.delete(reader);
}

/** Reads lines before those that are held, of these sources; further ones when these are there. */
export function fillOlder(state: OlderState, readers: readonly SourceReader[], host: OlderHost): void {
  const wanted = Math.max(LEAST_LINES, Math.floor(WANTED_LINES / Math.max(1, readers.length)));
  for (const reader of readers) {
    if (state.running >= MAX_RUNNING) return;
    if (busy.has(reader)) continue;
    busy.add(reader);
    state.running += 1;
    void fill(state, reader, host, wanted)
      .then(
        () => {
          busy.delete(reader);
        },
        (error: unknown) => {
          // Stays busy: what failed is not asked for at every step of scrolling.
          if (!state.leave.signal.aborted)
            state.error = `${reader.address.name}: ${error instanceof Error ? error.message : String(error)}`;
        },
      )
      .finally(() => {
        state.running -= 1;
        if (!state.leave.signal.aborted) host.onChange();
      });
    host.onChange();
  }
}

async function fill(state: OlderState, reader: SourceReader, host: OlderHost, wanted: number): Promise<void> {
  const { slot, address, front } = reader;
  if (front === undefined) return;
  const { signal } = state.leave;
  const known = host.heldAt(slot, front);
  const heldBefore = host.heldOf(slot);
  const attempts = olderAttempts({
    reachesEnd: reader.reachesEnd,
    known: heldBefore,
    wanted,
    until: front,
    since: host.since,
  });
  const { origin, openSocket } = host;
  const question = {
    origin,
    openSocket,
    environmentId: address.environmentId,
    containerId: address.containerId,
    until: front,
    known,
    wanted,
    signal,
  };
  for (const attempt of attempts) {
    const lines = await readOlder(question, attempt);
    // Dropped meanwhile, so that there would be a hole after these.
    if (signal.aborted || reader.front !== front) return;
    const [first] = lines;
    if (first !== undefined) {
      reader.front = { micros: first.micros, nanos: first.nanos };
      host.onLines(reader, lines);
      return;
    }
    // The engine looked at more lines than there are from here to its end, and had none before them.
    if (reader.reachesEnd && !reader.hasCutLines && host.heldOf(slot) - heldBefore < wanted / 2) break;
  }
  reader.isExhausted = true;
}
