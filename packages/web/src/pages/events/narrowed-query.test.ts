import { expect, test } from "vitest";
import { parseFilter } from "../../filter/filter.ts";
import { EVENT_FIELDS } from "./event-row.ts";
import { narrowedQuery } from "./narrowed-query.ts";

const hosts = new Set(["attic", "cellar"]);

test.each([
  ["", {}],
  ["web", {}],
  ["action:die", { action: "die" }],
  ["action:die,oom host:attic", { action: "die,oom", environments: ["attic"] }],
  ["-action:die", {}],
  ["action:di*", {}],
  ["action:health_status", { action: "health_status" }],
  // The hub keeps outcomes apart.
  ['action:"health_status: unhealthy"', {}],
  ["host:nowhere", {}],
  ["host:att*", {}],
  ["container:0123456789ab", { container: "0123456789ab" }],
  // A name may have capital letters.
  ["container:web", {}],
])("%s asks the hub for %j", (text, expected) => {
  expect(narrowedQuery(parseFilter(text, EVENT_FIELDS), hosts)).toEqual(expected);
});
