import type { Level } from "./level.ts";

/** The slot of what the page itself says in the log. */
export const NOTE_SLOT = 255;

const STDERR = 1;
const CUT = 2;

/** What is held of a line beside its text, in a byte. */
export function lineFlags(isStderr: boolean, isCut: boolean, level: Level): number {
  return (isStderr ? STDERR : 0) | (isCut ? CUT : 0) | (level << 2);
}

export function isStderrFlag(flags: number): boolean {
  return (flags & STDERR) !== 0;
}

export function isCutFlag(flags: number): boolean {
  return (flags & CUT) !== 0;
}

export function levelOfFlags(flags: number): number {
  return flags >> 2;
}
