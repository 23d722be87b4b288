import type { IncomingMessage, Server } from "node:http";
import type { Logger } from "pino";
import { Authorization } from "../access/authorization.ts";
import { LiveConnections } from "../access/live-connections.ts";
import { roleRoutes } from "../access/routes.ts";
import type { Access } from "../access/service.ts";
import { auditRequests } from "../audit/audit-requests.ts";
import { CallAudit } from "../audit/call-audit.ts";
import { auditRoutes } from "../audit/routes.ts";
import { LogsEndpoint } from "../container-logs/logs-endpoint.ts";
import { StatsEndpoint } from "../container-stats/stats-endpoint.ts";
import { containerMetricsRoutes } from "../container-metrics/routes.ts";
import { streamRoutes } from "../changes/routes.ts";
import { StreamEndpoint } from "../changes/stream-endpoint.ts";
import { StreamReaders } from "../changes/stream-readers.ts";
import { DockerEndpoint } from "../docker-endpoint/docker-endpoint.ts";
import type { Domains } from "../domains.ts";
import { environmentRoutes } from "../environments/routes.ts";
import { eventRoutes } from "../events/routes.ts";
import { authRoutes } from "../identity/people/auth-routes.ts";
import type { PeopleDomain } from "../identity/people/create-people.ts";
import { deviceRoutes } from "../identity/people/device-routes.ts";
import { meRoutes } from "../identity/people/me-routes.ts";
import { peopleRoutes } from "../identity/people/people-routes.ts";
import { tokenRoutes } from "../identity/routes.ts";
import type { ApiTokens } from "../identity/service.ts";
import { joinRoutes } from "../joining/routes.ts";
import { createPrometheus, type Prometheus } from "../metrics/prometheus.ts";
import { metricsRoutes } from "../metrics/routes.ts";
import { TerminalEndpoint } from "../terminal/terminal-endpoint.ts";
import { containerRoutes } from "../watch/routes.ts";
import { buildApp, type HubApp } from "./app.ts";
import { Authentication, clientAddress } from "./authentication.ts";
import { BrowserGuard } from "./browser-guard.ts";
import { docsRoutes } from "./docs.ts";
import { type HubState, hubRoutes } from "./hub-routes.ts";
import { prometheusRoutes } from "./prometheus-routes.ts";
import { RawRoutes } from "./raw-routes.ts";
import { type Route, RouteTable } from "./route-table.ts";
import { createNodeServer } from "./server.ts";
import { settingsRoutes, type ToldConfig } from "./settings-routes.ts";
import { webRoutes } from "../web/routes.ts";
import type { WebPage } from "../web/web-page.ts";

export interface HubServerParts {
  readonly tokens: ApiTokens;
  readonly access: Access;
  readonly people: PeopleDomain;
  readonly domains: Domains;
  readonly config: ToldConfig;
  readonly log: Logger;
  readonly state: HubState;
  /** The web page, where it was built. */
  readonly page?: WebPage | undefined;
}

/** Everything that the hub serves, on a server that does not listen yet. */
export interface HubServer {
  readonly server: Server;
  readonly app: HubApp;
  readonly routes: readonly Route[];
  readonly live: LiveConnections;
  /** Ends the streams that would go on for ever. */
  endStreams(this: void): Promise<void>;
}

