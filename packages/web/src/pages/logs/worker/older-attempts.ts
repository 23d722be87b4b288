import { formatStamp, type LogTime } from "./log-time.ts";

/** What the engine is asked for, beside `until`. */
export interface OlderAttempt {
  readonly tail: string;
  readonly since?: string;
}

export interface OlderOptions {
  /** What is held of the source reaches to its end, as far as is known. */
  readonly reachesEnd: boolean;
  /** Lines known from there to the end. */
  readonly known: number;
  readonly wanted: number;
  /** Up to where is asked. */
  readonly until: LogTime;
  /** Not before this. */
  readonly since: LogTime | undefined;
}

const MINUTE_MICROS = 60e6;
const SPANS_MICROS = [10 * MINUTE_MICROS, 360 * MINUTE_MICROS, 14 * 1440 * MINUTE_MICROS];
const GROWTH = [1, 10, 100];
const MAX_TAIL = 999_999_999;

/**
 * Questions for the lines before some time, in turn until one has an answer. Engines count `tail` from the end of the log, whatever
 * `until` says: near the end so many lines more are asked for than are known. Elsewhere spans before it are, that grow.
 */
export function olderAttempts({ reachesEnd, known, wanted, until, since }: OlderOptions): readonly OlderAttempt[] {
  const from = since === undefined ? {} : { since: formatStamp(since) };
  const all: OlderAttempt = { tail: "all", ...from };
  if (reachesEnd) {
    const tails = GROWTH.map((factor) => Math.min(MAX_TAIL, (known + wanted) * factor));
    return [...tails.map((tail) => ({ tail: String(tail), ...from })), all];
  }
  const starts = SPANS_MICROS.map((span) => until.micros - span).filter((start) => start > (since?.micros ?? 0));
  return [...starts.map((micros) => ({ tail: "all", since: formatStamp({ micros, nanos: 0 }) })), all];
}
