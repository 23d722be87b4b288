import { ERRORS, isErrorCode } from "@fairlead/protocol";
import type { LogLine } from "./line-assembler.ts";
import type { LogAddress, LogRange, SourceState } from "./log-messages.ts";
import { LogSocket, logsAddress, type OpenSocket } from "./log-socket.ts";
import { compareTimes, formatStamp, fromMilliseconds, type LogTime } from "./log-time.ts";
import { ResumePoint } from "./resume-point.ts";

export interface SourceReaderOptions {
  readonly address: LogAddress;
  /** Its number among the sources. */
  readonly slot: number;
  readonly origin: string;
  readonly range: LogRange;
  readonly openSocket: OpenSocket;
  /** Lines of this source that are held with exactly this time. */
  readonly heldAt: (slot: number, time: LogTime) => number;
  readonly onLine: (reader: SourceReader, line: LogLine) => void;
  /** Something to be said in the log, after the line with this time. */
  readonly onNote: (time: LogTime, text: string) => void;
  /** It was away and goes on. Unix milliseconds. */
  readonly onBack: (reader: SourceReader, since: number) => void;
  readonly onChange: () => void;
}

const FIRST_RETRY_MS = 500;
/** A hub that restarts is back within seconds; one that is away longer is not asked more often by each of fifty logs. */
const LAST_RETRY_MS = 10_000;

/** Reads one container's log onwards: follows it, and continues where it was when the hub or the host was away. */
export class SourceReader {
  readonly address: LogAddress;
  readonly slot: number;
  /** All lines after it are held, up to `newest`. */
  front: LogTime | undefined;
  newest: LogTime | undefined;
  /** Nothing is older than what is held. */
  isExhausted = false;
  /** A line was cut: the engine counts it as several. */
  hasCutLines = false;
  state: SourceState = { kind: "waiting" };
  readonly #options: SourceReaderOptions;
  #socket: LogSocket | undefined;
  #retries = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dialledAt = 0;
  /** It was continued, and nothing came yet that was written since. */
  #isBehind = false;
  /** Lines that may still come before it holds. */
  #allowance = Number.POSITIVE_INFINITY;

  constructor(options: SourceReaderOptions) {
    this.address = options.address;
    this.slot = options.slot;
    this.#options = options;
    const { at, until } = options.range;
    if (at !== undefined) {
      this.newest = fromMilliseconds(at);
      this.front = { micros: this.newest.micros - 1, nanos: 999 };
    } else if (until !== undefined) {
      this.newest = this.front = fromMilliseconds(until);
    }
  }

  /** What is held of it reaches to its end, as far as is known. */
  get reachesEnd(): boolean {
    return (
      !this.#isBehind &&
      (this.state.kind === "live" || (this.state.kind === "ended" && this.#options.range.until === undefined))
    );
  }

  /** Reads on, for at most so many lines; nothing when it does already. */
  open(allowance = Number.POSITIVE_INFINITY): void {
    this.#allowance = allowance;
    if (this.#socket || this.#timer !== undefined) return;
    const { range } = this.#options;
    if (range.until !== undefined && range.at === undefined) {
      // Everything before that time is older than it.
      this.#become({ kind: "ended" });
      return;
    }
    if (this.state.kind !== "away") this.#become({ kind: "waiting" });
    this.#dial();
  }

  /** Stops reading; `open` goes on from here. */
  hold(): void {
    if (this.state.kind === "ended" || this.state.kind === "failed") return;
    this.close();
    this.#become({ kind: "held" });
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#socket?.close();
    this.#socket = undefined;
  }

  /** Reads again now: its container started, or somebody says so. */
  retry(): void {
    if (this.#socket) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#retries = 0;
    this.open(this.#allowance);
  }

  /** Its lines from this time on are not held any more. */
  drop(time: LogTime): void {
    this.close();
    this.newest = time;
    this.#become({ kind: "held" });
  }

  #dial(): void {
    const { origin, range, openSocket } = this.#options;
    const { newest } = this;
    const resume = newest && new ResumePoint(newest, this.#options.heldAt(this.slot, newest));
    const since = newest ?? (range.since === undefined ? undefined : fromMilliseconds(range.since));
    const url = logsAddress(origin, this.address.environmentId, {
      container: this.address.containerId,
      follow: range.until === undefined,
      tail: newest === undefined ? String(range.tail) : "all",
      ...(since === undefined ? {} : { since: formatStamp(since) }),
      ...(range.until === undefined ? {} : { until: formatStamp(fromMilliseconds(range.until)) }),
    });
    this.#dialledAt = Date.now();
    this.#isBehind = newest !== undefined;
    let saysGap = false;
    const socket = new LogSocket(
      openSocket(url),
      {
        onReady: () => {
          this.#retries = 0;
          const before = this.state;
          this.#become({ kind: "live" });
          if (before.kind === "away" && newest !== undefined) this.#options.onBack(this, before.since);
        },
        onLine: (line) => {
          if (resume?.isNew(line) === false) return;
          if (resume?.hasGap === true && newest && !saysGap) {
            saysGap = true;
            this.#options.onNote(
              newest,
              `${this.address.name}: lines may be missing here. The engine no longer has the last line that was read.`,
            );
          }
          this.#take(line);
        },
        onEnd: () => this.#over({ kind: "ended" }),
        onError: (code, message) => {
          if (isErrorCode(code) && ERRORS[code].retryable) this.#away(message);
          else this.#over({ kind: "failed", code, message });
        },
        onLost: () => this.#away("The hub does not answer."),
      },
      (newest ?? fromMilliseconds(Date.now())).micros,
    );
    this.#socket = socket;
  }

  #take(line: LogLine): void {
    this.front ??= { micros: line.micros, nanos: line.nanos };
    if (this.newest === undefined || compareTimes(line, this.newest) > 0)
      this.newest = { micros: line.micros, nanos: line.nanos };
    if (line.isCut) this.hasCutLines = true;
    if (line.micros / 1000 >= this.#dialledAt) this.#isBehind = false;
    this.#options.onLine(this, line);
    this.#allowance -= 1;
    if (this.#allowance <= 0) this.hold();
  }

  #over(state: SourceState): void {
    this.#socket = undefined;
    this.#become(state);
  }

  #away(message: string): void {
    this.#socket = undefined;
    const since = this.state.kind === "away" ? this.state.since : Date.now();
    this.#become({ kind: "away", since, message });
    const waitMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#retries);
    this.#retries += 1;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#dial();
    }, waitMs);
  }

  #become(state: SourceState): void {
    this.state = state;
    this.#options.onChange();
  }
}
