import { setTimeout as sleep } from "node:timers/promises";
import { CONTAINER_ACTIONS, FairleadError } from "@fairlead/protocol";
import type { EngineClient } from "../engine/engine-client.ts";
import type { Log } from "../log.ts";
import {
  type EngineEvent,
  type EventMark,
  isEvent,
  isLater,
  markOfNow,
  parseEngineEvent,
  secondsOf,
  timeNanoOf,
} from "./engine-event.ts";

export interface EventFollowerOptions {
  readonly engine: EngineClient;
  readonly log: Log;
  /** Every event once, in the engine's order. */
  readonly onEvent: (event: EngineEvent) => void;
  /** The engine may have forgotten events that were not seen, between these. */
  readonly onGap: (from: EventMark, to: EventMark) => void;
  /** The last event that needs not be shown again, or the moment of a first start. */
  readonly since: EventMark;
  /** Milliseconds between two tries to reach the engine. Default RETRY_MS. */
  readonly retryMs?: number;
}

/** A restarting engine is met again within this; a connect to a socket that is not there costs nothing. */
const RETRY_MS = 1_000;

/** Asked again before the last event seen: engines stamp events before they order them, so that neighbours may be swapped. */
const OVERLAP_SECONDS = 2;

/** Identities remembered to show nothing twice. Docker repeats its last 256 events at most, Podman those of the overlap. */
const MAX_REMEMBERED = 2_048;

/** One event as JSON: a container's labels may be long, but not this long. */
const MAX_LINE_LENGTH = 1024 * 1024;

/** Follows the engine's `/events` for good, over restarts of the engine, from where it left off. */
export class EventFollower {
  readonly #options: EventFollowerOptions;
  readonly #stop = new AbortController();
  readonly #seen = new Set<string>();
  /** The latest event seen, by this or an earlier run of the agent. */
  #last: EventMark;
  /** While it is not known whether the engine still has {@link #last}: when this connection was made. */
  #checkingFrom: EventMark | undefined;
  #isReachable = true;

  constructor(options: EventFollowerOptions) {
    this.#options = options;
    this.#last = options.since;
  }

  /** Resolves when stopped. Never rejects. */
  async run(): Promise<void> {
    const { log, retryMs = RETRY_MS } = this.#options;
    while (!this.#stop.signal.aborted) {
      try {
        await this.#follow();
      } catch (error) {
        if (this.#stop.signal.aborted) break;
        if (this.#isReachable) log.warn("container events are not available", { error: (error as Error).message });
        this.#isReachable = false;
      }
      await sleep(retryMs, undefined, { signal: this.#stop.signal, ref: false }).catch(() => {});
    }
  }

  stop(): void {
    this.#stop.abort();
  }

  async #follow(): Promise<void> {
    const { engine, log } = this.#options;
    // Whatever answers now may be another version than before.
    engine.forget();
    const call = { method: "GET", path: await engine.ownPath(`/events?${await this.#query()}`) };
    const { status, body } = await engine.open(call, { signal: this.#stop.signal });
    if (status !== 200) {
      const text = Buffer.from(await engine.readWhole(call, body)).toString();
      throw new FairleadError(
        "engine_error",
        `${engine.name} answered /events with ${status}: ${text.slice(0, 200).trim()}`,
      );
    }
    if (!this.#isReachable) log.info("container events are available again");
    this.#isReachable = true;
    this.#checkingFrom = isEvent(this.#last) ? markOfNow() : undefined;
    body.setEncoding("utf8");
    let rest = "";
    for await (const piece of body as AsyncIterable<string>) {
      const lines = (rest + piece).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#line(line);
      if (rest.length > MAX_LINE_LENGTH)
        throw new FairleadError("engine_error", `an event is over ${MAX_LINE_LENGTH} bytes`);
    }
    this.#line(rest);
  }

  async #query(): Promise<string> {
    const { isPodman } = await this.#options.engine.version();
    const filters = {
      type: ["container"],
      // Podman filters by its own names of actions, before it translates them.
      ...(isPodman ? {} : { event: CONTAINER_ACTIONS }),
    };
    // `1795350070.810000000`; engines take fractions with a point.
    const fraction = isEvent(this.#last) ? "" : `.${timeNanoOf(this.#last).slice(-9)}`;
    const since = `${secondsOf(this.#last) - (isEvent(this.#last) ? OVERLAP_SECONDS : 0)}${fraction}`;
    return new URLSearchParams({ since, filters: JSON.stringify(filters) }).toString();
  }

  #line(line: string): void {
    const found = parseEngineEvent(line);
    if (found === undefined) return;
    this.#checkForGap(found.mark);
    if (this.#seen.has(found.mark)) return;
    this.#remember(found.mark);
    if (isLater(found.mark, this.#last)) this.#last = found.mark;
    this.#options.onEvent(found);
  }

  #remember(mark: EventMark): void {
    this.#seen.add(mark);
    if (this.#seen.size <= MAX_REMEMBERED) return;
    // Sets keep the order of insertion.
    for (const oldest of this.#seen) {
      this.#seen.delete(oldest);
      return;
    }
  }

  /**
   * After a reconnect the engine repeats the last event seen. When something later comes first, it has forgotten it (it was restarted, or
   * more than its 256 happened), and with it maybe others.
   */
  #checkForGap(found: EventMark): void {
    const connectedAt = this.#checkingFrom;
    if (connectedAt === undefined) return;
    const isForgotten = found !== this.#last && isLater(found, this.#last);
    if (found === this.#last || isForgotten) this.#checkingFrom = undefined;
    if (isForgotten) this.#options.onGap(this.#last, isLater(found, connectedAt) ? connectedAt : found);
  }
}
