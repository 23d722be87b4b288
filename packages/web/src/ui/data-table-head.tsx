import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { TickBox } from "./tick-box.tsx";
import { cellClass, type DataColumn } from "./data-column.ts";

export interface DataTableHeadProps {
  readonly columns: readonly DataColumn<never>[];
  readonly sortedBy: (columnId: string) => "asc" | "desc" | false;
  readonly onSort: (columnId: string) => void;
  /** Undefined: the table has no boxes. */
  readonly ticked: "all" | "some" | "none" | undefined;
  readonly onTickAll: () => void;
}

/** The headings of a table: what sorts, and the box that ticks all. */
export function DataTableHead({ columns, sortedBy, onSort, ticked, onTickAll }: DataTableHeadProps): ReactNode {
  return (
    <div role="rowgroup" className="fl-table-head">
      <div role="row" aria-rowindex={1}>
        {ticked !== undefined && (
          <div role="columnheader">
            <TickBox
              label="Tick all rows"
              checked={ticked === "all"}
              isPartly={ticked === "some"}
              onChange={onTickAll}
            />
          </div>
        )}
        {columns.map((column) => {
          const direction = sortedBy(column.id);
          return (
            <div
              key={column.id}
              role="columnheader"
              aria-sort={direction === false ? undefined : direction === "asc" ? "ascending" : "descending"}
              className={cellClass(column)}
            >
              {column.sort ? (
                <button type="button" className="fl-sort" onClick={() => onSort(column.id)}>
                  {column.header}
                  {direction === "asc" && <IconArrowUp size={12} aria-hidden />}
                  {direction === "desc" && <IconArrowDown size={12} aria-hidden />}
                </button>
              ) : (
                column.header
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}
