import type { CSSProperties, ReactNode } from "react";

export interface DataColumn<Row> {
  readonly id: string;
  readonly header: string;
  readonly cell: (row: Row) => ReactNode;
  /** What it is sorted by; a column without it cannot be sorted. Texts sort as people sort (`web-2` before `web-10`). */
  readonly sort?: (row: Row) => string | number;
  /** Pixels; a column without it shares the room that is left. */
  readonly width?: number;
  /** How much of the room that is left, against the others. Default 1. */
  readonly grow?: number;
  readonly align?: "right";
  /** Left out on phones. */
  readonly wideOnly?: boolean;
}

/** A column without a width is no narrower than this. */
const MIN_WIDTH = 90;
const BOX_WIDTH = 36;

export function cellClass({ wideOnly, align }: DataColumn<never>): string | undefined {
  if (!wideOnly) return align && "fl-cell-right";
  return align ? "fl-hide-narrow fl-cell-right" : "fl-hide-narrow";
}

/**
 * The grid of all rows, said once for `app.css` and not in each cell: dozens of rows are drawn in each frame of a scroll. Below the sum of
 * its widths the table scrolls sideways. On phones it leaves out some columns.
 */
export function tableGrid(columns: readonly DataColumn<never>[], hasBoxes: boolean): CSSProperties {
  const narrow = columns.filter(({ wideOnly }) => !wideOnly);
  return {
    "--fl-grid-wide": template(columns, hasBoxes),
    "--fl-grid-narrow": template(narrow, hasBoxes),
    "--fl-row-wide": width(columns, hasBoxes),
    "--fl-row-narrow": width(narrow, hasBoxes),
  } as CSSProperties;
}

function template(columns: readonly DataColumn<never>[], hasBoxes: boolean): string {
  const tracks = columns.map(({ width: pixels, grow = 1 }) =>
    pixels === undefined ? `minmax(${MIN_WIDTH}px, ${grow}fr)` : `${pixels}px`,
  );
  return [...(hasBoxes ? [`${BOX_WIDTH}px`] : []), ...tracks].join(" ");
}

function width(columns: readonly DataColumn<never>[], hasBoxes: boolean): string {
  return `${columns.reduce((total, { width: pixels = MIN_WIDTH }) => total + pixels, hasBoxes ? BOX_WIDTH : 0)}px`;
}
