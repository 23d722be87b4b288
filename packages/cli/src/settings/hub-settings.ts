import { FairleadError } from "@fairlead/protocol";
import { readFile } from "node:fs/promises";
import type { Environment } from "./folders.ts";
import { findLocalHub } from "./local-hub.ts";
import { readLogins } from "./login-config.ts";

/** The hub that a command talks to. */
export interface HubSettings {
  readonly url: string;
  readonly token: string;
  /** Where each came from, for `doctor`. */
  readonly urlFrom: string;
  readonly tokenFrom: string;
}

export interface HubFlags {
  hub?: string;
  apiToken?: string;
}

/**
 * Flags, then `FAIRLEAD_URL` and `FAIRLEAD_API_TOKEN` (or `_FILE`), then the login, then the hub of `fairlead up` on this machine.
 * A kept token goes to the hub that it was kept for and to no other.
 * @throws FairleadError config_invalid when there is no hub, no token for it, or a wrong URL.
 */
export async function hubSettings(flags: HubFlags, env: Environment = process.env): Promise<HubSettings> {
  const logins = await readLogins(env);
  const local = await findLocalHub(env);
  const [givenUrl, urlFrom] =
    flags.hub !== undefined
      ? [flags.hub, "--hub"]
      : env["FAIRLEAD_URL"]
        ? [env["FAIRLEAD_URL"], "FAIRLEAD_URL"]
        : logins.current !== undefined
          ? [logins.current, "login"]
          : local !== undefined
            ? [local.url, "this machine's hub"]
            : [undefined, ""];
  if (givenUrl === undefined) {
    const hint =
      "start one with 'fairlead up', or use 'fairlead login URL', or set FAIRLEAD_URL and FAIRLEAD_API_TOKEN";
    throw new FairleadError("config_invalid", `No hub is known: ${hint}`);
  }
  const url = normalizeHubUrl(givenUrl, urlFrom);
  const [token, tokenFrom] = await givenToken(flags, env);
  if (token !== undefined) return { url, token, urlFrom, tokenFrom };
  const login = Object.entries(logins.hubs).find(([hub]) => hub === url)?.[1];
  if (login) return { url, token: login.token, urlFrom, tokenFrom: "login" };
  if (local && normalizeHubUrl(local.url, "hub.json") === url) {
    return { url, token: local.token, urlFrom, tokenFrom: "this machine's hub" };
  }
  throw new FairleadError(
    "config_invalid",
    `No API token for ${url}: use 'fairlead login ${url}', or set FAIRLEAD_API_TOKEN`,
  );
}

/** An http(s) URL without slash at the end. @throws FairleadError config_invalid, naming where the value came from. */
export function normalizeHubUrl(text: string, from: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    const message = `${from}: '${text}' is not a hub's URL; give one like http://127.0.0.1:8375 or https://hub.example`;
    throw new FairleadError("config_invalid", message);
  }
  return (url.origin + url.pathname).replace(/\/+$/, "");
}

async function givenToken(flags: HubFlags, env: Environment): Promise<[string | undefined, string]> {
  if (flags.apiToken !== undefined) return [flags.apiToken, "--api-token"];
  if (env["FAIRLEAD_API_TOKEN"]) return [env["FAIRLEAD_API_TOKEN"].trim(), "FAIRLEAD_API_TOKEN"];
  const path = env["FAIRLEAD_API_TOKEN_FILE"];
  if (!path) return [undefined, ""];
  try {
    return [(await readFile(path, "utf8")).trim(), "FAIRLEAD_API_TOKEN_FILE"];
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new FairleadError("config_invalid", `FAIRLEAD_API_TOKEN_FILE: cannot read '${path}' (${reason})`);
  }
}
