import { refused } from "../policy/policy.ts";

interface ComposeBuild {
  readonly context?: unknown;
  readonly additional_contexts?: Readonly<Record<string, unknown>>;
  readonly secrets?: readonly { readonly source?: string }[];
  readonly ssh?: unknown;
}

/** What is looked at of a compose file, as `docker compose config --format json` prints it, all files and profiles merged. */
interface ComposeModel {
  readonly services?: Readonly<Record<string, { readonly provider?: unknown; readonly build?: ComposeBuild | null }>>;
  readonly secrets?: Readonly<Record<string, { readonly file?: unknown }>>;
}

/** Variables that keep compose from fetching parts of a compose file itself, with git and the like. */
export const NO_REMOTE_FILES = { COMPOSE_EXPERIMENTAL_GIT_REMOTE: "false", COMPOSE_EXPERIMENTAL_OCI_REMOTE: "false" };

/**
 * Refuses what compose itself would do on the agent's machine, past the engine and so past the policy: run a provider's program, and send
 * files from outside of the project to a build.
 *
 * @param policy its name
 * @param folder the project's, where compose runs
 * @throws FairleadError `policy_refused`
 */
export function refuseHostAccess(policy: string, operation: string, config: string, folder: string): void {
  const { services = {}, secrets = {} } = JSON.parse(config) as ComposeModel;
  const refuse = (why: string, rule: string): Error => refused(policy, `compose ${operation}`, why, rule);
  for (const [name, { provider, build }] of Object.entries(services)) {
    if (provider !== undefined && provider !== null) {
      throw refuse(`the provider of service ${name} is a program on the host`, "compose: providers");
    }
    if (build === undefined || build === null) continue;
    if (build.ssh !== undefined)
      throw refuse(`the build of service ${name} uses the host's SSH keys`, "compose: builds");
    const secretFiles = (build.secrets ?? []).map(({ source = "" }) => secrets[source]?.file);
    for (const path of [build.context, ...Object.values(build.additional_contexts ?? {}), ...secretFiles]) {
      if (typeof path === "string" && isOutside(path, folder)) {
        throw refuse(`the build of service ${name} reads ${path}, outside of its project`, "compose: builds");
      }
    }
  }
}

/** Addresses (`https://…`, `docker-image://…`) are the engine's to fetch. */
function isOutside(path: string, folder: string): boolean {
  if (/^([a-z][a-z0-9+.-]*:|git@|github\.com\/)/i.test(path)) return false;
  return path.split("/").includes("..") || (path !== folder && !path.startsWith(`${folder}/`));
}
