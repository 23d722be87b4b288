import { FairleadError } from "@fairlead/protocol";
import { runProcess } from "./compose-process.ts";

/** How compose is called: program and first arguments. */
export type ComposeProgram = readonly [command: string, ...args: string[]];

const CANDIDATES: readonly ComposeProgram[] = [["docker", "compose"], ["docker-compose"]];

/** Asking for a version takes a tenth of a second; a machine that swaps takes long. */
const VERSION_TIMEOUT_MS = 20_000;

/** Compose that was not there is looked for again after this, in milliseconds: it may be installed meanwhile. */
const ABSENT_FOR_MS = 60_000;

let found: Promise<ComposeProgram | undefined> | undefined;
let absentUntil = 0;

/**
 * The Compose v2 of this machine: the plugin of `docker`, else `docker-compose`. Looked for once.
 * @param env environment to call it with
 * @throws FairleadError `compose_failed` when there is none
 */
export async function findCompose(env: Readonly<Record<string, string>> = ownEnvironment()): Promise<ComposeProgram> {
  if (found === undefined || (absentUntil !== 0 && Date.now() > absentUntil)) {
    absentUntil = 0;
    found = firstThatWorks(env);
  }
  const program = await found;
  if (program !== undefined) return program;
  if (absentUntil === 0) absentUntil = Date.now() + ABSENT_FOR_MS;
  throw new FairleadError(
    "compose_failed",
    "Compose v2 is not installed beside the agent: install the docker CLI with its compose plugin, or docker-compose 2",
  );
}

/** True when compose operations can be run here: the agent's `compose` capability. */
export async function composeAvailable(): Promise<boolean> {
  return findCompose().then(
    () => true,
    () => false,
  );
}

async function firstThatWorks(env: Readonly<Record<string, string>>): Promise<ComposeProgram | undefined> {
  for (const program of CANDIDATES) {
    const [command, ...args] = program;
    let version = "";
    const end = await runProcess(command, [...args, "version", "--short"], {
      cwd: "/",
      env,
      timeoutMs: VERSION_TIMEOUT_MS,
      onLine: (line, source) => (version += source === "stdout" ? line : ""),
    }).catch(() => undefined);
    // Version 1 ended in 2023 and takes other options.
    if (end?.exitCode === 0 && /^v?([2-9]|\d\d)\./.test(version.trim())) return program;
  }
  return undefined;
}

function ownEnvironment(): Record<string, string> {
  const { PATH = "", HOME = "/", DOCKER_CONFIG } = process.env;
  // Plugins are looked for in Docker's configuration too.
  return { PATH, HOME, ...(DOCKER_CONFIG === undefined ? {} : { DOCKER_CONFIG }) };
}
