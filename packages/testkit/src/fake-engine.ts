import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { EngineFaults, type EngineFault } from "./fake-engine-faults.ts";
import { matchesRoute, pathOf } from "./fake-engine-route.ts";
import { FakeEventFeed, type FakeEvent } from "./fake-event-feed.ts";
import { patternBlock } from "./pattern.ts";
import { type TempDir, tempDir } from "./temp-dir.ts";

/** A request that reached the fake engine. */
export interface FakeEngineRequest {
  readonly method: string;
  /** With query, as it came: `/v1.45/containers/json?all=1`. */
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  /** True once the caller went away before the answer was complete. */
  aborted: boolean;
  /** True once the answer is complete, or the upgraded connection closed. */
  finished: boolean;
  /** Bytes of the body that the built-in sinks have read. */
  bodyBytes: number;
  /** True once the body was read to its end in order: for the engine it was whole. */
  bodyEnded: boolean;
}

/** What a scripted handler gets. */
export interface FakeEngineCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The request as it stands in `requests`. */
  readonly entry: FakeEngineRequest;
  /** Path without version and query: `/containers/json`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Answers with a JSON document. */
  readonly json: (status: number, value: unknown) => void;
  /** Reads the whole request body. */
  readonly body: () => Promise<Buffer>;
}

export type FakeEngineHandler = (call: FakeEngineCall) => void | Promise<void>;

/** Requests kept for assertions; a benchmark sends more. */
const MAX_RECORDED_REQUESTS = 10_000;
/** `docker login`s of many registries travel in one header of some 40 kB; Node's own limit is 16 kB. */
const MAX_HEADER_BYTES = 256 * 1024;

/**
 * Starts a fake Docker Engine on a unix socket, for faults and volumes that a real one cannot make.
 *
 * Any `/vX.Y` prefix is accepted. It answers:
 *
 * - `GET`/`HEAD /_ping`, `GET /version`, `/info`, `/containers/json`, `/containers/ID/json` (from `containers`)
 * - `GET /events` (what `emitEvent` is given; `since` replays, `until` ends)
 * - `GET /fairlead-test/bytes?n=N`, `GET /images/get?bytes=N`: N bytes of the fixed pattern (see `patternSha256`), as fast as they are taken;
 *   with `Content-Length`, chunked with `&chunked=1`, or ended by the end of the connection alone with `&eof=1`
 * - `POST /fairlead-test/sink`, `POST /images/load`, `PUT /containers/ID/archive`: reads the body, answers `{"bytes":N,"sha256":"…"}`;
 *   without the hash, which costs more than the rest, with `?hash=off`
 * - `POST /fairlead-test/echo`: sends the body back as it comes
 * - `POST /containers/ID/exec`, `GET /exec/ID/json`, `POST /exec/ID/resize`, and with `Upgrade: tcp`
 *   `POST /exec/ID/start` and `POST /containers/ID/attach`: 101, then echoes raw bytes; it ends its side when the caller has ended its own
 * - everything else: 404 `{"message":"page not found"}`
 *
 * @example
 * await using engine = await startFakeEngine();
 * engine.fault("GET /info", { kind: "stall" });
 * engine.handle("GET /images/json", ({ json }) => json(200, []));
 */
export async function startFakeEngine(): Promise<FakeEngine> {
  const folder = await tempDir();
  const engine = new FakeEngine(folder);
  await engine.listen();
  return engine;
}

/** See {@link startFakeEngine}. */
export class FakeEngine implements AsyncDisposable {
  readonly socketPath: string;
  /** The answer of `/containers/json`; `/containers/ID/json` finds by `Id`, its beginning, or a name. Change it at will. */
  containers: { Id: string; Names: string[]; [field: string]: unknown }[] = [];
  /** The answer of `/version`. */
  version: Record<string, unknown> = {
    Version: "26.1.5",
    ApiVersion: "1.45",
    MinAPIVersion: "1.24",
    Os: "linux",
    Arch: "amd64",
    KernelVersion: "6.1.0",
  };
  /** The answer of `/info`. */
  info: Record<string, unknown> = {
    ID: "fake",
    Name: "fake-engine",
    ServerVersion: "26.1.5",
    NCPU: 2,
    Driver: "overlay2",
  };
  /** The last 10,000 requests, oldest first. */
  readonly requests: FakeEngineRequest[] = [];
  /** Requests since the start. */
  requestCount = 0;
  readonly #folder: TempDir;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #handlers = new Map<string, FakeEngineHandler>();
  readonly #faults = new EngineFaults();
  readonly #events = new FakeEventFeed();

