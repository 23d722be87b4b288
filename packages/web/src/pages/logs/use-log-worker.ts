import { useCallback, useEffect, useRef, useState } from "react";
import { Store } from "../../hub/store.ts";
import type { FromLogWorker, LogAddress, LogRange, LogSnapshot, ToLogWorker } from "./worker/log-messages.ts";

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

/** Reads logs in a worker of its own, so that ten thousand lines a second leave the page alone. */
export function useLogWorker(sources: readonly LogAddress[], range: LogRange): LogWorker {
  const worker = useRef<Worker | undefined>(undefined);
  const [snapshots] = useState(() => new Store<LogSnapshot | undefined>(undefined));
  const [error, setError] = useState<string | undefined>();
  const found = useRef<((found: Found) => void) | undefined>(undefined);
  const exported = useRef<((blob: Blob) => void) | undefined>(undefined);
  // Parts of the page ask before there is a worker.
  const early = useRef<ToLogWorker[]>([]);
  const send = useCallback((message: ToLogWorker) => {
    if (worker.current) worker.current.postMessage(message, []);
    else early.current.push(message);
  }, []);

  useEffect(() => {
    const made = new Worker(new URL("./worker/log-worker.ts", import.meta.url), { type: "module", name: "logs" });
    worker.current = made;
    for (const message of early.current.splice(0)) made.postMessage(message, []);
    made.addEventListener("message", ({ data }: MessageEvent<FromLogWorker>) => {
      if (data.type === "snapshot") {
        snapshots.set(data.snapshot);
        setError(undefined);
      } else if (data.type === "found") found.current?.(data);
      else if (data.type === "exported") exported.current?.(data.blob);
      else setError(data.message);
    });
    made.addEventListener("error", (event) =>
      setError(event.message || "The part of the page that reads logs failed."),
    );
    return () => {
      worker.current = undefined;
      made.terminate();
    };
  }, [snapshots]);

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
      new Promise<Blob>((resolve) => {
        exported.current = resolve;
        send({ type: "export" });
      }),
    [send],
  );
  return { snapshots, error, send, find, exportLines };
}
