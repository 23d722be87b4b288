import { visibleWidth } from "./style.ts";

export interface Column<T> {
  /** Heading, in capitals by custom. */
  readonly title: string;
  readonly value: (row: T) => string;
  /** Numbers stand at the right. Default "left". */
  readonly align?: "left" | "right";
}

/** Spaces between two columns, as docker's own tables have. */
const GAP = "   ";

/** Rows under headings, each column as wide as its widest cell. No line end at the end. */
export function formatTable<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ value }) => value(row)))];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => visibleWidth(line[index] ?? ""))));
  return cells
    .map((line) =>
      line
        .map((cell, index) => pad(cell, index))
        .join(GAP)
        .trimEnd(),
    )
    .join("\n");

  function pad(cell: string, index: number): string {
    const space = " ".repeat((widths[index] ?? 0) - visibleWidth(cell));
    return columns[index]?.align === "right" ? space + cell : cell + space;
  }
}
