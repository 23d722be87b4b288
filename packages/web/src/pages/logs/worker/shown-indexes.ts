/** Which lines are shown, of all that are held. */
export interface ShownIndexes {
  /** Their indexes among all that are held, ascending; undefined: all of them. */
  readonly lines: Uint32Array | undefined;
  /** Where the matches stand among those that are shown, ascending. */
  readonly matches: Uint32Array;
}

export interface ShownOptions {
  readonly count: number;
  /** Not hidden by a source or a stream that is off. */
  readonly isOn: (index: number) => boolean;
  readonly isMatch: (index: number) => boolean;
  /** Only matches, with so many lines before and after each; undefined: all lines. */
  readonly context: number | undefined;
}

/** Lines before and after a match are counted among those that are on. */
export function shownIndexes({ count, isOn, isMatch, context }: ShownOptions): ShownIndexes {
  const on = new Uint32Array(count);
  const lines = new Uint32Array(count);
  const matches = new Uint32Array(count);
  let onCount = 0;
  let lineCount = 0;
  let matchCount = 0;
  // Of `on`, what comes next to be shown, and up to where the last match's context reaches.
  let next = 0;
  let reach = -1;
  for (let index = 0; index < count; index += 1) {
    if (!isOn(index)) continue;
    on[onCount] = index;
    const matched = isMatch(index);
    if (context === undefined) {
      if (matched) matches[matchCount++] = lineCount;
      lines[lineCount++] = index;
    } else if (matched) {
      for (let at = Math.max(next, onCount - context); at < onCount; at += 1) lines[lineCount++] = on[at] ?? 0;
      matches[matchCount++] = lineCount;
      lines[lineCount++] = index;
      next = onCount + 1;
      reach = onCount + context;
    } else if (onCount <= reach) {
      lines[lineCount++] = index;
      next = onCount + 1;
    }
    onCount += 1;
  }
  return {
    lines: lineCount === count ? undefined : lines.slice(0, lineCount),
    matches: matches.slice(0, matchCount),
  };
}

/** Where the sorted list has the first value that is not below `value`. */
export function lowerBound(list: Uint32Array, value: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
