import { useEffect, useMemo, useState } from "react";
import { useSearchText } from "../../app/search-text.ts";
import type { LineFilter, ToLogWorker } from "./worker/log-messages.ts";

/** What is looked for and shown; what makes a link is in the address. */
export interface LogFilter {
  readonly filter: LineFilter;
  /** What is typed: it is looked for when nobody types for a moment. */
  readonly text: string;
  readonly setText: (text: string) => void;
  readonly toggle: (name: "regex" | "case" | "only") => void;
  readonly setContext: (lines: number) => void;
  readonly contextLines: number;
  readonly setStream: (stream: "stdout" | "stderr", isOn: boolean) => void;
  readonly toggleSource: (key: string) => void;
}

const TYPING_MS = 150;

export function useLogFilter(send: (message: ToLogWorker) => void): LogFilter {
  const [q, setQ] = useSearchText("q");
  const [flags, setFlags] = useSearchText("match");
  const [context, setContext] = useSearchText("context");
  const [streams, setStreams] = useSearchText("streams");
  const [hidden, setHidden] = useState<readonly string[]>([]);
  const [text, setText] = useState(q);
  const on = useMemo(() => new Set(flags.split(",").filter((flag) => flag !== "")), [flags]);
  const contextLines = Math.min(10, Math.max(0, Math.trunc(Number(context)) || 0));

  useEffect(() => {
    if (text === q) return;
    const timer = setTimeout(() => setQ(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, q, setQ]);

  const filter = useMemo<LineFilter>(
    () => ({
      search: { text: q, isRegex: on.has("regex"), matchCase: on.has("case") },
      context: on.has("only") ? contextLines : undefined,
      stdout: streams !== "stderr",
      stderr: streams !== "stdout",
      hidden,
    }),
    [q, on, contextLines, streams, hidden],
  );
  useEffect(() => send({ type: "filter", filter }), [send, filter]);

  return {
    filter,
    text,
    setText,
    contextLines,
    toggle: (name) => {
      const next = new Set(on);
      if (!next.delete(name)) next.add(name);
      setFlags([...next].join(","));
    },
    setContext: (lines) => setContext(lines === 0 ? "" : String(lines)),
    setStream: (stream, isOn) => {
      const other = stream === "stdout" ? "stderr" : "stdout";
      // One of both stays on: a log without any says nothing.
      setStreams(isOn ? "" : other);
    },
    toggleSource: (key) =>
      setHidden((before) => (before.includes(key) ? before.filter((one) => one !== key) : [...before, key])),
  };
}
