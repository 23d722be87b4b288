import { encodeMessage, type HostMetrics, newMetricsMessage } from "@fairlead/protocol";
import type { Log } from "../log.ts";
import { unixSeconds } from "./hub-connection.ts";
import { Outbox } from "./outbox.ts";

/** Samples of the time when the hub is away are kept this long. */
export const METRICS_BACKLOG_MS = 60 * 60 * 1000;

/** Deployed agents send the first sample this long after the welcome. */
const FIRST_SAMPLE_MS = 30_000;

/** A sample is some 300 characters; the interval may be set as low as a tenth of a second. */
const MAX_SAMPLES = 3_600;
const MAX_SAMPLES_LENGTH = 2 * 1024 * 1024;

export interface MetricsReporterOptions {
  readonly read: () => Promise<HostMetrics>;
  readonly intervalMs: number;
  readonly log: Log;
}

/** Samples of the host's figures, from soon after the first welcome on, whether the hub is there or not. */
export class MetricsReporter {
  readonly outbox: Outbox<number>;
  readonly #options: MetricsReporterOptions;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: MetricsReporterOptions) {
    this.#options = options;
    const perBacklog = Math.ceil(METRICS_BACKLOG_MS / options.intervalMs);
    this.outbox = new Outbox<number>({
      maxMessages: Math.min(MAX_SAMPLES, perBacklog),
      maxLength: MAX_SAMPLES_LENGTH,
      onDropped: (count) => options.log.info("host metrics over an hour old were dropped", { count }),
    });
  }

  /** Begins to sample, the first time it is called. */
  start(): void {
    if (this.#timer !== undefined || this.#isStopped) return;
    this.#schedule(Math.min(FIRST_SAMPLE_MS, this.#options.intervalMs));
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.outbox.detach();
  }

  /** One sample at a time: a slow read delays the next one, and never lands behind it. */
  #schedule(delayMs: number): void {
    this.#timer = setTimeout(() => {
      const startedAt = performance.now();
      void this.#sample().then(() => {
        const elapsedMs = performance.now() - startedAt;
        if (!this.#isStopped) this.#schedule(Math.max(0, this.#options.intervalMs - elapsedMs));
      });
    }, delayMs).unref();
  }

  async #sample(): Promise<void> {
    const timestamp = unixSeconds();
    try {
      const metrics = await this.#options.read();
      if (!this.#isStopped) this.outbox.add(encodeMessage(newMetricsMessage(timestamp, metrics)), timestamp);
    } catch (error) {
      this.#options.log.warn("the host's figures cannot be read", { error: String(error) });
    }
  }
}
