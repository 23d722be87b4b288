import type { ServerResponse } from "node:http";

/** An event as `/events` of a Docker Engine shows it. */
export interface FakeEvent {
  /** Default `container`. */
  Type?: string;
  Action: string;
  Actor: { ID: string; Attributes?: Record<string, string> };
  /** Seconds. Default now. */
  time?: number;
  /** Nanoseconds; as a number it is not exact in JavaScript, as on the wire. Default from `time`, or now. */
  timeNano?: number;
}

/** More than the last 256 events that a real engine keeps: tests say themselves what is lost. */
const MAX_KEPT_EVENTS = 10_000;

/** Timers of Node cannot be longer. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** The `/events` of the fake engine. */
export class FakeEventFeed {
  readonly #kept: Required<FakeEvent>[] = [];
  readonly #listeners = new Set<ServerResponse>();

  get listenerCount(): number {
    return this.#listeners.size;
  }

  emit(event: FakeEvent): void {
    const nowMs = Date.now();
    const timeNano = event.timeNano ?? (event.time === undefined ? nowMs * 1e6 : event.time * 1e9);
    const full = { Type: "container", time: Math.floor(timeNano / 1e9), ...event, timeNano };
    this.#kept.push(full);
    if (this.#kept.length > MAX_KEPT_EVENTS) this.#kept.shift();
    this.emitRaw(`${JSON.stringify(full)}\n`);
  }

  emitRaw(text: string): void {
    for (const response of this.#listeners) response.write(text);
  }

  /** Answers `GET /events`: what was kept since `since`, then what comes, until `until` if that is given. */
  serve(query: URLSearchParams, response: ServerResponse): void {
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    const since = query.get("since");
    const until = query.get("until");
    if (since !== null) {
      const range = { from: Number(since), to: until === null ? Number.POSITIVE_INFINITY : Number(until) };
      for (const event of this.#kept) {
        const seconds = event.timeNano / 1e9;
        if (seconds >= range.from && seconds <= range.to) response.write(`${JSON.stringify(event)}\n`);
      }
    }
    const leftMs = until === null ? Number.POSITIVE_INFINITY : Number(until) * 1_000 - Date.now();
    if (leftMs <= 0) {
      response.end();
      return;
    }
    this.#listeners.add(response);
    const end = leftMs <= MAX_TIMEOUT_MS ? setTimeout(() => response.end(), leftMs) : undefined;
    response.once("close", () => {
      clearTimeout(end);
      this.#listeners.delete(response);
    });
  }
}
