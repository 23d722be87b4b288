import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type BodyFraming,
  declaredFraming,
  FramingError,
  headerValue,
  HttpFramer,
  type HttpHead,
} from "./http-framer.ts";
import { HUB_WAIT_MS, type HubWait, RETRY_PAUSE_MS } from "./hub-dialer.ts";

/** The Docker endpoint of one environment. */
export interface DockerEndpointTarget {
  /** Opens a connection to the hub; waits for one that restarts. Rejects with what the caller is to be told. */
  dial(wait: HubWait): Promise<Socket>;
  /** What goes before each request's path, without a slash at the end. */
  readonly pathPrefix: string;
  /** Value of the `Host` header. */
  readonly host: string;
  /** Value of the `Authorization` header. */
  readonly authorization: string;
}

/**
 * A hub, or a proxy before it, closes idle connections (Node.js after 5 s): a request sent at that moment is lost.
 * So a connection idle for this long is not used again.
 */
const MAX_IDLE_MS = 2_000;
/** What a client may send ahead of a connection, or of the answer that it waits for; up to there it is read on, to see it close. */
const MAX_HELD_BYTES = 64 * 1024;
/** A connection that we end is read on for this long: a client that still sends would get a reset instead of the answer. */
const LINGER_MS = 5_000;

/** The call that is under way. */
interface Call {
  readonly method: string;
  /** It may turn the connection into raw bytes; its sender may then have sent its end before the answer. */
  readonly mayHijack: boolean;
  /** The whole request where a hub that gets it a second time does nothing twice (RFC 9110 section 9.2.2); else undefined. */
  readonly repeatable: Buffer | undefined;
  /** When a connection was first lost that had the request and gave no answer. */
  lostAt: number | undefined;
  requestDone: boolean;
  responseBegun: boolean;
  responseDone: boolean;
  /** The answer said `Connection: close`. */
  closes: boolean;
}

/** A connection that is being opened, and what is to be written to it first. */
interface Dial {
  readonly abort: AbortController;
  readonly held: Buffer[];
  heldBytes: number;
}

/**
 * Carries one local connection's Docker API requests to the hub: each request's line gets the endpoint's path before it,
 * its head the hub's `Host` and `Authorization`; all other bytes pass untouched both ways. After an upgrade, and after an
 * answer without a length, both ways are raw, each with an end of its own.
 */
export class DockerCarrier {
  readonly #client: Socket;
  readonly #target: DockerEndpointTarget;
  readonly #requests: HttpFramer;
  #hub: Socket | undefined;
  #dial: Dial | undefined;
  #call: Call | undefined;
  /** When the last call ended, to know whether its connection can be used again. */
  #idleSince = 0;
  #isRaw = false;
  #clientEnded = false;

