import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { FairleadError, MAX_HEADER_BYTES } from "@fairlead/protocol";
import type { EngineClient } from "../engine/engine-client.ts";
import type { Log } from "../log.ts";
import { BodyEnd } from "./body-end.ts";
import { nextBytes, readHead } from "./byte-reader.ts";
import { connectedEngine } from "../engine/connected-engine.ts";
import { HeldBody, headersForBody } from "../policy/held-body.ts";
import type { Policy } from "../policy/policy.ts";
import { refuse } from "./refuse.ts";
import { headerValues, parseRequestHead, renderRequestHead, type RequestHead } from "./request-head.ts";
import { type TokenCheck, withoutTokens } from "./token-check.ts";

/** Whoever does not send a first request within this, in milliseconds, is not a client; a slow one needs a second. */
const FIRST_HEAD_TIMEOUT_MS = 30_000;

/** A body that a policy has to read is small; a client that does not send it within this, in milliseconds, holds memory for nothing. */
const HELD_BODY_TIMEOUT_MS = 30_000;

/** After the engine's last byte was sent to the client it gets this long, in milliseconds, to read it and to close. */
const LINGER_MS = 60_000;

/** Bytes that came in one read with the head of a raw stream wait this long, in milliseconds, so that the client reads the head first. */
const HEAD_ALONE_MS = 5;

/** A longer body than this, in bytes, is not held back: an engine reads 4 KiB at once, and does not drop what is beyond. */
const SHORT_BODY_BYTES = 4_096;

/** Paths of requests that turn the connection into a raw stream even when the client does not ask for an upgrade. */
const HIJACKING = /\/(?:containers\/[^/]+\/attach|exec\/[^/]+\/start)$/;

const NO_BODY = { kind: "none" } as const;

/** What carrying a connection needs. */
export interface CarrierOptions {
  engine: EngineClient;
  token: TokenCheck;
  /** Undefined: whatever clients ask. */
  policy?: Policy | undefined;
  log: Log;
  /** Takes over a connection whose next request is for the agent itself (`/_hawser/…`). */
  control(client: Socket): void;
}

/**
 * Carries one client's connection to the engine, byte for byte: each client connection has an engine connection of its own, requests are
 * read only as far as the token needs it (head, and where the body ends), and answers are not read at all. So everything that HTTP can
 * do, and that the engine and its clients do beyond HTTP, is as on the engine's own socket: heads before bodies, early answers, trailers,
 * 100-continue, half-close, upgrades of every kind.
 *
 * Never rejects; returns when the connection is done or was handed over.
 */
export async function carry(client: Socket, options: CarrierOptions): Promise<void> {
  const carrier = new Carrier(client, options);
  try {
    await carrier.run();
  } catch (error) {
    carrier.fail(error);
  }
}

class Carrier {
  readonly #client: Socket;
  readonly #options: CarrierOptions;
  #engine: Duplex | undefined;

  constructor(client: Socket, options: CarrierOptions) {
    this.#client = client;
    this.#options = options;
  }

