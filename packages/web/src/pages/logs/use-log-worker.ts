import { useCallback, useEffect, useRef, useState } from "react";
import { Store } from "../../hub/store.ts";
import type {
  FromLogWorker,
  LineFilter,
  LogAddress,
  LogRange,
  LogSnapshot,
  ToLogWorker,
} from "./worker/log-messages.ts";

export interface LogWorker {
  /** What is to be seen, ten times a second: only what shows it renders again. */
  readonly snapshots: Store<LogSnapshot | undefined>;
  /** Why what is looked for is no expression, or the worker does not work. */
  readonly error: string | undefined;
  readonly send: (message: ToLogWorker) => void;
  /** Where the next match is. */
  readonly find: (forward: boolean, from: number) => Promise<{ index: number | undefined; number: number }>;
  /** The lines that are shown, as a file. */
  readonly exportLines: () => Promise<Blob>;
}

type Found = Extract<FromLogWorker, { type: "found" }>;

interface Exporting {
  readonly resolve: (blob: Blob) => void;
  readonly reject: (error: Error) => void;
}

/** The worker is asked this often whether it is there. */
const ASK_MS = 1_000;
/** One that looks for an expression and has not answered when it was to be asked so often gets no further. */
const MOST_UNANSWERED = 5;
const TOO_SLOW = "This expression takes too long on these lines. It was given up, and the lines are read anew.";

/** What holds until another of its kind is sent. */
const STANDING: ReadonlySet<ToLogWorker["type"]> = new Set(["open", "sources", "viewport", "filter", "pause"]);

/** The filter, when it looks for an expression. */
const expressionOf = (message: ToLogWorker | undefined): LineFilter | undefined =>
  message?.type === "filter" && message.filter.search.isRegex && message.filter.search.text !== ""
    ? message.filter
    : undefined;

/**
 * Reads logs in a worker of its own, so that ten thousand lines a second leave the page alone. An expression that backtracks without end
 * leaves nothing but to end the worker: another one takes its place, and does not look for it.
 */
export function useLogWorker(sources: readonly LogAddress[], range: LogRange): LogWorker {
  const worker = useRef<Worker | undefined>(undefined);
  const [snapshots] = useState(() => new Store<LogSnapshot | undefined>(undefined));
  const [error, setError] = useState<string | undefined>();
  const found = useRef<((found: Found) => void) | undefined>(undefined);
  const exporting = useRef<Exporting | undefined>(undefined);
  // The last of each kind: what a worker is told to begin with. Parts of the page speak before there is one.
  const told = useRef(new Map<ToLogWorker["type"], ToLogWorker>());
  const [attempt, setAttempt] = useState(0);
  const send = useCallback((message: ToLogWorker) => {
    if (STANDING.has(message.type)) told.current.set(message.type, message);
    if (message.type === "filter") setError(undefined);
    worker.current?.postMessage(message, []);
  }, []);

  useEffect(() => {
    const made = new Worker(new URL("./worker/log-worker.ts", import.meta.url), { type: "module", name: "logs" });
    worker.current = made;
    for (const message of told.current.values()) made.postMessage(message, []);
    let unanswered = 0;
    made.addEventListener("message", ({ data }: MessageEvent<FromLogWorker>) => {
      if (data.type === "snapshot") snapshots.set(data.snapshot);
      else if (data.type === "here") unanswered = 0;
      else if (data.type === "found") found.current?.(data);
      else if (data.type === "exported") exporting.current?.resolve(data.blob);
      else setError(data.message);
    });
    made.addEventListener("error", (event) =>
      setError(event.message || "The part of the page that reads logs failed."),
    );
    const giveUp = (filter: LineFilter): void => {
      const search = { ...filter.search, text: "" };
      told.current.set("filter", { type: "filter", filter: { ...filter, search } });
      found.current?.({ type: "found", index: undefined, number: 0 });
      exporting.current?.reject(new Error(TOO_SLOW));
      setError(TOO_SLOW);
      setAttempt((before) => before + 1);
    };
    // Counted, not timed: a page that stood still itself has not read the answers yet.
    const watch = setInterval(() => {
      const filter = expressionOf(told.current.get("filter"));
      if (unanswered >= MOST_UNANSWERED && filter) giveUp(filter);
      else if (unanswered === 0) made.postMessage({ type: "there" } satisfies ToLogWorker, []);
      unanswered += 1;
    }, ASK_MS);
    return () => {
      clearInterval(watch);
      worker.current = undefined;
      made.terminate();
    };
  }, [snapshots, attempt]);

  const rangeText = JSON.stringify(range);
  useEffect(() => {
    const { origin } = location;
    send({ type: "open", origin, range: JSON.parse(rangeText) as LogRange });
  }, [send, rangeText]);
  const sourcesText = JSON.stringify(sources);
  useEffect(() => {
    send({ type: "sources", sources: JSON.parse(sourcesText) as readonly LogAddress[] });
  }, [send, sourcesText]);

  const find = useCallback(
    (forward: boolean, from: number) =>
      new Promise<Found>((resolve) => {
        found.current = resolve;
        send({ type: "find", forward, from });
      }),
    [send],
  );
  const exportLines = useCallback(
    () =>
      new Promise<Blob>((resolve, reject) => {
        exporting.current = { resolve, reject };
        send({ type: "export" });
      }),
    [send],
  );
  return { snapshots, error, send, find, exportLines };
}
