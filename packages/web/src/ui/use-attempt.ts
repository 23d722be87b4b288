import { useCallback, useRef, useState } from "react";

export interface Attempt {
  readonly busy: boolean;
  readonly error: unknown;
  /** Runs a task, one at a time. @returns whether it went well. */
  readonly run: (task: () => Promise<unknown>) => Promise<boolean>;
}

/** Something that a form does, with what became of it. `first`: what the page is opened with. */
export function useAttempt(first?: unknown): Attempt {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(first);
  const running = useRef(false);
  const run = useCallback(async (task: () => Promise<unknown>): Promise<boolean> => {
    if (running.current) return false;
    running.current = true;
    setBusy(true);
    setError(undefined);
    try {
      await task();
      return true;
    } catch (failure) {
      setError(failure);
      return false;
    } finally {
      running.current = false;
      setBusy(false);
    }
  }, []);
  return { busy, error, run };
}
