import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matchesFilter, parseFilter } from "../../filter/filter.ts";
import { anEnvironment, DOWN } from "./environment-fixture.ts";
import { FLEET_FIELDS, fleetRow, FleetRows, fleetSubject, hasTerm, labelTerm, toggleTerm } from "./fleet-row.ts";

const matches = (text: string, environment = anEnvironment({})): boolean =>
  matchesFilter(parseFilter(text, FLEET_FIELDS), fleetSubject(fleetRow(environment, undefined, undefined)));

describe("the filter of the fleet", () => {
  test.each([
    ["attic", true],
    ["attic.local", true],
    ["site=home", true],
    ["name:att*", true],
    ["name:att", false],
    ["state:up", true],
    ["state:down", false],
    ["-state:up", false],
    ["kind:edge,socket", true],
    ["label:site=home", true],
    ["label:site=*", true],
    ["label:site=work", false],
    ["version:0.1.0", true],
    ["policy:full", true],
    ["policy:read-only", false],
    ["alert:*", false],
  ])("%s", (text, expected) => expect(matches(text)).toBe(expected));

  test("finds what is down and what is wrong with it", () => {
    const away = anEnvironment({ link: DOWN });
    expect(matches("state:down alert:link", away)).toBe(true);
    expect(matches("alert:engine", away)).toBe(false);
    expect(matches("alert:*", away)).toBe(true);
  });

  test("any label is found by the term that its chip adds", () => {
    const word = fc.string({ minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(word, word, (name, value) =>
        matches(labelTerm(name, value), anEnvironment({ labels: { [name]: value } })),
      ),
    );
  });
});

test("a term comes and goes, and leaves the others", () => {
  const term = labelTerm("site", "front end");
  expect(toggleTerm("web", term)).toBe('web label:"site=front end"');
  expect(hasTerm(toggleTerm("web", term), term)).toBe(true);
  expect(toggleTerm(toggleTerm("web label:a=b", term), term)).toBe("web label:a=b");
  expect(hasTerm("label:a=bc", "label:a=b")).toBe(false);
});

test("a row is the same one until something of it changes", () => {
  const rows = new FleetRows();
  const list = [anEnvironment({}), anEnvironment({ id: 8, name: "cellar" })];
  const point = { at: 1000, metrics: { cpuUsage: 5 } };
  const sources = { list, counts: new Map(), metrics: new Map([[7, [point]]]), now: 1_000_000 };
  const [attic, cellar] = rows.make(sources);
  expect(attic?.percents?.cpu).toBe(5);
  expect(rows.make({ ...sources })).toEqual([attic, cellar]);
  const [later, same] = rows.make({ ...sources, now: 9_000_000 });
  expect(later?.percents).toBeUndefined();
  expect(same).toBe(cellar);
  // Of a host that is away the figures are not as of now.
  const [away] = rows.make({ ...sources, list: [anEnvironment({ link: DOWN })] });
  expect(away?.percents).toBeUndefined();
});
