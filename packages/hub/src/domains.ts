import { join } from "node:path";
import type { EnvironmentKind } from "@fairlead/protocol/rest";
import type { Logger } from "pino";
import { AgentService } from "./agents/service.ts";
import { AgentStore } from "./agents/store.ts";
import { AgentAudit } from "./audit/agent-audit.ts";
import { Recordings } from "./audit/recording/recordings.ts";
import { AuditLog } from "./audit/service.ts";
import { AuditStore } from "./audit/store.ts";
import { ChangeFeed } from "./changes/change-feed.ts";
import { ChangeStore } from "./changes/change-store.ts";
import { EnvironmentChanges } from "./changes/environment-changes.ts";
import { type HubConfig, servesOwnMachine } from "./config.ts";
import { ContainerMetricsCollector } from "./container-metrics/collector.ts";
import { ContainerMetrics } from "./container-metrics/service.ts";
import { ContainerMetricsStore } from "./container-metrics/store.ts";
import { StatsReader } from "./container-stats/stats-reader.ts";
import { StatsSampler } from "./container-stats/stats-sampler.ts";
import { Retention } from "./database/retention.ts";
import type { Database } from "./database/schema.ts";
import type { SecretBox } from "./database/sealed.ts";
import { DialGuard } from "./engine/dial-guard.ts";
import { EngineConnections } from "./engine/engine-connections.ts";
import type { EnvironmentChange, EnvironmentRecord } from "./environments/record.ts";
import { EnvironmentService } from "./environments/service.ts";
import { EnvironmentStore } from "./environments/store.ts";
import { EnvironmentViews } from "./environments/view.ts";
import { EdgeRecovery } from "./events/edge-recovery.ts";
import { EngineFollowers } from "./events/engine-followers.ts";
import { reportedGap } from "./events/reported-gap.ts";
import { EventService } from "./events/service.ts";
import { EventStore } from "./events/store.ts";
import { clientAddress } from "./http/authentication.ts";
import { JoinService } from "./joining/service.ts";
import { JoinKeyStore } from "./joining/store.ts";
import { AgentLink } from "./link/agent-link.ts";
import type { LinkListener } from "./link/agent-session.ts";
import { MetricsService } from "./metrics/service.ts";
import { MetricsStore } from "./metrics/store.ts";
import type { StopSequence } from "./stop-sequence.ts";
import { ConcurrencyLimit } from "./watch/concurrency-limit.ts";
import { giveMemoryBackAfterBursts } from "./give-memory-back.ts";
import { ContainerLists } from "./watch/container-lists.ts";
import { Watch } from "./watch/service.ts";
import { WatchStore } from "./watch/store.ts";

export interface DomainsOptions {
  readonly db: Database;
  readonly secrets: SecretBox;
  readonly config: Pick<
    HubConfig,
    "host" | "retention" | "trustProxy" | "tls" | "dial" | "dataDir" | "recordExec" | "containerMetricsIntervalS"
  >;
  readonly log: Logger;
}

const DAY_MS = 24 * 3600_000;

/** Close code for the agent of an environment that was removed: it may not come back with this token. */
const REMOVED_CLOSE_CODE = 1008;

/** Hosts asked at a time what happened while nobody listened: thousands may come back in the same moment. */
const RECOVERIES_AT_ONCE = 16;

/** Every domain of the hub, joined to the others, but to no door yet. */
export type Domains = ReturnType<typeof createDomains>;

