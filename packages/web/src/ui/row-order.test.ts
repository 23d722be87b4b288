import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { naturalKey } from "./natural-key.ts";
import { RowOrder } from "./row-order.ts";

interface Row {
  readonly id: string;
  readonly group: string;
  readonly size: number;
}
const row = (id: string, group = "", size = 0): Row => ({ id, group, size });
const rowKey = ({ id }: Row): string => id;

describe("texts sort as people sort", () => {
  test.each([
    ["web-2", "web-10"],
    ["Alpha", "beta"],
    ["école", "zebra"],
    ["a", "a1"],
    ["web-007", "web-8"],
  ])("%s before %s", (a, b) => expect(naturalKey(a) < naturalKey(b)).toBe(true));

  test("case and leading zeros are no difference", () => expect(naturalKey("Web-07")).toBe(naturalKey("web-7")));
});

test("equals are in the order of what comes next, then of their keys, also when it is turned round", () => {
  const rows = [row("c", "x", 2), row("b", "y", 1), row("a", "x", 2), row("d", "x", 1)];
  const ids = (desc: boolean): string =>
    new RowOrder<Row>({ rowKey, by: [({ group }) => group, ({ size }) => size], desc })
      .order(rows)
      .map(rowKey)
      .join("");
  expect(ids(false)).toBe("dacb");
  expect(ids(true)).toBe("bdac");
});

test("the same rows are the same array, another row is another one", () => {
  const order = new RowOrder<Row>({ rowKey, by: [({ size }) => size], desc: false });
  const rows = [row("a", "", 2), row("b", "", 1)];
  const first = order.order(rows);
  expect(order.order(rows.toReversed())).toBe(first);
  expect(order.order([row("a", "", 2), rows[1]!])).not.toBe(first);
});

test("a value is read once a row", () => {
  let reads = 0;
  const order = new RowOrder<Row>({ rowKey, by: [({ size }) => ((reads += 1), size)], desc: false });
  const rows = Array.from({ length: 100 }, (_, index) => row(`${index}`, "", 100 - index));
  for (let times = 0; times < 10; times += 1) order.order([...rows, row("new", "", times)]);
  expect(reads).toBe(110);
});

test("after any changes the order is that of a sort from nothing", () => {
  const rows = fc.uniqueArray(
    fc.record({
      id: fc.string({ maxLength: 2 }),
      group: fc.constantFrom("a", "b"),
      size: fc.constantFrom(0, 1, Number.NaN),
    }),
    { selector: rowKey, maxLength: 30 },
  );
  fc.assert(
    fc.property(fc.array(rows, { maxLength: 5 }), fc.boolean(), (lists, desc) => {
      const options = { rowKey, by: [({ size }: Row) => size, ({ group }: Row) => group], desc };
      const order = new RowOrder<Row>(options);
      for (const list of lists) expect(order.order(list)).toEqual(new RowOrder<Row>(options).order(list));
    }),
  );
});
