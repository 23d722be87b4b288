import type { Duplex } from "node:stream";
import {
  BinaryPipe,
  decodeMessage,
  divertBinary,
  ERRORS,
  FairleadError,
  MAX_BAD_MESSAGES,
  MAX_MESSAGE_BYTES,
  type Message,
  type MuxStream,
  newErrorMessage,
  newPingMessage,
  newPongMessage,
  type OutgoingMessage,
  type Problem,
  StreamMux,
  type StreamOpen,
} from "@fairlead/protocol";
import type { RawData, WebSocket } from "ws";
import type { Log } from "../log.ts";
import { applyMask, newMaskKey } from "./apply-mask.ts";
import { type Lane, type Sendable, SendLanes } from "./send-lanes.ts";

/** What is wrong with a message. */
type BadMessage = Pick<Problem, "message" | "type" | "id"> & { code: Problem["code"] | "unexpected_message" };

/** How a connection ended. */
export interface ConnectionEnd {
  /** WebSocket close code; 1006 when the network ended it. */
  readonly code: number;
  readonly reason: string;
}

export interface HubConnectionOptions {
  readonly log: Log;
  /** Longest time without anything from the hub, milliseconds. */
  readonly silenceTimeoutMs: number;
}

/**
 * What may wait in the socket of a hub that does not read: one answer of the largest size, and all that is small besides.
 * Beyond that the hub is asking without listening, and the connection ends.
 */
export const MAX_BACKLOG_BYTES = 2 * MAX_MESSAGE_BYTES;

/** A closing handshake that is not answered within this ends without it. */
const CLOSE_TIMEOUT_MS = 2_000;

/**
 * One open WebSocket to the hub: messages in and out, pings answered, silence and nonsense noticed.
 * It knows nothing of what messages mean.
 */
export class HubConnection {
  /** Settles when the connection is gone. Never rejects. */
  readonly ended: Promise<ConnectionEnd>;
  /** When something last came from the hub, by `performance.now()`. */
  lastReceivedAt = performance.now();
  /** Every well-formed message except pings and pongs, in order. */
  onMessage: (message: Message) => void = () => {};
  /** Pings sent and pongs received: what was sent before a ping has arrived when its pong is back. */
  pingsSent = 0;
  pongsReceived = 0;
  readonly #socket: WebSocket;
  readonly #raw: Duplex;
  #streams: StreamMux | undefined;
  readonly #lanes: SendLanes;
  readonly #options: HubConnectionOptions;
  readonly #unknownTypes = new Set<string>();
  #badMessages = 0;
  #ignoredMessages = 0;
  #silenceTimer: NodeJS.Timeout;
  #closing: ConnectionEnd | undefined;

