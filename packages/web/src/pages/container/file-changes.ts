import type { FileChange } from "../../docker/container-calls.ts";

export const CHANGE_KINDS = ["changed", "added", "deleted"] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

export interface NamedChange {
  readonly path: string;
  readonly kind: ChangeKind;
}

export interface ChangeCounts {
  readonly changes: readonly NamedChange[];
  readonly counts: Readonly<Record<ChangeKind, number>>;
}

/** Changes by path, and how many of each kind. */
export function namedChanges(changes: readonly FileChange[]): ChangeCounts {
  const counts = { changed: 0, added: 0, deleted: 0 };
  const named = changes.map(({ Path, Kind }) => {
    const kind = CHANGE_KINDS[Kind] ?? "changed";
    counts[kind] += 1;
    return { path: Path, kind };
  });
  return { changes: named.sort((a, b) => (a.path < b.path ? -1 : 1)), counts };
}

/** Those of a kind (empty: all) whose path holds the text. */
export function filterChanges(changes: readonly NamedChange[], text: string, kind: string): readonly NamedChange[] {
  const wanted = text.trim().toLowerCase();
  return changes.filter(
    (change) => (kind === "" || change.kind === kind) && change.path.toLowerCase().includes(wanted),
  );
}
