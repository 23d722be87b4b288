import { randomUUID } from "node:crypto";
import { accessSync, constants, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import { homedir, hostname as osHostname } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { MAX_NAME_LENGTH } from "@fairlead/protocol";
import { ConfigReader, type Environment, invalid } from "./config-reader.ts";
import { type EngineAddress, readEngineAddress } from "./engine-address.ts";
import { type Admission, readAdmission } from "./joining/read-admission.ts";

export type { EngineAddress } from "./engine-address.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** Proxies for the way to the hub. */
export interface ProxySettings {
  http?: URL;
  https?: URL;
  /** Hosts that are dialled without a proxy, in lower case, as `NO_PROXY` lists them. */
  noProxy: string[];
}

/** Everything the agent is told at its start. Times are in milliseconds, certificates and keys are PEM texts. */
export interface AgentConfig extends Admission {
  /** `edge`: dials the hub. `standard`: listens. */
  mode: "edge" | "standard";
  /** The hub's address, `ws:` or `wss:`; always there in edge mode. */
  serverUrl?: URL;
  caCert?: string;
  tlsSkipVerify: boolean;
  bindAddress: string;
  /** 0: the system chooses one. */
  port: number;
  tlsCert?: string;
  tlsKey?: string;
  engine: EngineAddress;
  agentId: string;
  agentName: string;
  hostname: string;
  heartbeatMs: number;
  requestTimeoutMs: number;
  composeTimeoutMs: number;
  reconnectDelayMs: number;
  maxReconnectDelayMs: number;
  welcomeTimeoutMs: number;
  stacksDir: string;
  skipDfCollection: boolean;
  allowInsecureNoAuth: boolean;
  logLevel: LogLevel;
  /** Where the host's /proc is. */
  hostProc: string;
  metricsIntervalMs: number;
  proxy: ProxySettings;
  dataDir: string;
  /** Offer the streams extension to hubs; without it this is a 1.0 agent. */
  streams: boolean;
  /** `full`, `no-exec`, `read-only`, or the absolute path of a policy file. Absent: `full`. */
  policy?: string;
  /** What is not as it should be but no reason to stop; for the log. */
  warnings: readonly string[];
}

/** Values of the command line, which win over variables. */
export interface ConfigOverrides {
  server?: string;
  token?: string;
  joinKey?: string;
}

/** Path that deployed agents dial; added to a server URL without one. */
export const CONNECT_PATH = "/api/hawser/connect";

/** A tenth of a second is for tests; a day is longer than any interval or wait of an agent can be meant to be. */
const SECONDS = { min: 0.1, max: 86_400 };
const SERVER_URL_ALLOWED =
  "allowed are ws://, wss://, http:// and https:// URLs without user name, password or fragment";
const PROXY_ALLOWED = "allowed are http://host:port and https://host:port";

/**
 * The agent's configuration from its variables (README, "The agent's configuration"). Makes the agent's id and keeps it in the data
 * folder at the first call.
 *
 * @throws FairleadError `config_invalid` naming variable, value and what is allowed
 */
export function loadConfig(env: Environment, overrides: ConfigOverrides = {}): AgentConfig {
  const read = new ConfigReader(env);
  const warnings: string[] = [];
  const home = read.text("HOME") ?? homedir();
  const serverUrl = readServerUrl(read, overrides.server);
  const mode = serverUrl === undefined ? "standard" : "edge";
  const policy = readPolicy(read);
  const dataDir = readDataDir(read, home);
  const hostname = osHostname();
  const config: AgentConfig = {
    mode,
    ...(serverUrl === undefined ? {} : { serverUrl }),
    ...readAdmission(read, {
      token: secretOverride("TOKEN", overrides.token),
      joinKey: secretOverride("FAIRLEAD_JOIN_KEY", overrides.joinKey),
      serverUrl,
      dataDir,
      warnings,
    }),
    ...readTls(read),
    tlsSkipVerify: read.boolean("TLS_SKIP_VERIFY", false),
    // An edge host opens no port to others unless told to.
    bindAddress: readBindAddress(read, mode === "edge" ? "127.0.0.1" : "0.0.0.0"),
    port: read.integer("PORT", 2376, { min: 0, max: 65_535 }),
    engine: readEngineAddress(read, home),
    agentName: readName(read, "AGENT_NAME") ?? hostname,
    hostname,
    heartbeatMs: read.milliseconds("HEARTBEAT_INTERVAL", 30, SECONDS),
    requestTimeoutMs: read.milliseconds("REQUEST_TIMEOUT", 30, SECONDS),
    composeTimeoutMs: read.milliseconds("COMPOSE_TIMEOUT", 900, SECONDS),
    ...readReconnect(read),
    welcomeTimeoutMs: read.milliseconds("WELCOME_TIMEOUT", 30, SECONDS),
    stacksDir: readStacksDir(read, dataDir),
    skipDfCollection: read.boolean("SKIP_DF_COLLECTION", false),
    allowInsecureNoAuth: read.boolean("ALLOW_INSECURE_NO_AUTH", false),
    logLevel: read.choice("LOG_LEVEL", "info", ["debug", "info", "warn", "error"]),
    hostProc: readHostProc(read),
    metricsIntervalMs: read.milliseconds("METRICS_INTERVAL", 30, SECONDS),
    proxy: readProxies(read),
    dataDir,
    streams: read.choice("FAIRLEAD_STREAMS", "on", ["on", "off"]) === "on",
    ...(policy === undefined ? {} : { policy }),
    warnings,
    agentId: "",
  };
  refuseUnsafe(config);
  config.agentId = readName(read, "AGENT_ID") ?? keptAgentId(dataDir, warnings);
  return config;
}

/** True for addresses that only this machine reaches. */
export function isLoopback(address: string): boolean {
  return address === "localhost" || address === "::1" || /^(::ffff:)?127\.\d+\.\d+\.\d+$/i.test(address);
}

function secretOverride(name: string, value: string | undefined): string | undefined {
  return value === undefined ? undefined : new ConfigReader({ [name]: value }).secret(name);
}

/** Settings that are right one by one and wrong together. */
function refuseUnsafe(config: AgentConfig): void {
  const hasToken = config.token !== undefined;
  if (config.mode === "edge" && !hasToken && config.joinKey === undefined && config.credential === undefined) {
    throw invalid(
      "TOKEN",
      undefined,
      `a server URL needs the environment's token, in TOKEN or TOKEN_FILE, or a join key, in FAIRLEAD_JOIN_KEY or FAIRLEAD_JOIN_KEY_FILE${
        config.warnings.length === 0 ? "" : ` (${config.warnings.join("; ")})`
      }`,
    );
  }
  if (config.mode === "standard" && !hasToken && !isLoopback(config.bindAddress) && !config.allowInsecureNoAuth) {
    throw invalid(
      "TOKEN",
      undefined,
      `listening on ${config.bindAddress} would give everyone who reaches it root on this machine. ` +
        "Set TOKEN (or TOKEN_FILE), or BIND_ADDRESS=127.0.0.1, or DOCKHAND_SERVER_URL to dial a hub instead; " +
        "ALLOW_INSECURE_NO_AUTH=true allows it all the same",
    );
  }
}

function readServerUrl(read: ConfigReader, override: string | undefined): URL | undefined {
  const ours = read.text("FAIRLEAD_SERVER_URL");
  const deployed = read.text("DOCKHAND_SERVER_URL");
  if (override === undefined && ours !== undefined && deployed !== undefined && ours !== deployed) {
    throw invalid("FAIRLEAD_SERVER_URL", ours, `DOCKHAND_SERVER_URL is ${JSON.stringify(deployed)}; set one of them`);
  }
  const name =
    override === undefined ? (ours === undefined ? "DOCKHAND_SERVER_URL" : "FAIRLEAD_SERVER_URL") : "--server";
  const value = override ?? ours ?? deployed;
  if (value === undefined) return undefined;
  const url = URL.parse(value);
  if (url && (url.username !== "" || url.password !== "")) {
    throw invalid(name, `${url.protocol}//…@${url.host}`, SERVER_URL_ALLOWED);
  }
  const protocol = { "ws:": "ws:", "wss:": "wss:", "http:": "ws:", "https:": "wss:" }[url?.protocol ?? ""];
  if (!url || protocol === undefined || url.hash !== "") throw invalid(name, value, SERVER_URL_ALLOWED);
  url.protocol = protocol;
  if (url.pathname === "/") url.pathname = CONNECT_PATH;
  return url;
}

function readTls(read: ConfigReader): Pick<AgentConfig, "caCert" | "tlsCert" | "tlsKey"> {
  const caCert = read.pem("CA_CERT");
  const tlsCert = read.pem("TLS_CERT");
  const tlsKey = read.pem("TLS_KEY");
  if (tlsCert !== undefined && tlsKey === undefined) throw invalid("TLS_KEY", undefined, "TLS_CERT needs its key");
  if (tlsKey !== undefined && tlsCert === undefined)
    throw invalid("TLS_CERT", undefined, "TLS_KEY needs its certificate");
  checkPair(read, tlsCert, tlsKey);
  checkAuthority(read, caCert);
  return {
    ...(caCert === undefined ? {} : { caCert }),
    ...(tlsCert === undefined ? {} : { tlsCert }),
    ...(tlsKey === undefined ? {} : { tlsKey }),
  };
}

function checkPair(read: ConfigReader, cert: string | undefined, key: string | undefined): void {
  if (cert === undefined || key === undefined) return;
  try {
    // Not imported: an edge agent without certificates of its own need not carry it in memory.
    process.getBuiltinModule("node:tls").createSecureContext({ cert, key });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw invalid("TLS_CERT", read.text("TLS_CERT")?.split("\n")[0], `with TLS_KEY it must be a PEM pair (${reason})`);
  }
}

function checkAuthority(read: ConfigReader, caCert: string | undefined): void {
  if (caCert === undefined) return;
  try {
    void new (process.getBuiltinModule("node:crypto").X509Certificate)(caCert);
  } catch {
    throw invalid(
      "CA_CERT",
      read.text("CA_CERT")?.split("\n")[0],
      "allowed is the path of a PEM file with a certificate",
    );
  }
}

function readBindAddress(read: ConfigReader, fallback: string): string {
  const value = read.text("BIND_ADDRESS");
  if (value === undefined) return fallback;
  const address = value.replace(/^\[(.*)\]$/, "$1");
  if (isIP(address) !== 0 || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(address)) return address;
  throw invalid("BIND_ADDRESS", value, "allowed are an IP address or a host name of this machine, without a port");
}

function readName(read: ConfigReader, name: string): string | undefined {
  const value = read.text(name);
  if (value === undefined) return undefined;
  if (value.length <= MAX_NAME_LENGTH && !/\p{Cc}/u.test(value)) return value;
  throw invalid(
    name,
    value.slice(0, MAX_NAME_LENGTH),
    `allowed are up to ${MAX_NAME_LENGTH} characters, none of them a control character`,
  );
}

function readReconnect(read: ConfigReader): Pick<AgentConfig, "reconnectDelayMs" | "maxReconnectDelayMs"> {
  const reconnectDelayMs = read.milliseconds("RECONNECT_DELAY", 1, SECONDS);
  // A first delay above the default maximum raises it: whoever sets one need not know of the other.
  const fallback = Math.max(60, reconnectDelayMs / 1000);
  const maxReconnectDelayMs = read.milliseconds("MAX_RECONNECT_DELAY", fallback, SECONDS);
  if (maxReconnectDelayMs < reconnectDelayMs) {
    throw invalid(
      "MAX_RECONNECT_DELAY",
      read.text("MAX_RECONNECT_DELAY"),
      `allowed is no less than RECONNECT_DELAY (${reconnectDelayMs / 1000})`,
    );
  }
  return { reconnectDelayMs, maxReconnectDelayMs };
}

function readPolicy(read: ConfigReader): string | undefined {
  const policy = read.text("POLICY");
  // A safety setting that is ignored would be worse than none.
  if (policy === undefined || isAbsolute(policy) || ["full", "no-exec", "read-only"].includes(policy)) return policy;
  throw invalid("POLICY", policy, "allowed are full, no-exec, read-only, and the absolute path of a policy file");
}

function readHostProc(read: ConfigReader): string {
  const value = read.text("HOST_PROC");
  if (value === undefined) return "/proc";
  if (isAbsolute(value) && isFolder(value)) return value;
  throw invalid("HOST_PROC", value, "allowed is the absolute path of a folder where the host's /proc is mounted");
}

function readProxies(read: ConfigReader): ProxySettings {
  const http = readProxy(read, "HTTP_PROXY");
  const https = readProxy(read, "HTTPS_PROXY");
  const noProxy =
    read
      .firstOf("NO_PROXY", "no_proxy")
      ?.value.toLowerCase()
      .split(/[\s,]+/) ?? [];
  return {
    ...(http === undefined ? {} : { http }),
    ...(https === undefined ? {} : { https }),
    noProxy: noProxy.filter((host) => host !== ""),
  };
}

function readProxy(read: ConfigReader, upper: string): URL | undefined {
  const set = read.firstOf(upper, upper.toLowerCase());
  if (set === undefined) return undefined;
  // Many write `proxy:3128`, and every other program takes it.
  const url = URL.parse(set.value.includes("://") ? set.value : `http://${set.value}`);
  if (url && (url.protocol === "http:" || url.protocol === "https:")) return url;
  // The value may hold a password.
  throw invalid(set.name, set.value.replace(/^([^/]*\/\/)?.*@/, "$1…@"), PROXY_ALLOWED);
}

function readDataDir(read: ConfigReader, home: string): string {
  const value = read.text("FAIRLEAD_DATA_DIR");
  if (value !== undefined) return resolve(value);
  if (isWritableFolder("/data")) return "/data";
  return join(read.text("XDG_STATE_HOME") ?? join(home, ".local/state"), "fairlead");
}

function readStacksDir(read: ConfigReader, dataDir: string): string {
  const value = read.text("STACKS_DIR");
  if (value === undefined) return isWritableFolder("/data") ? "/data/stacks" : join(dataDir, "stacks");
  if (isAbsolute(value)) return resolve(value);
  throw invalid("STACKS_DIR", value, "allowed is an absolute path");
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function isWritableFolder(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return isFolder(path);
  } catch {
    return false;
  }
}

/** The id made at the first start. Where it cannot be kept a new one serves until the next start, as with deployed agents. */
function keptAgentId(dataDir: string, warnings: string[]): string {
  const path = join(dataDir, "agent-id");
  const made = randomUUID();
  try {
    const kept = statSync(path, { throwIfNoEntry: false }) && readFileSync(path, "utf8").trim();
    if (kept !== undefined && /^[\x21-\x7e]{1,256}$/.test(kept)) return kept;
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(path, `${made}\n`, { mode: 0o600 });
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    warnings.push(
      `The agent's id cannot be kept in ${path} (${reason}) and changes at every start: ` +
        "make the folder writable, or set FAIRLEAD_DATA_DIR or AGENT_ID",
    );
  }
  return made;
}