  /** @internal Use {@link startFakeEngine}. */
  constructor(folder: TempDir) {
    this.#folder = folder;
    this.socketPath = join(folder.path, "docker.sock");
    this.#server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: 0, keepAliveTimeout: 0 });
    this.#server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.once("close", () => this.#sockets.delete(socket));
    });
    this.#server.on(
      "request",
      (request: IncomingMessage, response: ServerResponse) => void this.#serve(request, response),
    );
    this.#server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.#upgrade(request, socket as Socket, head);
    });
  }

  /** Begins to listen (again, after `goAway`). */
  async listen(): Promise<void> {
    this.#server.listen(this.socketPath);
    await once(this.#server, "listening");
  }

  /** Connections open now. */
  get openConnections(): number {
    return this.#sockets.size;
  }

  /** `/events` answers open now. */
  get eventListeners(): number {
    return this.#events.listenerCount;
  }

  /**
   * Answers `METHOD PATH` (without version and query; a `*` in the path stands for one segment) with `handler`, before anything built in.
   * A handler that throws gives a 500.
   */
  handle(route: string, handler: FakeEngineHandler): void {
    this.#handlers.set(route, handler);
  }

  /** The next `times` (default: all) requests of `METHOD PATH` go wrong in this way. `*` stands for any method or one segment. */
  fault(route: string, fault: EngineFault, times = Number.POSITIVE_INFINITY): void {
    this.#faults.add(route, fault, times);
  }

  /** No more faults. Requests that stall already go on stalling. */
  clearFaults(): void {
    this.#faults.clear();
  }

  /** Sends an event to all who listen at `/events`, and keeps it for `since`. `time` and `timeNano` are filled in where absent. */
  emitEvent(event: FakeEvent): void {
    this.#events.emit(event);
  }

  /** Sends raw text to all who listen at `/events`. */
  emitRawEvent(text: string): void {
    this.#events.emitRaw(text);
  }

  /** Closes all connections at once, as a dying daemon does; new ones are served. */
  cutConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** The daemon is gone: connections closed, the socket removed. `listen()` brings it back. */
  async goAway(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    this.cutConnections();
    await once(this.#server, "close");
  }

  async stop(): Promise<void> {
    await this.goAway();
    await this.#folder.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #record(request: IncomingMessage): FakeEngineRequest {
    const entry: FakeEngineRequest = {
      method: request.method ?? "",
      url: request.url ?? "",
      headers: request.headers,
      aborted: false,
      finished: false,
      bodyBytes: 0,
      bodyEnded: false,
    };
    this.requestCount += 1;
    this.requests.push(entry);
    if (this.requests.length > MAX_RECORDED_REQUESTS) this.requests.shift();
    return entry;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const entry = this.#record(request);
    request.on("error", () => {});
    response.on("error", () => {});
    response.once("close", () => {
      entry.finished = response.writableFinished;
      entry.aborted = !response.writableFinished;
    });
    const call = callOf(request, response, entry);
    if (this.#faults.strike(request.method ?? "", call.path, request, response)) return;
    const handler = this.#handlerOf(request.method ?? "", call.path);
    try {
      await handler(call);
    } catch (error) {
      if (response.headersSent) response.destroy();
      else call.json(500, { message: String(error) });
    }
  }

  #handlerOf(method: string, path: string): FakeEngineHandler {
    for (const [route, handler] of this.#handlers) if (matchesRoute(route, method, path)) return handler;
    const builtIn = this.#builtIn(method === "HEAD" ? "GET" : method, path);
    return builtIn ?? (({ json }) => json(404, { message: "page not found" }));
  }

  #builtIn(method: string, path: string): FakeEngineHandler | undefined {
    if (/^\/containers\/[^/]+\/json$/.test(path)) return ({ json }) => this.#inspect(path.split("/")[2] ?? "", json);
    const route = `${method} ${path.replace(/^\/(containers|exec)\/[^/]+\//, "/$1/*/")}`;
    const routes: Record<string, FakeEngineHandler> = {
      "GET /_ping": ping,
      "GET /version": ({ json }) => json(200, this.version),
      "GET /info": ({ json }) => json(200, this.info),
      "GET /containers/json": ({ json }) => json(200, this.containers),
      "GET /events": ({ query, response }) => this.#events.serve(query, response),
      "GET /fairlead-test/bytes": sendPattern,
      "GET /images/get": sendPattern,
      "POST /fairlead-test/sink": sink,
      "POST /fairlead-test/echo": ({ request, response }) => void request.pipe(response),
      "POST /images/load": sink,
      "PUT /containers/*/archive": sink,
      "POST /containers/*/exec": ({ json }) => json(201, { Id: "fake-exec" }),
      "GET /exec/*/json": ({ json }) => json(200, { ID: "fake-exec", Running: false, ExitCode: 0 }),
      "POST /exec/*/resize": ({ json }) => json(200, {}),
    };
    return routes[route];
  }

  #inspect(id: string, json: FakeEngineCall["json"]): void {
    const found = this.containers.find(({ Id, Names }) => Id.startsWith(id) || Names.includes(`/${id}`));
    if (found) json(200, found);
    else json(404, { message: `No such container: ${id}` });
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const entry = this.#record(request);
    socket.on("error", () => {});
    socket.once("close", () => (entry.finished = true));
    const path = pathOf(request.url ?? "");
    if (this.#faults.strikeUpgrade(request.method ?? "", path, socket)) return;
    if (!/^\/(exec\/[^/]+\/start|containers\/[^/]+\/attach)$/.test(path)) {
      socket.end("HTTP/1.1 404 Not Found\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\npage not found\n");
      return;
    }
    socket.write(
      "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n",
    );
    // Node leaves the body of the request (`{"Tty":true}`) in the connection, where it is not yet raw.
    let bodyBytes = Number(request.headers["content-length"] ?? 0);
    const echo = (data: Buffer): void => {
      const raw = data.subarray(bodyBytes);
      bodyBytes -= data.length - raw.length;
      if (raw.length > 0 && !socket.write(raw)) {
        socket.pause();
        socket.once("drain", () => socket.resume());
      }
    };
    socket.on("data", echo);
    socket.once("end", () => socket.end());
    if (head.length > 0) echo(head);
    socket.resume();
  }
}

function callOf(request: IncomingMessage, response: ServerResponse, entry: FakeEngineRequest): FakeEngineCall {
  const url = request.url ?? "";
  return {
    request,
    response,
    entry,
    path: pathOf(url),
    query: new URLSearchParams(url.split("?")[1] ?? ""),
    json: (status, value) => {
      const text = `${JSON.stringify(value)}\n`;
      response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
      response.end(text);
    },
    body: async () => Buffer.concat((await request.toArray()) as Buffer[]),
  };
}

const ping: FakeEngineHandler = ({ request, response }) => {
  response.writeHead(200, { "api-version": "1.45", ostype: "linux", "content-type": "text/plain; charset=utf-8" });
  response.end(request.method === "HEAD" ? undefined : "OK");
};

const sendPattern: FakeEngineHandler = async ({ query, response }) => {
  const total = Number(query.get("n") ?? query.get("bytes") ?? 0);
  const untilEof = query.has("eof");
  // Node ends the connection with an answer that has neither a length nor chunks.
  response.useChunkedEncodingByDefault = !untilEof;
  response.writeHead(200, {
    "content-type": "application/x-tar",
    ...(query.has("chunked") || untilEof ? {} : { "content-length": total }),
  });
  for (let rest = total; rest > 0 && !response.destroyed; rest -= patternBlock.length) {
    if (response.write(patternBlock.subarray(0, rest))) continue;
    // "close" when the reader goes away, which is no error here.
    await new Promise<void>((resolve) => {
      const done = (): void => {
        response.off("drain", done).off("close", done);
        resolve();
      };
      response.once("drain", done).once("close", done);
    });
  }
  response.end();
};

const sink: FakeEngineHandler = async ({ request, entry, query, json }) => {
  const hash = query.get("hash") === "off" ? undefined : createHash("sha256");
  for await (const chunk of request as AsyncIterable<Buffer>) {
    entry.bodyBytes += chunk.length;
    hash?.update(chunk);
  }
  entry.bodyEnded = true;
  json(200, { bytes: entry.bodyBytes, ...(hash === undefined ? {} : { sha256: hash.digest("hex") }) });
};
