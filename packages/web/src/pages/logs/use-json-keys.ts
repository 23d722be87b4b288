import { useEffect, useState } from "react";
import type { Store } from "../../hub/store.ts";
import { parseJsonLine } from "./worker/json-line.ts";
import type { LogSnapshot } from "./worker/log-messages.ts";

/** Keys that are offered as columns: more nobody looks through. */
const MAX_KEYS = 60;

/** The keys of JSON lines that were seen, the first ones first. */
export function useJsonKeys(snapshots: Store<LogSnapshot | undefined>, isOn: boolean): readonly string[] {
  const [keys, setKeys] = useState<readonly string[]>([]);
  useEffect(() => {
    if (!isOn) return;
    const look = (): void =>
      setKeys((before) => {
        const seen = new Set(before);
        for (const { text } of snapshots.value?.lines ?? []) {
          for (const key of Object.keys(parseJsonLine(text)?.fields ?? {})) if (seen.size < MAX_KEYS) seen.add(key);
        }
        return seen.size > before.length ? [...seen] : before;
      });
    look();
    return snapshots.subscribe(look);
  }, [snapshots, isOn]);
  return keys;
}
