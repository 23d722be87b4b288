import { expect, test } from "vitest";
import { anEnvironment, DOWN } from "./environment-fixture.ts";
import { fleetRow } from "./fleet-row.ts";
import { parseSort, sortRows, sortText } from "./fleet-sort.ts";

const rows = [
  fleetRow(anEnvironment({ name: "web-10", link: DOWN }), undefined, undefined),
  fleetRow(anEnvironment({ name: "web-9" }), undefined, { at: 1, metrics: { cpuUsage: 30 } }),
  fleetRow(anEnvironment({ name: "web-1" }), undefined, undefined),
];
const order = (text: string): string[] => sortRows(rows, text).map(({ environment }) => environment.name);

test("by name as people count, by figures, worst first; equals by name", () => {
  expect(order("name")).toEqual(["web-1", "web-9", "web-10"]);
  expect(order("-name")).toEqual(["web-10", "web-9", "web-1"]);
  expect(order("-cpu")).toEqual(["web-9", "web-1", "web-10"]);
  expect(order("state")).toEqual(["web-10", "web-1", "web-9"]);
  expect(order("-alerts")[0]).toBe("web-10");
});

test("what is no column is the name", () => {
  for (const text of ["", "-", "constructor", "-toString"])
    expect(parseSort(text)).toEqual({ id: "name", desc: false });
  expect(sortText(parseSort("-cpu"))).toBe("-cpu");
});
