import { isIP } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { DEFAULT_REQUESTS_PER_SECOND } from "./access/request-limit.ts";
import type { DialNetworks } from "./engine/dial-guard.ts";
import type { TlsFiles } from "./http/server.ts";
import { LOG_LEVELS, type LogLevel } from "./log.ts";
import { type Environment, invalid, type Named, readFile, secretSetting, setting } from "./settings.ts";
import { loadOidcConfig, type OidcConfig } from "./identity/people/oidc-config.ts";

/** How long history is kept, in days. */
export interface RetentionDays {
  /** Container events. */
  readonly events: number;
  /** Host metrics in 5-minute averages; at full resolution they are kept for a day. */
  readonly metrics: number;
  /** Audit entries, and recorded sessions with them. */
  readonly audit: number;
}

/** What is recorded of terminals: nothing, what they showed, or also what was typed (passwords included). */
export const EXEC_RECORDINGS = ["off", "output", "all"] as const;
export type ExecRecording = (typeof EXEC_RECORDINGS)[number];

export interface HubConfig {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly dataDir: string;
  readonly bootstrapToken?: string;
  readonly tls?: TlsFiles;
  readonly logLevel: LogLevel;
  /** True: the address of a caller is the last one in `X-Forwarded-For`. Only behind a proxy that sets it. */
  readonly trustProxy: boolean;
  readonly retention: RetentionDays;
  /** The origin at which people reach the hub: links, cookies, passkeys and OIDC need it. Default: where it listens. */
  readonly publicUrl?: string;
  /** Absent: no sign-in by a provider. */
  readonly oidc?: OidcConfig;
  readonly recordExec: ExecRecording;
  /** Seconds between two samples of each running container for its history. 0: none is taken. */
  readonly containerMetricsIntervalS: number;
  /** Requests a second that one API token or person may make for long. 0: no limit. */
  readonly requestsPerSecond: number;
  /** Which addresses of standard and direct environments are dialled, beside what is by itself. */
  readonly dial: DialNetworks;
}

/** Values of the command line; each wins over its environment variable. */
export interface HubFlags {
  readonly listen?: string | undefined;
  readonly data?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
}

export const DEFAULT_PORT = 8375;

/** Agents on other machines must reach a hub. `fairlead up` passes 127.0.0.1: it serves its own machine. */
const DEFAULT_HOST = "0.0.0.0";

export const DEFAULT_RETENTION: RetentionDays = { events: 30, metrics: 30, audit: 365 };

export const DEFAULT_CONTAINER_METRICS_INTERVAL_S = 60;

/** Oftener an engine would do little else; more seldom than the 5 minutes of a rollup, there would be holes. */
const CONTAINER_METRICS_INTERVALS_S = { min: 10, max: 300 };

export const DEFAULT_DIAL: DialNetworks = { allow: [], deny: [] };

/** Ten years: longer is a slip of the keyboard. */
const MAX_RETENTION_DAYS = 3650;

/**
 * Reads the hub's settings: FAIRLEAD_LISTEN (HOST:PORT), FAIRLEAD_HUB_DATA_DIR, FAIRLEAD_BOOTSTRAP_TOKEN(_FILE), FAIRLEAD_TLS_CERT and
 * FAIRLEAD_TLS_KEY (files), FAIRLEAD_TRUST_PROXY, FAIRLEAD_DIAL_ALLOW and FAIRLEAD_DIAL_DENY (networks), FAIRLEAD_EVENT_DAYS,
 * FAIRLEAD_METRICS_DAYS, FAIRLEAD_CONTAINER_METRICS_INTERVAL, FAIRLEAD_AUDIT_DAYS, FAIRLEAD_RECORD_EXEC, FAIRLEAD_REQUESTS_PER_SECOND, LOG_LEVEL, FAIRLEAD_PUBLIC_URL, and FAIRLEAD_OIDC_… (see `loadOidcConfig`).
 *
 * @throws FairleadError config_invalid, naming the setting, its value and what is allowed.
 */
export function loadHubConfig(env: Environment, flags: HubFlags = {}): HubConfig {
  const bootstrapToken = secretSetting(env, "FAIRLEAD_BOOTSTRAP_TOKEN");
  const tls = tlsFiles(env, flags);
  const publicUrl = publicOrigin(env);
  const oidc = loadOidcConfig(env);
  return {
    ...listenAddress(pick(env, "FAIRLEAD_LISTEN", flags.listen, "--listen")),
    dataDir: flags.data ?? setting(env, "FAIRLEAD_HUB_DATA_DIR") ?? defaultDataDir(env),
    ...(bootstrapToken === undefined ? {} : { bootstrapToken }),
    ...(tls === undefined ? {} : { tls }),
    logLevel: oneOf(env, "LOG_LEVEL", LOG_LEVELS, "info"),
    trustProxy: oneOf(env, "FAIRLEAD_TRUST_PROXY", ["true", "false", "1", "0"], "false").match(/true|1/) !== null,
    retention: {
      events: days(env, "FAIRLEAD_EVENT_DAYS", DEFAULT_RETENTION.events),
      metrics: days(env, "FAIRLEAD_METRICS_DAYS", DEFAULT_RETENTION.metrics),
      audit: days(env, "FAIRLEAD_AUDIT_DAYS", DEFAULT_RETENTION.audit),
    },
    recordExec: oneOf(env, "FAIRLEAD_RECORD_EXEC", EXEC_RECORDINGS, "off"),
    containerMetricsIntervalS: containerMetricsInterval(env),
    requestsPerSecond: requestsPerSecond(env),
    dial: { allow: networks(env, "FAIRLEAD_DIAL_ALLOW"), deny: networks(env, "FAIRLEAD_DIAL_DENY") },
    ...(publicUrl === undefined ? {} : { publicUrl }),
    ...(oidc === undefined ? {} : { oidc }),
  };
}

