import { FairleadError } from "@fairlead/protocol";

/** What is shown of a recorded session (asciicast v2). */
export interface Recording {
  readonly columns: number;
  readonly rows: number;
  readonly durationMs: number;
  readonly events: readonly RecordedEvent[];
}

export type RecordedEvent =
  | { readonly atMs: number; readonly kind: "output"; readonly text: string }
  | { readonly atMs: number; readonly kind: "resize"; readonly columns: number; readonly rows: number };

/** Longer pauses are played as this: people went for coffee. */
export const IDLE_LIMIT_MS = 2_000;

/**
 * A recording's lines as a player needs them: pauses shortened to `idleLimitMs`, what was typed left out (the program shows it itself).
 * @throws FairleadError bad_request when it is no asciicast v2.
 */
export async function readRecording(lines: AsyncIterable<unknown>, idleLimitMs = IDLE_LIMIT_MS): Promise<Recording> {
  let size: { readonly columns: number; readonly rows: number } | undefined;
  const events: RecordedEvent[] = [];
  let before = 0;
  let playedMs = 0;
  for await (const line of lines) {
    if (!size) {
      const { version, width, height } = (line ?? {}) as { version?: unknown; width?: unknown; height?: unknown };
      if (version !== 2 || typeof width !== "number" || typeof height !== "number") {
        throw new FairleadError("bad_request", "The recording is not in the form asciicast v2.");
      }
      size = { columns: width, rows: height };
      continue;
    }
    if (!Array.isArray(line)) continue;
    const [seconds, kind, data] = line as [unknown, unknown, unknown];
    if (typeof seconds !== "number" || typeof data !== "string") continue;
    playedMs += Math.max(0, Math.min(seconds * 1000 - before, idleLimitMs));
    before = Math.max(before, seconds * 1000);
    if (kind === "o") events.push({ atMs: playedMs, kind: "output", text: data });
    const [, columns, rows] = kind === "r" ? (/^(\d{1,5})x(\d{1,5})$/.exec(data) ?? []) : [];
    if (columns !== undefined)
      events.push({ atMs: playedMs, kind: "resize", columns: Number(columns), rows: Number(rows) });
  }
  return { columns: 80, rows: 24, ...size, durationMs: playedMs, events };
}
