/** How bad a line says it is; 0 when it does not say. */
export const LEVELS = ["", "debug", "info", "warn", "error"] as const;
export type Level = 0 | 1 | 2 | 3 | 4;

/** Beyond these a line does not begin any more to say what it is. */
const LOOKED_AT = 160;

const NAMES: Readonly<Record<string, Level>> = {
  trace: 1,
  debug: 1,
  dbg: 1,
  info: 2,
  information: 2,
  notice: 2,
  warn: 3,
  warning: 3,
  err: 4,
  error: 4,
  critical: 4,
  crit: 4,
  alert: 4,
  emerg: 4,
  emergency: 4,
  fatal: 4,
  panic: 4,
  severe: 4,
};
const WORDS = Object.keys(NAMES)
  .sort((a, b) => b.length - a.length)
  .join("|");

const JSON_LEVEL = /"(?:level|severity|lvl|log\.level|loglevel|level_name|@l)"\s*:\s*(?:"([a-z]+)"|(\d{1,2})\b)/i;
/** `level=warn`, `[error]`, `<info>`, `error:` at the start, `| WARN |`. */
const MARKED = new RegExp(
  `(?:\\b(?:level|lvl|severity)=["']?|[\\[<(|]\\s*)(${WORDS})\\b|^(${WORDS})(?=[:\\]|]|\\s*[-–]|\\s*\\()`,
  "i",
);
/** Written large, or by klog: `E0502 10:20:30`. */
const LARGE = new RegExp(`(?:^|[^\\w-])(${WORDS.toUpperCase()})(?![\\w-])`);
const KLOG = /^([IWEF])\d{4} \d\d:/;
const KLOG_LEVELS: Readonly<Record<string, Level>> = { I: 2, W: 3, E: 4, F: 4 };

/** The level that a line says. Careful: "0 errors" is none, a word counts only where loggers put their level. */
export function levelOf(text: string): Level {
  if (text.startsWith("{")) {
    const [, name, number] = JSON_LEVEL.exec(text) ?? [];
    if (name !== undefined) return NAMES[name.toLowerCase()] ?? 0;
    // As pino and bunyan have it.
    if (number !== undefined) {
      const value = Number(number);
      return value >= 50 ? 4 : value >= 40 ? 3 : value >= 30 ? 2 : value >= 10 ? 1 : 0;
    }
    return 0;
  }
  const start = text.slice(0, LOOKED_AT);
  const klog = KLOG.exec(start)?.[1];
  if (klog !== undefined) return KLOG_LEVELS[klog] ?? 0;
  const marked = MARKED.exec(start);
  const word = marked?.[1] ?? marked?.[2] ?? LARGE.exec(start)?.[1];
  return word === undefined ? 0 : (NAMES[word.toLowerCase()] ?? 0);
}
