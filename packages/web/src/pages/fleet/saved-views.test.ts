import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ALL_HOSTS,
  MAX_VIEWS,
  nameProblem,
  NO_VIEWS,
  readSavedViews,
  renamed,
  type SavedViews,
  searchOf,
  viewOf,
  withoutView,
  withView,
} from "./saved-views.ts";

const down = { name: "Down", filter: "state:down", sort: "-alerts", layout: "cards" } as const;
const prod = { name: "Prod", filter: "label:env=prod", sort: "name", layout: "rows" } as const;
const SAVED: SavedViews = { views: [down, prod], first: "Down" };

describe("what the browser kept", () => {
  test("comes back as it was", () => expect(readSavedViews(JSON.stringify(SAVED))).toEqual(SAVED));

  test.each([null, "", "{", "7", "[]", '{"views":7}', '{"views":[null,{"name":"x"}]}'])("%s is none", (text) => {
    expect(readSavedViews(text)).toEqual(NO_VIEWS);
  });

  test("a name stands once, the first view is one of them, and there are not more than fit", () => {
    const text = JSON.stringify({ views: [down, { ...down, filter: "x" }], first: "Gone" });
    expect(readSavedViews(text)).toEqual({ views: [down], first: undefined });
    const many = Array.from({ length: MAX_VIEWS + 5 }, (_, index) => ({ ...down, name: `v${index}` }));
    expect(readSavedViews(JSON.stringify({ views: many })).views).toHaveLength(MAX_VIEWS);
  });

  test("any text can be read", () => {
    fc.assert(fc.property(fc.json(), (text) => Array.isArray(readSavedViews(text).views)));
  });
});

test("views are put in, renamed and taken away, and the first one follows", () => {
  expect(withView(SAVED, { ...prod, filter: "web" }).views).toEqual([down, { ...prod, filter: "web" }]);
  expect(renamed(SAVED, "Down", "Away")).toEqual({ views: [{ ...down, name: "Away" }, prod], first: "Away" });
  expect(withoutView(SAVED, "Down")).toEqual({ views: [prod], first: undefined });
});

test("names", () => {
  expect(nameProblem("New", SAVED.views)).toBeUndefined();
  expect(nameProblem(" ", [])).toBe("Give the view a name.");
  expect(nameProblem("down", SAVED.views)).toBe("There is a view named down already.");
  expect(nameProblem("all hosts", [])).toBe("There is a view named all hosts already.");
  expect(nameProblem("x".repeat(61), [])).toBe("A name has at most 60 characters.");
});

describe("an address", () => {
  test("without anything shows the first view", () => {
    expect(viewOf({}, NO_VIEWS)).toEqual({ ...ALL_HOSTS, changed: false });
    expect(viewOf({}, SAVED)).toEqual({ ...down, changed: false });
  });

  test("with a filter shows all hosts by it", () => {
    expect(viewOf({ q: "web" }, SAVED)).toEqual({ ...ALL_HOSTS, filter: "web", changed: true });
  });

  test("of a view that this browser has not still shows what it shows", () => {
    expect(viewOf({ ...searchOf(down, "Down", SAVED) }, NO_VIEWS)).toEqual({
      ...down,
      name: undefined,
      changed: false,
    });
  });

  test("says what is shown, whatever it is", () => {
    const views = fc.record({
      filter: fc.constantFrom("", "web", "state:down"),
      sort: fc.constantFrom("name", "-name", "-alerts"),
      layout: fc.constantFrom("rows" as const, "cards" as const),
    });
    const names = fc.constantFrom("All hosts", "Down", "Prod", undefined);
    fc.assert(
      fc.property(views, names, fc.constantFrom(SAVED, NO_VIEWS), (view, name, saved) => {
        expect(viewOf(searchOf(view, name, saved), saved)).toMatchObject(view);
      }),
    );
  });
});
