import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from "node:https";
import { connect as netConnect, type OnReadOpts } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as tlsConnect, type ConnectionOptions } from "node:tls";
import { FairleadError, MAX_BODY_BYTES, MAX_HEADER_BYTES } from "@fairlead/protocol";
import type { EngineAddress } from "../config.ts";
import { parseEngineVersion, type EngineVersion } from "./api-version.ts";
import { engineFailure } from "./engine-failure.ts";
import { answerHeaders, engineRequestHeaders } from "./http-headers.ts";
import { hijackedStream } from "./hijacked-stream.ts";

/** A call of the Docker Engine API. `path` has its query; headers of the connection (`Host`, `Content-Length`, …) are set here. */
export interface EngineCall {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** An answer held whole. Header names are Go's (`Content-Type`), one value a name. */
export interface EngineAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

/** An answer whose body comes as it comes: it ends cleanly only when the engine ended it cleanly. Destroy it to cancel the call. */
export interface EngineStream {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: IncomingMessage;
}

/** Answer to a call that asked for an upgrade: the raw connection, or an ordinary answer. */
export type EngineUpgrade =
  | { readonly status: number; readonly headers: Record<string, string>; readonly socket: Duplex }
  | (EngineStream & { readonly socket?: undefined });

export interface CallOptions {
  /** Ends the call at the engine. The call rejects with `cancelled`; a body that is already open is destroyed. */
  readonly signal?: AbortSignal;
  /** Longest silence of the engine, in milliseconds, before `engine_timeout`. Default: none. */
  readonly timeoutMs?: number;
}

export interface WholeOptions extends CallOptions {
  /** Largest body. Default MAX_BODY_BYTES. */
  readonly maxBytes?: number;
  /** Asked before bytes are kept; false ends the call with `too_many_requests`. */
  readonly reserve?: (bytes: number) => boolean;
}

/** Connections kept open between the calls of a burst: a new one for each of 64 calls at once halves their rate. */
const MAX_IDLE_CONNECTIONS = 64;

/** After a burst they are closed, milliseconds: they hold memory at both ends. */
const IDLE_CONNECTION_MS = 5_000;

/** A TCP engine that vanished is noticed after this (and the kernel's probes), in milliseconds. */
const KEEP_ALIVE_DELAY_MS = 30_000;

/** Tries after one that met a full queue: each waits a little longer, 2 s together, in which an engine takes thousands of connections. */
const MAX_RETRIES = 20;
const RETRY_STEP_MS = 10;

/** The agent's own small questions to the engine: it answers in milliseconds, or is not well. */
const OWN_CALL_TIMEOUT_MS = 5_000;

/**
 * The way to the host's Docker Engine (or Podman), over its socket, TCP or TLS.
 *
 * Errors are `FairleadError`s: `engine_unreachable` when no connection can be made, `engine_timeout`, `engine_error` when the answer
 * broke off or is not HTTP, `response_too_large`, `cancelled`, and `bad_request` for a call that is not valid HTTP.
 */
export class EngineClient {
  readonly #address: EngineAddress;
  readonly #target: RequestOptions;
  readonly #agent: HttpAgent;
  #version: Promise<EngineVersion> | undefined;
  #dataRoot: string | undefined;

  constructor(address: EngineAddress) {
    this.#address = address;
    this.#target =
      address.kind === "unix"
        ? { socketPath: address.path }
        : { host: address.host, port: address.port, ...(address.tls ? tlsOptions(address) : {}) };
    // The time-out closes idle connections only: on one at work nobody listens to it.
    const idle = { maxFreeSockets: MAX_IDLE_CONNECTIONS, timeout: IDLE_CONNECTION_MS };
    const options = { keepAlive: true, scheduling: "lifo", ...idle } as const;
    this.#agent = isTls(address) ? new HttpsAgent(options) : new HttpAgent(options);
  }

  /** For messages: `unix:///var/run/docker.sock`, `tcp://host:2375`. */
  get name(): string {
    const address = this.#address;
    return address.kind === "unix" ? `unix://${address.path}` : `tcp://${address.host}:${address.port}`;
  }

  /** A call whose answer is held whole. */
  async request(call: EngineCall, options: WholeOptions = {}): Promise<EngineAnswer> {
    const { status, headers, body } = await this.open(call, options);
    return { status, headers, body: await this.readWhole(call, body, options) };
  }

  /** The rest of an open answer's body, under the limits of {@link request}. */
  async readWhole(call: EngineCall, body: IncomingMessage, options: WholeOptions = {}): Promise<Uint8Array> {
    const { maxBytes = MAX_BODY_BYTES, reserve } = options;
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    try {
      for await (const piece of body as AsyncIterable<Uint8Array>) {
        bytes += piece.length;
        if (bytes > maxBytes) throw tooLarge(call, maxBytes);
        if (reserve?.(piece.length) === false) throw noRoom(call);
        pieces.push(piece);
      }
    } catch (error) {
      throw engineFailure(error, this.name, "body");
    }
    return pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces, bytes);
  }

