import { useEffect, useState } from "react";
import { parseJsonLine } from "./worker/json-line.ts";
import type { LogSnapshot } from "./worker/log-messages.ts";

/** Keys that are offered as columns: more nobody looks through. */
const MAX_KEYS = 60;

/** The keys of JSON lines that were seen, the first ones first. */
export function useJsonKeys(snapshot: LogSnapshot | undefined): readonly string[] {
  const [keys, setKeys] = useState<readonly string[]>([]);
  useEffect(() => {
    if (!snapshot) return;
    const seen = new Set(keys);
    for (const { text } of snapshot.lines) {
      for (const key of Object.keys(parseJsonLine(text)?.fields ?? {})) if (seen.size < MAX_KEYS) seen.add(key);
    }
    if (seen.size > keys.length) setKeys([...seen]);
  }, [snapshot, keys]);
  return keys;
}
