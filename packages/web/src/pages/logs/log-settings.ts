import { useLocalStorage } from "@mantine/hooks";
import type { TimeStyle } from "./line-time.ts";

/** How somebody likes to read logs; kept in this browser. */
export interface LogSettings {
  readonly wrap: boolean;
  readonly times: TimeStyle;
  /** Lines of each source to begin with. */
  readonly tail: number;
  /** JSON lines as columns. */
  readonly columns: boolean;
}

/** More is read when somebody scrolls up. */
export const TAILS = [100, 1_000, 10_000, 100_000] as const;

const DEFAULTS: LogSettings = { wrap: false, times: "local", tail: 1_000, columns: false };

export function useLogSettings(): readonly [LogSettings, (change: Partial<LogSettings>) => void] {
  const [value, set] = useLocalStorage<Partial<LogSettings>>({
    key: "fairlead-logs",
    defaultValue: {},
    getInitialValueInEffect: false,
  });
  const settings = { ...DEFAULTS, ...value };
  return [settings, (change) => set({ ...settings, ...change })];
}
