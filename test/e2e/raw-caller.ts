import { connect, type Socket } from "node:net";
import { type HubProgram, waitFor } from "@fairlead/testkit";

/** A caller of the hub's Docker endpoint that says exactly the bytes it is told to, and keeps what it hears. */
export class RawCaller implements Disposable {
  readonly socket: Socket;
  readonly reads: Buffer[] = [];
  bytes = 0;
  hasEnded = false;
  error: Error | undefined;

  constructor(hub: HubProgram, method: string, path: string, headers: readonly string[]) {
    this.socket = connect({ port: hub.port, host: "127.0.0.1", allowHalfOpen: true });
    this.socket.on("data", (bytes: Buffer) => {
      this.bytes += bytes.length;
      if (this.bytes < 1_000_000) this.reads.push(bytes);
    });
    this.socket.on("end", () => (this.hasEnded = true));
    this.socket.on("error", (error) => (this.error = error));
    this.say(
      [`${method} ${path} HTTP/1.1`, "Host: hub", `Authorization: Bearer ${hub.token}`, ...headers, "\r\n"].join(
        "\r\n",
      ),
    );
  }

  say(bytes: string | Uint8Array): void {
    if (typeof bytes === "string") this.socket.write(bytes, "latin1");
    else this.socket.write(bytes);
  }

  get text(): string {
    return Buffer.concat(this.reads).toString("latin1");
  }

  get head(): string {
    return this.text.slice(0, this.text.indexOf("\r\n\r\n") + 4);
  }

  get body(): string {
    return this.text.slice(this.head.length);
  }

  async until(part: string): Promise<void> {
    await waitFor(() => this.text.includes(part), {
      what: () => `${JSON.stringify(part)} after ${JSON.stringify(this.text.slice(-1000))}`,
    });
  }

  /** The connection is over for the caller: in order or broken. */
  async over(): Promise<void> {
    await waitFor(() => this.hasEnded || this.socket.closed, {
      what: () => `the end after ${JSON.stringify(this.text.slice(-1000))}`,
    });
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}