/** Makes the domains. Nothing runs before `startDomains`. */
export function createDomains({ db, secrets, config, log }: DomainsOptions) {
  const environments = new EnvironmentService(new EnvironmentStore(db, secrets, log));
  const agents = new AgentService(new AgentStore(db), log);
  const joining = new JoinService({
    store: new JoinKeyStore(db),
    agents,
    certificate: config.tls?.cert,
    onChange: (environmentId) => domains.environmentChanges.touch(environmentId),
    log,
  });
  const history = createHistory({ db, config, log });
  const { events, changes } = history;

  // The link tells the watch, and the watch asks through the link: each holds the other by its name only.
  const link = new AgentLink({
    authenticator: agents,
    listener: linkListener(() => domains, log),
    log,
    addressOf: (request) => clientAddress(request, config.trustProxy),
  });
  const { sessions } = link;
  const connections = new EngineConnections({
    environments,
    sessions,
    guard: new DialGuard({ ...config.dial, loopback: servesOwnMachine(config) }),
    log,
    lastSeenAt: (environmentId) => {
      const { checkedAt } = domains.watch.state(environmentId).link;
      return checkedAt === null ? undefined : Date.parse(checkedAt);
    },
  });
  const watchStore = new WatchStore(db);
  const watch = new Watch({
    store: watchStore,
    environments,
    connections,
    sessions,
    onChange: (environmentId) => domains.environmentChanges.touch(environmentId),
    onEngine: (...light) => engineLight(domains, ...light),
    log,
  });
  const containers = new ContainerLists({
    store: watchStore,
    connections,
    reportFailure: (environmentId) => watch.reportFailure(environmentId),
  });
  const statsSampler = new StatsSampler({
    reader: new StatsReader(connections),
    isUp: (environmentId) => watch.isEngineUp(environmentId),
  });
  const { containerMetricsIntervalS: intervalS } = config;
  const containerMetrics = new ContainerMetrics({
    store: new ContainerMetricsStore(db),
    lastKnown: (environmentId) => containers.lastKnown(environmentId),
    intervalS,
    rollupRetentionMs: config.retention.metrics * DAY_MS,
    log,
  });
  const containerMetricsCollector = new ContainerMetricsCollector({
    metrics: containerMetrics,
    connections,
    reader: new StatsReader(connections),
    enginesUp: () => watch.enginesUp(),
    intervalS,
  });
  const views = new EnvironmentViews({ agents, hosts: watch });
  const environmentChanges = new EnvironmentChanges({
    changes,
    view: async (environmentId) => {
      const environment = await environments.find(environmentId);
      return environment && views.view(environment);
    },
    log,
  });
  const limit = new ConcurrencyLimit(RECOVERIES_AT_ONCE);
  const recovery = new EdgeRecovery({ events, session: (environmentId) => sessions.get(environmentId), limit, log });
  const followers = new EngineFollowers({
    connections,
    events,
    onEvent: (environmentId) => watch.containersChanged(environmentId),
    limit,
    log,
  });
  const domains = {
    ...history,
    environments,
    agents,
    joining,
    link,
    connections,
    watch,
    containers,
    statsSampler,
    containerMetrics,
    containerMetricsCollector,
    views,
    environmentChanges,
    recovery,
    followers,
  };
  environments.onChange((change) => {
    environmentChanged(domains, change);
    if (change.type !== "removed") return;
    containerMetrics.environmentRemoved(change.environment.id).catch((error: unknown) => {
      log.error({ err: error }, "Figures of containers of an environment that was removed stay until the next start");
    });
  });
  return domains;
}

function createHistory({ db, config, log }: Pick<DomainsOptions, "db" | "config" | "log">) {
  const changes = new ChangeFeed({ store: new ChangeStore(db), log });
  const events = new EventService({
    store: new EventStore(db, changes),
    log,
    retentionMs: config.retention.events * DAY_MS,
  });
  const metrics = new MetricsService({
    store: new MetricsStore(db, changes),
    log,
    rollupRetentionMs: config.retention.metrics * DAY_MS,
  });
  const retentionMs = config.retention.audit * DAY_MS;
  const audit = new AuditLog({ store: new AuditStore(db), log, retentionMs });
  const folder = join(config.dataDir, "recordings");
  const recordings = new Recordings({ folder, mode: config.recordExec, retentionMs, audit, log });
  return { changes, events, metrics, audit, recordings, agentAudit: new AgentAudit(audit) };
}

