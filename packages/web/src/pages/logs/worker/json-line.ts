/** What a line that is a JSON object says, as columns show it. */
export interface JsonLine {
  readonly message?: string;
  /** Everything but level, time and message, in the line's order; nested ones are JSON again. */
  readonly fields: Readonly<Record<string, string>>;
}

const MESSAGES = ["msg", "message", "@m", "event", "short_message"];
const LEVELS = new Set(["level", "severity", "lvl", "log.level", "loglevel", "level_name", "@l"]);
const TIMES = new Set(["time", "timestamp", "ts", "@timestamp", "@t"]);

/** A line has this many columns at most: more are no columns, and its whole text can be unfolded. */
const MAX_FIELDS = 100;

/** Undefined when the line is no JSON object. */
export function parseJsonLine(text: string): JsonLine | undefined {
  const trimmed = text.trim();
  if (!trimmed.startsWith("{") || !trimmed.endsWith("}")) return undefined;
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(trimmed) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const messageKey = MESSAGES.find((key) => typeof value[key] === "string");
  const fields: Record<string, string> = {};
  for (const [key, field] of Object.entries(value).slice(0, MAX_FIELDS)) {
    if (key === messageKey || LEVELS.has(key.toLowerCase()) || TIMES.has(key.toLowerCase())) continue;
    // Not assigned: a key may be called __proto__.
    Object.defineProperty(fields, key, { value: inWords(field), enumerable: true, configurable: true });
  }
  return messageKey === undefined ? { fields } : { message: value[messageKey] as string, fields };
}

function inWords(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
