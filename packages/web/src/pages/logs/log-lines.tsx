import {
  type CSSProperties,
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { type Store, useStore } from "../../hub/store.ts";
import { LogColumnHeads } from "./log-columns.tsx";
import { LogRow, type LogRowLook } from "./log-row.tsx";
import type { LogSnapshot, LogViewport, ShownLine } from "./worker/log-messages.ts";

export type ReadingMode = LogViewport["mode"];

export interface LogLinesProps {
  readonly snapshots: Store<LogSnapshot | undefined>;
  readonly look: LogRowLook;
  readonly mode: ReadingMode;
  readonly onMode: (mode: ReadingMode) => void;
  readonly onViewport: (viewport: LogViewport) => void;
  /** The snapshot is on the screen. */
  readonly onShown: () => void;
  /** Scrolling to the last line follows again, if all sources are read up to their ends. */
  readonly canFollow: boolean;
  /** A line to be brought into view, as `{index}`; another object brings it again. */
  readonly target: { readonly index: number } | undefined;
  /** The index of the first line that can be seen. */
  readonly top: RefObject<number>;
  readonly label: string;
}

/** Pixels; rows that wrap or are unfolded are higher, which only the scroll bar does not know. */
export const ROW_HEIGHT = 20;
const OVERSCAN = { follow: 12, time: 60, free: 60 } as const;
/** What counts as being at an end, for rounding. */
const SLACK = 4;

/**
 * The lines that can be seen, of any number. Rows stand in the flow between two spaces as high as those before and after them would
 * be; whatever comes before them or changes its height, the first row in view stays where it is.
 */
export function LogLines(props: LogLinesProps): ReactNode {
  const { snapshots, look, mode, onMode, onViewport, onShown, canFollow, target, top, label } = props;
  const snapshot = useStore(snapshots);
  const scroller = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(600);
  const anchor = useRef<{ readonly id: number; readonly offset: number } | undefined>(undefined);
  const lastTop = useRef(0);
  const asked = useRef<number | undefined>(undefined);
  const [unfolded, setUnfolded] = useState<ReadonlySet<number>>(new Set());
  const count = Math.ceil(height / ROW_HEIGHT) + 2 * OVERSCAN[mode];

  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const lines = snapshot?.lines ?? NO_LINES;
  const from = snapshot?.from ?? 0;
  const total = snapshot?.total ?? 0;

  const ask = useCallback(
    (index: number, row: { readonly line: ShownLine; readonly index: number } | undefined): void => {
      const first = Math.max(0, index - OVERSCAN.free);
      asked.current = first;
      const { line } = row ?? {};
      onViewport({
        mode: "free",
        count,
        from: first,
        anchor: line && row && { id: line.id, micros: line.micros, nanos: line.nanos, index: row.index },
      });
    },
    [onViewport, count],
  );

  useEffect(() => {
    if (mode === "free") ask(top.current, undefined);
    else onViewport({ mode, count });
    // Only a change of mode or size: scrolling asks by itself.
  }, [mode, count, onViewport]);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element || !snapshot) return;
    if (mode === "follow") element.scrollTop = element.scrollHeight;
    else if (mode === "time") {
      const row = element.querySelector<HTMLElement>("[data-marked]");
      if (row) element.scrollTop = row.offsetTop - element.clientHeight / 3;
    } else if (anchor.current) {
      const row = element.querySelector<HTMLElement>(`[data-id="${anchor.current.id}"]`);
      if (row && row.offsetTop - element.scrollTop !== anchor.current.offset)
        element.scrollTop = row.offsetTop - anchor.current.offset;
    }
    lastTop.current = element.scrollTop;
    onShown();
  }, [snapshot, mode, look, unfolded, height, onShown]);

  /** The first row in view: the row's element where it is here, else where it would be. */
  const measure = (): void => {
    const element = scroller.current;
    if (!element) return;
    const y = element.scrollTop;
    const rows = element.querySelectorAll<HTMLElement>("[data-id]");
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const row = rows[middle] as HTMLElement;
      if (row.offsetTop + row.offsetHeight <= y) low = middle + 1;
      else high = middle;
    }
    const row = rows[low];
    const last = rows[rows.length - 1];
    if (row && row.offsetTop <= y + element.clientHeight && !(low === 0 && row.offsetTop > y + SLACK)) {
      anchor.current = { id: Number(row.dataset["id"]), offset: row.offsetTop - y };
      top.current = from + low;
    } else {
      anchor.current = undefined;
      const end = last ? last.offsetTop + last.offsetHeight : 0;
      top.current =
        low === 0 && rows.length > 0
          ? Math.floor(y / ROW_HEIGHT)
          : from + rows.length + Math.floor(Math.max(0, y - end) / ROW_HEIGHT);
      top.current = Math.max(0, Math.min(Math.max(0, total - 1), top.current));
    }
  };

  const onScroll = (): void => {
    const element = scroller.current;
    if (!element || Math.abs(element.scrollTop - lastTop.current) < 1) return;
    const wasUp = element.scrollTop < lastTop.current;
    const isAtBottom = element.scrollTop + element.clientHeight >= element.scrollHeight - SLACK;
    lastTop.current = element.scrollTop;
    measure();
    if (mode === "follow") {
      if (!wasUp || isAtBottom) return;
      onMode("free");
    } else if (isAtBottom && !wasUp && canFollow && isAtEnd(snapshot) && from + lines.length >= total) {
      onMode("follow");
      return;
    } else if (mode === "time") onMode("free");
    const first = top.current - OVERSCAN.free;
    if (mode === "free" && asked.current !== undefined && Math.abs(first - asked.current) < OVERSCAN.free / 3) return;
    const line = lines[top.current - from];
    ask(top.current, line && { line, index: top.current });
  };

  useEffect(() => {
    const element = scroller.current;
    if (!element || !target) return;
    anchor.current = undefined;
    const row = element.querySelector<HTMLElement>(`[data-index="${target.index}"]`);
    element.scrollTop = (row?.offsetTop ?? target.index * ROW_HEIGHT) - element.clientHeight / 3;
    lastTop.current = element.scrollTop;
    top.current = Math.max(0, target.index - Math.floor(element.clientHeight / 3 / ROW_HEIGHT));
    ask(top.current, undefined);
    // Only another target: `ask` changes with every count of lines.
  }, [target]);

  const unfold = useCallback((id: number): void => {
    setUnfolded((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);

  return (
    <div
      ref={scroller}
      className="fl-log"
      // Columns stand under each other; a line that is longer can be unfolded.
      data-wrap={(look.wrap && look.columns === undefined) || undefined}
      role="log"
      aria-live="off"
      aria-label={label}
      tabIndex={0}
      style={{ "--fl-log-name": `${nameWidth(look)}ch` } as CSSProperties}
      onScroll={onScroll}
      onKeyDown={(event) => {
        const first = lines[top.current - from];
        if (event.key === "Enter" && event.target === event.currentTarget) {
          const current = target && lines[target.index - from] ? lines[target.index - from] : first;
          if (current) unfold(current.id);
        }
      }}
    >
      {look.columns && <LogColumnHeads look={look} />}
      <div style={{ height: from * ROW_HEIGHT }} />
      {lines.map((line, index) => (
        <LogRow
          key={line.id}
          line={line}
          index={from + index}
          look={look}
          isCurrent={target?.index === from + index}
          isUnfolded={unfolded.has(line.id)}
          onUnfold={unfold}
        />
      ))}
      <div style={{ height: Math.max(0, total - from - lines.length) * ROW_HEIGHT }} />
    </div>
  );
}

function isAtEnd(snapshot: LogSnapshot | undefined): boolean {
  return Object.values(snapshot?.sources ?? {}).every(({ kind }) => kind !== "held" && kind !== "waiting");
}

/** As wide as the longest name, within reason. */
function nameWidth({ names }: LogRowLook): number {
  return Math.min(24, Math.max(6, ...[...names.values()].map(({ name }) => name.length)));
}

const NO_LINES: readonly ShownLine[] = [];
