import { Table } from "@mantine/core";
import type { ReactNode } from "react";

export interface PlainColumn<Row> {
  readonly header: string;
  readonly cell: (row: Row) => ReactNode;
  /** Left out on phones. */
  readonly wideOnly?: boolean;
}

export interface PlainTableProps<Row> {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string | number;
  readonly columns: readonly PlainColumn<Row>[];
}

/** A table of a few dozen rows at most; for more there is `DataTable`. */
export function PlainTable<Row>({ label, rows, rowKey, columns }: PlainTableProps<Row>): ReactNode {
  return (
    <Table.ScrollContainer minWidth={300} className="fl-card" tabIndex={0} aria-label={label} role="region">
      <Table aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            {columns.map(({ header, wideOnly }) => (
              <Table.Th key={header} className={wideOnly ? "fl-hide-narrow" : ""}>
                {header === "" ? <span className="visually-hidden">Actions</span> : header}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={rowKey(row)}>
              {columns.map(({ header, cell, wideOnly }) => (
                <Table.Td key={header} className={wideOnly ? "fl-hide-narrow" : ""}>
                  {cell(row)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
