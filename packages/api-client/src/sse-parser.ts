/** One server-sent event: its name (`message` when it has none), its data, and the id that resumes after it. */
export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
  readonly id: string;
}

/** Longest line of a stream: an environment with its figures is a few kB; a peer that never ends a line is not a hub. */
const MAX_LINE_CHARACTERS = 4 * 1024 * 1024;

/** Reads server-sent events (WHATWG HTML, 9.2.6) from text that comes in any pieces. */
export class SseParser {
  /** Last id seen: what to send as `Last-Event-ID`. */
  lastEventId = "";
  #rest = "";
  #event = "";
  #data: string[] = [];

  /** The events that this piece completes. @throws RangeError when a line does not end. */
  push(text: string): ServerSentEvent[] {
    const events: ServerSentEvent[] = [];
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > MAX_LINE_CHARACTERS) throw new RangeError("A line of the event stream does not end");
    for (const line of lines) {
      const event = this.#line(line);
      if (event) events.push(event);
    }
    return events;
  }

  #line(line: string): ServerSentEvent | undefined {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.#event = value;
    else if (field === "data") this.#data.push(value);
    else if (field === "id" && !value.includes("\0")) this.lastEventId = value;
    return undefined;
  }

  #dispatch(): ServerSentEvent | undefined {
    const data = this.#data;
    const event = this.#event === "" ? "message" : this.#event;
    this.#data = [];
    this.#event = "";
    return data.length === 0 ? undefined : { event, data: data.join("\n"), id: this.lastEventId };
  }
}
