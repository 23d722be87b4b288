import type { WebSocket } from "ws";
import { waitFor } from "./wait-for.ts";

export type Side = "agent" | "hub";

/** A JSON message as it is on the wire; nothing about it is checked. */
export type WireMessage = Record<string, unknown>;

/** One WebSocket message, in the order of sending and receiving. */
export interface WireRecord {
  readonly from: Side;
  /** The message, when it was a text message with a JSON object in it. */
  readonly wire: WireMessage | undefined;
  /** A text message that was not a JSON object. */
  readonly text?: string;
  /** A binary message. */
  readonly binary?: Buffer;
}

export interface WireClose {
  code: number;
  reason: string;
}

/** A gibibyte streamed through must not stay in memory: the oldest records go first. */
const MAX_RECORDED_BYTES = 64 * 1024 * 1024;
const MAX_RECORDS = 200_000;
/** Above this much in the socket, bulk senders wait: see {@link WireConnection.drained}. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;
const DRAIN_INTERVAL_MS = 2;

/** One WebSocket between a 1.0 agent and a hub, seen from `side`; records every message of both in order. */
export class WireConnection {
  /** Every message, oldest first: up to 200,000 of them and 64 MiB. */
  readonly records: WireRecord[] = [];
  /** Records given up because there were too many. */
  droppedRecords = 0;
  /** Settles when the connection has closed; never rejects. */
  readonly closed: Promise<WireClose>;
  /** How it closed, or undefined while it is open. */
  closeInfo: WireClose | undefined;
  /** Added to every message sent with `send`: the unknown fields of a dialect. */
  extraFields: WireMessage = {};
  /** True after {@link goHalfOpen}. */
  isHalfOpen = false;
  readonly side: Side;
  readonly socket: WebSocket;
  #recordedBytes: number[] = [];
  #totalBytes = 0;

  constructor(socket: WebSocket, side: Side, onMessage: (message: WireMessage) => void) {
    this.socket = socket;
    this.side = side;
    const { promise, resolve } = Promise.withResolvers<WireClose>();
    this.closed = promise;
    socket.on("error", () => {});
    socket.once("close", (code, reason) => {
      this.closeInfo = { code, reason: reason.toString() };
      resolve(this.closeInfo);
    });
    const peer = side === "agent" ? "hub" : "agent";
    socket.on("message", (data: Buffer, isBinary) => {
      const wire = this.#record(peer, data, isBinary);
      if (wire) onMessage(wire);
    });
  }

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  /** Sends a message; after the close it does nothing. */
  send(message: WireMessage): void {
    this.sendText(JSON.stringify({ ...message, ...this.extraFields }));
  }

  /** Sends a text message as it is: JSON or not. */
  sendText(text: string): void {
    if (!this.isOpen || this.isHalfOpen) return;
    this.#record(this.side, Buffer.from(text), false);
    this.socket.send(text);
  }

  /** Sends a binary message, which 1.0 does not have. */
  sendBinary(data: Uint8Array): void {
    if (!this.isOpen || this.isHalfOpen) return;
    this.#record(this.side, Buffer.from(data), true);
    this.socket.send(data, { binary: true });
  }

  /** Waits while more than 4 MiB are in the socket, for those who send much. */
  async drained(): Promise<void> {
    if (this.socket.bufferedAmount <= MAX_BUFFERED_BYTES) return;
    await waitFor(() => !this.isOpen || this.socket.bufferedAmount < MAX_BUFFERED_BYTES / 2, {
      what: "the peer to read",
      timeoutMs: 3_600_000,
      intervalMs: DRAIN_INTERVAL_MS,
    });
  }

  /** The messages that the peer sent, of one type or all. */
  received(type?: string): WireMessage[] {
    return this.#messages(this.side === "agent" ? "hub" : "agent", type);
  }

  /** The messages that this side sent, of one type or all. */
  sent(type?: string): WireMessage[] {
    return this.#messages(this.side, type);
  }

  /**
   * Waits until the peer has sent a message of this type that also satisfies `test`, and returns the first such.
   *
   * @throws Error that lists what came instead.
   */
  waitForMessage(
    type: string,
    test: (message: WireMessage) => boolean = () => true,
    timeoutMs = 30_000,
  ): Promise<WireMessage> {
    return waitFor(() => this.received(type).find(test), {
      timeoutMs,
      what: () =>
        `a message ${type} (closed: ${JSON.stringify(this.closeInfo)}; came: ${this.received().map(summaryOf).slice(-30).join(", ")})`,
    });
  }

  /** Neither reads nor sends anything from now on, WebSocket pings included, but keeps the connection: as if the machine lost its power. */
  goHalfOpen(): void {
    this.isHalfOpen = true;
    this.socket.pause();
  }

  /** Closes with a code and a reason, in order. */
  close(code: number, reason = ""): void {
    if (!this.isHalfOpen) this.socket.close(code, reason);
  }

  /** Drops the TCP connection without a close message. */
  terminate(): void {
    this.socket.terminate();
  }

  #messages(from: Side, type: string | undefined): WireMessage[] {
    const found: WireMessage[] = [];
    for (const { from: actual, wire } of this.records)
      if (actual === from && wire && (type === undefined || wire["type"] === type)) found.push(wire);
    return found;
  }

  #record(from: Side, data: Buffer, isBinary: boolean): WireMessage | undefined {
    const text = isBinary ? undefined : data.toString();
    const wire = text === undefined ? undefined : parseObject(text);
    this.records.push({
      from,
      wire,
      ...(isBinary ? { binary: data } : {}),
      ...(text === undefined || wire ? {} : { text }),
    });
    this.#recordedBytes.push(data.length);
    this.#totalBytes += data.length;
    while (this.records.length > 1 && (this.#totalBytes > MAX_RECORDED_BYTES || this.records.length > MAX_RECORDS)) {
      this.records.shift();
      this.#totalBytes -= this.#recordedBytes.shift() ?? 0;
      this.droppedRecords += 1;
    }
    return wire;
  }
}

function parseObject(text: string): WireMessage | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as WireMessage) : undefined;
  } catch {
    return undefined;
  }
}

function summaryOf({ type, requestId, execId }: WireMessage): string {
  return JSON.stringify({ type, requestId, execId });
}
