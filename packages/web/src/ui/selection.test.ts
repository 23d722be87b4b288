import { expect, test } from "vitest";
import { toggled, toggledAll, toggledRange } from "./selection.ts";

const shown = ["a", "b", "c", "d"];
const keys = (set: ReadonlySet<string>): string => [...set].toSorted().join("");

test("one", () => {
  expect(keys(toggled(new Set("ab"), "b"))).toBe("a");
  expect(keys(toggled(new Set("ab"), "c"))).toBe("abc");
});

test("all that are shown, and of the others none is touched", () => {
  expect(keys(toggledAll(new Set("az"), shown))).toBe("abcdz");
  expect(keys(toggledAll(new Set("abcdz"), shown))).toBe("z");
});

test("a range, up or down, as its end becomes", () => {
  expect(keys(toggledRange(new Set("b"), shown, "b", "d"))).toBe("bcd");
  expect(keys(toggledRange(new Set("d"), shown, "d", "b"))).toBe("bcd");
  expect(keys(toggledRange(new Set("abcd"), shown, "a", "c"))).toBe("d");
  expect(keys(toggledRange(new Set("z"), shown, "z", "c"))).toBe("cz");
});
