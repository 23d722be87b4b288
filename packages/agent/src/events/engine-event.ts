import { type ContainerEvent, HEALTH_ATTRIBUTE, reportedAction } from "@fairlead/protocol";

/** An event of the engine, ready for the wire. */
export interface EngineEvent {
  readonly event: ContainerEvent;
  readonly mark: EventMark;
}

/**
 * What an event is known by, the same however often an engine shows it: `timeNano containerId action`, with the id shortened.
 * Digits alone are a moment at which no event was.
 */
export type EventMark = string;

/**
 * Reads one line of `/events`.
 * @returns undefined for what is no container event, or one of no interest
 */
export function parseEngineEvent(line: string): EngineEvent | undefined {
  const value = parseObject(line);
  if (value === undefined || (value["Type"] !== undefined && value["Type"] !== "container")) return undefined;
  const actor = asObject(value["Actor"]);
  const containerId = text(actor["ID"]) || text(value["id"]);
  const attributes = stringMap(actor["Attributes"]);
  const reported = reportedAction(text(value["Action"]) || text(value["status"]));
  const timeNano = timeOf(line, value["time"]);
  if (containerId === "" || timeNano === undefined || reported === undefined) return undefined;
  const { action, health } = reported;
  if (health !== undefined) attributes[HEALTH_ATTRIBUTE] ??= health;
  const { name, image } = attributes;
  return {
    event: {
      containerId,
      ...(name ? { containerName: name.replace(/^\//, "") } : {}),
      ...(image ? { image } : {}),
      action,
      actorAttributes: attributes,
      timestamp: timestampOf(timeNano),
    },
    mark: `${timeNano} ${containerId.slice(0, 12)} ${action}`,
  };
}

/** RFC 3339 in UTC of decimal digits of Unix nanoseconds (more than a number holds exactly), all nine of the fraction. */
export function timestampOf(timeNano: string): string {
  const digits = timeNano.padStart(10, "0");
  const seconds = new Date(Number(digits.slice(0, -9)) * 1000).toISOString();
  return `${seconds.slice(0, 19)}.${digits.slice(-9)}Z`;
}

/** Decimal digits of Unix nanoseconds of a mark. */
export function timeNanoOf(mark: EventMark): string {
  return mark.split(" ")[0] ?? "";
}

/** Whole Unix seconds of a mark. */
export function secondsOf(mark: EventMark): number {
  return Number(timeNanoOf(mark).slice(0, -9));
}

/** The mark of this moment. */
export function markOfNow(): EventMark {
  return `${Date.now()}000000`;
}

/** Whether an event is behind the mark, and not just a moment. */
export function isEvent(mark: EventMark): boolean {
  return mark.includes(" ");
}

export function isMark(text: string): boolean {
  return /^[1-9]\d{9,19}( \S{1,12} \S{1,32})?$/.test(text);
}

/** Whether `a` happened after `b`. */
export function isLater(a: EventMark, b: EventMark): boolean {
  const [nanoA, nanoB] = [timeNanoOf(a), timeNanoOf(b)];
  return nanoA.length === nanoB.length ? nanoA > nanoB : nanoA.length > nanoB.length;
}

/**
 * The digits as they stand in the text: as a number they would lose the last two or three.
 * Inside a string the quotes would be escaped, so that no label can pose as the field.
 */
function timeOf(line: string, seconds: unknown): string | undefined {
  const nano = /"timeNano":\s*([1-9]\d{9,19})\b/.exec(line)?.[1];
  if (nano !== undefined) return nano;
  return typeof seconds === "number" && Number.isSafeInteger(seconds) && seconds > 0
    ? `${seconds}000000000`
    : undefined;
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    return asObject(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function stringMap(value: unknown): Record<string, string> {
  const entries = Object.entries(asObject(value)).filter(([, field]) => typeof field === "string");
  return Object.fromEntries(entries) as Record<string, string>;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
