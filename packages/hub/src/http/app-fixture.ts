/** For tests: the app over a real database in a temporary folder, with agents' and hosts' parts that know nothing. */
import type { Light } from "@fairlead/protocol/rest";
import { tempDir } from "@fairlead/testkit";
import type { InjectOptions, LightMyRequestResponse } from "fastify";
import { AgentService } from "../agents/service.ts";
import { AgentStore } from "../agents/store.ts";
import { openDatabase } from "../database/open.ts";
import type { Database } from "../database/schema.ts";
import { SecretBox } from "../database/sealed.ts";
import { environmentRoutes } from "../environments/routes.ts";
import { EnvironmentService } from "../environments/service.ts";
import { EnvironmentStore } from "../environments/store.ts";
import { EnvironmentViews } from "../environments/view.ts";
import { tokenRoutes } from "../identity/routes.ts";
import { Authorization } from "../access/authorization.ts";
import { LiveConnections } from "../access/live-connections.ts";
import { roleRoutes } from "../access/routes.ts";
import { Access } from "../access/service.ts";
import { AccessStore } from "../access/store.ts";
import { ApiTokens } from "../identity/service.ts";
import { ApiTokenStore } from "../identity/store.ts";
import { joinRoutes } from "../joining/routes.ts";
import { JoinService } from "../joining/service.ts";
import { JoinKeyStore } from "../joining/store.ts";
import { buildApp, type HubApp } from "./app.ts";
import { Authentication } from "./authentication.ts";
import { docsRoutes } from "./docs.ts";
import { hubRoutes } from "./hub-routes.ts";
import { createNodeServer } from "./server.ts";
import { silentLog } from "../database/database-fixture.ts";

export interface AppFixture extends AsyncDisposable {
  readonly app: HubApp;
  readonly db: Database;
  readonly environments: EnvironmentService;
  readonly tokens: ApiTokens;
  readonly access: Access;
  readonly authorization: Authorization;
  readonly live: LiveConnections;
  /** Full rights. */
  readonly token: string;
  /** Agent tokens whose connection the hub would close. */
  readonly closedTokens: number[];
  /** A request with the token, unless the options bring headers. */
  request(options: InjectOptions): Promise<LightMyRequestResponse>;
  stop(): Promise<void>;
}

export const FIXTURE_TOKEN = "a-token-of-the-tests";
const UNKNOWN: Light = { state: "unknown", since: null, checkedAt: null, error: null };

/** @param addRoutes adds the routes under test, with what the fixture has. */
export async function appFixture(
  addRoutes: (
    app: HubApp,
    parts: Pick<AppFixture, "db" | "environments" | "authorization" | "live">,
  ) => void = () => {},
): Promise<AppFixture> {
  const folder = await tempDir();
  const log = silentLog;
  const { db, ping, close } = await openDatabase(folder.path);
  const access = new Access(new AccessStore(db));
  await access.start();
  const tokens = new ApiTokens(new ApiTokenStore(db), access, log);
  await tokens.setBootstrap(FIXTURE_TOKEN);
  const environments = new EnvironmentService(new EnvironmentStore(db, await SecretBox.open(folder.path), log));
  const authorization = new Authorization(environments);
  const live = new LiveConnections();
  tokens.onRevoked((id) => live.tokenRevoked(id));
  const agents = new AgentService(new AgentStore(db), log);
  const closedTokens: number[] = [];
  await agents.start({
    sessions: { get: () => undefined, list: () => [] },
    closeForToken: (tokenId) => void closedTokens.push(tokenId),
  });
  const hosts = { state: () => ({ link: UNKNOWN, engine: UNKNOWN, engineInfo: null, snapshotAt: null }) };
  const views = new EnvironmentViews({ agents, hosts });
  const app = buildApp({
    log,
    authentication: new Authentication(tokens, { trustProxy: false }),
    authorization,
    server: (handler) => createNodeServer(undefined, { request: handler }),
  });
  await docsRoutes(app);
  hubRoutes(app, { startedAt: Date.now(), isStopping: () => false, checkDatabase: ping });
  tokenRoutes(app, tokens);
  const joining = new JoinService({
    store: new JoinKeyStore(db),
    agents,
    certificate: undefined,
    onChange: () => {},
    log,
  });
  roleRoutes(app, { access, isRoleOfToken: (role) => tokens.hasRole(role) });
  environmentRoutes(app, { environments, authorization, views, agents, joinKeys: joining, onChange: () => {} });
  joinRoutes(app, { joining, trustProxy: false });
  addRoutes(app, { db, environments, authorization, live });
  await app.ready();
  const stop = async (): Promise<void> => {
    await app.close();
    live.stop();
    await agents.stop();
    await tokens.stop();
    await close();
    await folder.stop();
  };
  const request = async (options: InjectOptions): Promise<LightMyRequestResponse> => {
    const response = await app.inject({ headers: { authorization: `Bearer ${FIXTURE_TOKEN}` }, ...options });
    // As a connection ends: the body of a refused request was not read.
    response.raw.req.destroy();
    return response;
  };
  return {
    app,
    db,
    environments,
    tokens,
    access,
    authorization,
    live,
    token: FIXTURE_TOKEN,
    closedTokens,
    request,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
