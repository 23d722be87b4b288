import { useCallback, useEffect, useRef, useState } from "react";
import type { useEvents } from "./use-events.ts";

/** Pages that are read in search of a match without one being found: then somebody says whether to go on. */
const MAX_EMPTY_PAGES = 10;

/** Reads older events as the end of the list comes near, but not for ever where the filter finds nothing. */
export function useLookBack(
  { loading, next, rows, loadOlder }: ReturnType<typeof useEvents>,
  found: number,
  question: string,
): { readonly paused: boolean; readonly onEnd: () => void; readonly goOn: () => void } {
  const [emptyPages, setEmptyPages] = useState(0);
  const before = useRef({ found, read: rows.length });
  useEffect(() => setEmptyPages(0), [question]);
  useEffect(() => {
    const { found: had, read } = before.current;
    before.current = { found, read: rows.length };
    if (found > had) setEmptyPages(0);
    else if (rows.length > read) setEmptyPages((pages) => pages + 1);
  }, [found, rows.length]);
  const paused = emptyPages >= MAX_EMPTY_PAGES;
  const onEnd = useCallback(() => {
    if (!loading && next !== null && !paused) loadOlder();
  }, [loading, next, paused, loadOlder]);
  const goOn = useCallback(() => {
    setEmptyPages(0);
    loadOlder();
  }, [loadOlder]);
  return { paused, onEnd, goOn };
}