  /** A call whose answer streams: resolves with the head. */
  open(call: EngineCall, options: CallOptions = {}): Promise<EngineStream> {
    return retried(() => this.#open(call, options));
  }

  /**
   * A call that turns its connection into a raw stream (exec, attach): asks with `Upgrade: tcp` unless `headers` say otherwise.
   * Engines answer 101, and some 200 without a length: both give `socket`.
   */
  upgrade(call: EngineCall, options: CallOptions = {}): Promise<EngineUpgrade> {
    return retried(() => this.#upgrade(call, options));
  }

  #upgrade(call: EngineCall, options: CallOptions): Promise<EngineUpgrade> {
    const { promise, resolve, reject } = Promise.withResolvers<EngineUpgrade>();
    const upgrade = headerOf(call.headers, "upgrade") ?? "tcp";
    const request = this.#start(call, options, { connection: "Upgrade", upgrade }, reject);
    request?.once("upgrade", (answer: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (head.length > 0) socket.unshift(head);
      resolve({ status: answer.statusCode ?? 0, headers: answerHeaders(answer.rawHeaders), socket });
    });
    request?.once("response", (body: IncomingMessage) => {
      const status = body.statusCode ?? 0;
      const headers = answerHeaders(body.rawHeaders);
      const isRaw = status === 200 && !("Content-Length" in headers) && body.headers["transfer-encoding"] === undefined;
      resolve(isRaw ? { status, headers, socket: hijackedStream(body) } : { status, headers, body });
    });
    return promise;
  }

  /**
   * A connection of its own on which nothing was said yet. Half-open capable.
   * @param onread Where to read to, see `net.Socket`. Not for TLS, which reads as usual.
   */
  connect(onread?: OnReadOpts): Duplex {
    const address = this.#address;
    const reading = onread === undefined ? {} : { onread };
    if (address.kind === "unix") return netConnect({ path: address.path, allowHalfOpen: true, ...reading });
    const to = { host: address.host, port: address.port, allowHalfOpen: true, noDelay: true };
    return address.tls ? tlsConnect({ ...to, ...tlsOptions(address) }) : netConnect({ ...to, ...reading });
  }

  /** What the engine says it is, asked once until {@link forget}. */
  version(): Promise<EngineVersion> {
    this.#version ??= this.#askVersion();
    return this.#version;
  }

  /** `path` with the negotiated API version, for the agent's own calls. */
  async ownPath(path: string): Promise<string> {
    const { apiVersion } = await this.version();
    return apiVersion === undefined ? path : `/v${apiVersion}${path}`;
  }

  /** Folder of images and volumes on the engine's machine; undefined when the engine does not say. */
  async dataRoot(): Promise<string | undefined> {
    if (this.#dataRoot !== undefined) return this.#dataRoot;
    const path = await this.ownPath("/info");
    const { status, body } = await this.request({ method: "GET", path }, { timeoutMs: OWN_CALL_TIMEOUT_MS });
    const info = status === 200 ? (JSON.parse(Buffer.from(body).toString()) as { DockerRootDir?: unknown }) : {};
    if (typeof info.DockerRootDir === "string" && info.DockerRootDir !== "") this.#dataRoot = info.DockerRootDir;
    return this.#dataRoot;
  }

  /** The engine may be another one now (it was restarted): ask again. */
  forget(): void {
    this.#version = undefined;
    this.#dataRoot = undefined;
  }

  /** Closes idle connections; calls still open go on. */
  close(): void {
    this.#agent.destroy();
  }

  async #askVersion(): Promise<EngineVersion> {
    try {
      const options = { timeoutMs: OWN_CALL_TIMEOUT_MS, maxBytes: MAX_HEADER_BYTES };
      const { status, body } = await this.request({ method: "GET", path: "/version" }, options);
      if (status !== 200) throw new FairleadError("engine_error", `${this.name} answered /version with ${status}`);
      return parseEngineVersion(Buffer.from(body).toString());
    } catch (error) {
      this.#version = undefined;
      throw error;
    }
  }

  #open(call: EngineCall, options: CallOptions): Promise<EngineStream> {
    const { promise, resolve, reject } = Promise.withResolvers<EngineStream>();
    const request = this.#start(call, options, {}, reject);
    request?.once("response", (body: IncomingMessage) => {
      resolve({ status: body.statusCode ?? 0, headers: answerHeaders(body.rawHeaders), body });
    });
    return promise;
  }

