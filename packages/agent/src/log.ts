/** Levels of `LOG_LEVEL`, quietest last. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What a line can carry besides its message. `undefined` fields are left out. Never put a secret here. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** The agent's log: one line a call, `time level message key=value …`. */
export interface Log {
  readonly debug: (message: string, fields?: LogFields) => void;
  readonly info: (message: string, fields?: LogFields) => void;
  readonly warn: (message: string, fields?: LogFields) => void;
  readonly error: (message: string, fields?: LogFields) => void;
}

/** Text from peers and engines ends up in values: longer ones are cut, so that nobody can fill a disk with one line. */
const MAX_VALUE_LENGTH = 1024;

/**
 * A log of lines at `level` and above.
 * @param sink Takes one line without its line end. Default: standard error.
 */
export function createLog(level: LogLevel, sink: (line: string) => void = toStandardError): Log {
  const threshold = LOG_LEVELS.indexOf(level);
  const at = (name: LogLevel) => {
    if (LOG_LEVELS.indexOf(name) < threshold) return () => {};
    return (message: string, fields: LogFields = {}): void => sink(line(name, message, fields));
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function line(level: LogLevel, message: string, fields: LogFields): string {
  let text = `${new Date().toISOString()} ${level} ${oneLine(message)}`;
  for (const [key, value] of Object.entries(fields)) {
    if (value !== undefined) text += ` ${key}=${shown(value)}`;
  }
  return text;
}

function shown(value: string | number | boolean): string {
  if (typeof value !== "string") return String(value);
  const cut = value.length > MAX_VALUE_LENGTH ? `${value.slice(0, MAX_VALUE_LENGTH)}…` : value;
  return /^[^\s"=\u0000-\u001f\u007f]+$/.test(cut) ? cut : JSON.stringify(cut);
}

/** A line break in a message would let its text pose as a line of its own. */
function oneLine(message: string): string {
  const cut = message.length > MAX_VALUE_LENGTH ? `${message.slice(0, MAX_VALUE_LENGTH)}…` : message;
  return cut.replace(/[\u0000-\u001f\u007f]+/g, " ");
}

function toStandardError(text: string): void {
  process.stderr.write(`${text}\n`);
}
