import type { ServerResponse } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { StreamTopic } from "@fairlead/protocol/rest";
import type { ChangeFeed } from "./change-feed.ts";
import type { ChangeRow } from "./change-store.ts";

export interface ChangeReaderOptions {
  readonly feed: ChangeFeed;
  /** Headers not yet sent. */
  readonly response: ServerResponse;
  /** Id to go on after. Absent: from now on. Not a number: `reset` at once. */
  readonly position?: number;
  /** Only these; absent: all. */
  readonly topics?: ReadonlySet<StreamTopic>;
  readonly environments?: ReadonlySet<number>;
  /** Milliseconds of quiet until a comment is sent. Default 15,000. */
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
/** How long a browser waits until it dials again. */
const RETRY_MS = 1_000;

/**
 * Sends changes as server-sent events until the response closes or `signal` aborts. Never throws.
 * A block with an id and no data moves the reader's position on without an event, so that it resumes from there.
 */
export async function sendChanges(options: ChangeReaderOptions, signal: AbortSignal): Promise<void> {
  const reader = new ChangeReader(options, signal);
  await reader.run();
}

class ChangeReader {
  readonly #options: ChangeReaderOptions;
  readonly #feed: ChangeFeed;
  readonly #response: ServerResponse;
  readonly #gone = new AbortController();
  #position: number;
  /** Position that the other side knows. */
  #told = -1;

  constructor(options: ChangeReaderOptions, signal: AbortSignal) {
    this.#options = options;
    this.#feed = options.feed;
    this.#response = options.response;
    this.#position = options.position ?? options.feed.newest;
    const end = (): void => this.#gone.abort();
    this.#response.once("close", end);
    this.#response.on("error", end);
    signal.addEventListener("abort", end, { once: true });
    this.#response.once("close", () => signal.removeEventListener("abort", end));
    if (signal.aborted || this.#response.destroyed) end();
  }

  async run(): Promise<void> {
    this.#response.writeHead(200, {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      // nginx would hold the events back until its buffer is full.
      "x-accel-buffering": "no",
    });
    try {
      await this.#write(`retry: ${RETRY_MS}\n\n`);
      while (!this.#gone.signal.aborted) await this.#step();
      this.#response.end();
    } catch {
      // The journal cannot be read, or the reader is too slow: it dials again and resumes.
      this.#response.destroy();
    }
  }

  async #step(): Promise<void> {
    const rows = await this.#feed.read(this.#position);
    if (rows === "gone") {
      this.#position = this.#told = this.#feed.newest;
      await this.#write(`id: ${this.#position}\nevent: reset\ndata: {}\n\n`);
    } else if (rows.length > 0) {
      await this.#send(rows);
      // Reading is synchronous underneath, and a filter may let nothing through for long.
      await nextTurn();
    } else {
      if (this.#told === -1) await this.#tellPosition();
      const more = await this.#feed.changed(
        this.#position,
        this.#options.heartbeatMs ?? HEARTBEAT_MS,
        this.#gone.signal,
      );
      if (more || this.#gone.signal.aborted) return;
      if (this.#told === this.#position) await this.#write(": quiet\n\n");
      else await this.#tellPosition();
    }
  }

  async #send(rows: readonly ChangeRow[]): Promise<void> {
    const { topics, environments } = this.#options;
    let text = "";
    for (const row of rows) {
      this.#position = row.id;
      if (topics && !topics.has(row.topic)) continue;
      if (environments && !environments.has(row.environment_id)) continue;
      text += `id: ${row.id}\nevent: ${row.topic}\ndata: ${row.body}\n\n`;
      this.#told = row.id;
      if (text.length < WRITE_CHARACTERS) continue;
      await this.#write(text);
      text = "";
    }
    if (text !== "") await this.#write(text);
  }

  async #tellPosition(): Promise<void> {
    this.#told = this.#position;
    await this.#write(`id: ${this.#position}\n\n`);
  }

  /** Waits while the socket is full. @throws Error when the other side takes nothing for too long. */
  async #write(text: string): Promise<void> {
    if (this.#gone.signal.aborted || this.#response.write(text)) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new Error("slow reader")), this.#options.stallMs ?? STALL_MS);
    const go = (): void => resolve();
    this.#response.once("drain", go);
    this.#gone.signal.addEventListener("abort", go, { once: true });
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#response.off("drain", go);
      this.#gone.signal.removeEventListener("abort", go);
    }
  }
}
