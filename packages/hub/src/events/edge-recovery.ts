import { setImmediate as nextTurn } from "node:timers/promises";
import { isFairleadError } from "@fairlead/protocol";
import type { Logger } from "pino";
import type { AgentSession } from "../link/agent-session.ts";
import { ConcurrencyLimit } from "../watch/concurrency-limit.ts";
import { coarsened } from "./event-time.ts";
import { type Anchor, anchorOf, recoverEvents } from "./recover-events.ts";
import type { EventService } from "./service.ts";

export interface EdgeRecoveryOptions {
  readonly events: EventService;
  /** The agent's connection now. */
  readonly session: (environmentId: number) => AgentSession | undefined;
  readonly limit: ConcurrencyLimit;
  readonly log: Logger;
  readonly now?: () => number;
  /** Milliseconds from the connection to the question. Default 3,000. */
  readonly delayMs?: number;
}

/** The agent follows its engine's events some moments after the welcome; what is asked for later than that leaves nothing between. */
const DELAY_MS = 3_000;
/** A question that fails is asked again, and at last given up. */
const MAX_TRIES = 3;
/** While the engine is away; when its light goes on, at once. */
const ENGINE_AWAY_PAUSE_MS = 30_000;
/** Queries for the last event at a time, when many environments are lost at once. */
const LOOKUPS = 4;
/** Agents that ask their engine themselves what they missed, and send it. */
const REPLAYING_AGENT = /^fairlead\//;

interface Absence {
  /** Unix milliseconds. */
  followedUntil: number;
  /** The last event from before, looked up at once: later ones prove nothing about the time of the absence. */
  readonly anchor: Promise<Anchor | undefined>;
  tries: number;
  timer?: NodeJS.Timeout;
}

/**
 * Fills the history of edge environments after an absence of their agent, or of the hub: asks the engine, through the
 * agent, what happened meanwhile. 1.0 agents in the field do not tell it themselves; ours do, and the question shows
 * whether anything is missing.
 */
export class EdgeRecovery {
  readonly #options: EdgeRecoveryOptions;
  readonly #now: () => number;
  /** One entry an environment that was away. */
  readonly #absences = new Map<number, Absence>();
  readonly #lookups = new ConcurrencyLimit(LOOKUPS);
  #stopped = false;

  constructor(options: EdgeRecoveryOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /**
   * The agent or its engine is away.
   *
   * @param followedUntil Unix milliseconds until when events surely came.
   * @returns when it is known what came last.
   */
  async lost(environmentId: number, followedUntil: number): Promise<void> {
    if (this.#stopped) return;
    let absence = this.#absences.get(environmentId);
    if (absence) absence.followedUntil = Math.min(absence.followedUntil, followedUntil);
    else {
      absence = { followedUntil, tries: 0, anchor: this.#lookups.run(() => this.#lastKnown(environmentId)) };
      this.#absences.set(environmentId, absence);
    }
    await absence.anchor;
  }

  /** The agent is there, or its engine again. */
  back(environmentId: number): void {
    const absence = this.#absences.get(environmentId);
    if (!absence) return;
    // What an earlier connection failed at says nothing about this one.
    absence.tries = 0;
    this.#again(environmentId, absence);
  }

  removed(environmentId: number): void {
    clearTimeout(this.#absences.get(environmentId)?.timer);
    this.#absences.delete(environmentId);
  }

  stop(): void {
    this.#stopped = true;
    for (const { timer } of this.#absences.values()) clearTimeout(timer);
  }

  #again(environmentId: number, absence: Absence, delayMs = this.#options.delayMs ?? DELAY_MS): void {
    clearTimeout(absence.timer);
    if (this.#stopped) return;
    absence.timer = setTimeout(() => {
      void this.#options.limit.run(() => this.#recover(environmentId, absence));
    }, delayMs).unref();
  }

  async #lastKnown(environmentId: number): Promise<Anchor | undefined> {
    // Queries are synchronous underneath: sockets get their turn between those of many environments.
    await nextTurn();
    if (this.#stopped) return undefined;
    try {
      const latest = await this.#options.events.latest(environmentId);
      return latest && anchorOf(latest);
    } catch (error) {
      this.#options.log.error({ err: error, environmentId }, "The last event of an environment cannot be read");
      return undefined;
    }
  }

  async #recover(environmentId: number, absence: Absence): Promise<void> {
    const { events, session: sessionOf, log } = this.#options;
    const session = sessionOf(environmentId);
    if (!session || this.#stopped || this.#absences.get(environmentId) !== absence) return;
    const { followedUntil } = absence;
    try {
      const anchor = await absence.anchor;
      const recovered = await recoverEvents(session, { followedUntil, ...(anchor && { anchor }) }, this.#now);
      const unit = await this.#agentsUnit(environmentId, anchor);
      for (const event of recovered.events) {
        events.ingest(environmentId, { ...event, timestamp: coarsened(event.timestamp, unit) });
      }
      if (recovered.gap) events.gap(environmentId, recovered.gap);
      if (absence.followedUntil === followedUntil) this.#absences.delete(environmentId);
    } catch (error) {
      log.debug({ err: error, environmentId }, "Asking for the events of an absence failed");
      // With its engine the agent cannot ask; that is no failure of the question.
      if (isFairleadError(error, "engine_unreachable")) this.#again(environmentId, absence, ENGINE_AWAY_PAUSE_MS);
      else this.#failed(environmentId, absence, session);
    }
  }

  /**
   * How exactly this agent tells times. What it told, or tells while it is asked for, must not be stored a second time for
   * more digits.
   */
  async #agentsUnit(environmentId: number, anchor: Anchor | undefined): Promise<bigint> {
    const latest = await this.#options.events.latest(environmentId);
    return (latest && anchorOf(latest)?.unit) ?? anchor?.unit ?? 1n;
  }

  /** While the agent is there but the question fails: again later, and in the end a gap unless the agent replays by itself. */
  #failed(environmentId: number, absence: Absence, session: AgentSession): void {
    if (this.#options.session(environmentId) !== session) return;
    absence.tries += 1;
    if (absence.tries < MAX_TRIES) {
      this.#again(environmentId, absence);
      return;
    }
    this.#absences.delete(environmentId);
    if (REPLAYING_AGENT.test(session.identity.version)) return;
    this.#options.events.gap(environmentId, {
      from: absence.followedUntil,
      to: Math.max(absence.followedUntil, session.connectedAt),
      reason: "The agent was away, and what happened meanwhile cannot be asked for.",
    });
  }
}