  /** Sends the call. Failures before the head go to `reject`, later ones show on the body. */
  #start(
    call: EngineCall,
    { signal, timeoutMs }: CallOptions,
    extraHeaders: Record<string, string>,
    reject: (error: unknown) => void,
  ): ClientRequest | undefined {
    if (signal?.aborted) {
      reject(cancelled());
      return undefined;
    }
    let request: ClientRequest;
    try {
      request = (isTls(this.#address) ? httpsRequest : httpRequest)({
        ...this.#target,
        agent: "upgrade" in extraHeaders ? false : this.#agent,
        method: validMethod(call.method),
        path: validPath(call.path),
        headers: { ...engineRequestHeaders(call.headers, call.body), ...extraHeaders },
        maxHeaderSize: MAX_HEADER_BYTES,
      });
    } catch (error) {
      // Node refuses methods, paths and headers that are not HTTP, which is how a hub cannot smuggle a second request in.
      reject(error instanceof FairleadError ? error : new FairleadError("bad_request", (error as Error).message));
      return undefined;
    }
    let answer: IncomingMessage | undefined;
    request.once("response", (response: IncomingMessage) => (answer = response));
    // Whoever reads the body gets the reason; a destroyed request would only tell them that the body was aborted.
    const end = (error: FairleadError): void => void (answer ?? request).destroy(error);
    const cancel = (): void => end(cancelled());
    signal?.addEventListener("abort", cancel, { once: true });
    request.once("close", () => signal?.removeEventListener("abort", cancel));
    request.on("error", (error: NodeJS.ErrnoException) => {
      const failure = engineFailure(error, this.name, "head");
      // An engine may close an idle connection at the moment it is used again: nothing was answered, and reading twice does no harm.
      const isStale =
        request.reusedSocket && /^(ECONNRESET|EPIPE)$/.test(error.code ?? "") && /^(GET|HEAD)$/.test(call.method);
      // The queue of the engine's socket is full: nothing was sent.
      reject(isStale || error.code === "EAGAIN" ? new WorthRetrying(failure) : failure);
    });
    request.once("socket", (socket) => socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS));
    if (timeoutMs !== undefined) {
      request.setTimeout(timeoutMs, () => end(silent(call, this.name, timeoutMs)));
    }
    request.end(call.body);
    return request;
  }
}

/** A failure that says nothing about the engine. */
class WorthRetrying {
  readonly failure: FairleadError;

  constructor(failure: FairleadError) {
    this.failure = failure;
  }
}

async function retried<T>(run: () => Promise<T>): Promise<T> {
  for (let retries = 0; ; retries += 1) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof WorthRetrying)) throw error;
      if (retries >= MAX_RETRIES) throw error.failure;
      await sleep(retries * RETRY_STEP_MS);
    }
  }
}

function isTls(address: EngineAddress): boolean {
  return address.kind === "tcp" && address.tls !== undefined;
}

function tlsOptions(address: Extract<EngineAddress, { kind: "tcp" }>): ConnectionOptions {
  const { ca, cert, key, skipVerify } = address.tls ?? { skipVerify: false };
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    rejectUnauthorized: !skipVerify,
    minVersion: "TLSv1.2",
  };
}

/** The path as it is, with characters that may not stand in a request line percent-encoded. */
function validPath(path: string): string {
  if (!path.startsWith("/"))
    throw new FairleadError("bad_request", `path ${JSON.stringify(path.slice(0, 100))} must begin with /`);
  return path.replace(/[^\u0021-\u007e]/gu, encodeURIComponent);
}

/** Anything but CONNECT, whose answer is no answer but a tunnel. */
function validMethod(method: string): string {
  if (method === "" || method.toUpperCase() === "CONNECT") {
    throw new FairleadError("bad_request", `method ${JSON.stringify(method)} is not one that an engine takes`);
  }
  return method;
}

function headerOf(headers: EngineCall["headers"], wanted: string): string | undefined {
  return Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === wanted)?.[1];
}

function cancelled(): FairleadError {
  return new FairleadError("cancelled", "the call was cancelled");
}

function silent(call: EngineCall, name: string, timeoutMs: number): FairleadError {
  const path = call.path.split("?")[0];
  return new FairleadError(
    "engine_timeout",
    `${name} did not answer ${call.method} ${path} within ${timeoutMs / 1000} s`,
  );
}

function noRoom(call: EngineCall): FairleadError {
  const path = call.path.split("?")[0];
  return new FairleadError(
    "too_many_requests",
    `too many large bodies at once, no room for the answer to ${call.method} ${path}; try again`,
  );
}

function tooLarge(call: EngineCall, maxBytes: number): FairleadError {
  const path = call.path.split("?")[0];
  return new FairleadError(
    "response_too_large",
    `the answer to ${call.method} ${path} is over ${maxBytes} bytes, which protocol 1.0 cannot carry whole; ask for it as a stream`,
  );
}