/**
 * True when only programs of the hub's own machine reach it, so that dialling that machine for them gives them nothing new.
 * Before a trusted proxy it is others that reach it.
 */
export function servesOwnMachine({ host, trustProxy }: Pick<HubConfig, "host" | "trustProxy">): boolean {
  return !trustProxy && /^(localhost|127(\.\d+){3}|::1)$/i.test(host);
}

/** `$XDG_DATA_HOME/fairlead`, or `~/.local/share/fairlead`. */
export function defaultDataDir(env: Environment): string {
  const base = setting(env, "XDG_DATA_HOME");
  // The XDG specification: a relative path is to be ignored.
  return join(base?.startsWith("/") === true ? base : join(homedir(), ".local", "share"), "fairlead");
}

function pick(env: Environment, variable: string, flag: string | undefined, flagName: string): Named | undefined {
  if (flag !== undefined) return { name: flagName, value: flag };
  const value = setting(env, variable);
  return value === undefined ? undefined : { name: variable, value };
}

function listenAddress(given: Named | undefined): { host: string; port: number } {
  if (given === undefined) return { host: DEFAULT_HOST, port: DEFAULT_PORT };
  // HOST:PORT, [IPv6]:PORT, :PORT or HOST.
  const [, v6, name, port] = /^(?:\[([0-9a-f:.%]+)\]|([^:[\]\s]*))(?::(\d{1,5}))?$/i.exec(given.value) ?? [];
  const number = port === undefined ? DEFAULT_PORT : Number(port);
  if ((v6 === undefined && name === undefined) || given.value === "" || number > 65_535) {
    throw invalid(given.name, given.value, "HOST:PORT, for example 0.0.0.0:8375, [::]:8375 or :8375");
  }
  return { host: v6 ?? (name || DEFAULT_HOST), port: number };
}

function tlsFiles(env: Environment, flags: HubFlags): TlsFiles | undefined {
  const cert = pick(env, "FAIRLEAD_TLS_CERT", flags.tlsCert, "--tls-cert");
  const key = pick(env, "FAIRLEAD_TLS_KEY", flags.tlsKey, "--tls-key");
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined) throw invalid("FAIRLEAD_TLS_CERT", undefined, "a PEM file, since there is a TLS key");
  if (key === undefined) throw invalid("FAIRLEAD_TLS_KEY", undefined, "a PEM file, since there is a TLS certificate");
  return { cert: readFile(cert), key: readFile(key) };
}

/** Cookies and passkeys are for a whole origin. */
function publicOrigin(env: Environment): string | undefined {
  const text = setting(env, "FAIRLEAD_PUBLIC_URL");
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    throw invalid("FAIRLEAD_PUBLIC_URL", text, "the hub's URL without a path, for example https://hub.example");
  }
  return url.origin;
}

function days(env: Environment, variable: string, fallback: number): number {
  const text = setting(env, variable);
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!(value > 0 && value <= MAX_RETENTION_DAYS)) {
    throw invalid(variable, text, `a number of days above 0, at most ${MAX_RETENTION_DAYS}`);
  }
  return value;
}

function containerMetricsInterval(env: Environment): number {
  const variable = "FAIRLEAD_CONTAINER_METRICS_INTERVAL";
  const text = setting(env, variable);
  if (text === undefined) return DEFAULT_CONTAINER_METRICS_INTERVAL_S;
  const { min, max } = CONTAINER_METRICS_INTERVALS_S;
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (seconds === 0 || (seconds >= min && seconds <= max)) return seconds;
  throw invalid(variable, text, `whole seconds from ${min} to ${max}, or 0 for no history of containers`);
}

function requestsPerSecond(env: Environment): number {
  const variable = "FAIRLEAD_REQUESTS_PER_SECOND";
  const text = setting(env, variable);
  if (text === undefined) return DEFAULT_REQUESTS_PER_SECOND;
  if (!/^\d{1,9}$/.test(text)) throw invalid(variable, text, "a whole number, or 0 for no limit");
  return Number(text);
}

/** Addresses and networks with commas or spaces between them. */
function networks(env: Environment, variable: string): string[] {
  const texts = (setting(env, variable) ?? "").split(/[\s,]+/).filter((text) => text !== "");
  return texts.map((text) => {
    const [, address = "", prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
    const bits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
    const length = prefix === undefined ? bits : Number(prefix);
    if (bits > 0 && length <= bits && !address.includes("%")) return `${address}/${length}`;
    throw invalid(variable, text, "IP addresses and networks, for example 127.0.0.1, 10.0.0.0/8, fd00::/8");
  });
}

function oneOf<const T extends string>(env: Environment, variable: string, allowed: readonly T[], fallback: T): T {
  const text = setting(env, variable)?.toLowerCase();
  if (text === undefined) return fallback;
  const found = allowed.find((value) => value === text);
  if (found === undefined) throw invalid(variable, text, `one of ${allowed.join(", ")}`);
  return found;
}
