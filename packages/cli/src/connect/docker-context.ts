import { FairleadError } from "@fairlead/protocol";
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** `docker context` answers at once; a plugin that hangs must not hang us. */
const TIMEOUT_MS = 20_000;

/** Registers a docker context for a socket, or points an existing one there. @throws FairleadError config_invalid */
export async function createDockerContext(name: string, socketPath: string, description: string): Promise<void> {
  const options = ["--docker", `host=unix://${socketPath}`, "--description", description];
  const exists = await docker(["context", "inspect", name]).then(
    () => true,
    () => false,
  );
  await docker(["context", exists ? "update" : "create", ...options, name]);
}

/** Removes it, also while it is in use (docker then falls back to its default). */
export async function removeDockerContext(name: string): Promise<void> {
  await docker(["context", "rm", "--force", name]);
}

async function docker(args: string[]): Promise<void> {
  try {
    await run("docker", args, { timeout: TIMEOUT_MS });
  } catch (error) {
    const { code, stderr, message } = error as { code?: string | number; stderr?: string; message: string };
    if (code === "ENOENT") throw dockerMissing();
    const reason = stderr?.trim() || message;
    throw new FairleadError("config_invalid", `docker ${args.slice(0, 2).join(" ")} failed: ${reason}`);
  }
}

/** The docker command line is needed for this, and is not there. */
export function dockerMissing(): FairleadError {
  const message = "The docker command was not found on PATH; install the Docker CLI (the engine is not needed)";
  return new FairleadError("config_invalid", message);
}