  /**
   * @param socket Just opened: nothing was read from it.
   * @param raw The connection below it.
   */
  constructor(socket: WebSocket, raw: Duplex, options: HubConnectionOptions) {
    this.#socket = socket;
    this.#raw = raw;
    divertBinary(raw, socket, {
      isMasked: false,
      applyMask,
      binary: (piece, isLast) => this.#receivedBinary(piece, isLast),
    });
    this.#options = options;
    this.#lanes = new SendLanes({
      get bufferedAmount() {
        return socket.bufferedAmount;
      },
      send: (text, written) => this.#write(text, written),
    });
    const { promise, resolve } = Promise.withResolvers<ConnectionEnd>();
    this.ended = promise;
    this.#silenceTimer = this.#watchSilence();
    socket.on("message", (data: RawData, isBinary: boolean) => this.#received(data, isBinary));
    // Pings of the WebSocket layer show that the hub is there, too.
    socket.on("ping", () => this.#alive());
    socket.on("pong", () => this.#alive());
    socket.on("error", (error) => options.log.debug("the connection to the hub failed", { error: error.message }));
    socket.once("close", (code, reason) => {
      clearTimeout(this.#silenceTimer);
      this.#lanes.close();
      this.endStreams();
      resolve(this.#closing ?? { code, reason: reason.toString() });
    });
  }

  /** The hub speaks the streams extension, too: its streams go to `onOpen`, which sets each one's `user`. */
  acceptStreams(onOpen: (stream: MuxStream, open: StreamOpen) => void): void {
    const streams = new StreamMux({
      pipe: new BinaryPipe({
        connection: this.#raw,
        isOpen: () => this.#socket.readyState === this.#socket.OPEN,
        newMaskKey,
        applyMask,
        endOfTurn: setImmediate,
      }),
      now: () => performance.now(),
      onOpen,
      onViolation: ({ code, message }) => this.#fail(code, message),
    });
    this.#streams = streams;
    this.#raw.on("drain", () => streams.writable());
  }

  /** Ends every stream on this side; their calls at the engine end with them. */
  endStreams(): void {
    this.#streams?.close(new FairleadError("agent_disconnected", "the connection to the hub ended"));
  }

  /** Messages with a type that 1.0 does not know, and binary ones: counted, not answered. */
  get ignoredMessages(): number {
    return this.#ignoredMessages;
  }

  /** At once, whatever waits: for what is small and rare. */
  send(message: OutgoingMessage): void {
    this.#lanes.sendNow(message);
  }

  /** In turn. @returns undefined when it was handed over, else a promise of it: wait for it before reading more from the source. */
  post(lane: Lane, message: Sendable): Promise<void> | undefined {
    return this.#lanes.post(lane, message);
  }

  ping(): void {
    this.pingsSent += 1;
    this.send(newPingMessage(unixSeconds()));
  }

  /** Closes with this code; without an answer from the hub the socket is gone soon after. */
  close(code: number, reason: string): void {
    this.#closing ??= { code, reason };
    this.#lanes.close();
    this.#socket.close(code, reason.slice(0, MAX_CLOSE_REASON_LENGTH));
    setTimeout(() => this.#socket.terminate(), CLOSE_TIMEOUT_MS).unref();
  }

  /** A well-formed message that has no business here: answered with a named error, and counted as bad. */
  unexpected(message: Message): void {
    const id = "requestId" in message ? message.requestId : "execId" in message ? message.execId : undefined;
    this.#bad({
      code: "unexpected_message",
      message: `${message.type}: unexpected here`,
      ...(id === undefined ? {} : { id }),
    });
  }

  /** Fails the connection for what the hub did. */
  #fail(code: keyof typeof ERRORS, message: string): void {
    if (this.#closing) return;
    this.#options.log.warn("closing the connection to the hub", { code, reason: message });
    this.send(newErrorMessage("", message, code));
    this.close(ERRORS[code].close, message);
  }

  #write(text: string, written: () => void): void {
    // A socket that is closing takes nothing more; ws would count it and call back with an error.
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.send(text, written);
    if (this.#socket.bufferedAmount <= MAX_BACKLOG_BYTES) return;
    this.#closing ??= { code: 1006, reason: `the hub does not read: ${MAX_BACKLOG_BYTES} bytes wait to be sent` };
    this.#socket.terminate();
  }

  #received(data: RawData, isBinary: boolean): void {
    this.#alive();
    if (this.#closing) return;
    // One in fragments, which no peer of ours sends: they come by another way.
    if (isBinary) {
      this.#receivedBinary(data as Buffer, true);
      return;
    }
    // ws is told nothing about its binaryType: a text comes as one Buffer.
    const decoded = decodeMessage((data as Buffer).toString("utf8"));
    if (!decoded.ok) {
      this.#bad(decoded.problem);
      return;
    }
    const { message } = decoded;
    const badBefore = this.#badMessages;
    if (message.type === "ping") this.send(newPongMessage(message.timestamp));
    else if (message.type === "pong") this.pongsReceived = Math.min(this.pongsReceived + 1, this.pingsSent);
    else this.onMessage(message);
    if (this.#badMessages === badBefore) this.#badMessages = 0;
  }

  #receivedBinary(piece: Uint8Array, isLast: boolean): void {
    this.#alive();
    if (this.#closing) return;
    if (this.#streams) this.#streams.receive(piece, isLast);
    else this.#fail("unexpected_binary", "a binary message came, and no extension that has them was agreed on");
  }

  #bad(problem: BadMessage): void {
    if (problem.code === "unknown_type") {
      this.#ignore(problem.type ?? "");
      return;
    }
    this.#badMessages += 1;
    if (this.#badMessages >= MAX_BAD_MESSAGES) {
      this.#fail(
        "too_many_bad_messages",
        `${MAX_BAD_MESSAGES} malformed messages in a row; the last: ${problem.message}`,
      );
      return;
    }
    this.#options.log.debug("the hub sent a malformed message", { code: problem.code, problem: problem.message });
    this.send(newErrorMessage(problem.id ?? "", problem.message, problem.code));
  }

  #ignore(type: string): void {
    this.#ignoredMessages += 1;
    if (this.#unknownTypes.size >= MAX_LOGGED_TYPES || this.#unknownTypes.has(type)) return;
    this.#unknownTypes.add(type);
    this.#options.log.info("ignoring messages of a type that protocol 1.0 does not know", { type });
  }

  #alive(): void {
    this.lastReceivedAt = performance.now();
    this.#silenceTimer.refresh();
  }

  #watchSilence(): NodeJS.Timeout {
    const { silenceTimeoutMs } = this.#options;
    return setTimeout(() => {
      this.#closing ??= { code: 1006, reason: `nothing came from the hub for ${silenceTimeoutMs / 1000} s` };
      this.#socket.terminate();
    }, silenceTimeoutMs).unref();
  }
}

/** Unknown types named in the log, once each: a hub of the future has a few, a flood of made-up ones is not worth lines. */
const MAX_LOGGED_TYPES = 16;

/** RFC 6455 section 5.5: 125 bytes with the code; texts are ASCII in the main. */
const MAX_CLOSE_REASON_LENGTH = 40;

/** Unix time in seconds, as `ping` and `metrics` carry it. */
export function unixSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
