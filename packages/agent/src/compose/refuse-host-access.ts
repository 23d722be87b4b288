import { refused } from "../policy/policy.ts";

interface ComposeBuild {
  readonly context?: unknown;
  readonly additional_contexts?: Readonly<Record<string, unknown>>;
  readonly dockerfile?: unknown;
  readonly secrets?: readonly { readonly source?: string }[];
  readonly cache_from?: readonly unknown[] | null;
  readonly cache_to?: readonly unknown[] | null;
  readonly ssh?: unknown;
}

interface ComposeService {
  readonly provider?: unknown;
  readonly models?: unknown;
  readonly build?: ComposeBuild | null;
}

/** What is looked at of a compose file, as `docker compose config --format json` prints it, all files and profiles merged. */
interface ComposeModel {
  readonly services?: Readonly<Record<string, ComposeService>>;
  readonly models?: unknown;
  readonly secrets?: Readonly<Record<string, { readonly file?: unknown }>>;
}

/** Variables that keep compose from fetching parts of a compose file itself, with git and the like. */
export const NO_REMOTE_FILES = { COMPOSE_EXPERIMENTAL_GIT_REMOTE: "false", COMPOSE_EXPERIMENTAL_OCI_REMOTE: "false" };

/**
 * Refuses what compose itself would do on the agent's machine, past the engine and so past the policy: run a provider's or models' program,
 * and send files from outside of the project to a build, or write there what it made.
 *
 * @param policy its name
 * @param folder the project's, where compose runs
 * @throws FairleadError `policy_refused`
 */
export function refuseHostAccess(policy: string, operation: string, config: string, folder: string): void {
  const { services = {}, secrets = {}, models } = JSON.parse(config) as ComposeModel;
  const refuse = (why: string, rule: string): Error => refused(policy, `compose ${operation}`, why, rule);
  // The plugin `docker model` is run for them, which finds its engine by itself.
  if (isGiven(models)) throw refuse("models are run by a program on the host", "compose: models");
  for (const [name, { provider, build, models: used }] of Object.entries(services)) {
    if (isGiven(used))
      throw refuse(`the models of service ${name} are run by a program on the host`, "compose: models");
    if (provider !== undefined && provider !== null) {
      throw refuse(`the provider of service ${name} is a program on the host`, "compose: providers");
    }
    if (build === undefined || build === null) continue;
    if (build.ssh !== undefined)
      throw refuse(`the build of service ${name} uses the host's SSH keys`, "compose: builds");
    const secretFiles = (build.secrets ?? []).map(({ source = "" }) => secrets[source]?.file);
    const read = [
      ...[build.context].filter((path) => !isAddress(path, CONTEXT_ADDRESS)),
      ...Object.values(build.additional_contexts ?? {}).filter((path) => !isAddress(path, MORE_ADDRESS)),
      ...secretFiles,
    ];
    for (const path of read) {
      if (typeof path === "string" && isOutside(path, folder)) {
        throw refuse(`the build of service ${name} reads ${path}, outside of its project`, "compose: builds");
      }
    }
    const { dockerfile } = build;
    if (typeof dockerfile === "string" && isDockerfileOutside(dockerfile, folder)) {
      throw refuse(`the build of service ${name} reads ${dockerfile}, outside of its project`, "compose: builds");
    }
    for (const cache of [...(build.cache_from ?? []), ...(build.cache_to ?? [])]) {
      if (typeof cache !== "string" || isLocalCache(cache)) {
        throw refuse(`the build of service ${name} has a cache in a folder of the host`, "compose: builds");
      }
    }
  }
}

/** What compose takes for an address, which is the engine's to fetch. All else is a folder, whatever colons it has. */
const CONTEXT_ADDRESS = /^(https?:\/\/|git:\/\/|ssh:\/\/|git@|github\.com\/)/;
const MORE_ADDRESS = /^(https?:\/\/|git:\/\/|ssh:\/\/|git@|github\.com\/|docker-image:\/\/|service:|target:)/;

function isAddress(path: unknown, addresses: RegExp): boolean {
  return typeof path === "string" && !leadsUp(path) && addresses.test(path);
}

function leadsUp(path: string): boolean {
  return path.split("/").includes("..");
}

function isOutside(path: string, folder: string): boolean {
  return leadsUp(path) || (path !== folder && !path.startsWith(`${folder}/`));
}

/** A relative one is below the build's context. */
function isDockerfileOutside(path: string, folder: string): boolean {
  if (path.startsWith("/")) return isOutside(path, folder);
  return leadsUp(path) || path.includes("://");
}

/** Caches are written as CSV: any field may be quoted. */
function isLocalCache(cache: string): boolean {
  const fields = cache.replaceAll(/["\s]/g, "").toLowerCase().split(",");
  return fields.includes("type=local");
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && (typeof value !== "object" || Object.keys(value).length > 0);
}
