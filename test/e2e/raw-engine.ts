import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { type TempDir, tempDir, waitFor } from "@fairlead/testkit";

/** One call at the raw engine: what came, and the connection to answer on. */
export class RawCall {
  readonly socket: Socket;
  hasEnded = false;
  isClosed = false;
  /** The request's head, with the empty line. */
  readonly head: string;
  readonly #received: Buffer[] = [];
  bodyBytes = 0;

  constructor(socket: Socket, head: string, early: Buffer) {
    this.socket = socket;
    this.head = head;
    this.take(early);
  }

  /** @internal */
  take(bytes: Buffer): void {
    this.bodyBytes += bytes.length;
    // Enough to compare texts; uploads are only counted.
    if (this.bodyBytes < 1_000_000) this.#received.push(bytes);
  }

  /** Everything after the head. */
  get text(): string {
    return Buffer.concat(this.#received).toString("latin1");
  }

  async until(part: string): Promise<void> {
    await waitFor(() => this.text.includes(part), { what: () => `${part} at the engine after ${this.text}` });
  }

  /** Writes in one piece. */
  say(bytes: string | Uint8Array): void {
    if (typeof bytes === "string") this.socket.write(bytes, "latin1");
    else this.socket.write(bytes);
  }

  /** The caller's side is gone altogether: after a mere half-close it would still take bytes. */
  async closed(): Promise<void> {
    await waitFor(
      () => {
        if (this.hasEnded && this.socket.writable) this.socket.write("\n");
        return this.isClosed;
      },
      { what: "the engine's connection to be closed", timeoutMs: 20_000 },
    );
  }
}

/** The beginning of the next call on a kept connection. */
const REQUEST_LINE = /^(GET|HEAD|POST|PUT|DELETE) \/\S* HTTP\/1\.1\r\n/;

/** A unix socket that answers with exactly the bytes it is told to, by the path of the request; `_ping`, `version` and `info` it knows. */
export class RawEngine implements AsyncDisposable {
  readonly socketPath: string;
  readonly #folder: TempDir;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #scripts = new Map<string, (call: RawCall) => void>();

  private constructor(folder: TempDir) {
    this.#folder = folder;
    this.socketPath = join(folder.path, "docker.sock");
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#serve(socket));
  }

  static async open(): Promise<RawEngine> {
    const engine = new RawEngine(await tempDir());
    engine.#server.listen({ path: engine.socketPath, backlog: 512 });
    await once(engine.#server, "listening");
    return engine;
  }

  /** The next call of `path` (without query) is answered by `script`. @returns the call, once it has come */
  next(path: string, script: (call: RawCall) => void = () => {}): Promise<RawCall> {
    const { promise, resolve } = Promise.withResolvers<RawCall>();
    this.#scripts.set(path, (call) => {
      this.#scripts.delete(path);
      script(call);
      resolve(call);
    });
    return promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await this.#folder.stop();
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    let held = Buffer.alloc(0);
    let call: RawCall | undefined;
    socket.on("error", () => {});
    socket.on("end", () => {
      if (call) call.hasEnded = true;
      else socket.destroy();
    });
    socket.once("close", () => {
      this.#sockets.delete(socket);
      if (call) call.isClosed = true;
    });
    socket.on("data", (bytes: Buffer) => {
      if (call && !REQUEST_LINE.test(bytes.toString("latin1", 0, 1000))) {
        call.take(bytes);
        return;
      }
      call = undefined;
      held = Buffer.concat([held, bytes]);
      const end = held.indexOf("\r\n\r\n");
      if (end === -1) return;
      const head = held.toString("latin1", 0, end + 4);
      const early = held.subarray(end + 4);
      held = Buffer.alloc(0);
      const path = (head.split(" ", 2)[1] ?? "").split("?", 1)[0] ?? "";
      const script = this.#scripts.get(path);
      if (script) script((call = new RawCall(socket, head, early)));
      else socket.write(builtIn(path), "latin1");
    });
  }
}

function builtIn(path: string): string {
  if (path.endsWith("/_ping")) return "HTTP/1.1 200 OK\r\nApi-Version: 1.45\r\nContent-Length: 2\r\n\r\nOK";
  const body = path.endsWith("/version") ? '{"Version":"26.1.5","ApiVersion":"1.45"}' : '{"ID":"raw","Name":"raw"}';
  if (!/\/(version|info)$/.test(path)) return "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}";
  return `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}
