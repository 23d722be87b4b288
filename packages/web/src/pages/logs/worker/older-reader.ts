import type { LogLine } from "./line-assembler.ts";
import { LogSocket, logsAddress, type OpenSocket } from "./log-socket.ts";
import { compareTimes, formatStamp, type LogTime } from "./log-time.ts";
import type { OlderAttempt } from "./older-attempts.ts";

export interface OlderQuestion {
  readonly origin: string;
  readonly environmentId: number;
  readonly containerId: string;
  readonly openSocket: OpenSocket;
  /** Up to this time, which counts. */
  readonly until: LogTime;
  /** The last so many lines of this very time are held already. */
  readonly known: number;
  readonly wanted: number;
  readonly signal: AbortSignal;
}

/** An engine that reads gigabytes to find some lines may take long; a page that waits longer tells nothing. */
const MAX_WAIT_MS = 120_000;

/** The last `wanted` lines up to a time that are not held yet, in the engine's order. @throws Error with the hub's message. */
export function readOlder(question: OlderQuestion, { tail, since }: OlderAttempt): Promise<LogLine[]> {
  const { origin, environmentId, containerId, openSocket, until, known, wanted, signal } = question;
  const parameters = {
    container: containerId,
    tail,
    until: formatStamp(until),
    ...(since === undefined ? {} : { since }),
  };
  return new Promise((resolve, reject) => {
    const ring = new LastLines(wanted + known);
    const socket = new LogSocket(
      openSocket(logsAddress(origin, environmentId, parameters)),
      {
        // Some engines understand whole seconds only.
        onLine: (line) => {
          if (compareTimes(line, until) <= 0) ring.push(line);
        },
        onEnd: () => finish(() => resolve(withoutKnown(ring.lines, until, known, wanted))),
        onError: (code, message) => finish(() => reject(new Error(`${message} (${code})`))),
        onLost: () => finish(() => reject(new Error("The hub does not answer."))),
      },
      until.micros,
    );
    const timer = setTimeout(() => {
      socket.close();
      finish(() => reject(new Error(`The engine did not find them within ${MAX_WAIT_MS / 1000} s.`)));
    }, MAX_WAIT_MS);
    const leave = (): void => {
      socket.close();
      finish(() => reject(new Error("left")));
    };
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", leave);
      settle();
    };
    signal.addEventListener("abort", leave);
  });
}

/** @internal Without the lines that are held: the last `known` of those with the time `until`. */
export function withoutKnown(lines: readonly LogLine[], until: LogTime, known: number, wanted: number): LogLine[] {
  const atUntil = lines.filter((line) => compareTimes(line, until) === 0).length;
  const fresh = atUntil - known;
  let seen = 0;
  return lines.filter((line) => compareTimes(line, until) !== 0 || seen++ < fresh).slice(-wanted);
}

class LastLines {
  #lines: LogLine[] = [];
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  push(line: LogLine): void {
    // Its bytes are a view of a whole message, which would be kept.
    this.#lines.push({ ...line, text: line.text.slice() });
    if (this.#lines.length >= this.#most * 2) this.#lines = this.#lines.slice(-this.#most);
  }

  get lines(): readonly LogLine[] {
    return this.#lines.slice(-this.#most);
  }
}