  /** Takes over the client's connection, which must be half-open capable. */
  constructor(client: Socket, target: DockerEndpointTarget) {
    this.#client = client;
    this.#target = target;
    this.#requests = new HttpFramer({
      head: (head) => this.#requestBegins(head),
      body: (bytes) => this.#toHub(bytes),
      end: () => this.#requestEnds(),
    });
    client.on("data", (bytes: Buffer) => this.#guard(() => this.#requests.push(bytes)));
    client.once("end", () => {
      this.#clientEnded = true;
      this.#passClientEnd();
    });
    client.on("drain", () => this.#hub?.resume());
    client.on("error", () => this.destroy());
    client.once("close", () => this.#dropHub());
  }

  /** Ends both connections at once. */
  destroy(): void {
    this.#client.destroy();
    this.#dropHub();
  }

  // The way there

  #requestBegins(head: HttpHead): BodyFraming {
    const [, method = "", target = "", version = ""] = /^(\S+) (\S+) (HTTP\/1\.[01])$/.exec(head.startLine) ?? [];
    if (method === "") throw new FramingError("The request line is not HTTP/1");
    const path = target.replace(/^https?:\/\/[^/]*/i, "");
    const asksUpgrade = headerValue(head, "upgrade") !== undefined;
    const framing = declaredFraming(head) ?? "none";
    const lines = [
      `${method} ${this.#target.pathPrefix}${path} ${version}`,
      `Host: ${this.#target.host}`,
      `Authorization: ${this.#target.authorization}`,
      ...head.headers.filter(([name]) => !/^(host|authorization)$/i.test(name)).map((header) => header.join(": ")),
    ];
    const bytes = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
    const isRepeatable =
      (method === "GET" || method === "HEAD") && !asksUpgrade && (framing === "none" || framing === 0);
    this.#call = {
      method,
      mayHijack: asksUpgrade || (method === "POST" && /\/(attach|start|session|grpc)(\?|$)/.test(path)),
      repeatable: isRepeatable ? bytes : undefined,
      lostAt: undefined,
      requestDone: false,
      responseBegun: false,
      responseDone: false,
      closes: false,
    };
    const isUsable = this.#hub?.writable && performance.now() - this.#idleSince < MAX_IDLE_MS;
    if (isUsable) this.#toHub(bytes);
    else void this.#connect(bytes);
    return framing;
  }

  #requestEnds(): void {
    if (this.#call) this.#call.requestDone = true;
    // What comes next is the next request, or raw bytes: the answer tells.
    this.#requests.hold();
    this.#nextCall();
  }

  #toHub(bytes: Buffer): void {
    if (this.#dial) {
      this.#dial.held.push(bytes);
      this.#dial.heldBytes += bytes.length;
    } else if (this.#hub?.writable && !this.#hub.write(bytes)) this.#client.pause();
  }

  #holdsTooMuch(): boolean {
    return Math.max(this.#dial?.heldBytes ?? 0, this.#requests.heldBytes) > MAX_HELD_BYTES;
  }

  /** Hands the client's end on once nothing of it waits. A plain call ends with its caller, as at the engine itself. */
  #passClientEnd(): void {
    const call = this.#call;
    const waitsForAnswer = call?.mayHijack && call.requestDone && !call.responseBegun;
    if (this.#dial || this.#requests.heldBytes > 0 || waitsForAnswer) return;
    if (call || this.#isRaw) this.#hub?.end();
    else this.#client.end();
  }

  // The way back

  /** Opens a connection, however long the wait for the hub may be, and writes to it: this first, then what came meanwhile. */
  async #connect(first: Buffer, since = performance.now()): Promise<void> {
    this.#dropHub();
    const dial: Dial = { abort: new AbortController(), held: [first], heldBytes: first.length };
    this.#dial = dial;
    const { signal } = dial.abort;
    let hub: Socket;
    try {
      hub = await this.#target.dial({ signal, isWanted: () => this.#isAwaited(), since });
    } catch (error) {
      if (!signal.aborted) this.#refuse(502, (error as Error).message);
      return;
    }
    if (signal.aborted) hub.destroy();
    else this.#connected(hub, Buffer.concat(dial.held));
  }

  /** A client that has ended may be gone for good: nothing is tried again for it. */
  #isAwaited(): boolean {
    return !this.#clientEnded && !this.#client.destroyed;
  }

  #connected(hub: Socket, held: Buffer): void {
    this.#dial = undefined;
    this.#hub = hub;
    const responses = new HttpFramer({
      head: (head) => this.#responseBegins(head),
      body: (bytes) => this.#toClient(bytes),
      end: () => this.#responseEnds(),
    });
    hub.on("data", (bytes: Buffer) => this.#guard(() => responses.push(bytes)));
    hub.on("drain", () => this.#resumeClient());
    hub.on("end", () => this.#hubEnds());
    hub.on("close", () => this.#hubEnds());
    hub.on("error", (error) => this.#hubFails(error));
    hub.write(held);
    this.#resumeClient();
    if (this.#clientEnded) this.#passClientEnd();
  }

  /** The hub, or what stands before it, went without a word: it may have carried out the request, or not. */
  async #lost(call: Call, reason: string): Promise<void> {
    this.#dropHub();
    if (call.repeatable) {
      call.lostAt ??= performance.now();
      // What takes connections for a hub that is away loses them at once, each time.
      await sleep(RETRY_PAUSE_MS);
      if (this.#isAwaited() && performance.now() - call.lostAt < HUB_WAIT_MS) {
        await this.#connect(call.repeatable, call.lostAt);
        return;
      }
    }
    const tried = Math.round((performance.now() - (call.lostAt ?? 0)) / 1000);
    const advice = call.repeatable
      ? `${tried} s of trying again did not help; is the hub itself running behind that address?`
      : "it is not known whether the request was carried out, so look before you try again.";
    this.#refuse(502, `The hub at ${this.#target.host} ended the connection without an answer (${reason}): ${advice}`);
  }

  #dropHub(): void {
    this.#dial?.abort.abort();
    this.#dial = undefined;
    const hub = this.#hub;
    this.#hub = undefined;
    hub?.removeAllListeners().on("error", () => {});
    hub?.destroy();
  }

  #responseBegins(head: HttpHead): BodyFraming {
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head.startLine)?.[1]);
    const call = this.#call;
    if (!call || Number.isNaN(status)) throw new FramingError("The hub's answer is not HTTP/1");
    this.#toClient(head.bytes);
    if (status < 200 && status !== 101) return "none";
    call.responseBegun = true;
    call.closes = /\bclose\b/i.test(headerValue(head, "connection") ?? "");
    if (call.method === "HEAD" || status === 204 || status === 304) return "none";
    const framing = status === 101 ? undefined : declaredFraming(head);
    if (framing === undefined) this.#becomeRaw();
    return framing ?? "raw";
  }

  #becomeRaw(): void {
    this.#isRaw = true;
    this.#requests.releaseRaw();
    this.#resumeClient();
    if (this.#clientEnded) this.#passClientEnd();
  }

  #responseEnds(): void {
    // An interim answer (1xx) ends too.
    if (!this.#call?.responseBegun) return;
    this.#call.responseDone = true;
    if (this.#call.closes) this.#closeClient();
    else this.#nextCall();
  }

  #nextCall(): void {
    if (!this.#call?.requestDone || !this.#call.responseDone) return;
    this.#call = undefined;
    this.#idleSince = performance.now();
    this.#requests.release();
    this.#resumeClient();
    if (this.#clientEnded) this.#passClientEnd();
  }

  #toClient(bytes: Buffer): void {
    if (this.#client.writable && !this.#client.write(bytes)) this.#hub?.pause();
  }

  #resumeClient(): void {
    const isFull = this.#holdsTooMuch() || (this.#hub?.writableNeedDrain ?? false);
    if (!isFull) this.#client.resume();
  }

  #hubEnds(): void {
    if (this.#isRaw) this.#client.end();
    // Between two calls the hub may close: the next call opens a connection of its own.
    else if (this.#call === undefined) this.#dropHub();
    else if (this.#call.responseDone) this.#closeClient();
    else if (this.#call.responseBegun) this.destroy();
    else void this.#lost(this.#call, "it was closed");
  }

  #hubFails(error: NodeJS.ErrnoException): void {
    if (this.#isRaw || (this.#call?.responseBegun && !this.#call.responseDone)) this.destroy();
    else if (this.#call === undefined) this.#dropHub();
    else if (this.#call.responseDone) this.#closeClient();
    else void this.#lost(this.#call, error.message || (error.code ?? "failed"));
  }

  /** Answers in the hub's place, as Docker does. */
  #refuse(status: 400 | 502, message: string): void {
    const body = `${JSON.stringify({ message })}\n`;
    const lines = [
      `HTTP/1.1 ${status} ${status === 400 ? "Bad Request" : "Bad Gateway"}`,
      "Content-Type: application/json",
      `Content-Length: ${Buffer.byteLength(body)}`,
      "Connection: close",
    ];
    this.#client.write(`${lines.join("\r\n")}\r\n\r\n${body}`);
    this.#closeClient();
  }

  /** Ends the client's connection; what it still sends is read and dropped, so that it gets to read the answer. */
  #closeClient(): void {
    this.#dropHub();
    this.#client.removeAllListeners("data");
    this.#client.resume();
    this.#client.end();
    setTimeout(() => this.#client.destroy(), LINGER_MS).unref();
  }

  /** Runs a framer; bytes that it cannot read end the connection, with a word about it where that is still possible. */
  #guard(run: () => void): void {
    try {
      run();
      if (this.#holdsTooMuch()) this.#client.pause();
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      if (this.#call?.responseBegun || this.#isRaw) this.destroy();
      else this.#refuse(400, error.message);
    }
  }
}
