import type { EventItem } from "@fairlead/protocol/rest";
import { type EventRow, eventRow } from "./event-row.ts";

/** Events that the page holds: more than anybody scrolls through; the time and the filter narrow them. */
export const MAX_ROWS = 20_000;

/** Newest first, each once; of the same time in the order of storing. The same array when nothing is new. */
export function addEvents(rows: readonly EventRow[], items: readonly EventItem[]): readonly EventRow[] {
  const known = new Set(rows.map(({ id }) => id));
  const added: EventRow[] = [];
  for (const item of items) {
    if (known.has(item.id)) continue;
    known.add(item.id);
    added.push(eventRow(item));
  }
  if (added.length === 0) return rows;
  added.sort(newestFirst);
  const merged: EventRow[] = [];
  let [a, b] = [0, 0];
  while (a < rows.length || b < added.length) {
    const [old, fresh] = [rows[a], added[b]];
    const takeFresh = old === undefined || (fresh !== undefined && newestFirst(fresh, old) < 0);
    const row = takeFresh ? fresh : old;
    if (row) merged.push(row);
    if (takeFresh) b += 1;
    else a += 1;
  }
  return merged;
}

function newestFirst(a: EventRow, b: EventRow): number {
  return b.at - a.at || b.id - a.id;
}

/** How often each action is there, the most frequent first. */
export function countActions(actions: Iterable<string>): readonly (readonly [action: string, count: number])[] {
  const counts = new Map<string, number>();
  for (const action of actions) counts.set(action, (counts.get(action) ?? 0) + 1);
  return [...counts].sort(([a, many], [b, more]) => more - many || a.localeCompare(b));
}
