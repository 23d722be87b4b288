import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { FairleadError } from "@fairlead/protocol";
import type { EngineAddress } from "../config.ts";
import type { RegistryLogin } from "./compose-request.ts";

/**
 * Variables that would send compose somewhere else, or make it or what it starts (git, ssh, credential helpers, the loader) run something
 * else. Profiles and orphans are the variables of compose itself that do neither.
 */
const FORBIDDEN =
  /^(PATH|HOME|PWD|SHELL|IFS|ENV|BASH_ENV|TMPDIR|GODEBUG|SSL_CERT_(FILE|DIR)|(LD|DYLD|DOCKER|BUILDX|BUILDKIT|GIT|SSH|XDG)_.*|COMPOSE_(?!PROFILES$|IGNORE_ORPHANS$|REMOVE_ORPHANS$).*)$|^(https?|no|all|ftp)_proxy$/;
const FORBIDDEN_PROXY = /^(https?|no|all|ftp)_proxy$/i;

export function isForbiddenVariable(name: string): boolean {
  return FORBIDDEN.test(name) || FORBIDDEN_PROXY.test(name);
}

/** @throws FairleadError `compose_invalid` naming a variable that a request may not set */
export function refuseForbiddenVariable(name: string): void {
  if (!isForbiddenVariable(name)) return;
  throw new FairleadError(
    "compose_invalid",
    `envVars.${name} would redirect compose or make it run something else: it is not allowed`,
    {
      details: { field: `envVars.${name}` },
    },
  );
}

/** Variables of the agent that compose gets too. All others stay here: a compose file could read the agent's token with `${TOKEN}`. */
const HANDED_ON =
  /^(PATH|HOME|USER|LANG|LC_[A-Z]+|TZ|TMPDIR|SSL_CERT_(FILE|DIR)|XDG_RUNTIME_DIR|(HTTPS?|NO|ALL)_PROXY|(https?|no|all)_proxy)$/;

/** The parts of a Docker configuration that tell how to log in to registries, and proxies for builds. */
const CONFIG_PARTS = ["auths", "credsStore", "credHelpers", "proxies"];

/** A throw-away Docker configuration and the environment that makes compose use it and the agent's engine. */
export interface ComposeEnvironment {
  env: Record<string, string>;
  /** Removes the configuration, with the credentials in it. */
  remove(): Promise<void>;
}

/**
 * Makes the environment of one operation. Credentials are in a folder that only this user can read, never among arguments or variables.
 * @param own the agent's environment
 */
export async function composeEnvironment(
  { envVars, registries }: { envVars: ReadonlyMap<string, string>; registries: readonly RegistryLogin[] },
  engine: EngineAddress,
  own: Readonly<Record<string, string | undefined>> = process.env,
): Promise<ComposeEnvironment> {
  // Made with 0700.
  const folder = await mkdtemp(join(tmpdir(), "fairlead-compose-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await writeDockerConfig(folder, registries, own);
    const handedOn = Object.entries(own).filter(
      (entry): entry is [string, string] => HANDED_ON.test(entry[0]) && entry[1] !== undefined,
    );
    const env = {
      ...Object.fromEntries(envVars),
      ...Object.fromEntries(handedOn),
      ...(await engineVariables(folder, engine)),
      DOCKER_CONFIG: folder,
    };
    return { env, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function writeDockerConfig(
  folder: string,
  registries: readonly RegistryLogin[],
  own: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const ownFolder = own["DOCKER_CONFIG"] ?? join(own["HOME"] ?? homedir(), ".docker");
  const config = await readOwnConfig(ownFolder);
  if (registries.length > 0) {
    // Logins in a credential store are looked for there only: with one, the request's own would not be found.
    delete config["credsStore"];
    delete config["credHelpers"];
    const auths = Object.fromEntries(
      registries.map(({ url, username, password }) => [
        registryKey(url),
        { auth: Buffer.from(`${username}:${password}`).toString("base64") },
      ]),
    );
    config["auths"] = { ...(config["auths"] as object | undefined), ...auths };
  }
  await writeFile(join(folder, "config.json"), JSON.stringify(config), { mode: 0o600 });
  // Compose may be installed as a plugin of this user.
  await symlink(join(ownFolder, "cli-plugins"), join(folder, "cli-plugins"));
}

async function readOwnConfig(folder: string): Promise<Record<string, unknown>> {
  try {
    const config = JSON.parse(await readFile(join(folder, "config.json"), "utf8")) as Record<string, unknown>;
    return Object.fromEntries(Object.entries(config).filter(([name]) => CONFIG_PARTS.includes(name)));
  } catch {
    return {};
  }
}

/** The key under which Docker looks a registry's login up. */
export function registryKey(url: string): string {
  const host = url
    .trim()
    .replace(/^https?:\/\//i, "")
    .replace(/\/.*$/s, "")
    .toLowerCase();
  const isDockerHub = ["", "docker.io", "index.docker.io", "registry-1.docker.io", "hub.docker.com"].includes(host);
  return isDockerHub ? "https://index.docker.io/v1/" : host;
}

async function engineVariables(folder: string, engine: EngineAddress): Promise<Record<string, string>> {
  if (engine.kind === "unix") return { DOCKER_HOST: `unix://${engine.path}` };
  const host = engine.host.includes(":") ? `[${engine.host}]` : engine.host;
  const DOCKER_HOST = `tcp://${host}:${engine.port}`;
  const { tls } = engine;
  if (tls === undefined) return { DOCKER_HOST };
  for (const part of ["ca", "cert", "key"] as const) {
    const pem = tls[part];
    if (pem !== undefined) await writeFile(join(folder, `${part}.pem`), pem, { mode: 0o600 });
  }
  return {
    DOCKER_HOST,
    DOCKER_CERT_PATH: folder,
    ...(tls.skipVerify ? { DOCKER_TLS: "1" } : { DOCKER_TLS_VERIFY: "1" }),
  };
}
