/** For tests: everything that a hub serves, over a real database in a temporary folder, on a port of its own. It trusts a proxy. */
import { type IncomingHttpHeaders, request as httpRequest } from "node:http";
import { tempDir } from "@fairlead/testkit";
import type { LiveConnections } from "../access/live-connections.ts";
import { Access } from "../access/service.ts";
import { AccessStore } from "../access/store.ts";
import { DEFAULT_DIAL, DEFAULT_RETENTION } from "../config.ts";
import { openDatabase } from "../database/open.ts";
import type { Database } from "../database/schema.ts";
import { SecretBox } from "../database/sealed.ts";
import { createDomains, type Domains, startDomains } from "../domains.ts";
import { createPeople, type PeopleDomain } from "../identity/people/create-people.ts";
import { ApiTokens } from "../identity/service.ts";
import { ApiTokenStore } from "../identity/store.ts";
import { StopSequence } from "../stop-sequence.ts";
import { clientAddress } from "./authentication.ts";
import { createHubServer } from "./hub-server.ts";
import type { Route } from "./route-table.ts";
import { closeServer, listen } from "./server.ts";
import { WebPage } from "../web/web-page.ts";
import { silentLog } from "../database/database-fixture.ts";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface CallOptions {
  readonly headers?: Record<string, string>;
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string;
  /** Sent as JSON. */
  readonly json?: unknown;
}

export interface HubFixture extends AsyncDisposable {
  readonly routes: readonly Route[];
  readonly db: Database;
  readonly domains: Domains;
  readonly tokens: ApiTokens;
  readonly access: Access;
  readonly people: PeopleDomain;
  readonly live: LiveConnections;
  readonly port: number;
  /** Full rights. */
  readonly token: string;
  /** One request on a connection of its own. An upgrade is answered with its status, and closed. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
}

/** @param webFolder of a page to serve. */
export async function startHubFixture({ webFolder }: { webFolder?: string } = {}): Promise<HubFixture> {
  let port = 0;
  const log = silentLog;
  const stops = new StopSequence(log);
  const folder = await tempDir();
  stops.add("folder", () => folder.stop());
  const { db, ping, close } = await openDatabase(folder.path);
  stops.add("database", close);
  const access = new Access(new AccessStore(db));
  await access.start();
  const tokens = new ApiTokens(new ApiTokenStore(db), access, log);
  stops.add("tokens", () => tokens.stop());
  const { secret: token } = await tokens.create({ name: "fixture" });
  const config = {
    host: "127.0.0.1",
    trustProxy: true,
    retention: DEFAULT_RETENTION,
    dial: DEFAULT_DIAL,
    dataDir: folder.path,
    recordExec: "off",
    // Engines under test are asked what the test asks.
    containerMetricsIntervalS: 0,
  } as const;
  const secrets = await SecretBox.open(folder.path);
  const domains = createDomains({ db, secrets, config, log });
  stops.add("audit log", () => domains.audit.stop());
  const people = createPeople({
    db,
    secrets,
    roles: access,
    tokens,
    url: () => `http://127.0.0.1:${port}`,
    oidc: undefined,
    addressOf: (request) => clientAddress(request, config.trustProxy),
    log,
  });
  stops.add("people", () => people.stop());
  await startDomains(domains, stops, log);
  const state = { startedAt: Date.now(), isStopping: () => false, checkDatabase: ping };
  const page = webFolder === undefined ? undefined : await WebPage.open(webFolder);
  const hub = await createHubServer({ tokens, access, people, domains, config, log, state, page });
  stops.add("app", () => hub.app.close());
  ({ port } = await listen(hub.server, "127.0.0.1", 0));
  stops.add("server", () => closeServer(hub.server));
  stops.add("streams", () => hub.endStreams());
  return {
    routes: hub.routes,
    db,
    domains,
    tokens,
    access,
    people,
    live: hub.live,
    port,
    token,
    call: (method, path, options = {}) => call(port, method, path, options),
    [Symbol.asyncDispose]: () => stops.run(),
  };
}

function call(port: number, method: string, path: string, { headers, token, json }: CallOptions): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const body = json === undefined ? undefined : JSON.stringify(json);
  const sent = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { "content-type": "application/json", "content-length": String(body.length) }),
    ...headers,
  };
  const request = httpRequest({ host: "127.0.0.1", port, method, path, headers: sent, agent: false });
  request.on("response", (response) => {
    let text = "";
    response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    response.on("error", reject);
  });
  request.on("upgrade", (response, socket) => {
    socket.destroy();
    resolve({ status: response.statusCode ?? 0, headers: response.headers, body: "" });
  });
  request.on("error", reject).end(body);
  return promise;
}
