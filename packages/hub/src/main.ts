import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FairleadError } from "@fairlead/protocol";
import type { Logger } from "pino";
import { DEFAULT_REQUESTS_PER_SECOND } from "./access/request-limit.ts";
import { Access } from "./access/service.ts";
import { AccessStore } from "./access/store.ts";
import { DEFAULT_CONTAINER_METRICS_INTERVAL_S, DEFAULT_DIAL, DEFAULT_RETENTION, type HubConfig } from "./config.ts";
import { openDatabase } from "./database/open.ts";
import { SecretBox } from "./database/sealed.ts";
import { createDomains, startDomains } from "./domains.ts";
import { clientAddress } from "./http/authentication.ts";
import { createHubServer } from "./http/hub-server.ts";
import { closeServer, listen } from "./http/server.ts";
import { createPeople, type PeopleDomain } from "./identity/people/create-people.ts";
import { ApiTokens, BOOTSTRAP_TOKEN_NAME, FIRST_TOKEN_NAME } from "./identity/service.ts";
import { ApiTokenStore } from "./identity/store.ts";
import { SYSTEM } from "./audit/record.ts";
import { createLog } from "./log.ts";
import { WebPage } from "./web/web-page.ts";
import { StopSequence } from "./stop-sequence.ts";

export { verifyAuditFolder } from "./audit/verify-folder.ts";
export { DEFAULT_PORT, defaultDataDir, type HubConfig, type HubFlags, loadHubConfig } from "./config.ts";

/** What `loadHubConfig` gives, with defaults; and where to say what the person who starts the hub is to read. */
export interface HubOptions extends Omit<HubConfig, OptionalSetting>, Partial<Pick<HubConfig, OptionalSetting>> {
  /** Takes lines for people. Default: stdout. */
  readonly print?: (line: string) => void;
  /** The web page as it was built: `index.html` and `assets/`. Absent, or not there: the hub is without it. */
  readonly webFolder?: string;
}

type OptionalSetting =
  | "logLevel"
  | "trustProxy"
  | "retention"
  | "recordExec"
  | "containerMetricsIntervalS"
  | "requestsPerSecond"
  | "dial";

/** A hub that listens. */
export interface RunningHub {
  /** Where this machine reaches it: `http(s)://HOST:PORT`, with the port that was chosen when it was 0. */
  readonly url: string;
  readonly port: number;
  /** Closes agents (1001) and streams, writes what waits, closes the database. Takes some seconds at most. */
  stop(): Promise<void>;
}

const DEFAULT_CONFIG = {
  logLevel: "info",
  trustProxy: false,
  retention: DEFAULT_RETENTION,
  recordExec: "off",
  containerMetricsIntervalS: DEFAULT_CONTAINER_METRICS_INTERVAL_S,
  requestsPerSecond: DEFAULT_REQUESTS_PER_SECOND,
  dial: DEFAULT_DIAL,
} as const;

/** In the data folder: the token that a fresh hub made for itself, for programs of the same user on the same machine. */
const FIRST_TOKEN_FILE = "api-token";

/**
 * Starts a hub. When it listens it prints `fairlead hub listening on URL`.
 *
 * A hub that has no API token at all makes one, prints it once, and keeps it in `api-token` (0600) in the data folder.
 *
 * @throws FairleadError database_locked, database_corrupt, database_newer, config_invalid: what to do is in the message.
 */
export async function startHub(options: HubOptions): Promise<RunningHub> {
  const { print = printLine, webFolder, ...given } = options;
  const config: HubConfig = { ...DEFAULT_CONFIG, ...given };
  const log = createLog(config.logLevel);
  const stops = new StopSequence(log);
  try {
    const { port, people } = await start({ config, log, stops, print, webFolder });
    const url = localUrl(config, port);
    print(
      `fairlead hub listening on ${url}${isWildcard(config.host) ? " and all other addresses of this machine" : ""}`,
    );
    await sayHowToBegin(people, print);
    return { url, port, stop: () => stops.run() };
  } catch (error) {
    await stops.run();
    throw error;
  }
}

interface StartParts {
  readonly config: HubConfig;
  readonly log: Logger;
  readonly stops: StopSequence;
  readonly print: (line: string) => void;
  readonly webFolder: string | undefined;
}

