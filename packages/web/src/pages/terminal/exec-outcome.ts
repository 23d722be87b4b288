import type { ExecControl } from "@fairlead/protocol/rest";

/** How a terminal's connection ended. */
export type ExecOutcome =
  /** The program ended by itself. */
  | { readonly kind: "exited"; readonly exitCode?: number }
  /** It never ran. */
  | { readonly kind: "refused"; readonly message: string; readonly code?: string }
  /** It ran, and the connection to it broke: the hub ends what runs behind a terminal together with its connection. */
  | { readonly kind: "lost"; readonly message: string; readonly code?: string };

/** WebSocket close code: the server goes away. */
const GOING_AWAY = 1001;

/** @param last The last control message that came. @param wasReady Whether the program had started. */
export function execOutcome(last: ExecControl | undefined, wasReady: boolean, closeCode: number): ExecOutcome {
  const kind = wasReady ? "lost" : "refused";
  if (last?.type === "end") {
    const exit = last.exitCode === undefined ? {} : { exitCode: last.exitCode };
    return last.reason === "error"
      ? { kind, message: "The connection between the hub and the host broke." }
      : { kind: "exited", ...exit };
  }
  if (last?.type === "error") return { kind, code: last.code, message: last.message };
  if (closeCode === GOING_AWAY) return { kind, message: "The hub stopped." };
  return {
    kind,
    message: wasReady
      ? "The connection to the hub broke."
      : "The terminal could not be opened: the hub does not answer, or refuses it.",
  };
}

/** The exit code with what the shell's convention says of it. */
export function describeExit(exitCode: number | undefined): string {
  if (exitCode === undefined) return "The program ended. The engine does not tell its exit code.";
  const [, meaning] = EXITS.find(([code]) => code === exitCode) ?? [];
  return `The program ended with exit code ${exitCode}${meaning === undefined ? "" : `, ${meaning}`}.`;
}

const EXITS: readonly (readonly [number, string])[] = [
  [126, "which says that the command is there, but cannot be run"],
  [127, "which says that there is no such command"],
  [130, "which an interrupt (Ctrl-C) leaves"],
  [137, "which SIGKILL leaves: it was killed, or out of memory"],
  [143, "which SIGTERM leaves"],
];

/** Pauses before a new shell is tried for again, while the hub or the host is away. */
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;
/** Some quarter of an hour of trying: who comes back after more than that starts it by hand. */
export const MAX_RETRIES = 35;

export function retryDelayMs(attempt: number): number {
  return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt);
}
