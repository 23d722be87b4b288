import fc from "fast-check";
import { expect, test } from "vitest";
import { sameJson } from "./same-json.ts";

test("a value is the same as its copy", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => sameJson(value, structuredClone(value))));
});

test("what is the same as JSON is the same, and nothing else", () => {
  const small = fc.letrec((tie) => ({
    value: fc.oneof(
      fc.constantFrom(null, true, 0, 1, "a"),
      fc.array(tie("value"), { maxLength: 2 }),
      fc.dictionary(fc.constantFrom("a", "b"), tie("value")),
    ),
  })).value;
  const sorted = (value: unknown): unknown =>
    typeof value !== "object" || value === null
      ? value
      : Array.isArray(value)
        ? value.map(sorted)
        : Object.fromEntries(
            Object.entries(value)
              .map(([name, part]) => [name, sorted(part)] as const)
              .toSorted(([a], [b]) => (a < b ? -1 : 1)),
          );
  fc.assert(
    fc.property(small, small, (a, b) => sameJson(a, b) === (JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)))),
  );
});

test.each([
  [{ a: undefined }, { b: undefined }],
  [[], {}],
  [null, {}],
  [{ a: 1 }, { a: 1, b: 2 }],
])("%j is not %j", (a, b) => expect(sameJson(a, b)).toBe(false));
