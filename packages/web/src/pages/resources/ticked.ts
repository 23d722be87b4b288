import { useCallback, useMemo, useState } from "react";

/** The rows of a list that are ticked; what is gone from the list is not ticked any more. */
export function useTicked<Row extends { readonly key: string }>(rows: readonly Row[]) {
  const [keys, set] = useState<ReadonlySet<string>>(new Set());
  const ticked = useMemo(() => (keys.size === 0 ? [] : rows.filter(({ key }) => keys.has(key))), [rows, keys]);
  const clear = useCallback(() => set(new Set()), []);
  return { keys, rows: ticked, set, clear };
}
