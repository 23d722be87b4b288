import type { FairleadError } from "@fairlead/protocol";
import type { LinkLimits } from "./link-limits.ts";

/** Pings without an answer that are remembered: an agent that never answers any must not collect more. */
const MAX_UNANSWERED = 8;

interface SentPing {
  /** As on the wire, Unix seconds: deployed agents send it back. */
  readonly timestamp: number;
  /** Monotonic milliseconds. */
  readonly at: number;
  readonly answered: ((latencyMs: number) => void) | undefined;
}

type Waiter = (heard: boolean) => void;

/** When an agent was last heard, when it is due a ping, and how long its answers take. Holds no timer while nobody waits. */
export class PingClock {
  readonly #limits: LinkLimits;
  lastMessageAt = Date.now();
  latencyMs: number | undefined;
  #silentSince = this.lastMessageAt;
  #lastPingAt = this.lastMessageAt;
  #sent: SentPing[] | undefined;
  #waiters: Set<Waiter> | undefined;

  constructor(limits: LinkLimits) {
    this.#limits = limits;
  }

  /** A message came. */
  heard(now: number): void {
    this.lastMessageAt = now;
    this.#silentSince = now;
    for (const waiter of this.#waiters ?? []) waiter(true);
  }

  /** The hub does not read just now, so that silence says nothing about the agent. */
  hold(now: number): void {
    this.#silentSince = now;
  }

  isSilent(now: number): boolean {
    return now - this.#silentSince > this.#limits.silenceTimeoutMs;
  }

  isPingDue(now: number): boolean {
    return now - this.#lastPingAt >= this.#limits.pingIntervalMs;
  }

  /** A ping goes out now. @returns its timestamp for the wire. */
  sent(answered?: (latencyMs: number) => void): number {
    this.#lastPingAt = Date.now();
    const timestamp = Math.floor(this.#lastPingAt / 1000);
    this.#sent ??= [];
    if (this.#sent.length >= MAX_UNANSWERED) this.#sent.shift();
    this.#sent.push({ timestamp, at: performance.now(), answered });
    return timestamp;
  }

  /** A pong came. @returns the round trip in milliseconds, or undefined when no ping was open. */
  ponged(timestamp: number): number | undefined {
    const sent = this.#sent;
    if (sent === undefined) return undefined;
    // The ping that it names; agents that put their own time in it answer in order.
    const named = sent.findIndex((ping) => ping.timestamp === timestamp);
    const [ping] = sent.splice(0, Math.max(named, 0) + 1).slice(-1);
    if (sent.length === 0) this.#sent = undefined;
    if (ping === undefined) return undefined;
    this.latencyMs = performance.now() - ping.at;
    ping.answered?.(this.latencyMs);
    return this.latencyMs;
  }

  /** Whether any message comes within the time; time in which `isHeld` says that the hub does not read starts it anew. */
  nextMessage(timeoutMs: number, isHeld: () => boolean): Promise<boolean> {
    return new Promise((resolve) => {
      const waiters = (this.#waiters ??= new Set());
      const settle = (heard: boolean): void => {
        clearTimeout(timer);
        waiters.delete(settle);
        if (waiters.size === 0) this.#waiters = undefined;
        resolve(heard);
      };
      const expire = (): void => {
        if (isHeld()) timer = setTimeout(expire, timeoutMs);
        else settle(false);
      };
      let timer = setTimeout(expire, timeoutMs);
      waiters.add(settle);
    });
  }

  /** Nothing will be heard any more. */
  stop(): void {
    for (const waiter of this.#waiters ?? []) waiter(false);
  }
}

/** A promise of one ping's round trip. `send` gets what to call with it. */
export function roundTrip(
  send: (answered: (latencyMs: number) => void) => void,
  timeoutMs: number,
  timedOut: () => FairleadError,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(timedOut()), timeoutMs);
    send((latencyMs) => {
      clearTimeout(timer);
      resolve(latencyMs);
    });
  });
}
