import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Data of the hub (and of `fairlead up`), as the hub itself has it: `FAIRLEAD_HUB_DATA_DIR`, else the user's data folder. */
export function hubDataDir(env: Environment = process.env): string {
  return env["FAIRLEAD_HUB_DATA_DIR"] || join(base(env, "XDG_DATA_HOME", ".local/share"), "fairlead");
}

/** Logins: `$XDG_CONFIG_HOME/fairlead`. */
export function configDir(env: Environment = process.env): string {
  return join(base(env, "XDG_CONFIG_HOME", ".config"), "fairlead");
}

/** Sockets of `fairlead connect`: `$XDG_RUNTIME_DIR/fairlead`, else `~/.fairlead/run`. */
export function runtimeDir(env: Environment = process.env): string {
  const runtime = env["XDG_RUNTIME_DIR"];
  return runtime && isAbsolute(runtime)
    ? join(runtime, "fairlead")
    : join(env["HOME"] || homedir(), ".fairlead", "run");
}

/** The XDG specification: a relative path is to be ignored. */
function base(env: Environment, variable: string, fallback: string): string {
  const given = env[variable];
  return given && isAbsolute(given) ? given : join(env["HOME"] || homedir(), fallback);
}
