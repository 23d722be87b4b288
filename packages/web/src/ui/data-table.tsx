import { Checkbox } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import {
  createSortedRowModel,
  rowSortingFeature,
  sortFns,
  type SortingState,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import {
  type CSSProperties,
  type KeyboardEvent,
  memo,
  type MouseEvent,
  type ReactNode,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel(), sortFns });

export interface DataColumn<Row> {
  readonly id: string;
  readonly header: string;
  readonly cell: (row: Row) => ReactNode;
  /** What it is sorted by; a column without it cannot be sorted. */
  readonly sort?: (row: Row) => string | number;
  /** Pixels; a column without it shares the room that is left. */
  readonly width?: number;
  /** How much of the room that is left, against the others. Default 1. */
  readonly grow?: number;
  readonly align?: "right";
  /** Left out on phones. */
  readonly wideOnly?: boolean;
}

export interface TableSort {
  readonly id: string;
  readonly desc?: boolean;
}

export interface DataTableProps<Row> {
  /** Names the table for a screen reader. */
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly DataColumn<Row>[];
  readonly rowKey: (row: Row) => string;
  /** Names a row for a screen reader. */
  readonly rowLabel: (row: Row) => string;
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
}

/**
 * A table of any length: only what can be seen is in the page. Arrow keys move between rows, Space ticks, Enter opens.
 * It fills the height that it is given.
 */
export function DataTable<Row>(props: DataTableProps<Row>): ReactNode {
  const {
    label,
    rows,
    columns,
    rowKey,
    rowLabel,
    rowHeight = 40,
    selection,
    onSelect,
    onOpen,
    onVisible,
    empty,
  } = props;
  const [ownSort, setOwnSort] = useState(props.defaultSort);
  const sort = props.sort ?? ownSort;
  const sorting = useMemo<SortingState>(() => (sort ? [{ id: sort.id, desc: sort.desc ?? false }] : []), [sort]);
  const definitions = useMemo(
    () =>
      columns.map(({ id, sort }) => ({
        id,
        accessorFn: (row: Row) => sort?.(row) ?? "",
        enableSorting: sort !== undefined,
        sortFn: "auto" as const,
      })),
    [columns],
  );
  const table = useTable({
    features,
    columns: definitions as never,
    data: rows as never,
    state: { sorting },
    getRowId: rowKey as never,
  });
  const sorted = table.getRowModel().rows as unknown as readonly { readonly id: string; readonly original: Row }[];

  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => sorted[index]?.id ?? index,
    overscan: 8,
  });
  const [active, setActive] = useState(0);
  const items = virtualizer.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? -1;
  useEffect(() => {
    onVisible?.(sorted.slice(first, last + 1).map(({ original }) => original));
  }, [onVisible, sorted, first, last]);

  const move = (event: KeyboardEvent): void => {
    const steps: Record<string, number> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: 15,
      PageUp: -15,
      Home: -sorted.length,
      End: sorted.length,
    };
    const step = steps[event.key];
    const row = sorted[active];
    const onRow = (event.target as HTMLElement).getAttribute("role") === "row";
    if (step !== undefined && onRow) {
      event.preventDefault();
      const next = Math.max(0, Math.min(sorted.length - 1, active + step));
      setActive(next);
      virtualizer.scrollToIndex(next);
      requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${next}"]`)?.focus());
    } else if (event.key === "Enter" && row && onRow) onOpen?.(row.original);
    else if (event.key === " " && row && onRow && selection) {
      event.preventDefault();
      onSelect?.(toggled(selection, row.id));
    }
  };

  // Rows are drawn once and kept; what they call is what the table was last given.
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  const actions = useMemo<RowActions>(
    () => ({
      focus: setActive,
      tick: (id) => {
        const { selection: ticked, onSelect: select } = latest.current;
        if (ticked) select?.(toggled(ticked, id));
      },
      open: (row) => latest.current.onOpen?.(row as Row),
    }),
    [],
  );

  const allTicked = selection !== undefined && sorted.length > 0 && sorted.every(({ id }) => selection.has(id));
  const someTicked = selection !== undefined && !allTicked && sorted.some(({ id }) => selection.has(id));
  const tickAll = (): void => onSelect?.(allTicked ? new Set() : new Set(sorted.map(({ id }) => id)));

  return (
    <div
      ref={scroller}
      className="fl-table fl-card"
      role="table"
      aria-label={label}
      aria-rowcount={sorted.length + 1}
      tabIndex={sorted.length === 0 ? 0 : -1}
      onKeyDown={move}
    >
      <div role="rowgroup" className="fl-table-head">
        <div role="row" aria-rowindex={1}>
          {selection && (
            <div role="columnheader" style={BOX}>
              <Checkbox
                size="xs"
                aria-label="Tick all rows"
                checked={allTicked}
                indeterminate={someTicked}
                onChange={tickAll}
              />
            </div>
          )}
          {columns.map((column) => {
            const direction = sorting[0]?.id === column.id ? (sorting[0].desc ? "descending" : "ascending") : undefined;
            return (
              <div
                key={column.id}
                role="columnheader"
                aria-sort={direction}
                className={hidden(column)}
                style={cellStyle(column)}
              >
                {column.sort ? (
                  <button
                    type="button"
                    className="fl-sort"
                    onClick={() => (props.onSort ?? setOwnSort)({ id: column.id, desc: direction === "ascending" })}
                  >
                    {column.header}
                    {direction === "ascending" && <IconArrowUp size={12} aria-hidden />}
                    {direction === "descending" && <IconArrowDown size={12} aria-hidden />}
                  </button>
                ) : (
                  column.header
                )}
              </div>
            );
          })}
        </div>
      </div>
      {sorted.length === 0 && empty}
      <div
        role="rowgroup"
        className="fl-table-body"
        style={{ position: "relative", height: virtualizer.getTotalSize() }}
      >
        {items.map((item) => {
          const row = sorted[item.index];
          if (!row) return null;
          return (
            <TableRow
              key={row.id}
              row={row.original}
              id={row.id}
              index={item.index}
              top={item.start}
              height={rowHeight}
              columns={columns as readonly DataColumn<unknown>[]}
              label={rowLabel(row.original)}
              tabbable={item.index === active || (item.index === first && (active < first || active > last))}
              ticked={selection?.has(row.id)}
              opens={onOpen !== undefined}
              actions={actions}
            />
          );
        })}
      </div>
    </div>
  );
}

