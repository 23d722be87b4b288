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

/** The column of boxes. */
export const BOX_STYLE: CSSProperties = { width: BOX_WIDTH, flex: "none" };

export function cellStyle({ width, grow = 1, align }: DataColumn<never>): CSSProperties {
  const room = width === undefined ? { flex: `${grow} ${grow} 0`, minWidth: MIN_WIDTH } : { width, flex: "none" };
  return { ...room, ...(align ? { textAlign: align } : {}) };
}

export function cellClass({ wideOnly }: DataColumn<never>): string | undefined {
  return wideOnly ? "fl-hide-narrow" : undefined;
}

/** The widths below which the table scrolls sideways, for `app.css`: on wide screens, and on phones with what they leave out. */
export function rowWidths(columns: readonly DataColumn<never>[], hasBoxes: boolean): CSSProperties {
  const sum = (of: readonly DataColumn<never>[]): string =>
    `${of.reduce((total, { width = MIN_WIDTH }) => total + width, hasBoxes ? BOX_WIDTH : 0)}px`;
  return {
    "--fl-row-wide": sum(columns),
    "--fl-row-narrow": sum(columns.filter(({ wideOnly }) => !wideOnly)),
  } as CSSProperties;
}
