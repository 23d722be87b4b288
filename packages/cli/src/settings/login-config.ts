import { FairleadError } from "@fairlead/protocol";
import { join } from "node:path";
import { configDir, type Environment } from "./folders.ts";
import { readIfPresent, writePrivateFile } from "./private-file.ts";

/** What `fairlead login` keeps: a token a hub, and which hub commands talk to. */
export interface LoginConfig {
  /** URL of the hub that commands use. */
  current?: string;
  hubs: Record<string, { token: string }>;
}

/** Path of the login file. */
export function loginPath(env: Environment): string {
  return join(configDir(env), "config.json");
}

/** @throws FairleadError config_invalid when the file is not what `login` writes. */
export async function readLogins(env: Environment): Promise<LoginConfig> {
  const path = loginPath(env);
  const text = await readIfPresent(path);
  if (text === undefined) return { hubs: {} };
  try {
    const value = JSON.parse(text) as Partial<LoginConfig>;
    if (typeof value.hubs !== "object" || value.hubs === null) throw new TypeError("no hubs");
    return { ...(typeof value.current === "string" ? { current: value.current } : {}), hubs: value.hubs };
  } catch {
    throw new FairleadError("config_invalid", `${path} is not a login file of fairlead; remove it and log in again`);
  }
}

/** Keeps the token (0600) and makes this hub the one that commands use. */
export async function storeLogin(env: Environment, url: string, token: string): Promise<void> {
  const logins = await readLogins(env);
  const updated: LoginConfig = { current: url, hubs: { ...logins.hubs, [url]: { token } } };
  await writePrivateFile(loginPath(env), `${JSON.stringify(updated, null, 2)}\n`);
}
