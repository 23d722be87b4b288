import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { waitFor } from "@fairlead/testkit";

/** For tests: a caller that says exactly the bytes it is told to, and keeps what it hears. */
export class RawCaller {
  readonly socket: Socket;
  readonly #received: Buffer[] = [];
  hasEnded = false;
  error: NodeJS.ErrnoException | undefined;

  /** @param ca PEM certificate to trust: speaks TLS. */
  constructor(port: number, ca?: string) {
    const options = { port, host: "127.0.0.1", allowHalfOpen: true };
    this.socket = ca === undefined ? connect(options) : connectTls({ ...options, ca });
    this.socket.on("data", (chunk: Buffer) => this.#received.push(chunk));
    this.socket.on("end", () => (this.hasEnded = true));
    this.socket.on("error", (error) => (this.error = error));
  }

  /** Everything so far, as Latin-1 text. */
  get text(): string {
    return Buffer.concat(this.#received).toString("latin1");
  }

  send(data: string | Uint8Array): void {
    this.socket.write(data);
  }

  async until(part: string): Promise<void> {
    await waitFor(() => this.text.includes(part), {
      what: () => `${JSON.stringify(part)} after ${JSON.stringify(this.text)}`,
    });
  }

  /** The other side has ended its own, in order. */
  async ended(): Promise<string> {
    await waitFor(() => this.hasEnded, { what: () => `the end after ${JSON.stringify(this.text.slice(-500))}` });
    return this.text;
  }

  async closed(): Promise<void> {
    await waitFor(() => this.socket.closed, { what: () => `the close after ${JSON.stringify(this.text.slice(-500))}` });
  }
}
