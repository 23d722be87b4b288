import fc from "fast-check";
import { expect, test } from "vitest";
import { lowerBound, shownIndexes } from "./shown-indexes.ts";

test("matches with their context are those within so many lines that are on", () => {
  const kinds = fc.array(fc.constantFrom("off", "on", "match"), { maxLength: 60 });
  fc.assert(
    fc.property(kinds, fc.integer({ min: 0, max: 4 }), (lines, context) => {
      const on = lines.flatMap((kind, index) => (kind === "off" ? [] : [index]));
      const expected = on.filter((_, at) =>
        on.some((index, other) => lines[index] === "match" && Math.abs(other - at) <= context),
      );
      const shown = shownIndexes({
        count: lines.length,
        isOn: (index) => lines[index] !== "off",
        isMatch: (index) => lines[index] === "match",
        context,
      });
      const given = shown.lines ? [...shown.lines] : lines.map((_, index) => index);
      expect(given).toEqual(expected);
      expect([...shown.matches].map((at) => given[at])).toEqual(on.filter((index) => lines[index] === "match"));
    }),
  );
});

test("without a context all lines that are on are shown", () => {
  const shown = shownIndexes({
    count: 4,
    isOn: (index) => index !== 1,
    isMatch: (index) => index === 3,
    context: undefined,
  });
  expect([...(shown.lines ?? [])]).toEqual([0, 2, 3]);
  expect([...shown.matches]).toEqual([2]);
});

test("the first value that is not below another", () => {
  const list = Uint32Array.of(2, 4, 4, 9);
  expect([0, 2, 3, 4, 5, 9, 10].map((value) => lowerBound(list, value))).toEqual([0, 0, 1, 1, 3, 3, 4]);
});
