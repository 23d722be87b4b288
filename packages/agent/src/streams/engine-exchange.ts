import { FairleadError, type MuxStream, type StreamOpen, type StreamUser, toFairleadError } from "@fairlead/protocol";
import { AnswerParser, type AnswerSink, type EngineHead } from "../engine/answer-parser.ts";
import { engineFailure } from "../engine/engine-failure.ts";
import type { EngineSocket, EngineSockets, EngineSocketUser } from "../engine/engine-sockets.ts";
import { RequestBody } from "./request-body.ts";
import { type BodyFraming, renderRequest } from "./render-request.ts";

/** Reads of the engine that wait to be sent: while one goes out, the next comes in. */
const MAX_READS_UNDER_WAY = 2;

/** A longer body than this, in bytes, is not held back: an engine reads 4 KiB at once, and does not drop what is beyond. */
const SHORT_BODY_BYTES = 4_096;

/** Calls that may be made once more on a fresh connection: the engine may have closed the kept one at that moment. */
const REPEATABLE = new Set(["GET", "HEAD"]);

/**
 * One stream's call at the engine: its request, the answer's head, and bytes both ways, each way held back by its reader. When the stream
 * is reset, or its connection goes, the engine's connection is closed.
 */
export class EngineExchange implements StreamUser, EngineSocketUser, AnswerSink {
  readonly #stream: MuxStream;
  readonly #open: StreamOpen;
  readonly #sockets: EngineSockets;
  readonly #request: Buffer;
  readonly #framing: BodyFraming;
  readonly #body: RequestBody;
  /** The request's head is on its way. */
  #isSent = false;
  #socket: EngineSocket | undefined;
  #parser: AnswerParser;
  #head: EngineHead | undefined;
  #isRaw = false;
  #hubEnded = false;
  #isOver = false;
  /** Bytes came from the engine: what follows belongs to this call. */
  #hasAnswered = false;
  #readsUnderWay = 0;
  /** Nothing is read from the engine before one of those is sent. */
  #isPaused = false;
  /** The read that is being parsed now. */
  #read: { hasHeadroom: boolean; release: () => void; isPassedOn: boolean } | undefined;