/** Who is told what agents say and do. */
function linkListener(domains: () => Domains, log: Logger): LinkListener {
  return {
    connected(session) {
      const { agents, agentAudit, watch, recovery } = domains();
      const { agentName, version, address } = session.identity;
      log.info({ environmentId: session.environmentId, agentName, version, address }, "An agent connected");
      agents.connected(session);
      agentAudit.connected(session);
      watch.linkConnected(session);
      recovery.back(session.environmentId);
    },
    disconnected(session, reason) {
      const { agents, watch, recovery } = domains();
      log.info({ environmentId: session.environmentId, reason }, "An agent's connection ended");
      agents.disconnected(session);
      watch.linkDisconnected(session, reason);
      void recovery.lost(session.environmentId, session.lastMessageAt);
    },
    containerEvent(session, event) {
      const { events, watch } = domains();
      events.ingest(session.environmentId, event);
      watch.containersChanged(session.environmentId);
    },
    metrics: (session, timestamp, figures) => domains().metrics.ingest(session.environmentId, timestamp, figures),
    reported(session, code, text) {
      log.warn({ environmentId: session.environmentId, code, text }, "An agent reported an error");
      if (code === "events_lost") domains().events.gap(session.environmentId, reportedGap(text, Date.now()));
    },
    // Read from the session when somebody asks; not news.
    latency: () => {},
    conflict(environmentId, refused, connected) {
      const { agents, agentAudit, link, environmentChanges } = domains();
      agents.conflict(environmentId, refused, connected);
      const session = link.sessions.get(environmentId);
      if (session) agentAudit.conflict(session, refused);
      environmentChanges.touch(environmentId);
    },
  };
}

/** Events are not followed while an engine is away, and asked for when it is back. */
function engineLight(
  { recovery, followers }: Domains,
  environmentId: number,
  kind: EnvironmentKind,
  isUp: boolean,
  lastUpAt: number | null,
): void {
  if (kind !== "edge") {
    if (isUp) followers.engineUp(environmentId);
    else followers.engineDown(environmentId);
  } else if (isUp) recovery.back(environmentId);
  else void recovery.lost(environmentId, lastUpAt ?? Date.now());
}

function environmentChanged(domains: Domains, change: EnvironmentChange): void {
  domains.watch.onEnvironmentChange(change);
  domains.followers.onEnvironmentChange(change);
  domains.environmentChanges.onChange(change);
  if (change.type !== "removed") return;
  const { id, name } = change.environment;
  domains.recovery.removed(id);
  domains.agents.environmentRemoved(id);
  domains.agentAudit.environmentRemoved(id);
  domains.link.closeForEnvironment(id, REMOVED_CLOSE_CODE, `The environment ${name} was removed.`, "token_revoked");
}

/**
 * Loads what was last known and sets everything going. Agents may dial from then on.
 *
 * Steps end in reverse: the lights are kept as they were before the links go, since that is no news of the hosts; what waits
 * to be written is written last.
 */
export async function startDomains(domains: Domains, stops: StopSequence, log: Logger): Promise<void> {
  const { environments, agents, link, connections, watch, recovery, followers } = domains;
  const { containerMetrics, containerMetricsCollector } = domains;
  const { changes, events, metrics, audit, recordings, agentAudit, environmentChanges } = domains;
  await environments.sweep();
  await containerMetrics.sweep();
  await changes.start();
  stops.add("changes", () => changes.stop());
  stops.add("container events", () => events.stop());
  stops.add("host metrics", () => metrics.stop());
  stops.add("container metrics", () => containerMetrics.stop());
  stops.add("environment changes", () => environmentChanges.flush());
  const retention = new Retention(
    {
      events: () => events.prune(),
      metrics: () => metrics.prune(),
      containerMetrics: () => containerMetrics.prune(),
      changes: () => changes.prune(),
      audit: () => audit.prune(),
      recordings: () => recordings.prune(),
    },
    log,
  );
  stops.add("retention", () => retention.stop());
  await connections.start();
  agentAudit.start(await agents.lastAgents());
  await agents.start(link);
  stops.add("agents", () => agents.stop());
  stops.add("engines", () => connections.stop());
  stops.add("links", () => link.stop());
  stops.add(
    "memory",
    giveMemoryBackAfterBursts(() => link.stats().accepted, log),
  );
  const lastSeen = await watch.start();
  stops.add("watch", () => watch.stop());
  containerMetricsCollector.start();
  stops.add("container metrics rounds", () => containerMetricsCollector.stop());
  stops.add("recovery", () => recovery.stop());
  stops.add("followers", () => followers.stop());
  await followHistory(await environments.list(), lastSeen, domains);
}

async function followHistory(
  environments: readonly EnvironmentRecord[],
  lastSeen: ReadonlyMap<number, number>,
  { recovery, followers }: Domains,
): Promise<void> {
  const away = environments.filter(({ kind }) => kind === "edge");
  await Promise.all(
    away.map(async ({ id }) => {
      const seenAt = lastSeen.get(id);
      if (seenAt !== undefined) await recovery.lost(id, seenAt);
    }),
  );
  followers.start(environments, lastSeen);
}
