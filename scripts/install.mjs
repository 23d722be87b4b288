/**
 * Makes a clone ready to run: installs the locked dependencies when they are missing or older than the lock file.
 * Plain JavaScript, since it runs before anything is installed, on whatever Node.js the machine has.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** Where and how commands run: in the root, with the checkout's own Node.js first on PATH. */
const settings = () => ({
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, PATH: `${join(root, "node_modules", ".bin")}:${process.env.PATH}` },
});

/** Runs a command; ends this process with its status when it fails. */
export function run(command, args) {
  const { status, signal, error } = spawnSync(command, args, settings());
  if (error) throw error;
  endOnFailure(command, args, status, signal);
}

/** Starts a command beside what follows. The function it returns waits for its end, as `run` does. */
export function start(command, args) {
  const ended = once(spawn(command, args, settings()), "exit");
  return async () => endOnFailure(command, args, ...(await ended));
}

function endOnFailure(command, args, status, signal) {
  if (status === 0) return;
  console.error(`${command} ${args.join(" ")} ended with ${signal ?? status}`);
  process.exit(status ?? 1);
}

/** Installs what is missing. */
export function installDependencies() {
  const stamp = join(root, "node_modules", ".fairlead-lock");
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  console.error("Installing dependencies …");
  run("npm", ["ci", "--loglevel=error"]);
  writeFileSync(stamp, lock);
}
