import type { EventRow } from "./event-row.ts";

/** Gives the browser a file with one JSON document a line, oldest first: the events that are shown. */
export function exportEvents(rows: readonly EventRow[]): void {
  const lines = rows.toReversed().map(({ item }) => `${JSON.stringify(item)}\n`);
  const url = URL.createObjectURL(new Blob(lines, { type: "application/jsonl" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `events-${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}.jsonl`;
  link.click();
  // The download has its own hold of it once it has begun.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
