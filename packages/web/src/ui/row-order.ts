import { naturalKey } from "./natural-key.ts";

export interface RowOrderOptions<Row> {
  readonly rowKey: (row: Row) => string;
  /** What rows are sorted by, then among equals; last comes the key, so that the order is always the same. */
  readonly by: readonly ((row: Row) => string | number)[];
  /** Turns the first of `by` round. */
  readonly desc: boolean;
}

interface Entry<Row> {
  readonly row: Row;
  readonly key: string;
  readonly values: readonly (string | number)[];
}

/**
 * Sorts a list that is given again and again with few changes: what a row is sorted by is read once a row, and the sort begins with the
 * order that was, which is nearly right already. Without changes the answer is the same array.
 */
export class RowOrder<Row extends object> {
  readonly #options: RowOrderOptions<Row>;
  readonly #entries = new WeakMap<Row, Entry<Row>>();
  #positions: ReadonlyMap<string, number> = new Map();
  #ordered: readonly Row[] = [];

  constructor(options: RowOrderOptions<Row>) {
    this.#options = options;
  }

  order(rows: readonly Row[]): readonly Row[] {
    const known: (Entry<Row> | undefined)[] = Array.from({ length: this.#ordered.length });
    const others: Entry<Row>[] = [];
    for (const row of rows) {
      const entry = this.#entry(row);
      const position = this.#positions.get(entry.key);
      if (position === undefined || known[position] !== undefined) others.push(entry);
      else known[position] = entry;
    }
    const entries = known.filter((entry) => entry !== undefined);
    for (const entry of others) entries.push(entry);
    entries.sort((a, b) => this.#compare(a, b));
    const before = this.#ordered;
    if (entries.length === before.length && entries.every(({ row }, index) => row === before[index])) return before;
    this.#positions = new Map(entries.map(({ key }, index) => [key, index]));
    this.#ordered = entries.map(({ row }) => row);
    return this.#ordered;
  }

  #entry(row: Row): Entry<Row> {
    const known = this.#entries.get(row);
    if (known) return known;
    const { rowKey, by } = this.#options;
    const values = by.map((value) => {
      const given = value(row);
      return typeof given === "string" ? naturalKey(given) : given;
    });
    const entry = { row, key: rowKey(row), values };
    this.#entries.set(row, entry);
    return entry;
  }

  #compare(a: Entry<Row>, b: Entry<Row>): number {
    for (let index = 0; index < a.values.length; index += 1) {
      const difference = compare(a.values[index], b.values[index]);
      if (difference !== 0) return index === 0 && this.#options.desc ? -difference : difference;
    }
    return compare(a.key, b.key);
  }
}

function compare(a: string | number | undefined, b: string | number | undefined): number {
  if (a === b || a === undefined || b === undefined) return 0;
  // A figure that is none stands before all that are.
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
  return a < b ? -1 : 1;
}
