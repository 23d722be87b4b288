import { memo, type MouseEvent, type ReactNode } from "react";
import { cellClass, type DataColumn } from "./data-column.ts";
import { TickBox } from "./tick-box.tsx";

export interface RowActions {
  focus(key: string): void;
  tick(key: string, isRange: boolean): void;
  open(row: unknown): void;
}

export interface DataTableRowProps {
  readonly row: unknown;
  readonly rowKey: string;
  readonly index: number;
  readonly top: number;
  readonly height: number;
  readonly columns: readonly DataColumn<unknown>[];
  readonly label: string;
  readonly isTabbable: boolean;
  /** Undefined: the table has no boxes. */
  readonly isTicked: boolean | undefined;
  readonly opens: boolean;
  readonly actions: RowActions;
}

/** Drawn again only when something of it is another: with a fleet's events most rows stay. */
export const DataTableRow = memo(function DataTableRow(props: DataTableRowProps): ReactNode {
  const { row, rowKey, index, top, height, columns, label, isTabbable, isTicked, opens, actions } = props;
  const open = (event: MouseEvent): void => {
    const isOnSomething = (event.target as HTMLElement).closest("a, button, input, label, [role=menu]") !== null;
    // Who marks a text to copy it does not want to leave.
    if (!isOnSomething && getSelection()?.isCollapsed !== false) actions.open(row);
  };
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-label={label}
      aria-selected={isTicked}
      data-index={index}
      tabIndex={isTabbable ? 0 : -1}
      onFocus={() => actions.focus(rowKey)}
      onClick={opens ? open : undefined}
      style={{ transform: `translateY(${top}px)`, height, cursor: opens ? "pointer" : undefined }}
    >
      {isTicked !== undefined && (
        <div role="cell">
          <TickBox label={`Tick ${label}`} checked={isTicked} onChange={(isRange) => actions.tick(rowKey, isRange)} />
        </div>
      )}
      {columns.map((column) => (
        <div key={column.id} role="cell" className={cellClass(column)}>
          {column.cell(row)}
        </div>
      ))}
    </div>
  );
});
