import type { AnsiSpan } from "./worker/ansi.ts";

/** A part of a line that looks the same throughout. */
export interface StyledPart {
  readonly text: string;
  readonly span: AnsiSpan | undefined;
  readonly isMatch: boolean;
}

/** Cuts a line where its colours or what was found in it begin and end. Both lists are sorted, and nothing in one overlaps. */
export function styledParts(
  text: string,
  spans: readonly AnsiSpan[],
  ranges: readonly (readonly [start: number, end: number])[],
): readonly StyledPart[] {
  if (spans.length === 0 && ranges.length === 0) return [{ text, span: undefined, isMatch: false }];
  const edges = new Set([0, text.length]);
  for (const { start, end } of spans) edges.add(start).add(end);
  for (const [start, end] of ranges) edges.add(start).add(end);
  const sorted = [...edges].filter((edge) => edge <= text.length).sort((a, b) => a - b);
  const parts: StyledPart[] = [];
  let spanAt = 0;
  let rangeAt = 0;
  for (let index = 0; index + 1 < sorted.length; index += 1) {
    const start = sorted[index] ?? 0;
    while ((spans[spanAt]?.end ?? Infinity) <= start) spanAt += 1;
    while ((ranges[rangeAt]?.[1] ?? Infinity) <= start) rangeAt += 1;
    const span = spans[spanAt];
    const range = ranges[rangeAt];
    parts.push({
      text: text.slice(start, sorted[index + 1]),
      span: span && span.start <= start ? span : undefined,
      isMatch: range !== undefined && range[0] <= start,
    });
  }
  return parts;
}
