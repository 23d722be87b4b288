import { encodeMessage, type OutgoingMessage } from "@fairlead/protocol";

/**
 * Bulk data waits with its sender while this much is still to be written to the hub: enough to keep a fast link busy,
 * little enough that a keystroke queued behind it leaves within milliseconds.
 */
export const BULK_BACKLOG_BYTES = 256 * 1024;

/** Terminal output and small answers may add to a backlog of bulk, up to this: they pass while bulk waits. */
export const INTERACTIVE_BACKLOG_BYTES = 1024 * 1024;

/** `interactive`: terminal output, small answers. `bulk`: everything that may be large or many. */
export type Lane = "interactive" | "bulk";

const BACKLOG_BYTES: Record<Lane, number> = {
  interactive: INTERACTIVE_BACKLOG_BYTES,
  bulk: BULK_BACKLOG_BYTES,
};

/** The socket side: ws's `WebSocket` fits. */
export interface MessageSink {
  /** Bytes handed over and not yet written to the network. */
  readonly bufferedAmount: number;
  send(text: string, written: () => void): void;
}

/** A message, or its text when that is what was kept. */
export type Sendable = OutgoingMessage | string;

interface Waiting {
  readonly message: Sendable;
  readonly sent: () => void;
}

/**
 * Two queues in front of one socket. A sender posts a message and waits until it was handed over before it reads more from its
 * source, so that what waits here is at most one message a sender, and senders of a lane take turns.
 */
export class SendLanes {
  readonly #sink: MessageSink;
  readonly #waiting: Record<Lane, Waiting[]> = { interactive: [], bulk: [] };
  #closed = false;

  constructor(sink: MessageSink) {
    this.#sink = sink;
  }

  /** Hands over now, whatever waits. For what is small and rare by nature (pong, error). */
  sendNow(message: Sendable): void {
    if (!this.#closed) this.#sink.send(typeof message === "string" ? message : encodeMessage(message), this.#written);
  }

  /** @returns undefined when the message was handed over at once, else a promise of that; it resolves as well when the connection closes. */
  post(lane: Lane, message: Sendable): Promise<void> | undefined {
    if (this.#closed) return undefined;
    if (this.#waiting[lane].length === 0 && this.#sink.bufferedAmount < BACKLOG_BYTES[lane]) {
      this.sendNow(message);
      return undefined;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting[lane].push({ message, sent: resolve });
    return promise;
  }

  /** Drops what waits. */
  close(): void {
    this.#closed = true;
    for (const lane of ["interactive", "bulk"] as const) {
      for (const { sent } of this.#waiting[lane].splice(0)) sent();
    }
  }

  readonly #written = (): void => {
    for (const lane of ["interactive", "bulk"] as const) {
      const waiting = this.#waiting[lane];
      while (waiting.length > 0 && this.#sink.bufferedAmount < BACKLOG_BYTES[lane]) {
        const next = waiting.shift();
        if (next === undefined) break;
        this.sendNow(next.message);
        next.sent();
      }
    }
  };
}
