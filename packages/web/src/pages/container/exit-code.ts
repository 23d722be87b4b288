const SIGNALS: Readonly<Record<number, string>> = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  4: "SIGILL",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  11: "SIGSEGV",
  13: "SIGPIPE",
  14: "SIGALRM",
  15: "SIGTERM",
};

/** What a container's exit code says; undefined where only its program knows. */
export function exitCodeMeaning(code: number, oomKilled = false): string | undefined {
  if (oomKilled) return "killed: out of memory";
  if (code === 0) return "success";
  if (code === 1) return "the program's general error";
  if (code === 125) return "the engine could not start it";
  if (code === 126) return "the command cannot be run: not executable";
  if (code === 127) return "the command was not found";
  if (code === 137) return "SIGKILL: killed, after a stop's grace or by the kernel";
  if (code === 143) return "SIGTERM: it was stopped";
  if (code === 130) return "SIGINT: interrupted";
  if (code > 128 && code <= 192) {
    const signal = SIGNALS[code - 128];
    return `ended by signal ${code - 128}${signal === undefined ? "" : ` (${signal})`}`;
  }
  return undefined;
}
