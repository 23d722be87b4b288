import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import type { ChartSpan } from "../../ui/chart-data.ts";
import { useNow } from "../../ui/clock.ts";
import { parseTimeRange, rangeTexts, type RangeTexts, spanOf, type TimeRange } from "./time-range.ts";

export interface ShownTime {
  readonly range: TimeRange;
  /** The range now: one that ends now moves on. */
  readonly span: ChartSpan;
  readonly set: (range: TimeRange) => void;
}

/** The time that is looked at, as the address has it. */
export function useTimeRange(): ShownTime {
  const { range: name, since, until } = useSearch({ strict: false }) as RangeTexts;
  const navigate = useNavigate();
  const now = useNow();
  const range = useMemo(() => parseTimeRange({ range: name, since, until }), [name, since, until]);
  const span = useMemo(() => spanOf(range, now), [range, now]);
  const set = useCallback(
    (next: TimeRange) => {
      const search = (before: RangeTexts) => ({ ...before, ...rangeTexts(next) });
      void navigate({ to: ".", search, replace: true } as never);
    },
    [navigate],
  );
  return { range, span, set };
}
