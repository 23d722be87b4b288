import { setTimeout as sleep } from "node:timers/promises";
import { FairleadError } from "@fairlead/protocol";
import type { Logger } from "pino";
import type { EngineConnection, EngineStream } from "../engine/engine-connection.ts";
import type { ConcurrencyLimit } from "../watch/concurrency-limit.ts";
import { containerEventOf, parseEngineEvent } from "./engine-event.ts";
import { LineSplitter } from "./line-splitter.ts";
import {
  type Anchor,
  anchorOf,
  anchorOfEngineEvent,
  CONTAINER_FILTER,
  readEngineClock,
  recoverEvents,
} from "./recover-events.ts";
import type { EventService } from "./service.ts";

export interface EngineFollowerOptions {
  readonly environmentId: number;
  /** The way to the engine as it is now; throws when there is none. */
  readonly connection: () => EngineConnection;
  readonly events: EventService;
  /** An event came that changes the list of containers. */
  readonly onEvent?: (environmentId: number) => void;
  /** Unix milliseconds until when events were followed in an earlier life; absent: never. */
  readonly followedUntil?: number;
  /** Shared with other followers: how many ask at a time. */
  readonly limit: ConcurrencyLimit;
  readonly log: Logger;
  readonly now?: () => number;
  /** First pause after a failure, doubled up to `maxPauseMs`. Default 1,000. */
  readonly firstPauseMs?: number;
  /** Default 60,000. */
  readonly maxPauseMs?: number;
  /** Default 10 minutes. */
  readonly idleMs?: number;
}

const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 60_000;
/** A path in between may forget a quiet connection without telling; asking anew now and then finds what was missed. */
const IDLE_MS = 10 * 60_000;
/** An event with all labels of a container is some KiB. */
const MAX_LINE_CHARACTERS = 1024 * 1024;

/** Follows the container events of an engine that the hub dials, until stopped: what is missed in between is asked for afterwards. */
export class EngineFollower {
  readonly #options: EngineFollowerOptions;
  readonly #now: () => number;
  readonly #stopped = new AbortController();
  readonly #done: Promise<void>;
  #following = new AbortController();
  #pausing = new AbortController();
  #followedUntil: number | undefined;
  #anchor: Anchor | undefined;
  #anchorLoaded = false;
  #isFollowing = false;

  constructor(options: EngineFollowerOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#followedUntil = options.followedUntil;
    this.#done = this.#run();
  }

  /** True while the engine's events come in. */
  get isFollowing(): boolean {
    return this.#isFollowing;
  }

  /** The engine is known to be away: what looks like a connection is none. */
  engineDown(): void {
    if (this.#isFollowing) this.#following.abort();
  }

  /** The engine is known to be there: no need to wait longer. */
  engineUp(): void {
    this.#pausing.abort();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#following.abort();
    this.#pausing.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { firstPauseMs = FIRST_PAUSE_MS, maxPauseMs = MAX_PAUSE_MS, log, environmentId } = this.#options;
    let pauseMs = firstPauseMs;
    while (!this.#stopped.signal.aborted) {
      this.#following = new AbortController();
      try {
        await this.#follow();
        pauseMs = firstPauseMs;
      } catch (error) {
        if (this.#isFollowing) pauseMs = firstPauseMs;
        log.debug({ err: error, environmentId }, "Following the engine's events ended; trying again");
      }
      if (this.#isFollowing) {
        this.#isFollowing = false;
        this.#followedUntil = this.#now();
      }
      if (this.#stopped.signal.aborted) return;
      await this.#pause(pauseMs * (0.75 + Math.random() / 2));
      pauseMs = Math.min(pauseMs * 2, maxPauseMs);
    }
  }

  async #pause(milliseconds: number): Promise<void> {
    this.#pausing = new AbortController();
    await sleep(milliseconds, undefined, { signal: this.#pausing.signal, ref: false }).catch(() => {});
  }

  async #follow(): Promise<void> {
    const engine = this.#options.connection();
    // Not among those who take turns: an engine that does not answer would hold up the others.
    const { now } = await readEngineClock(engine, this.#now);
    const stream = await this.#options.limit.run(async () => {
      this.#throwIfStopped();
      if (this.#followedUntil !== undefined) await this.#recover(engine, this.#followedUntil);
      const query = new URLSearchParams({ since: String(Math.floor(now / 1000)), filters: CONTAINER_FILTER });
      const { signal } = this.#following;
      const opened = await engine.openStream({ method: "GET", path: `/events?${query.toString()}` }, { signal });
      if (opened.status === 200) return opened;
      opened.cancel();
      throw new FairleadError("engine_error", `The engine answered ${opened.status} to /events.`);
    });
    this.#isFollowing = true;
    this.#followedUntil = this.#now();
    await this.#read(stream);
  }

  async #recover(engine: EngineConnection, followedUntil: number): Promise<void> {
    const { events, environmentId } = this.#options;
    if (!this.#anchorLoaded) {
      const latest = await events.latest(environmentId);
      this.#anchor ??= latest && anchorOf(latest);
      this.#anchorLoaded = true;
    }
    const start = { followedUntil, ...(this.#anchor === undefined ? {} : { anchor: this.#anchor }) };
    const recovered = await recoverEvents(engine, start, this.#now);
    if (recovered.gap) events.gap(environmentId, recovered.gap);
    for (const event of recovered.events) events.ingest(environmentId, event);
    // One that the engine does not know any more proves nothing next time.
    this.#anchor = recovered.anchor;
    if (recovered.events.length > 0) this.#options.onEvent?.(environmentId);
    this.#followedUntil = this.#now();
  }

  async #read(stream: EngineStream): Promise<void> {
    const { signal } = this.#following;
    const lines = new LineSplitter(MAX_LINE_CHARACTERS);
    const idle = setTimeout(() => this.engineDown(), this.#options.idleMs ?? IDLE_MS).unref();
    const cancel = (): void => stream.cancel();
    signal.addEventListener("abort", cancel, { once: true });
    if (signal.aborted) cancel();
    try {
      for await (const piece of stream.body) {
        idle.refresh();
        for (const line of lines.push(piece)) this.#take(line);
        this.#reportSkipped(lines);
      }
    } finally {
      clearTimeout(idle);
      signal.removeEventListener("abort", cancel);
    }
  }

  #take(line: string): void {
    const { environmentId, events, onEvent } = this.#options;
    const engineEvent = parseEngineEvent(line);
    if (!engineEvent) return;
    this.#anchor = anchorOfEngineEvent(engineEvent);
    const event = containerEventOf(engineEvent);
    if (!event) return;
    events.ingest(environmentId, event);
    onEvent?.(environmentId);
  }

  #reportSkipped(lines: LineSplitter): void {
    if (lines.skipped === 0) return;
    const now = this.#now();
    lines.skipped = 0;
    this.#options.events.gap(this.#options.environmentId, {
      from: now,
      to: now,
      reason: `The engine told an event of more than ${MAX_LINE_CHARACTERS} characters.`,
    });
  }

  #throwIfStopped(): void {
    if (this.#stopped.signal.aborted) throw new FairleadError("shutting_down", "The hub is stopping.");
  }
}
