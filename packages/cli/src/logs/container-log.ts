import type { FairleadClient } from "@fairlead/api-client";
import { LogDemultiplexer, type LogStream } from "./log-frames.ts";
import { type LogLine, LogLineSplitter } from "./log-lines.ts";
import { logTime } from "./log-time.ts";

/** A container of an environment. */
export interface ContainerRef {
  readonly environment: { readonly id: number; readonly name: string };
  readonly id: string;
  readonly name: string;
}

/** A line, where it came from, and its place in time. */
export interface LogEntry extends LogLine {
  readonly container: ContainerRef;
  /** Nanoseconds since 1970 by the engine's clock; 0 when the line has no time. */
  readonly at: bigint;
}

export interface LogRange {
  /** Unix seconds, with a fraction. */
  readonly since?: string;
  readonly until?: string;
  /** A number of lines, or `all`. */
  readonly tail?: string;
  readonly follow?: boolean;
}

/**
 * Reads a container's log, in the engine's order.
 * @throws FairleadError with the engine's or hub's message; a connection that breaks is hub_unreachable.
 */
export async function* readContainerLog(
  client: FairleadClient,
  container: ContainerRef,
  range: LogRange,
  signal: AbortSignal,
): AsyncGenerator<LogEntry> {
  const path = `/containers/${encodeURIComponent(container.id)}`;
  const inspected = await client.docker(container.environment.id, `${path}/json`, { signal });
  const { Config } = (await inspected.json()) as { Config?: { Tty?: boolean } };
  const response = await client.docker(container.environment.id, `${path}/logs`, {
    query: { stdout: 1, stderr: 1, timestamps: 1, ...range, follow: range.follow ? 1 : 0 },
    signal,
  });
  const demultiplexer = Config?.Tty ? undefined : new LogDemultiplexer();
  const splitters: Record<LogStream, LogLineSplitter> = {
    stdout: new LogLineSplitter("stdout"),
    stderr: new LogLineSplitter("stderr"),
  };
  const entry = (line: LogLine): LogEntry => ({ ...line, container, at: logTime(line.time) });
  for await (const chunk of response.body ?? []) {
    const bytes = Buffer.from(chunk as Uint8Array);
    for (const piece of demultiplexer?.push(bytes) ?? [{ stream: "stdout" as const, bytes }]) {
      for (const line of splitters[piece.stream].push(piece.bytes)) yield entry(line);
    }
  }
  for (const splitter of [splitters.stdout, splitters.stderr]) for (const line of splitter.flush()) yield entry(line);
}
