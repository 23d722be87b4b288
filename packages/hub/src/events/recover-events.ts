import { type ContainerEvent, FairleadError } from "@fairlead/protocol";
import type { EngineConnection } from "../engine/engine-connection.ts";
import { containerEventOf, type EngineEvent, parseEngineEvent } from "./engine-event.ts";
import { engineTimestamp, millisecondsToNanoseconds, parseEventTime } from "./event-time.ts";
import { actionName, type Gap } from "./new-event.ts";

/** The last event that is known: finding it again in the engine's memory proves that nothing between is missing. */
export interface Anchor {
  readonly nanoseconds: bigint;
  /** How exact that time is: what its last digit counts, in nanoseconds. */
  readonly unit: bigint;
  readonly containerId: string;
  readonly action: string;
}

export interface RecoveryStart {
  readonly anchor?: Anchor;
  /** Unix milliseconds of the hub's clock: until then events surely came. */
  readonly followedUntil: number;
}

export interface Recovery {
  readonly events: ContainerEvent[];
  /** The last event that the engine now knows: the anchor of the next recovery. */
  readonly anchor?: Anchor;
  /** There when something may be missing. */
  readonly gap?: Gap;
}

/** Docker keeps its last 256 events, those of images, networks and execs included. Podman keeps all. */
const ENGINE_RING_EVENTS = 256;
/** The engine's clock is read with the precision of a second, and the answer takes a moment. */
const CLOCK_MARGIN_MS = 2_000;
const CLOCK_MARGIN_NS = millisecondsToNanoseconds(CLOCK_MARGIN_MS);
/** Podman reads times as floating-point numbers, whose last digits are lost. */
const ROUNDING_NS = 1_000n;
/** How far back an older event is looked for that shows how far the engine's memory reaches. Bounded because Podman keeps all. */
const LOOK_BACK_MS = 24 * 3600_000;

/**
 * Asks the engine for the events of a time in which nobody listened, and tells whether they can be all.
 *
 * The engine keeps its events in a ring until it restarts. They are all there when the last known event is among them, or
 * any event from before that time.
 *
 * @throws FairleadError what `EngineConnection.request` throws; engine_error when the engine refuses `/events`.
 */
export async function recoverEvents(
  connection: EngineConnection,
  { anchor: last, followedUntil }: RecoveryStart,
  now: () => number = Date.now,
): Promise<Recovery> {
  const clock = await readEngineClock(connection, now);
  const told = millisecondsToNanoseconds(clock.now);
  // One from the future was told by a clock that has been set back since.
  const anchor = last && last.nanoseconds <= told + CLOCK_MARGIN_NS ? last : undefined;
  // The engine answers at once only for a time that is past; the last event is, even when its second is not over.
  const anchorEnd = anchor ? anchor.nanoseconds + anchor.unit - 1n : told;
  const until = anchorEnd + ROUNDING_NS > told ? anchorEnd + ROUNDING_NS : told;
  const lastContact = millisecondsToNanoseconds(followedUntil + clock.aheadMs - CLOCK_MARGIN_MS);
  const from = smallest(until, lastContact, anchor?.nanoseconds ?? lastContact) - ROUNDING_NS;
  const replayed = await readEvents(connection, { from, until, containersOnly: true });
  const events = replayed.map(containerEventOf).filter((event) => event !== undefined);
  const newest = replayed.at(-1);
  const found = { events, ...(newest === undefined ? {} : { anchor: anchorOfEngineEvent(newest) }) };
  if (anchor && replayed.some((event) => isAnchor(event, anchor))) return found;
  const lookBack = smallest(until, lastContact - millisecondsToNanoseconds(LOOK_BACK_MS));
  const ring = await readEvents(connection, { from: lookBack, until, containersOnly: false });
  const oldest = ring[0]?.nanoseconds ?? until;
  if (oldest <= lastContact) return found;
  const reason = lossOf(ring.length, anchor);
  if (reason === undefined) return found;
  const to = Math.max(followedUntil, Math.min(now(), Number(oldest / 1_000_000n) - clock.aheadMs));
  return { ...found, gap: { from: followedUntil, to, reason } };
}

export function anchorOf(event: ContainerEvent): Anchor | undefined {
  const time = parseEventTime(event.timestamp);
  return (
    time && {
      nanoseconds: time.nanoseconds,
      unit: time.unit,
      containerId: event.containerId,
      action: actionName(event.action),
    }
  );
}

export function anchorOfEngineEvent({ nanoseconds, actorId, action }: EngineEvent): Anchor {
  return { nanoseconds, unit: 1n, containerId: actorId, action: actionName(action) };
}

/** An engine that is well answers at once; one that is not must not hold up the others for long. */
const PING_TIMEOUT_MS = 10_000;

export interface EngineClock {
  /** Unix milliseconds, rounded down to the second: not ahead of the engine. */
  readonly now: number;
  /** By how much the engine's clock is ahead of the hub's, milliseconds. */
  readonly aheadMs: number;
}

/** The engine's own time, from the head of its answer. Without one, the hub's. */
export async function readEngineClock(connection: EngineConnection, now: () => number): Promise<EngineClock> {
  const { status, headers } = await connection.request(
    { method: "GET", path: "/_ping" },
    { timeoutMs: PING_TIMEOUT_MS },
  );
  if (status >= 400) throw new FairleadError("engine_error", `The engine answered ${status} to /_ping.`);
  const told = Date.parse(headers["date"] ?? "");
  const here = now();
  return Number.isNaN(told) ? { now: here, aheadMs: 0 } : { now: told, aheadMs: told - here };
}

async function readEvents(
  connection: EngineConnection,
  { from, until, containersOnly }: { from: bigint; until: bigint; containersOnly: boolean },
): Promise<EngineEvent[]> {
  const query = new URLSearchParams({ since: engineTimestamp(from), until: engineTimestamp(until) });
  if (containersOnly) query.set("filters", CONTAINER_FILTER);
  const { status, body } = await connection.request({ method: "GET", path: `/events?${query.toString()}` });
  if (status !== 200) throw new FairleadError("engine_error", `The engine answered ${status} to /events.`);
  const lines = new TextDecoder().decode(body).split("\n");
  return lines.map(parseEngineEvent).filter((event) => event !== undefined);
}

export const CONTAINER_FILTER = JSON.stringify({ type: ["container"] });

function isAnchor(event: EngineEvent, { nanoseconds, unit, containerId, action }: Anchor): boolean {
  const isSameTime = event.nanoseconds - (event.nanoseconds % unit) === nanoseconds;
  return isSameTime && event.actorId === containerId && actionName(event.action) === action;
}

function lossOf(ringEvents: number, anchor: Anchor | undefined): string | undefined {
  if (ringEvents >= ENGINE_RING_EVENTS) {
    return `More happened than the ${ENGINE_RING_EVENTS} events that the engine keeps.`;
  }
  // An engine that never told an event and has none now has lost none.
  return anchor && "The engine was restarted and does not know what happened before.";
}

function smallest(first: bigint, ...others: bigint[]): bigint {
  return others.reduce((least, value) => (value < least ? value : least), first);
}
