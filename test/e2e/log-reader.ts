import type { LogsControl, LogsQuery } from "@fairlead/protocol/rest";
import { waitFor } from "@fairlead/testkit";
import type { Stage } from "./stage.ts";

/** A page that follows a log: what it heard. */
export class LogReader {
  readonly controls: LogsControl[] = [];
  #bytes = Buffer.alloc(0);
  readonly #socket: WebSocket;
  closed: number | undefined;

  constructor({ hub }: Stage, environment: string, query: LogsQuery, token: string = hub.token) {
    const url = new URL(`${hub.url.replace("http", "ws")}/api/v1/environments/${environment}/logs`);
    for (const [name, value] of Object.entries({ ...query, access_token: token })) {
      url.searchParams.set(name, String(value));
    }
    this.#socket = new WebSocket(url);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.addEventListener("message", ({ data }: { data: string | ArrayBuffer }) => {
      if (typeof data === "string") this.controls.push(JSON.parse(data) as LogsControl);
      else this.#bytes = Buffer.concat([this.#bytes, Buffer.from(data)]);
    });
    this.#socket.addEventListener("close", ({ code }) => (this.closed = code));
  }

  /** All bytes so far, of a container with a terminal. */
  get text(): string {
    return this.#bytes.toString();
  }

  /** Lines by their stream, of a container without a terminal, without their times. */
  get lines(): { stream: number; time: string; text: string }[] {
    const lines = [];
    for (let at = 0; at + 8 <= this.#bytes.length;) {
      const end = at + 8 + this.#bytes.readUInt32BE(at + 4);
      const [time = "", ...words] = this.#bytes
        .subarray(at + 8, end)
        .toString()
        .trimEnd()
        .split(" ");
      lines.push({ stream: this.#bytes[at] ?? 0, time, text: words.join(" ") });
      at = end;
    }
    return lines;
  }

  async ends(): Promise<number> {
    await waitFor(() => this.closed !== undefined, { what: () => `the close after ${JSON.stringify(this.controls)}` });
    return this.closed ?? 0;
  }

  close(): void {
    this.#socket.close();
  }
}
