import { Skeleton } from "@mantine/core";
import { rowSortingFeature, type SortingState, tableFeatures, type Updater, useTable } from "@tanstack/react-table";
import { defaultRangeExtractor, type Range, useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { type DataColumn, tableGrid } from "./data-column.ts";
import { DataTableHead } from "./data-table-head.tsx";
import { DataTableRow, type RowActions } from "./data-table-row.tsx";
import { RowOrder } from "./row-order.ts";
import { toggled, toggledAll, toggledRange } from "./selection.ts";

export type { DataColumn } from "./data-column.ts";

const features = tableFeatures({ rowSortingFeature });
/** The table knows columns and what they are sorted by. Its own row model would be made anew with every event of a fleet. */
const NO_ROWS: never[] = [];
const HEAD_HEIGHT = 36;
const SKELETON_ROWS = 12;

export interface TableSort {
  readonly id: string;
  readonly desc?: boolean;
}

export interface DataTableProps<Row extends object> {
  /** Names the table for a screen reader. */
  readonly label: string;
  readonly rows: readonly Row[];
  /** Which of them are shown. Default: all. Rows are sorted before, so that a filter that is typed does not sort them anew with each key. */
  readonly shows?: (row: Row) => boolean;
  readonly columns: readonly DataColumn<Row>[];
  readonly rowKey: (row: Row) => string;
  /** Names a row for a screen reader. */
  readonly rowLabel: (row: Row) => string;
  /** Also what equals of another column are sorted by. */
  readonly defaultSort?: TableSort;
  /** What it is sorted by where the page keeps that; with `onSort`. */
  readonly sort?: TableSort;
  readonly onSort?: (sort: TableSort) => void;
  /** Row height in pixels. Default 40. */
  readonly rowHeight?: number;
  /** Keys that are ticked; with it the table has a column of boxes. */
  readonly selection?: ReadonlySet<string>;
  readonly onSelect?: (keys: ReadonlySet<string>) => void;
  /** Enter on a row, or a click on it. */
  readonly onOpen?: (row: Row) => void;
  /** Told which rows can be seen. */
  readonly onVisible?: (rows: readonly Row[]) => void;
  /** In place of rows when there are none. */
  readonly empty?: ReactNode;
  /** The rows are not known yet: their places are shown. */
  readonly loading?: boolean;
}

/**
 * A table of any length: only what can be seen is in the page. Arrow keys move between rows, Space ticks (with Shift: a range), Enter opens.
 * It fills the height that it is given.
 */
export function DataTable<Row extends object>(props: DataTableProps<Row>): ReactNode {
  const { label, rows, shows, columns, rowKey, rowLabel, rowHeight = 40, selection, onVisible, empty, loading } = props;
  const { id: defaultId, desc: defaultDesc = false } = props.defaultSort ?? {};
  const [ownSorting, setOwnSorting] = useState<SortingState>(
    defaultId === undefined ? [] : [{ id: defaultId, desc: defaultDesc }],
  );
  const { sort, onSort } = props;
  const sorting = useMemo(() => (sort ? [{ id: sort.id, desc: sort.desc ?? false }] : ownSorting), [sort, ownSorting]);
  const setSorting = (change: Updater<SortingState>): void => {
    const next = typeof change === "function" ? change(sorting) : change;
    if (onSort && next[0]) onSort(next[0]);
    else setOwnSorting(next);
  };
  const definitions = useMemo(
    () => columns.map(({ id, sort }) => ({ id, accessorFn: () => "", enableSorting: sort !== undefined })),
    [columns],
  );
  const table = useTable({
    features,
    columns: definitions,
    data: NO_ROWS,
    state: { sorting },
    onSortingChange: setSorting,
    manualSorting: true,
  });
  const { id: sortId, desc = false } = sorting[0] ?? {};
  const order = useMemo(() => {
    const by = [sortId, defaultId].flatMap((id) => columns.find((column) => column.id === id)?.sort ?? []);
    return by.length === 0 ? undefined : new RowOrder<Row>({ rowKey, by: [...new Set(by)], desc });
  }, [columns, rowKey, sortId, defaultId, desc]);
  const ordered = useMemo(() => order?.order(rows) ?? rows, [order, rows]);
  const sorted = useMemo(() => (shows ? ordered.filter(shows) : ordered), [ordered, shows]);

  const [activeKey, setActiveKey] = useState<string>();
  const active = useMemo(
    () => (activeKey === undefined ? -1 : sorted.findIndex((row) => rowKey(row) === activeKey)),
    [sorted, rowKey, activeKey],
  );
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => keyAt(sorted, index, rowKey),
    overscan: 8,
    scrollMargin: HEAD_HEIGHT,
    scrollPaddingStart: HEAD_HEIGHT,
    // A row that has the focus keeps it when it is scrolled away.
    rangeExtractor: (range: Range) => {
      const indexes = defaultRangeExtractor(range);
      return active === -1 || indexes.includes(active) ? indexes : [...indexes, active].toSorted((a, b) => a - b);
    },
  });
  useEffect(() => virtualizer.measure(), [virtualizer, rowHeight]);
  const items = virtualizer.getVirtualItems();
  const { startIndex: first = 0, endIndex: last = -1 } = virtualizer.range ?? {};
  useEffect(() => {
    onVisible?.(sorted.slice(first, last + 1));
  }, [onVisible, sorted, first, last]);

  // A row that is moved to may have to be drawn before it can have the focus.
  const toFocus = useRef<number>(undefined);
  useLayoutEffect(() => {
    if (toFocus.current === undefined) return;
    const element = scroller.current?.querySelector<HTMLElement>(`[data-index="${toFocus.current}"]`);
    if (!element) return;
    toFocus.current = undefined;
    element.focus({ preventScroll: true });
  });

  // Rows are drawn once and kept; what they call is what the table was last given.
  const latest = useRef({ ...props, sorted });
  useEffect(() => {
    latest.current = { ...props, sorted };
  });
  const lastTicked = useRef<string>(undefined);
  const actions = useMemo<RowActions>(
    () => ({
      focus: setActiveKey,
      tick: (key, isRange) => {
        const { selection: ticked, onSelect: select, sorted: shown, rowKey: keyOf } = latest.current;
        if (!ticked) return;
        const from = isRange ? lastTicked.current : undefined;
        lastTicked.current = key;
        select?.(from === undefined ? toggled(ticked, key) : toggledRange(ticked, shown.map(keyOf), from, key));
      },
      open: (row) => latest.current.onOpen?.(row as Row),
    }),
    [],
  );

  const move = (event: KeyboardEvent): void => {
    if ((event.target as HTMLElement).getAttribute("role") !== "row") return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2);
    const steps: Record<string, number> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -sorted.length,
      End: sorted.length,
    };
    const step = steps[event.key];
    const row = sorted[active];
    if (step !== undefined) {
      event.preventDefault();
      const next = Math.max(0, Math.min(sorted.length - 1, active + step));
      toFocus.current = next;
      virtualizer.scrollToIndex(next);
      const target = sorted[next];
      if (target) setActiveKey(rowKey(target));
    } else if (event.key === "Enter" && row) actions.open(row);
    else if (event.key === " " && row && selection) {
      event.preventDefault();
      actions.tick(rowKey(row), event.shiftKey);
    }
  };
  const ticked = useMemo(() => {
    if (selection === undefined) return undefined;
    if (selection.size === 0 || sorted.length === 0) return "none";
    const shown = sorted.reduce((total, row) => total + (selection.has(rowKey(row)) ? 1 : 0), 0);
    return shown === 0 ? "none" : shown === sorted.length ? "all" : "some";
  }, [selection, sorted, rowKey]);
  const tabbable = active >= first && active <= last ? active : first;
  const isEmpty = sorted.length === 0;
  return (
    <div
      ref={scroller}
      className="fl-table fl-card"
      role="table"
      aria-label={label}
      aria-rowcount={loading ? -1 : sorted.length + 1}
      aria-busy={loading}
      tabIndex={isEmpty ? 0 : -1}
      onKeyDown={move}
      style={tableGrid(columns, selection !== undefined)}
    >
      <DataTableHead
        columns={columns}
        sortedBy={(id) => table.getColumn(id)?.getIsSorted() ?? false}
        onSort={(id) => {
          const column = table.getColumn(id);
          column?.toggleSorting(column.getIsSorted() === "asc");
        }}
        ticked={ticked}
        onTickAll={() => selection && props.onSelect?.(toggledAll(selection, sorted.map(rowKey)))}
      />
      {isEmpty && (loading ? <Places height={rowHeight} /> : empty)}
      <div role="rowgroup" className="fl-table-body" style={{ height: virtualizer.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const row = sorted[index];
          if (!row) return null;
          const key = rowKey(row);
          return (
            <DataTableRow
              key={key}
              row={row}
              rowKey={key}
              index={index}
              top={start - HEAD_HEIGHT}
              height={rowHeight}
              columns={columns as readonly DataColumn<unknown>[]}
              label={rowLabel(row)}
              isTabbable={index === tabbable}
              isTicked={selection?.has(key)}
              opens={props.onOpen !== undefined}
              actions={actions}
            />
          );
        })}
      </div>
    </div>
  );
}

function keyAt<Row>(rows: readonly Row[], index: number, rowKey: (row: Row) => string): string | number {
  const row = rows[index];
  return row === undefined ? index : rowKey(row);
}

/** Where rows will be. */
function Places({ height }: { height: number }): ReactNode {
  return Array.from({ length: SKELETON_ROWS }, (_, index) => (
    <div key={index} aria-hidden className="fl-table-place" style={{ height }}>
      <Skeleton height={12} radius="xl" />
    </div>
  ));
}
