import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { FairleadError } from "@fairlead/protocol";
import { DEFAULT_REQUESTS_PER_SECOND } from "./access/request-limit.ts";
import type { TlsFiles } from "./http/server.ts";
import { LOG_LEVELS, type LogLevel } from "./log.ts";

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
  readonly recordExec: ExecRecording;
  /** Requests a second that one API token or person may make for long. 0: no limit. */
  readonly requestsPerSecond: number;
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

/** Ten years: longer is a slip of the keyboard. */
const MAX_RETENTION_DAYS = 3650;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the hub's settings: FAIRLEAD_LISTEN (HOST:PORT), FAIRLEAD_HUB_DATA_DIR, FAIRLEAD_BOOTSTRAP_TOKEN(_FILE), FAIRLEAD_TLS_CERT and
 * FAIRLEAD_TLS_KEY (files), FAIRLEAD_TRUST_PROXY, FAIRLEAD_EVENT_DAYS, FAIRLEAD_METRICS_DAYS, FAIRLEAD_AUDIT_DAYS,
 * FAIRLEAD_RECORD_EXEC, FAIRLEAD_REQUESTS_PER_SECOND, LOG_LEVEL.
 *
 * @throws FairleadError config_invalid, naming the setting, its value and what is allowed.
 */
export function loadHubConfig(env: Environment, flags: HubFlags = {}): HubConfig {
  const bootstrapToken = secretSetting(env, "FAIRLEAD_BOOTSTRAP_TOKEN");
  const tls = tlsFiles(env, flags);
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
    requestsPerSecond: requestsPerSecond(env),
  };
}

/** `$XDG_DATA_HOME/fairlead`, or `~/.local/share/fairlead`. */
export function defaultDataDir(env: Environment): string {
  const base = setting(env, "XDG_DATA_HOME");
  // The XDG specification: a relative path is to be ignored.
  return join(base?.startsWith("/") === true ? base : join(homedir(), ".local", "share"), "fairlead");
}

interface Named {
  readonly name: string;
  readonly value: string;
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

function secretSetting(env: Environment, variable: string): string | undefined {
  const file = setting(env, `${variable}_FILE`);
  const secret =
    setting(env, variable) ??
    (file === undefined ? undefined : readFile({ name: `${variable}_FILE`, value: file }).trim());
  if (secret === "") throw invalid(`${variable}_FILE`, file, "a file with a token in it; this one is empty");
  return secret;
}

function readFile({ name, value }: Named): string {
  try {
    return readFileSync(value, "utf8");
  } catch (error) {
    throw invalid(name, value, `a readable file (${error instanceof Error ? error.message : String(error)})`);
  }
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

function requestsPerSecond(env: Environment): number {
  const variable = "FAIRLEAD_REQUESTS_PER_SECOND";
  const text = setting(env, variable);
  if (text === undefined) return DEFAULT_REQUESTS_PER_SECOND;
  if (!/^\d{1,9}$/.test(text)) throw invalid(variable, text, "a whole number, or 0 for no limit");
  return Number(text);
}

function oneOf<const T extends string>(env: Environment, variable: string, allowed: readonly T[], fallback: T): T {
  const text = setting(env, variable)?.toLowerCase();
  if (text === undefined) return fallback;
  const found = allowed.find((value) => value === text);
  if (found === undefined) throw invalid(variable, text, `one of ${allowed.join(", ")}`);
  return found;
}

/** An empty variable counts as not set, as compose files have it. */
function setting(env: Environment, variable: string): string | undefined {
  return env[variable] || undefined;
}

function invalid(name: string, value: string | undefined, allowed: string): FairleadError {
  const what = value === undefined ? `${name} is not set` : `${name} is ${JSON.stringify(value)}`;
  return new FairleadError("config_invalid", `${what}. Allowed: ${allowed}.`, { details: { setting: name } });
}
