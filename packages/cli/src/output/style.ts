import { stripVTControlCharacters, styleText } from "node:util";

/** Colours with a meaning; the terminal's own palette gives the shade. */
export type Tone = "good" | "bad" | "warn" | "faint" | "strong" | "host";

const FORMATS = {
  good: "green",
  bad: "red",
  warn: "yellow",
  faint: "dim",
  strong: "bold",
  host: "cyan",
} as const satisfies Record<Tone, Parameters<typeof styleText>[0]>;

/** Colours for one stream: none unless it is a terminal that shows them, and none with `NO_COLOR`. */
export class Style {
  readonly #stream: NodeJS.WriteStream;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  paint(tone: Tone, text: string): string {
    return styleText(FORMATS[tone], text, { stream: this.#stream });
  }
}

/** Columns that a text takes on a terminal, colours not counted. */
export function visibleWidth(text: string): number {
  return Array.from(stripVTControlCharacters(text)).length;
}

/** Text from a host, safe for a terminal: control characters could move the cursor or change the terminal's settings. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code === 9 ? " " : `\\x${code.toString(16).padStart(2, "0")}`;
  });
}
