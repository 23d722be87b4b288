import type { Command } from "commander";
import { EXIT_FAILED, ExitCode } from "../errors.ts";
import { enterRawMode, type RawMode, resetScreen } from "../terminal/raw-mode.ts";
import { runTerminal, type TerminalEnd } from "../terminal/terminal-session.ts";
import { joinCommand } from "../terminal/join-command.ts";
import { type HubCommandFlags, openSession, passingCommand, untilInterrupted } from "./hub-command.ts";

interface Flags extends HubCommandFlags {
  user?: string;
}

/** A terminal that does not tell its size, or none at all. */
const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

/** `fairlead exec ENV CONTAINER [CMD…]` */
export function exec(): Command {
  return passingCommand("exec", "a terminal in a container", [
    "exec web-1 nginx",
    "exec web-1 nginx -- ls -l /etc/nginx",
    "echo 'nginx -s reload' | fairlead exec web-1 nginx",
  ])
    .argument("<env>", "name or id")
    .argument("<container>", "name or id")
    .argument("[cmd...]", "command with its arguments (default: /bin/sh)")
    .option("-u, --user <user>", "user to run as (default: the container's)")
    .passThroughOptions()
    .action(async (ref: string, container: string, cmd: string[], flags: Flags) => {
      const words = cmd[0] === "--" ? cmd.slice(1) : cmd;
      const { client, token } = await openSession(flags);
      const { stdin, stdout } = process;
      const url = client.execUrl(ref, {
        container,
        cmd: joinCommand(words) || "/bin/sh",
        cols: stdout.columns || DEFAULT_COLUMNS,
        rows: stdout.rows || DEFAULT_ROWS,
        ...(flags.user === undefined ? {} : { user: flags.user }),
      });
      let raw: RawMode | undefined;
      // Not before: until there is a terminal at the other end, Ctrl-C is for us.
      const onReady = (): void => {
        if (stdin.isTTY && stdout.isTTY) raw = enterRawMode(stdin);
      };
      let end: TerminalEnd;
      try {
        end = await runTerminal({ url, token, stdin, stdout, onReady, signal: untilInterrupted() });
      } catch (error) {
        if (raw) resetScreen(stdout);
        throw error;
      } finally {
        raw?.restore();
      }
      const code = end.exitCode ?? (end.reason === "error" ? EXIT_FAILED : 0);
      if (code !== 0) throw new ExitCode(code);
    });
}
