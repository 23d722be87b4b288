import { setImmediate as nextTurn } from "node:timers/promises";
import type { EnvironmentKind, LightState } from "@fairlead/protocol/rest";
import type { Logger } from "pino";
import type { EngineConnection } from "../engine/engine-connection.ts";
import type { EnvironmentListener, EnvironmentRecord } from "../environments/record.ts";
import type { HostState } from "../environments/view.ts";
import type { AgentSession } from "../link/agent-session.ts";
import { ConcurrencyLimit } from "./concurrency-limit.ts";
import { probeEngine, type Verdict, verdictOfError } from "./engine-probe.ts";
import { readSnapshot } from "./engine-snapshot.ts";
import { isoTime, type LampState, lightView } from "./lamp.ts";
import type { HostLights, WatchStore } from "./store.ts";
import { LINK_DOWN_ERROR, WatchedHost } from "./watched-host.ts";

export interface WatchOptions {
  readonly store: WatchStore;
  readonly environments: { list(): Promise<readonly EnvironmentRecord[]> };
  readonly connections: { for(environmentId: number): EngineConnection };
  readonly sessions: { get(environmentId: number): AgentSession | undefined };
  /** Something that people see of the environment has changed. */
  readonly onChange?: (environmentId: number) => void;
  /** The engine's light has gone on, or off. `lastUpAt`: Unix milliseconds when it was last seen on before. */
  readonly onEngine?: (environmentId: number, kind: EnvironmentKind, isUp: boolean, lastUpAt: number | null) => void;
  readonly log: Logger;
  readonly now?: () => number;
  readonly times?: Partial<WatchTimes>;
}

/** Milliseconds. */
export interface WatchTimes {
  /** Between two looks at an engine. */
  readonly checkMs: number;
  /** Between two snapshots when nothing happens. */
  readonly snapshotMs: number;
  /** At least between two snapshots of one host, however much happens. */
  readonly snapshotPauseMs: number;
  /** From something that happens to the look at it: more of the same follows mostly. */
  readonly settleMs: number;
  /** For an engine's answer. */
  readonly timeoutMs: number;
  /** Between two sweeps over all hosts. */
  readonly sweepMs: number;
  /** Between two writes of what changed. */
  readonly saveMs: number;
}

const TIMES: WatchTimes = {
  checkMs: 30_000,
  snapshotMs: 5 * 60_000,
  snapshotPauseMs: 2_000,
  settleMs: 250,
  timeoutMs: 10_000,
  sweepMs: 250,
  saveMs: 1_000,
};

/**
 * Engines looked at at a time, by what is known of them. Each visit is up to four requests, and thousands of agents may have
 * come in the same moment. Engines that are down take until the timeout: they must not hold up the others.
 */
const VISITS: Readonly<Record<LightState, number>> = { up: 32, unknown: 32, down: 16 };
/** Each time is spread by this part, so that hosts that came together do not stay together. */
const SPREAD = 0.2;
/** Hosts whose lights are written in one transaction. */
const SAVED_AT_ONCE = 100;

/**
 * The two lights of every host, and its last known state. One timer sweeps over all hosts; what is due is visited, so
 * many at a time.
 */