async function start({
  config,
  log,
  stops,
  print,
  webFolder,
}: StartParts): Promise<{ port: number; people: PeopleDomain }> {
  const { db, ping, close } = await openDatabase(config.dataDir);
  stops.add("database", close);
  const secrets = await SecretBox.open(config.dataDir);
  const access = new Access(new AccessStore(db));
  await access.start();
  const tokens = new ApiTokens(new ApiTokenStore(db), access, log);
  stops.add("API tokens", () => tokens.stop());
  const domains = createDomains({ db, secrets, config, log });
  let port = config.port;
  const people = createPeople({
    db,
    secrets,
    roles: access,
    tokens,
    url: () => config.publicUrl ?? browserUrl(config, port),
    oidc: config.oidc,
    addressOf: (request) => clientAddress(request, config.trustProxy),
    log,
  });
  stops.add("sessions", () => people.stop());
  await domains.audit.start();
  await domains.recordings.start();
  // Before the doors: it ends after them, with what their last calls tell.
  stops.add("audit log", () => domains.audit.stop());
  stops.add("recordings", () => domains.recordings.stop());
  for (const target of await provideToken(tokens, config, print)) {
    domains.audit.record({ actor: SYSTEM, action: "token.create", outcome: "done", target });
  }
  const { server, app, endStreams } = await createHubServer({
    tokens,
    access,
    people,
    domains,
    config,
    log,
    state: { startedAt: Date.now(), isStopping: () => stops.isRunning, checkDatabase: ping },
    page: webFolder === undefined ? undefined : await WebPage.open(webFolder),
  });
  let closed = Promise.resolve();
  stops.add("app", () => app.close());
  stops.add("connections", () => closed);
  await startDomains(domains, stops, log);
  stops.add("streams", endStreams);
  stops.add("listener", () => {
    closed = closeServer(server);
  });
  try {
    ({ port } = await listen(server, config.host, config.port));
    return { port, people };
  } catch (error) {
    throw cannotListen(config, error);
  }
}

/** Nobody could use a hub without a token. @returns the names of those that it made. */
async function provideToken(tokens: ApiTokens, config: HubConfig, print: (line: string) => void): Promise<string[]> {
  const made: string[] = [];
  const file = join(config.dataDir, FIRST_TOKEN_FILE);
  const { bootstrapToken } = config;
  if (bootstrapToken !== undefined && (await tokens.setBootstrap(bootstrapToken))) made.push(BOOTSTRAP_TOKEN_NAME);
  const secret = await tokens.createFirst();
  if (secret !== undefined) {
    await writeFile(file, `${secret}\n`, { mode: 0o600 });
    await chmod(file, 0o600);
    print(`This hub had no API token, so it made one. It is shown this once: ${secret}`);
    print(`It is kept in ${file}, where the fairlead command finds it on this machine.`);
    return [...made, FIRST_TOKEN_NAME];
  }
  // One that was revoked, or made for a database that is gone, would only lead the fairlead command astray.
  const kept = await readFile(file, "utf8").catch(() => undefined);
  if (kept !== undefined && !(await tokens.authenticate(kept.trim()))) await rm(file);
  return made;
}

function localUrl({ host, tls }: HubConfig, port: number): string {
  const local = isWildcard(host) ? (host === "::" ? "::1" : "127.0.0.1") : host;
  return `${tls ? "https" : "http"}://${local.includes(":") ? `[${local}]` : local}:${port}`;
}

/** By name where it can be: browsers allow passkeys on localhost, and on no bare address. */
function browserUrl(config: HubConfig, port: number): string {
  const isLocal = isWildcard(config.host) || /^(127\.|::1$)/.test(config.host);
  return isLocal ? `${config.tls ? "https" : "http"}://localhost:${port}` : localUrl(config, port);
}

/** A hub without people is of no use in a browser. */
async function sayHowToBegin({ people }: PeopleDomain, print: (line: string) => void): Promise<void> {
  const link = await people.firstAdminLink();
  if (!link) return;
  print("This hub has no admin yet. Make the first admin in a browser, within a day and before the next start:");
  print(`  ${link.url}`);
}

function isWildcard(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

function cannotListen({ host, port }: HubConfig, error: unknown): FairleadError {
  const message = error instanceof Error ? error.message : String(error);
  return new FairleadError(
    "config_invalid",
    `The hub cannot listen on ${host}:${port} (${message}). Choose another address with --listen HOST:PORT, or stop the program that has it.`,
    { cause: error },
  );
}

function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}
