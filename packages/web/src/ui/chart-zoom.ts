import { useState } from "react";
import { Store } from "../hub/store.ts";
import type { ChartSpan } from "./chart-data.ts";

/** Nothing is measured more often than every few seconds: closer there is nothing to see. */
const MIN_SPAN_S = 30;

let lastKey = 0;

/** What the charts of a page show together: a part of their range (null: all of it); and by `key` the cursor. */
export class ChartZoom {
  readonly key: string = `fl-charts-${(lastKey += 1)}`;
  readonly span = new Store<ChartSpan | null>(null);

  show(span: ChartSpan): void {
    const middle = (span.from + span.to) / 2;
    const half = Math.max(MIN_SPAN_S, span.to - span.from) / 2;
    this.span.set({ from: middle - half, to: middle + half });
  }

  reset(): void {
    this.span.set(null);
  }
}

export function useChartZoom(): ChartZoom {
  return useState(() => new ChartZoom())[0];
}

/** Half or double the span, around its middle, within all of it; null when that is all of it. */
export function zoomed(shown: ChartSpan, all: ChartSpan, factor: number): ChartSpan | null {
  const length = Math.max(MIN_SPAN_S, (shown.to - shown.from) * factor);
  if (length >= all.to - all.from) return null;
  const middle = (shown.from + shown.to) / 2;
  return within({ from: middle - length / 2, to: middle + length / 2 }, all);
}

/** The span moved by a part of its length, as far as there is something. */
export function moved(shown: ChartSpan, all: ChartSpan, part: number): ChartSpan {
  const step = (shown.to - shown.from) * part;
  return within({ from: shown.from + step, to: shown.to + step }, all);
}

function within({ from, to }: ChartSpan, all: ChartSpan): ChartSpan {
  const shift = Math.max(all.from - from, 0) - Math.max(to - all.to, 0);
  return { from: from + shift, to: to + shift };
}
