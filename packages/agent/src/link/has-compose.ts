/** `docker compose version` answers in a tenth of a second; on a small host that starts up, in seconds. */
const TIMEOUT_MS = 5_000;

/** Whether `docker compose` (v2) can be run here. */
export async function hasCompose(): Promise<boolean> {
  const { execFile } = await import("node:child_process");
  return await new Promise((resolve) => {
    execFile("docker", ["compose", "version"], { timeout: TIMEOUT_MS }, (error) => resolve(error === null));
  });
}
