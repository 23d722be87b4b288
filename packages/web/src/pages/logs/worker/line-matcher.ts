/** What is looked for. */
export interface Search {
  readonly text: string;
  readonly isRegex: boolean;
  readonly matchCase: boolean;
}

export interface LineMatcher {
  matches(text: string): boolean;
  /** Where, as pairs of start and end. */
  ranges(text: string): readonly (readonly [start: number, end: number])[];
}

/** Highlighted in one line at most. */
const MAX_RANGES = 200;

/** Undefined when nothing is looked for. @throws SyntaxError of an expression that is none. */
export function lineMatcher({ text, isRegex, matchCase }: Search): LineMatcher | undefined {
  if (text === "") return undefined;
  const source = isRegex ? text : text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  const flags = matchCase ? "" : "i";
  const once = new RegExp(source, flags);
  const every = new RegExp(source, `${flags}g`);
  return {
    matches: (line) => once.test(line),
    ranges: (line) => {
      const found: [number, number][] = [];
      for (const match of line.matchAll(every)) {
        if (match[0] !== "") found.push([match.index, match.index + match[0].length]);
        if (found.length >= MAX_RANGES) break;
      }
      return found;
    },
  };
}