export async function createHubServer(parts: HubServerParts): Promise<HubServer> {
  const { domains, log, config, tokens, people } = parts;
  const { environments, connections, link, audit, recordings } = domains;
  const authentication = new Authentication(tokens, {
    ...config,
    session: (request) => people.authenticateSession(request),
  });
  const authorization = new Authorization(environments);
  const live = liveConnections(parts);
  const terminal = new TerminalEndpoint({ connections, log, recordings });
  const logs = new LogsEndpoint({ connections });
  const stats = new StatsEndpoint({ sampler: domains.statsSampler, environments });
  const addressOf = (request: IncomingMessage): string => clientAddress(request, config.trustProxy);
  const readers = new StreamReaders();
  const raw = new RawRoutes({
    authentication,
    browsers: new BrowserGuard(config.publicUrl),
    authorization,
    live,
    audit: new CallAudit({ audit, recordings, connections, addressOf }),
    agents: link,
    docker: new DockerEndpoint({ connections, log, onFailure: (id) => domains.watch.reportFailure(id) }),
    terminal,
    logs,
    stats,
    stream: new StreamEndpoint({ feed: domains.changes, authorization, readers }),
    log,
  });
  const table = new RouteTable();
  const app = buildApp({
    log,
    authentication,
    authorization,
    routes: table,
    page: parts.page,
    server: (handler) =>
      createNodeServer(config.tls, {
        request(request, response, expectsContinue) {
          if (raw.handleRequest(request, response)) return;
          if (expectsContinue) response.writeContinue();
          handler(request, response);
        },
        upgrade: (request, socket, head) => raw.handleUpgrade(request, socket, head),
      }),
  });
  await addRoutes(app, parts, { readers, authorization, live, addressOf });
  await app.ready();
  const endStreams = async (): Promise<void> => {
    readers.stop();
    logs.stop();
    stats.stop();
    const hungUp = terminal.stop();
    live.stop();
    await hungUp;
  };
  return { server: app.server, app, routes: table.routes, live, endStreams };
}

/** Ends what was let in when the right to it ends. */
function liveConnections({ tokens, access, people, domains }: HubServerParts): LiveConnections {
  const live = new LiveConnections();
  tokens.onRevoked((tokenId) => live.tokenRevoked(tokenId));
  people.sessions.onEnded((sessionId) => live.sessionEnded(sessionId));
  access.onChange((personId) => live.rightsChanged(personId));
  domains.environments.onChange(({ type, environment }) => {
    if (type !== "removed") live.environmentChanged(environment);
  });
  return live;
}

interface Doors {
  readonly readers: StreamReaders;
  readonly authorization: Authorization;
  readonly live: LiveConnections;
  readonly addressOf: (request: IncomingMessage) => string;
}

async function addRoutes(app: HubApp, parts: HubServerParts, doors: Doors): Promise<void> {
  const { tokens, access, people, domains } = parts;
  const { environments, views, agents, joining, changes, events, metrics, audit, recordings } = domains;
  const { containers, environmentChanges } = domains;
  const { readers, authorization, live, addressOf } = doors;
  await docsRoutes(app);
  prometheusRoutes(app, prometheusOf(domains, readers));
  auditRequests(app, { audit, environments, addressOf });
  hubRoutes(app, parts.state, parts.page !== undefined);
  settingsRoutes(app, parts.config);
  tokenRoutes(app, tokens);
  if (parts.page) await webRoutes(app, parts.page);
  authRoutes(app, people);
  peopleRoutes(app, people);
  meRoutes(app, { ...people, environments });
  deviceRoutes(app, people, addressOf);
  roleRoutes(app, { access, isRoleOfToken: (role) => tokens.hasRole(role) });
  const onChange = (id: number): void => environmentChanges.touch(id);
  environmentRoutes(app, { environments, authorization, views, agents, joinKeys: joining, onChange });
  joinRoutes(app, { joining, trustProxy: parts.config.trustProxy });
  containerRoutes(app, { containers, authorization, environments });
  eventRoutes(app, { events, authorization });
  containerMetricsRoutes(app, domains.containerMetrics);
  metricsRoutes(app, { metrics, authorization, environments });
  auditRoutes(app, { audit, recordings });
  streamRoutes(app, { feed: changes, authorization, live, readers });
}

function prometheusOf(domains: Domains, readers: StreamReaders): Prometheus {
  const { watch, events, metrics, containerMetrics, audit, changes: feed, followers, link } = domains;
  const rounds = { containerMetricsRounds: domains.containerMetricsCollector };
  const history = { events, metrics, containerMetrics, ...rounds, audit, feed };
  return createPrometheus({ watch, ...history, readers, followers, link: () => link.stats() });
}
