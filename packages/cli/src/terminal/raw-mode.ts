import type { ReadStream } from "node:tty";

/** Leaves the alternate screen, shows the cursor, ends colours, mouse reports and bracketed paste: what a program that was cut off left behind. */
const RESET_SCREEN = "\u001b[?1049l\u001b[?25h\u001b[0m\u001b[?1000l\u001b[?1002l\u001b[?1006l\u001b[?2004l";

/** A terminal in raw mode: keystrokes come one by one, and Ctrl-C is one of them. */
export interface RawMode {
  /** Back to how it was. May be called more than once. */
  restore(): void;
}

/** Puts a terminal into raw mode until `restore`, or until this process ends, in whatever way it still can react to. */
export function enterRawMode(stdin: ReadStream): RawMode {
  stdin.setRawMode(true);
  // A shell that puts us back into the foreground (`fg`) has set its own modes meanwhile.
  const again = (): void => void stdin.setRawMode(true);
  const restore = (): void => {
    process.off("exit", restore).off("SIGCONT", again);
    stdin.setRawMode(false);
  };
  process.on("exit", restore).on("SIGCONT", again);
  return { restore };
}

/** Undoes what a program that was cut off may have done to the screen. */
export function resetScreen(stdout: NodeJS.WriteStream): void {
  if (stdout.isTTY) stdout.write(RESET_SCREEN);
}
