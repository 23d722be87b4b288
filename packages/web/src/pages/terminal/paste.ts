import { formatNumber } from "../../ui/format.ts";

/** A paste longer than this is a file: it would hold the shell, and the hub, for long. */
const MAX_PASTE_CHARACTERS = 1024 * 1024;
/** So much of a paste is shown before it is sent. */
const PREVIEW_LINES = 8;
const PREVIEW_CHARACTERS = 100;

export type PasteCheck =
  | { readonly kind: "send" }
  | { readonly kind: "ask"; readonly lines: number; readonly preview: string }
  | { readonly kind: "refuse"; readonly reason: string };

/** Whether a text goes to the shell as it is. Every line end would run what stands before it, so several lines are asked about. */
export function checkPaste(text: string): PasteCheck {
  if (text.length > MAX_PASTE_CHARACTERS) {
    return {
      kind: "refuse",
      reason: `The text has ${formatNumber(text.length)} characters; at most ${formatNumber(MAX_PASTE_CHARACTERS)} can be pasted. Copy it as a file instead.`,
    };
  }
  const lines = text.split(/\r\n|\r|\n/);
  // A line end after the only line runs it, too.
  if (lines.length === 1) return { kind: "send" };
  const filled = lines.at(-1) === "" ? lines.slice(0, -1) : lines;
  const shown = filled
    .slice(0, PREVIEW_LINES)
    .map((line) => (line.length > PREVIEW_CHARACTERS ? `${line.slice(0, PREVIEW_CHARACTERS)}…` : line));
  const left = filled.length - shown.length;
  if (left > 0) shown.push(`… and ${formatNumber(left)} more`);
  return { kind: "ask", lines: filled.length, preview: shown.join("\n") };
}

const ENCODER = new TextEncoder();

/** Input in pieces of at most `bytes`: the hub takes no larger message than a megabyte. Each holds whole bytes, not whole characters. */
export function inputPieces(text: string, bytes: number): Uint8Array<ArrayBuffer>[] {
  const all = ENCODER.encode(text);
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < all.length; at += bytes) pieces.push(all.slice(at, at + bytes));
  return pieces;
}