export class Watch {
  readonly #options: WatchOptions;
  readonly #times: WatchTimes;
  readonly #now: () => number;
  readonly #hosts = new Map<number, WatchedHost>();
  readonly #unsaved = new Set<number>();
  readonly #visits: Readonly<Record<LightState, ConcurrencyLimit>> = {
    up: new ConcurrencyLimit(VISITS.up),
    unknown: new ConcurrencyLimit(VISITS.unknown),
    down: new ConcurrencyLimit(VISITS.down),
  };
  #sweepTimer: NodeJS.Timeout | undefined;
  #saveTimer: NodeJS.Timeout | undefined;
  #saving: Promise<void> | undefined;
  #isStopped = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#times = { ...TIMES, ...options.times };
    this.#now = options.now ?? Date.now;
  }

  /**
   * Loads what was last known and begins to look. Until something is seen, no light is up: not what was before the hub's
   * restart. Before agents are let in.
   *
   * @returns until when each host that was followed before was last seen, Unix milliseconds.
   */
  async start(): Promise<Map<number, number>> {
    const { store, environments } = this.#options;
    const lights = await store.lights();
    const lastSeen = new Map<number, number>();
    for (const { id, kind } of await environments.list()) {
      const before = lights.get(id);
      const seenAt = kind === "edge" ? before?.link?.checkedAt : before?.engine?.checkedAt;
      if (typeof seenAt === "number") lastSeen.set(id, seenAt);
      this.#add(id, kind, before);
    }
    for (const { environmentId, at, engineInfo } of await store.snapshotHeads()) {
      const host = this.#hosts.get(environmentId);
      if (host) [host.snapshotAt, host.engineInfo] = [at, engineInfo];
    }
    this.#sweepTimer = setInterval(() => this.#sweep(), this.#times.sweepMs).unref();
    this.#saveTimer = setInterval(() => void this.save(), this.#times.saveMs).unref();
    return lastSeen;
  }

  /** To be given to the environments' `onChange`. */
  readonly onEnvironmentChange: EnvironmentListener = ({ type, environment: { id, kind } }) => {
    const host = this.#hosts.get(id);
    if (type === "removed") {
      this.#hosts.delete(id);
      this.#unsaved.delete(id);
    } else if (!host) this.#add(id, kind);
    else if (kind !== "edge") host.checkAt = 0;
  };

  /** For the environment's view. */
  state(environmentId: number): HostState {
    const host = this.#hosts.get(environmentId);
    if (!host) {
      const light = lightView({ state: "unknown", since: null, checkedAt: null, error: null });
      return { link: light, engine: light, engineInfo: null, snapshotAt: null };
    }
    return {
      link: lightView(this.#linkOf(host)),
      engine: lightView(host.engine.shown),
      engineInfo: host.engineInfo,
      snapshotAt: isoTime(host.snapshotAt),
    };
  }

  isEngineUp(environmentId: number): boolean {
    return this.#hosts.get(environmentId)?.engine.state === "up";
  }

  /** Ids of the environments whose engine is up. */
  enginesUp(): number[] {
    return [...this.#hosts.values()].filter(({ engine }) => engine.state === "up").map(({ id }) => id);
  }

  /** Hosts by kind and by what their lights show, for `/metrics`. */
  counts(): { kind: EnvironmentKind; link: string; engine: string; hosts: number }[] {
    const counts = new Map<string, { kind: EnvironmentKind; link: string; engine: string; hosts: number }>();
    for (const { kind, link, engine } of this.#hosts.values()) {
      const key = `${kind} ${link.state} ${engine.state}`;
      const count = counts.get(key) ?? { kind, link: link.state, engine: engine.state, hosts: 0 };
      count.hosts += 1;
      counts.set(key, count);
    }
    return [...counts.values()];
  }

  // What the link tells.

  linkConnected({ environmentId, connectedAt }: AgentSession): void {
    const host = this.#hosts.get(environmentId) ?? this.#add(environmentId, "edge");
    host.link.show("up", connectedAt);
    host.checkAt = this.#now() + this.#times.settleMs;
    host.snapshotDueAt = 0;
    this.#changed(host);
  }

  linkDisconnected(session: AgentSession, reason: string): void {
    const host = this.#hosts.get(session.environmentId);
    if (!host || (this.#options.sessions.get(host.id) ?? session) !== session) return;
    const now = this.#now();
    host.link.show("down", now, reason, session.lastMessageAt);
    this.#show(host, { engine: "unknown", error: LINK_DOWN_ERROR }, now);
    host.checkAt = Number.POSITIVE_INFINITY;
    this.#changed(host);
  }

  /** Something happened to a container: the snapshot is out of date. */
  containersChanged(environmentId: number): void {
    const host = this.#hosts.get(environmentId);
    if (!host) return;
    const { settleMs, snapshotPauseMs } = this.#times;
    const due = Math.max(this.#now() + settleMs, host.snapshotTriedAt + snapshotPauseMs);
    host.snapshotDueAt = Math.min(host.snapshotDueAt, due);
  }

  /** A call to the engine failed: look at once, unless it was just looked at. */
  reportFailure(environmentId: number): void {
    const host = this.#hosts.get(environmentId);
    if (!host || host.checkAt === Number.POSITIVE_INFINITY) return;
    const { settleMs, snapshotPauseMs } = this.#times;
    const soon = Math.max(this.#now() + settleMs, (host.engine.shown.checkedAt ?? 0) + snapshotPauseMs);
    host.checkAt = Math.min(host.checkAt, soon);
  }

  /** Writes the lights that changed. */
  async save(): Promise<void> {
    while (this.#saving) await this.#saving;
    if (this.#unsaved.size === 0) return;
    this.#saving = this.#saveAll().finally(() => (this.#saving = undefined));
    await this.#saving;
  }

  /** Ends the looking and writes the lights. Visits that wait for an answer end with their connections. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#sweepTimer);
    clearInterval(this.#saveTimer);
    await this.save();
  }

  #add(id: number, kind: EnvironmentKind, before?: Partial<HostLights>): WatchedHost {
    const host = new WatchedHost(id, kind, before);
    this.#hosts.set(id, host);
    return host;
  }

  /** Of a connected edge agent the last message is what confirms the link. */
  #linkOf(host: WatchedHost): LampState {
    const { shown } = host.link;
    if (host.kind !== "edge" || shown.state !== "up") return shown;
    return { ...shown, checkedAt: this.#options.sessions.get(host.id)?.lastMessageAt ?? shown.checkedAt };
  }

  #sweep(): void {
    const now = this.#now();
    for (const host of this.#hosts.values()) {
      if (!host.isDue(now)) continue;
      host.isBusy = true;
      void this.#visits[host.engine.state]
        .run(() => this.#visit(host))
        .catch((error: unknown) => {
          this.#options.log.error({ err: error, environmentId: host.id }, "A look at a host failed");
        })
        .finally(() => (host.isBusy = false));
    }
  }

  async #visit(host: WatchedHost): Promise<void> {
    if (!this.#isWatched(host)) return;
    if (host.checkAt <= this.#now()) await this.#check(host);
    if (this.#isWatched(host) && host.engine.state === "up" && host.snapshotDueAt <= this.#now()) {
      await this.#takeSnapshot(host);
    }
  }

  #isWatched(host: WatchedHost): boolean {
    return !this.#isStopped && this.#hosts.get(host.id) === host;
  }

  async #check(host: WatchedHost): Promise<void> {
    const { checkMs, timeoutMs } = this.#times;
    const { connections } = this.#options;
    const session = this.#options.sessions.get(host.id);
    if (host.kind === "edge" && !session) return;
    const verdict = await probeEngine(host.kind, () => connections.for(host.id), timeoutMs);
    // Another session, or none: what was seen is of the past.
    if (!this.#isWatched(host) || (host.kind === "edge" && this.#options.sessions.get(host.id) !== session)) return;
    host.checkAt = this.#spread(checkMs);
    this.#judge(host, verdict);
  }

  async #takeSnapshot(host: WatchedHost): Promise<void> {
    const { store, connections, onChange, log } = this.#options;
    const { snapshotMs, timeoutMs } = this.#times;
    // What happens from here on may not be in it.
    host.snapshotDueAt = this.#spread(snapshotMs);
    const at = this.#now();
    host.snapshotTriedAt = at;
    try {
      const { engineInfo, containers } = await readSnapshot(connections.for(host.id), timeoutMs);
      if (!this.#isWatched(host)) return;
      await store.saveSnapshot({ environmentId: host.id, at, engineInfo, containers: JSON.stringify(containers) });
      const isNews = JSON.stringify(host.engineInfo) !== JSON.stringify(engineInfo);
      host.engineInfo = engineInfo;
      host.snapshotAt = at;
      if (isNews) onChange?.(host.id);
    } catch (error) {
      log.debug({ err: error, environmentId: host.id }, "The state of a host could not be read");
      if (!this.#isWatched(host)) return;
      host.snapshotDueAt = this.#spread(this.#times.checkMs);
      this.#judge(host, verdictOfError(host.kind, error));
    }
  }

  #judge(host: WatchedHost, verdict: Verdict): void {
    if (this.#show(host, verdict, this.#now())) this.#changed(host);
    else this.#unsaved.add(host.id);
  }

  /** True when people see a difference. Tells when the engine comes or goes. */
  #show(host: WatchedHost, { link, engine, error }: Verdict, now: number): boolean {
    const wasUp = host.engine.state === "up";
    let isNews = false;
    if (link !== undefined) isNews = host.link.show(link, now, link === "up" ? null : error);
    if (engine !== undefined) isNews = host.engine.show(engine, now, engine === "up" ? null : error) || isNews;
    const isUp = host.engine.state === "up";
    const lastUpAt = host.engineUpAt;
    if (isUp) host.engineUpAt = now;
    if (wasUp !== isUp) {
      if (isUp) host.snapshotDueAt = 0;
      this.#options.onEngine?.(host.id, host.kind, isUp, lastUpAt);
    }
    return isNews;
  }

  #changed(host: WatchedHost): void {
    this.#unsaved.add(host.id);
    this.#options.onChange?.(host.id);
  }

  #spread(milliseconds: number): number {
    return this.#now() + milliseconds * (1 - SPREAD / 2 + SPREAD * Math.random());
  }

  async #saveAll(): Promise<void> {
    while (this.#unsaved.size > 0) {
      const ids = [...this.#unsaved].slice(0, SAVED_AT_ONCE);
      for (const id of ids) this.#unsaved.delete(id);
      const hosts = ids.map((id) => this.#hosts.get(id)).filter((host) => host !== undefined);
      try {
        await this.#options.store.saveLights(
          hosts.map((host) => ({ environmentId: host.id, link: this.#linkOf(host), engine: host.engine.shown })),
        );
      } catch (error) {
        this.#options.log.error({ err: error }, "The lights could not be written; tried again");
        for (const id of ids) this.#unsaved.add(id);
        return;
      }
      await nextTurn();
    }
  }
}
