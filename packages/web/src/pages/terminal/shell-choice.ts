/** What a terminal starts. */
export interface Program {
  /** The command as the hub takes it. */
  readonly cmd: string;
  /** As the person reads it: "bash or sh". */
  readonly label: string;
  /** Empty: the container's own user. */
  readonly user: string;
}

export type Shell = "auto" | "sh" | "bash" | "own";

/** Bash where the image has it, sh elsewhere. Either takes the place of the first one, so that its exit code is the terminal's. */
const AUTO_CMD = "sh -c 'command -v bash >/dev/null && exec bash || exec sh'";

export const SHELLS: readonly { readonly value: Shell; readonly label: string }[] = [
  { value: "auto", label: "bash, or sh where there is none" },
  { value: "sh", label: "/bin/sh" },
  { value: "bash", label: "/bin/bash" },
  { value: "own", label: "Another command" },
];

/** The hub takes no longer command, and no longer user. */
const MAX_COMMAND = 4096;
const MAX_USER = 256;

/** What was chosen as a program, or why it cannot be one. */
export function programOf(shell: Shell, command: string, user: string): Program | { readonly error: string } {
  const who = user.trim();
  if (who.length > MAX_USER) return { error: `The user may have at most ${MAX_USER} characters.` };
  if (shell !== "own") {
    if (shell === "auto") return { cmd: AUTO_CMD, label: "bash or sh", user: who };
    return { cmd: `/bin/${shell}`, label: shell, user: who };
  }
  const cmd = command.trim();
  if (cmd === "") return { error: "Say which command to run, for example: python3 -i" };
  if (cmd.length > MAX_COMMAND) return { error: `The command may have at most ${MAX_COMMAND} characters.` };
  return { cmd, label: cmd.length > 24 ? `${cmd.slice(0, 23)}…` : cmd, user: who };
}
