import { setImmediate as nextTurn } from "node:timers/promises";
import type { StreamTopic } from "@fairlead/protocol/rest";
import type { ChangeFeed } from "./change-feed.ts";
import type { ChangeSink } from "./change-sink.ts";
import type { ChangeRow } from "./change-store.ts";

export interface ChangeReaderOptions {
  readonly feed: ChangeFeed;
  readonly sink: ChangeSink;
  /** Id to go on after. Absent: from now on. Not a number: `reset` at once. */
  readonly position?: number;
  /** Only these; absent: all. */
  readonly topics?: ReadonlySet<StreamTopic>;
  readonly environments?: ReadonlySet<number>;
  /** Milliseconds of quiet until the reader is told so. Default 15,000. */
  readonly heartbeatMs?: number;
  /** Milliseconds for which the other side may take nothing. Default 60,000. */
  readonly stallMs?: number;
}

/** Proxies close what is quiet for 30 to 60 s. */
const HEARTBEAT_MS = 15_000;
/** Who takes nothing for a minute resumes by id when it is well again. */
const STALL_MS = 60_000;
/** What waits in the socket of a slow reader: this, and one change. */
const WRITE_CHARACTERS = 64 * 1024;

/** Sends changes until the sink's other side has gone or `signal` aborts. Never throws. */
export async function sendChanges(options: ChangeReaderOptions, signal: AbortSignal): Promise<void> {
  const reader = new ChangeReader(options, signal);
  await reader.run();
}

class ChangeReader {
  readonly #options: ChangeReaderOptions;
  readonly #feed: ChangeFeed;
  readonly #sink: ChangeSink;
  readonly #ended: AbortSignal;
  #position: number;
  /** Position that the other side knows. */
  #told = -1;

  constructor(options: ChangeReaderOptions, signal: AbortSignal) {
    this.#options = options;
    this.#feed = options.feed;
    this.#sink = options.sink;
    this.#position = options.position ?? options.feed.newest;
    this.#ended = AbortSignal.any([options.sink.gone, signal]);
  }

  async run(): Promise<void> {
    try {
      await this.#write(this.#sink.open());
      while (!this.#ended.aborted) await this.#step();
      this.#sink.end();
    } catch {
      // The journal cannot be read, or the reader is too slow: it dials again and resumes.
      this.#sink.destroy();
    }
  }

  async #step(): Promise<void> {
    const rows = await this.#feed.read(this.#position);
    if (rows === "gone") {
      this.#position = this.#told = this.#feed.newest;
      await this.#write([this.#sink.reset(this.#position)]);
    } else if (rows.length > 0) {
      await this.#send(rows);
      // Reading is synchronous underneath, and a filter may let nothing through for long.
      await nextTurn();
    } else {
      if (this.#told === -1) await this.#tellPosition();
      const more = await this.#feed.changed(this.#position, this.#options.heartbeatMs ?? HEARTBEAT_MS, this.#ended);
      if (more || this.#ended.aborted) return;
      await this.#tellPosition();
    }
  }

  async #send(rows: readonly ChangeRow[]): Promise<void> {
    const { topics, environments } = this.#options;
    let texts: string[] = [];
    let characters = 0;
    for (const row of rows) {
      this.#position = row.id;
      if (topics && !topics.has(row.topic)) continue;
      if (environments && !environments.has(row.environment_id)) continue;
      const text = this.#sink.change(row);
      texts.push(text);
      characters += text.length;
      this.#told = row.id;
      if (characters < WRITE_CHARACTERS) continue;
      await this.#write(texts);
      texts = [];
      characters = 0;
    }
    await this.#write(texts);
  }

  async #tellPosition(): Promise<void> {
    const isNews = this.#told !== this.#position;
    this.#told = this.#position;
    await this.#write([this.#sink.idle(this.#position, isNews)]);
  }

  /** Waits while the other side has no room. @throws Error when it takes nothing for too long. */
  async #write(texts: readonly string[]): Promise<void> {
    if (this.#ended.aborted || texts.length === 0) return;
    const room = this.#sink.send(texts);
    if (!room) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new Error("slow reader")), this.#options.stallMs ?? STALL_MS);
    const go = (): void => resolve();
    this.#ended.addEventListener("abort", go, { once: true });
    room.then(go, go);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#ended.removeEventListener("abort", go);
    }
  }
}
