import { type ContainerEvent, HEALTH_ATTRIBUTE, reportedAction } from "@fairlead/protocol";
import { formatNanoseconds } from "./event-time.ts";

/** An event as the engine's `/events` has it. */
export interface EngineEvent {
  readonly type: string;
  readonly action: string;
  readonly actorId: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly nanoseconds: bigint;
}

/** A line of `/events`; `undefined` when it is none. Nanoseconds are read from the text: a number of JavaScript loses their last digits. */
export function parseEngineEvent(line: string): EngineEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line, keepNanoseconds);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { Type, Action, status, id, Actor, time, timeNano } = value as Record<string, unknown>;
  const nanoseconds = typeof timeNano === "bigint" ? timeNano : secondsOf(time);
  const action = Action ?? status;
  if (nanoseconds === undefined || typeof action !== "string") return undefined;
  const { ID, Attributes } = (Actor ?? {}) as Record<string, unknown>;
  const actorId = ID ?? id;
  return {
    type: typeof Type === "string" ? Type : "container",
    action,
    actorId: typeof actorId === "string" ? actorId : "",
    attributes: textsOf(Attributes),
    nanoseconds,
  };
}

function keepNanoseconds(name: string, value: unknown, context?: { source?: string }): unknown {
  const digits = name === "timeNano" ? context?.source : undefined;
  return digits !== undefined && /^\d{1,20}$/.test(digits) ? BigInt(digits) : value;
}

function secondsOf(time: unknown): bigint | undefined {
  return typeof time === "number" && Number.isSafeInteger(time) ? BigInt(time) * 1_000_000_000n : undefined;
}

function textsOf(attributes: unknown): Record<string, string> {
  const entries = Object.entries((attributes ?? {}) as Record<string, unknown>);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

/** The event as an agent would report it; `undefined` when agents report no such event. */
export function containerEventOf({
  type,
  action,
  actorId,
  attributes,
  nanoseconds,
}: EngineEvent): ContainerEvent | undefined {
  const reported = type === "container" ? reportedAction(action) : undefined;
  if (reported === undefined) return undefined;
  const { health } = reported;
  return {
    containerId: actorId,
    ...(attributes["name"] === undefined ? {} : { containerName: attributes["name"] }),
    ...(attributes["image"] === undefined ? {} : { image: attributes["image"] }),
    action: reported.action,
    actorAttributes: health === undefined ? { ...attributes } : { ...attributes, [HEALTH_ATTRIBUTE]: health },
    timestamp: formatNanoseconds(nanoseconds),
  };
}
