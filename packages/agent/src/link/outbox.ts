import type { HubConnection } from "./hub-connection.ts";

export interface OutboxLimits {
  /** Messages kept while they cannot be sent, or are not known to have arrived. */
  readonly maxMessages: number;
  /** Characters of their texts together. */
  readonly maxLength: number;
}

export interface OutboxOptions<Mark> extends OutboxLimits {
  /** The oldest messages up to this mark are known to have arrived. */
  readonly onArrived?: (mark: Mark) => void;
  /** The oldest messages had to be dropped. */
  readonly onDropped?: (count: number, from: Mark, to: Mark) => void;
}

/**
 * 1.0 acknowledges nothing, so what was sent is kept until it must have arrived, and sent again on the next connection (the hub stores
 * a thing once). A hub of ours calls a link down after 30 s without a message: by then it stored what it got before, with room for its disk.
 */
export const RESEND_WINDOW_MS = 35_000;

/** For hubs that never answer a ping: deployed ones call an agent dead after 90 s, so one that still talks after this got the message. */
export const SILENT_RESEND_WINDOW_MS = 100_000;

/** How often messages that arrived are let go. */
const SETTLE_INTERVAL_MS = 5_000;

interface Entry<Mark> {
  readonly text: string;
  readonly mark: Mark;
  sentAt: number;
  /** Pings sent before this message: a later one's pong shows that it arrived. */
  pingsBefore: number;
}

/** Messages that outlive a connection: in order, bounded, each sent until it must have arrived. */
export class Outbox<Mark> {
  readonly #options: OutboxOptions<Mark>;
  #entries: Entry<Mark>[] = [];
  /** How many of them are sent on the connection of now. */
  #sentCount = 0;
  #length = 0;
  #connection: HubConnection | undefined;
  #isPumping = false;
  #settleTimer: NodeJS.Timeout | undefined;

  constructor(options: OutboxOptions<Mark>) {
    this.#options = options;
  }

  /** Messages held. */
  get size(): number {
    return this.#entries.length;
  }

  /** @param mark Says which one it was, for the callbacks. */
  add(text: string, mark: Mark): void {
    this.#entries.push({ text, mark, sentAt: 0, pingsBefore: 0 });
    this.#length += text.length;
    this.#dropOverflow();
    void this.#pump();
  }

  /** Sends everything held over this connection, from the oldest. */
  attach(connection: HubConnection): void {
    this.#connection = connection;
    this.#sentCount = 0;
    this.#settleTimer ??= setInterval(() => this.settle(), SETTLE_INTERVAL_MS).unref();
    void this.#pump();
  }

  detach(): void {
    this.settle();
    this.#connection = undefined;
    this.#sentCount = 0;
    clearInterval(this.#settleTimer);
    this.#settleTimer = undefined;
  }

  /** Lets go of what has arrived for sure. */
  settle(): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    let arrived = 0;
    while (arrived < this.#sentCount && hasArrived(this.#entries[arrived], connection)) arrived += 1;
    if (arrived === 0) return;
    const mark = this.#remove(arrived);
    if (mark !== undefined) this.#options.onArrived?.(mark);
  }

  async #pump(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    for (;;) {
      const connection = this.#connection;
      const entry = this.#entries[this.#sentCount];
      if (connection === undefined || entry === undefined) break;
      const handedOver = connection.post("bulk", entry.text);
      if (handedOver) await handedOver;
      // Meanwhile the connection may have gone, or the entry as the oldest of too many.
      if (this.#connection !== connection || this.#entries[this.#sentCount] !== entry) continue;
      entry.sentAt = performance.now();
      entry.pingsBefore = connection.pingsSent;
      this.#sentCount += 1;
    }
    this.#isPumping = false;
  }

  #dropOverflow(): void {
    const { maxMessages, maxLength } = this.#options;
    let count = 0;
    let length = this.#length;
    while (this.#entries.length - count > maxMessages || (length > maxLength && count < this.#entries.length)) {
      length -= this.#entries[count]?.text.length ?? 0;
      count += 1;
    }
    if (count === 0) return;
    // In larger steps: taking one from the front of a full array for each that comes would move the whole array each time.
    count = Math.max(count, Math.min(this.#entries.length >> 4, this.#entries.length - 1));
    const from = this.#entries[0]?.mark;
    const lost = Math.max(0, count - this.#sentCount);
    const to = this.#remove(count);
    if (lost > 0 && from !== undefined && to !== undefined) this.#options.onDropped?.(lost, from, to);
  }

  /** Removes the oldest. @returns the mark of the last removed */
  #remove(count: number): Mark | undefined {
    let mark: Mark | undefined;
    for (const entry of this.#entries.splice(0, count)) {
      this.#length -= entry.text.length;
      mark = entry.mark;
    }
    this.#sentCount = Math.max(0, this.#sentCount - count);
    return mark;
  }
}

function hasArrived(entry: Entry<unknown> | undefined, connection: HubConnection): boolean {
  if (entry === undefined) return false;
  const heardAfterMs = connection.lastReceivedAt - entry.sentAt;
  const isAnswered = connection.pongsReceived > entry.pingsBefore;
  return heardAfterMs >= (isAnswered ? RESEND_WINDOW_MS : SILENT_RESEND_WINDOW_MS);
}