  async run(): Promise<void> {
    const client = this.#client;
    client.on("error", () => client.destroy());
    // A client that died reaches the engine; one that only ended its sending does so by the half-close below.
    client.once("close", () => this.#engine?.destroy());
    for (;;) {
      const request = await this.#readRequest();
      if (request === undefined) break;
      if (request === "control") {
        this.#dropEngine();
        this.#options.control(client);
        return;
      }
      await this.#carryRequest(request);
    }
    this.#engine?.end();
    if (this.#engine === undefined) client.end();
  }

  /** Answers in place of the engine where that is still possible, and cuts the connection where it is not. */
  fail(error: unknown): void {
    this.#options.log.debug("a connection ended early", { from: this.#client.remoteAddress, error: String(error) });
    if (this.#engine === undefined) refuse(this.#client, error);
    else this.#client.destroy();
  }

  /** The next request for the engine; undefined when the client sends no more. */
  async #readRequest(): Promise<RequestHead | "control" | undefined> {
    const client = this.#client;
    const isFirst = this.#engine === undefined;
    const timer = isFirst ? setTimeout(() => client.destroy(), FIRST_HEAD_TIMEOUT_MS) : undefined;
    const bytes = await readHead(client, MAX_HEADER_BYTES).finally(() => clearTimeout(timer));
    if (bytes === undefined) return undefined;
    try {
      if (bytes === "too_large") {
        throw new FairleadError("payload_too_large", `the request's head is over ${MAX_HEADER_BYTES} bytes`);
      }
      const request = parseRequestHead(bytes.head.toString("latin1", 0, bytes.head.length - 4));
      if (request.target.startsWith("/_hawser/")) {
        client.unshift(bytes.head);
        return "control";
      }
      const { token, log, policy } = this.#options;
      token.check(request, client.remoteAddress);
      log.debug("request", { method: request.method, path: request.target.split("?")[0], from: client.remoteAddress });
      const bare = withoutTokens(request);
      return policy === undefined ? bare : await this.#admit(bare, policy);
    } catch (error) {
      // Between two requests nobody waits for the engine: the answer is ours.
      this.#dropEngine();
      throw error;
    }
  }

  /** The request as this host's policy lets it be made; undefined when the client left. @throws FairleadError policy_refused */
  async #admit(request: RequestHead, policy: Policy): Promise<RequestHead | undefined> {
    const { engine } = this.#options;
    const review = policy.judge(request, engine);
    if (review === undefined) return request;
    const body = new HeldBody();
    try {
      if (review.needsBody && !(await this.#hold(request, body))) return undefined;
      const admitted = await review.finish(body.whole());
      const { target, body: replaced } = admitted;
      if (replaced === undefined) return { ...request, target };
      const headers = headersForBody(request.headers, replaced.length);
      // From here on it is as if the client had sent this.
      if (replaced.length > 0) this.#client.unshift(Buffer.from(replaced));
      const framing = replaced.length === 0 ? NO_BODY : ({ kind: "length", bytes: replaced.length } as const);
      return { ...request, target, headers, framing };
    } finally {
      body.release();
    }
  }

  /** Reads a request's whole body. False: the client left before its end. */
  async #hold({ framing, headers }: RequestHead, body: HeldBody): Promise<boolean> {
    const client = this.#client;
    if (framing.kind === "length") HeldBody.checkSize(framing.bytes);
    const end = new BodyEnd(framing, (bytes) => body.add(bytes));
    if (!end.done && headerValues(headers, "expect").length > 0) client.write("HTTP/1.1 100 Continue\r\n\r\n");
    const timer = setTimeout(() => client.destroy(), HELD_BODY_TIMEOUT_MS);
    try {
      while (!end.done) {
        const bytes = await nextBytes(client);
        if (bytes === undefined) return false;
        const taken = end.take(bytes);
        if (taken < bytes.length) client.unshift(bytes.subarray(taken));
      }
      return true;
    } finally {
      clearTimeout(timer);
    }
  }

  async #carryRequest(request: RequestHead): Promise<void> {
    const mayLeaveHttp = request.wantsUpgrade || isHijacking(request);
    if (!mayLeaveHttp) {
      if (this.#engine === undefined) (await this.#connect()).pipe(this.#client);
      await this.#send(renderRequestHead(request));
      await this.#sendBody(new BodyEnd(request.framing));
      return;
    }
    // On a fresh connection the first answer is this request's; the one before has no answer left to give to a client that waits.
    this.#dropEngine();
    const engine = await this.#connect();
    let isRaw: boolean | undefined;
    const answered = this.#carryAnswerHead(engine, request).then((answer) => (isRaw = answer));
    const end = new BodyEnd(request.framing);
    const start = [renderRequestHead(request), ...(await this.#readShortBody(request, end))];
    await this.#send(Buffer.concat(start));
    await this.#sendBody(end, () => isRaw === true);
    if (await answered) await this.#sendAll();
  }

  /**
   * The body that goes out in one write with the head, as it came from the client (dockerode sends the options of an attach). An engine that
   * takes the connection over without asking for the body drops what came with the head; what comes later is input to it.
   */
  async #readShortBody({ framing, headers }: RequestHead, end: BodyEnd): Promise<Buffer[]> {
    const isShort = framing.kind === "length" && framing.bytes <= SHORT_BODY_BYTES;
    // Who expects an interim answer sends no body before it.
    if (!isShort || headerValues(headers, "expect").length > 0) return [];
    const body: Buffer[] = [];
    while (!end.done) {
      const bytes = await nextBytes(this.#client);
      if (bytes === undefined) break;
      const taken = end.take(bytes);
      if (taken < bytes.length) this.#client.unshift(bytes.subarray(taken));
      body.push(bytes.subarray(0, taken));
    }
    return body;
  }

  /** Sends the body on to its end, or until the connection is no longer HTTP. */
  async #sendBody(end: BodyEnd, isRaw = () => false): Promise<void> {
    while (!end.done && !isRaw()) {
      const bytes = await nextBytes(this.#client);
      if (bytes === undefined) return;
      if (isRaw()) return this.#send(bytes);
      const taken = end.take(bytes);
      if (taken < bytes.length) this.#client.unshift(bytes.subarray(taken));
      await this.#send(bytes.subarray(0, taken));
    }
  }

  /** Raw bytes to the client's last one; its half-close follows in `run`. */
  async #sendAll(): Promise<void> {
    for (;;) {
      const bytes = await nextBytes(this.#client);
      if (bytes === undefined) return;
      await this.#send(bytes);
    }
  }

  /** Writes to the engine, waiting while it takes nothing. What an engine does not want to read any more is dropped. */
  async #send(bytes: Buffer): Promise<void> {
    const engine = this.#engine;
    if (bytes.length === 0 || !engine?.writable || engine.write(bytes)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    engine.once("drain", resolve).once("close", resolve);
    await promise;
    engine.off("drain", resolve).off("close", resolve);
  }

  /**
   * Carries the answer to a request that may leave HTTP: true when the connection is raw from here on. The head goes out alone, since some
   * clients lose what comes in one read with it.
   */
  async #carryAnswerHead(engine: Duplex, request: RequestHead): Promise<boolean> {
    const client = this.#client;
    for (;;) {
      const bytes = await readHead(engine, MAX_HEADER_BYTES);
      if (bytes === undefined || bytes === "too_large") {
        client.end();
        if (bytes === "too_large") engine.destroy();
        return false;
      }
      const answer = readAnswer(bytes.head.toString("latin1"));
      if (client.destroyed) return false;
      await new Promise<void>((written) => client.write(bytes.head, () => written()));
      // 100 and its like come before the answer.
      if (answer.status >= 100 && answer.status < 200 && answer.status !== 101) continue;
      const isRaw = answer.status === 101 || (answer.status === 200 && !answer.hasLength && isHijacking(request));
      if (isRaw && engine.readableLength > 0) await sleep(HEAD_ALONE_MS);
      engine.pipe(client);
      return isRaw;
    }
  }

  async #connect(): Promise<Duplex> {
    const client = this.#client;
    const engine = await connectedEngine(this.#options.engine);
    if (client.destroyed) engine.destroy();
    this.#engine = engine;
    engine.once("close", () => {
      if (this.#engine !== engine) return;
      // Also when the connection broke: with a reset what was read from it could be lost on its way, and an answer that is cut short shows
      // by its length or its chunks. (An engine that closes with input unread, as at the end of a container, breaks its connection too.)
      client.end(() => setTimeout(() => client.destroy(), LINGER_MS).unref());
    });
    return engine;
  }

  #dropEngine(): void {
    const engine = this.#engine;
    this.#engine = undefined;
    engine?.unpipe(this.#client);
    engine?.destroy();
  }
}

interface Answer {
  /** 0: not HTTP. */
  status: number;
  /** Its end can be told without the end of the connection. */
  hasLength: boolean;
}

function readAnswer(head: string): Answer {
  return {
    status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0),
    hasLength: /\r\n(content-length|transfer-encoding):/i.test(head),
  };
}

function isHijacking({ method, target }: RequestHead): boolean {
  return method === "POST" && HIJACKING.test(target.split("?", 1)[0] ?? "");
}
