import type { ContainerEvent } from "@fairlead/protocol";
import { formatNanoseconds } from "./event-time.ts";
import { actionName } from "./new-event.ts";

/** Container actions that the history holds; the engine's others (exec_*, attach, top, resize, …) come with every health check. */
const REPORTED_ACTIONS: ReadonlySet<string> = new Set([
  "create",
  "start",
  "stop",
  "die",
  "kill",
  "restart",
  "pause",
  "unpause",
  "destroy",
  "rename",
  "update",
  "oom",
  "health_status",
]);

/** Podman's own names, where its Docker-compatible socket lets them through. */
const PODMAN_ACTIONS: Readonly<Record<string, string>> = { died: "die", remove: "destroy" };

/** Attribute with the state that `health_status: healthy` ends with. */
const HEALTH_ATTRIBUTE = "healthStatus";

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
  const given = actionName(action);
  const name = PODMAN_ACTIONS[given] ?? given;
  if (type !== "container" || !REPORTED_ACTIONS.has(name)) return undefined;
  const health = action.slice(given.length + 1).trim();
  return {
    containerId: actorId,
    ...(attributes["name"] === undefined ? {} : { containerName: attributes["name"] }),
    ...(attributes["image"] === undefined ? {} : { image: attributes["image"] }),
    action: name,
    actorAttributes: health === "" ? { ...attributes } : { ...attributes, [HEALTH_ATTRIBUTE]: health },
    timestamp: formatNanoseconds(nanoseconds),
  };
}
