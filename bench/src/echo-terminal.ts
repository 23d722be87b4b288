import { once } from "node:events";
import type { HubProgram } from "@fairlead/testkit";
import { WebSocket } from "ws";

/** A terminal of the environment `bench` whose program says again what it is told. */
export class EchoTerminal implements Disposable {
  readonly #socket: WebSocket;
  #count = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** @param container runs `cat`, with a terminal that echoes. */
  static async open(hub: HubProgram, container: string): Promise<EchoTerminal> {
    const url = `${hub.url.replace("http", "ws")}/api/v1/environments/bench/exec?container=${container}&cmd=cat`;
    const socket = new WebSocket(url, { headers: { authorization: `Bearer ${hub.token}` } });
    await once(socket, "open");
    const terminal = new EchoTerminal(socket);
    // Without a first echo the program may not be there yet.
    await terminal.key();
    return terminal;
  }

  /** One keystroke, until its echo is back. */
  key(): Promise<void> {
    const socket = this.#socket;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onMessage = (_data: unknown, isBinary: boolean): void => {
      if (isBinary) resolve();
    };
    const onClose = (code: number, reason: Buffer): void =>
      reject(new Error(`terminal closed: ${code} ${reason.toString()}`));
    socket.on("message", onMessage).once("close", onClose);
    socket.send(Buffer.from(String.fromCharCode(97 + (this.#count % 26))));
    this.#count += 1;
    return promise.finally(() => socket.off("message", onMessage).off("close", onClose));
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}
