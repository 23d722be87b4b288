import type { AnsiSpan } from "./ansi.ts";
import type { Level } from "./level.ts";
import type { Search } from "./line-matcher.ts";
import type { LogTime } from "./log-time.ts";

/** A container whose log is read. */
export interface LogAddress {
  /** Unique over all hosts. */
  readonly key: string;
  readonly environmentId: number;
  readonly containerId: string;
  /** For what is said of it in the log. */
  readonly name: string;
}

/** Which part of the logs is read. Times are Unix milliseconds. */
export interface LogRange {
  /** Lines of each source to begin with. */
  readonly tail: number;
  readonly since?: number;
  readonly until?: number;
  /** Begins around this time instead of at the end. */
  readonly at?: number;
}

export interface LineFilter {
  readonly search: Search;
  /** Only lines that match, with so many around each; undefined: all lines. */
  readonly context: number | undefined;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** Keys of sources that are not shown. */
  readonly hidden: readonly string[];
}

/** A line that was seen at an index, so that indexes can be understood after lines came before it. */
export interface Anchor extends LogTime {
  readonly id: number;
  readonly index: number;
}

/** Which lines the page shows. */
export type LogViewport =
  | { readonly mode: "follow"; readonly count: number }
  | { readonly mode: "time"; readonly count: number }
  | { readonly mode: "free"; readonly count: number; readonly from: number; readonly anchor: Anchor | undefined };

export type ToLogWorker =
  | { readonly type: "open"; readonly origin: string; readonly range: LogRange }
  | { readonly type: "sources"; readonly sources: readonly LogAddress[] }
  | { readonly type: "viewport"; readonly viewport: LogViewport }
  | { readonly type: "filter"; readonly filter: LineFilter }
  | { readonly type: "pause"; readonly paused: boolean }
  /** Reads a source again that has ended or failed. */
  | { readonly type: "retry"; readonly key: string }
  /** Asks again for older lines that could not be read. */
  | { readonly type: "retry-older" }
  /** The next match after (before) the index. */
  | { readonly type: "find"; readonly forward: boolean; readonly from: number }
  | { readonly type: "export" }
  /** Asks for a word, `here`. */
  | { readonly type: "there" }
  /** The last snapshot is on the screen; the next may come. */
  | { readonly type: "shown" };

/** How a source stands. */
export type SourceState =
  | { readonly kind: "waiting" }
  | { readonly kind: "live" }
  /** Read up to where somebody looks; goes on when that comes nearer to its end. */
  | { readonly kind: "held" }
  | { readonly kind: "ended" }
  | { readonly kind: "away"; readonly since: number; readonly message: string }
  | { readonly kind: "failed"; readonly code: string; readonly message: string };

export interface ShownLine extends LogTime {
  readonly id: number;
  /** Its source; undefined of what this page says itself. */
  readonly key: string | undefined;
  readonly isStderr: boolean;
  readonly isCut: boolean;
  readonly level: Level;
  readonly text: string;
  readonly spans: readonly AnsiSpan[];
  readonly ranges: readonly (readonly [start: number, end: number])[];
  /** Lines before it are not shown, since only matches are. */
  readonly isAfterGap: boolean;
  /** The first at the time that the address names. */
  readonly isMarked: boolean;
}

/** What is to be seen now. */
export interface LogSnapshot {
  /** All lines to be scrolled through. */
  readonly total: number;
  /** The index of the first one here. */
  readonly from: number;
  readonly lines: readonly ShownLine[];
  readonly held: number;
  readonly heldBytes: number;
  /** Lines that came at the end since the log was opened. */
  readonly arrived: number;
  /** Undefined: nothing is looked for. */
  readonly matches: number | undefined;
  /** 0-1 while lines are being looked through. */
  readonly searched: number;
  readonly sources: Readonly<Record<string, SourceState>>;
  readonly isLoadingOlder: boolean;
  /** There is nothing older. */
  readonly isAtStart: boolean;
  /** Why older lines could not be read. */
  readonly olderError: string | undefined;
}

export type FromLogWorker =
  | { readonly type: "snapshot"; readonly snapshot: LogSnapshot }
  /** `index`: undefined when there is no match. `number`: which of all, from 1 on. */
  | { readonly type: "found"; readonly index: number | undefined; readonly number: number }
  | { readonly type: "exported"; readonly blob: Blob }
  | { readonly type: "here" }
  | { readonly type: "bad-search"; readonly message: string };