  /**
   * @param consumedBytes Of the body's first bytes that the hub was told of already.
   * @throws FairleadError bad_request when the call is not valid HTTP
   */
  constructor(stream: MuxStream, open: StreamOpen, sockets: EngineSockets, consumedBytes = 0) {
    this.#stream = stream;
    this.#open = open;
    this.#sockets = sockets;
    const { bytes, framing } = renderRequest(open);
    this.#request = bytes;
    this.#framing = framing;
    let known = consumedBytes;
    this.#body = new RequestBody(framing, (taken) => {
      const isNew = taken - known;
      known = Math.max(0, -isNew);
      if (isNew > 0) stream.consumed(isNew);
    });
    this.#parser = new AnswerParser(open.method, this);
  }

  /** Connects and sends the request. Never throws. */
  start(): void {
    const acquired = this.#sockets.acquire(REPEATABLE.has(this.#open.method));
    if (acquired instanceof Promise) {
      acquired.then(
        (socket) => this.#begin(socket),
        (error: unknown) => this.#fail(error),
      );
    } else {
      this.#begin(acquired);
    }
  }

  #begin(socket: EngineSocket): void {
    if (this.#isOver) {
      this.#sockets.release(socket);
      return;
    }
    this.#socket = socket;
    socket.user = this;
    if (this.#mayBegin()) this.#sendRequest(socket);
  }

  /**
   * The short body of a call that takes its connection over goes out in one write with the head (dockerode sends the options of an attach so):
   * an engine that does not ask for it drops what came with the head, and what comes later is input to the program.
   */
  #mayBegin(): boolean {
    const { upgrade, headers } = this.#open;
    const isShort = upgrade !== undefined && typeof this.#framing === "number" && this.#framing <= SHORT_BODY_BYTES;
    // Who expects an interim answer sends no body before it.
    return !isShort || this.#body.hasCome || headers.some(([name]) => name.toLowerCase() === "expect");
  }

  #sendRequest({ socket }: EngineSocket): void {
    this.#isSent = true;
    socket.cork();
    socket.write(this.#request);
    this.#body.attach(socket);
    socket.uncork();
  }

  // What the hub sends.

  data(bytes: Uint8Array): void {
    this.#body.write(bytes);
    if (!this.#isSent && this.#socket && this.#mayBegin()) this.#sendRequest(this.#socket);
  }

  end(): void {
    this.#hubEnded = true;
    const problem = this.#isRaw ? this.#body.endRaw() : this.#body.end();
    if (problem !== undefined) this.#fail(new FairleadError("bad_request", problem));
    else this.#endIfComplete();
  }

  reset(): void {
    this.#drop();
  }

  // What the engine sends.

  read(bytes: Buffer, hasHeadroom: boolean, release: () => void): boolean {
    this.#hasAnswered = true;
    const read = { hasHeadroom, release, isPassedOn: false };
    this.#read = read;
    try {
      this.#parser.push(bytes);
    } catch (error) {
      this.#fail(error);
    }
    this.#read = undefined;
    if (!read.isPassedOn) release();
    // After the whole answer the connection may be the next call's.
    const most = this.#sockets.isCrowded ? 1 : MAX_READS_UNDER_WAY;
    this.#isPaused = !this.#isOver && !this.#parser.isDone && this.#readsUnderWay >= most;
    return !this.#isPaused;
  }

  answerBody(bytes: Uint8Array): void {
    const read = this.#read;
    if (read === undefined || this.#isOver) return;
    read.isPassedOn = true;
    this.#readsUnderWay += 1;
    const written = (): void => {
      read.release();
      this.#readsUnderWay -= 1;
      if (this.#isOver) return;
      if (this.#isPaused) {
        this.#isPaused = false;
        this.#socket?.socket.resume();
      } else if (this.#parser.isDone) {
        // The end of the stream had to wait behind these bytes.
        this.#endIfComplete();
      }
    };
    this.#stream.write(bytes, written, read.hasHeadroom);
  }

  answerHead(head: EngineHead): void {
    const { status, reason, headers } = head;
    try {
      this.#stream.sendHead({ status, reason, headers });
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (status < 200 && status !== 101) return;
    this.#head = head;
    // An engine may take the connection over without saying 101, for a caller who did not ask with `Upgrade`.
    this.#isRaw = status === 101 || (this.#open.upgrade !== undefined && head.framing === "to-end");
    if (!this.#isRaw) return;
    this.#body.becomeRaw();
    if (this.#hubEnded) this.#body.endRaw();
  }

  /** The answer is complete; of a raw connection the engine's half of it. */
  answerEnd(): void {
    this.#stream.end();
    this.#endIfComplete();
  }

  ended(): void {
    if (this.#isOver) return;
    if (this.#retries()) return;
    try {
      this.#parser.finish();
    } catch (error) {
      this.#fail(error);
    }
  }

  broke(error: Error): void {
    if (this.#isOver || this.#parser.isDone || this.#retries()) return;
    // An engine that closes with input unread resets its connection: after input that is an end in order.
    if (this.#isRaw && this.#body.sentBytes > 0) this.ended();
    else this.#fail(engineFailure(error, this.#sockets.engineName, this.#head === undefined ? "head" : "body"));
  }

  /** A kept connection that the engine closed before it answered: once more, on a fresh one. */
  #retries(): boolean {
    const socket = this.#socket;
    if (this.#hasAnswered || socket?.isUsed !== true || !REPEATABLE.has(this.#open.method) || this.#body.sentBytes > 0)
      return false;
    socket.user = undefined;
    socket.socket.destroy();
    this.#socket = undefined;
    this.#body.detach();
    const fresh = this.#sockets.acquire(false);
    Promise.resolve(fresh).then(
      (made) => this.#begin(made),
      (error: unknown) => this.#fail(error),
    );
    return true;
  }

  /** When both sides are through, the connection is free for the next call, or closed. */
  #endIfComplete(): void {
    const socket = this.#socket;
    if (this.#isOver || !this.#stream.isOver || socket === undefined) return;
    this.#isOver = true;
    socket.user = undefined;
    if (this.#isRaw) socket.socket.destroySoon();
    else if (this.#head?.keepsAlive && this.#parser.isDone && this.#body.isComplete) this.#sockets.release(socket);
    else socket.socket.destroy();
  }

  #fail(thrown: unknown): void {
    if (this.#isOver) return;
    const { code, message } = toFairleadError(thrown);
    this.#stream.reset(code, message);
    this.#drop();
  }

  #drop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const socket = this.#socket;
    if (socket === undefined) return;
    socket.user = undefined;
    socket.socket.destroy();
  }
}
