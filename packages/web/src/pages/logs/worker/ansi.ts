/** How a part of a line looks. */
export interface AnsiSpan {
  readonly start: number;
  readonly end: number;
  /** 0-7, and 8-15 for the bright ones. */
  readonly color?: number;
  readonly background?: number;
  readonly bold?: boolean;
  readonly dim?: boolean;
}

export interface AnsiText {
  readonly text: string;
  /** In order; what is plain has none. */
  readonly spans: readonly AnsiSpan[];
}

type Look = { -readonly [Name in Exclude<keyof AnsiSpan, "start" | "end">]?: AnsiSpan[Name] };

/** CSI sequences, OSC sequences, other escapes, and control characters. */
const ESCAPES =
  /\x1b\[([0-9;:<=>?]*)[ -/]*([@-~])?|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]?|[\x00-\x08\x0a-\x1f\x7f]/g;

/** The text without escapes. */
export function stripAnsi(text: string): string {
  return text.includes("\x1b") || /[\x00-\x08\x0a-\x1f\x7f]/.test(text) ? text.replace(ESCAPES, "") : text;
}

/** The text without escapes, and what colours (the 16), bold and dim they gave it; everything else that they ask for is left out. */
export function parseAnsi(line: string): AnsiText {
  if (!line.includes("\x1b")) return { text: stripAnsi(line), spans: [] };
  const spans: AnsiSpan[] = [];
  let text = "";
  let look: Look = {};
  let at = 0;
  const take = (end: number): void => {
    const part = line.slice(at, end);
    if (part !== "" && Object.keys(look).length > 0)
      spans.push({ start: text.length, end: text.length + part.length, ...look });
    text += part;
  };
  for (const match of line.matchAll(ESCAPES)) {
    take(match.index);
    at = match.index + match[0].length;
    if (match[2] === "m") look = applySgr(look, match[1] ?? "");
  }
  take(line.length);
  return { text, spans };
}

function applySgr(before: Look, parameters: string): Look {
  let look: Look = { ...before };
  const codes = parameters.split(/[;:]/).map(Number);
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    if (code === 0) look = {};
    else if (code === 1) look.bold = true;
    else if (code === 2) look.dim = true;
    else if (code === 22) {
      delete look.bold;
      delete look.dim;
    } else if (code >= 30 && code <= 37) look.color = code - 30;
    else if (code >= 90 && code <= 97) look.color = code - 82;
    else if (code === 39) delete look.color;
    else if (code >= 40 && code <= 47) look.background = code - 40;
    else if (code >= 100 && code <= 107) look.background = code - 92;
    else if (code === 49) delete look.background;
    else if (code === 38 || code === 48) {
      const isIndexed = codes[index + 1] === 5;
      const color = codes[index + 2] ?? 16;
      if (isIndexed && color < 16) look[code === 38 ? "color" : "background"] = color;
      index += isIndexed ? 2 : 4;
    }
  }
  return look;
}
