import { createHash } from "node:crypto";
import { type ContainerEvent, MAX_ID_LENGTH } from "@fairlead/protocol";
import type { Selectable } from "kysely";
import type { EventTable } from "../database/schema.ts";
import { type EventTime, parseEventTime } from "./event-time.ts";

export type EventRow = Selectable<EventTable>;
export type NewEvent = Omit<EventRow, "id">;

/** A gap: from when to when events may be missing. */
export interface Gap {
  /** Unix milliseconds; null when nothing was ever known before. */
  readonly from: number | null;
  readonly to: number;
  /** In words, for people. */
  readonly reason: string;
}

/** An event with all its labels is some 2 KiB; images with documentation in their labels reach tens of KiB. */
export const MAX_ATTRIBUTES_CHARACTERS = 64 * 1024;
/** Names, images and actions are shorter by far; what is longer is cut. */
const MAX_TEXT = 1024;
/** Two events of one container never share a time that is told to the microsecond. What is coarser may be shared. */
const EXACT_UNIT = 1_000n;
/** Attribute that says how many others were too large to keep. */
export const DROPPED_ATTRIBUTES = "fairlead.attributesDropped";

/**
 * The row of an event.
 *
 * @param receivedAt stands for a time that cannot be read, or that lies further ahead than clocks differ: such an event
 * would stay at the end of the history for ever. The event itself keeps what its sender wrote.
 */
export function newEvent(environmentId: number, event: ContainerEvent, receivedAt: number): NewEvent {
  const time = parseEventTime(event.timestamp);
  const isCredible = time !== undefined && time.milliseconds <= receivedAt + MAX_AHEAD_MS;
  const kept = bounded(event);
  return {
    environment_id: environmentId,
    kind: "event",
    at: isCredible ? time.milliseconds : receivedAt,
    nanoseconds: isCredible ? Number(time.nanoseconds % 1_000_000n) : 0,
    identity: identityOf(event, time),
    container_id: kept.containerId,
    container_name: kept.containerName ?? null,
    action: actionName(kept.action),
    body: JSON.stringify(kept),
  };
}

/** Hosts whose clock is an hour off (a wrong time zone) exist; a day ahead is no clock. */
const MAX_AHEAD_MS = 24 * 3600_000;

export function newGap(environmentId: number, { from, to, reason }: Gap): NewEvent {
  return {
    environment_id: environmentId,
    kind: "gap",
    at: to,
    nanoseconds: 0,
    identity: `gap ${from ?? ""} ${to}`,
    container_id: null,
    container_name: null,
    action: null,
    body: JSON.stringify({ from, to, reason }),
  };
}

/** `health_status` of Docker's `health_status: healthy`. */
export function actionName(action: string): string {
  return action.split(":", 1)[0]?.trim() ?? "";
}

/**
 * What makes an event the same, whoever tells it: its time, container and action; with its attributes when the time is
 * not exact. Attributes are left out otherwise because senders differ in which of them they pass on.
 */
function identityOf(event: ContainerEvent, time: EventTime | undefined): string {
  const exact = time !== undefined && time.unit <= EXACT_UNIT;
  const attributes = exact ? [] : Object.entries(event.actorAttributes ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = [
    time ? time.nanoseconds.toString() : event.timestamp,
    event.containerId,
    exact ? actionName(event.action) : event.action,
    attributes,
  ];
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url").slice(0, 32);
}

function bounded(event: ContainerEvent): ContainerEvent {
  const { containerName, image, actorAttributes } = event;
  return {
    containerId: event.containerId.slice(0, MAX_ID_LENGTH),
    ...(containerName === undefined ? {} : { containerName: containerName.slice(0, MAX_TEXT) }),
    ...(image === undefined ? {} : { image: image.slice(0, MAX_TEXT) }),
    action: event.action.slice(0, MAX_TEXT),
    ...(actorAttributes === undefined ? {} : { actorAttributes: boundedAttributes(actorAttributes) }),
    timestamp: event.timestamp.slice(0, MAX_TEXT),
  };
}

/** The shortest are kept: the engine's own (exitCode, signal) are, and a label with a whole document is what goes. */
function boundedAttributes(attributes: Record<string, string>): Record<string, string> {
  const size = ([name, value]: [string, string]): number => name.length + value.length;
  const entries = Object.entries(attributes);
  let room = MAX_ATTRIBUTES_CHARACTERS;
  for (const entry of entries) room -= size(entry);
  if (room >= 0) return attributes;
  room = MAX_ATTRIBUTES_CHARACTERS;
  const kept = entries.sort((a, b) => size(a) - size(b)).filter((entry) => (room -= size(entry)) >= 0);
  return { ...Object.fromEntries(kept), [DROPPED_ATTRIBUTES]: String(entries.length - kept.length) };
}
