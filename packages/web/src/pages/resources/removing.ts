import type { Environment } from "@fairlead/protocol/rest";
import { useCallback, useMemo, useState } from "react";
import type { Removal } from "./remove-dialog.tsx";

/** A row of a list of several hosts. */
export interface ResourceRow {
  /** Unique over all hosts. */
  readonly key: string;
  readonly environment: Environment;
}

/** What of a list is ticked, and what of it is to be removed. */
export interface Removing<Row> {
  readonly tickedKeys: ReadonlySet<string>;
  /** What is gone from the list is not ticked any more. */
  readonly tickedRows: readonly Row[];
  readonly tick: (keys: ReadonlySet<string>) => void;
  /** What the dialog asks about; undefined: it is closed. */
  readonly removals: readonly Removal[] | undefined;
  readonly ask: (rows: readonly Row[]) => void;
  readonly close: () => void;
}

/** @param removalOf the removal of a row; the same function at every call. */
export function useRemoving<Row extends ResourceRow>(
  rows: readonly Row[],
  removalOf: (row: Row) => Removal,
): Removing<Row> {
  const [tickedKeys, tick] = useState<ReadonlySet<string>>(new Set());
  const [removals, setRemovals] = useState<readonly Removal[]>();
  const tickedRows = useMemo(
    () => (tickedKeys.size === 0 ? [] : rows.filter(({ key }) => tickedKeys.has(key))),
    [rows, tickedKeys],
  );
  const ask = useCallback((list: readonly Row[]) => setRemovals(list.map(removalOf)), [removalOf]);
  const close = useCallback(() => setRemovals(undefined), []);
  return { tickedKeys, tickedRows, tick, removals, ask, close };
}