interface RowActions {
  focus(index: number): void;
  tick(id: string): void;
  open(row: unknown): void;
}

interface TableRowProps {
  readonly row: unknown;
  readonly id: string;
  readonly index: number;
  readonly top: number;
  readonly height: number;
  readonly columns: readonly DataColumn<unknown>[];
  readonly label: string;
  readonly tabbable: boolean;
  /** Undefined: the table has no boxes. */
  readonly ticked: boolean | undefined;
  readonly opens: boolean;
  readonly actions: RowActions;
}

/** Drawn again only when something of it is another: with a fleet's events most rows stay. */
const TableRow = memo(function TableRow(props: TableRowProps): ReactNode {
  const { row, id, index, top, height, columns, label, tabbable, ticked, opens, actions } = props;
  const open = (event: MouseEvent): void => {
    if (!(event.target as HTMLElement).closest("a, button, input, label")) actions.open(row);
  };
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-label={label}
      aria-selected={ticked}
      data-index={index}
      tabIndex={tabbable ? 0 : -1}
      onFocus={() => actions.focus(index)}
      onClick={opens ? open : undefined}
      style={{ transform: `translateY(${top}px)`, height, cursor: opens ? "pointer" : undefined }}
    >
      {ticked !== undefined && (
        <div role="cell" style={BOX}>
          <Checkbox size="xs" aria-label={`Tick ${label}`} checked={ticked} onChange={() => actions.tick(id)} />
        </div>
      )}
      {columns.map((column) => (
        <div key={column.id} role="cell" className={hidden(column)} style={cellStyle(column)}>
          {column.cell(row)}
        </div>
      ))}
    </div>
  );
});

const BOX: CSSProperties = { width: 36, flex: "none" };

function cellStyle({ width, grow = 1, align }: DataColumn<never>): CSSProperties {
  const room = width === undefined ? { flex: `${grow} ${grow} 0`, minWidth: 90 } : { width, flex: "none" };
  return { ...room, ...(align ? { textAlign: align } : {}) };
}

function hidden({ wideOnly }: DataColumn<never>): string | undefined {
  return wideOnly ? "fl-hide-narrow" : undefined;
}

function toggled(keys: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(keys);
  if (!next.delete(key)) next.add(key);
  return next;
}
