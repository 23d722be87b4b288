import type { MetricsPoint } from "@fairlead/protocol/rest";
import { Rollup } from "./rollup.ts";

/**
 * One point for each `widthS` seconds from `from` on that have any: means and last values as a rollup has them. What is in memory grows
 * with the spans, not with what they are made of.
 */
export class Downsampling {
  readonly #from: number;
  readonly #widthS: number;
  readonly #spans = new Map<number, Rollup>();

  constructor(from: number, widthS: number) {
    this.#from = from;
    this.#widthS = widthS;
  }

  /** @param points in time order, after those before. What lies before `from` is a rollup that reaches into the first span. */
  add(points: readonly MetricsPoint[]): void {
    for (const { at, metrics } of points) {
      const index = Math.max(0, Math.floor((at - this.#from) / this.#widthS));
      const span = this.#spans.get(index) ?? new Rollup();
      span.add(metrics);
      this.#spans.set(index, span);
    }
  }

  /** In time order; `at` is the start of each span. */
  get points(): MetricsPoint[] {
    return [...this.#spans].map(([index, span]) => ({ at: this.#from + index * this.#widthS, metrics: span.figures }));
  }
}
