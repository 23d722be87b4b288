import { expect, test } from "vitest";
import { parseFilter } from "../../filter/filter.ts";
import { CONTAINER_FIELDS, facetCounts, facetValue, rowMatcher, withoutFacet } from "./container-filter.ts";
import { fixtureRow } from "./container-row.fixture.ts";

const filter = (text: string) => parseFilter(text, CONTAINER_FIELDS);
const cellar = { id: 2, name: "cellar" };
const shop = { "com.docker.compose.project": "shop", tier: "front" };
const rows = [
  fixtureRow("web", { Labels: shop, Status: "Up 3 hours (healthy)" }),
  fixtureRow("db", { Labels: shop, Image: "postgres:17", Status: "Up 3 hours (unhealthy)" }, cellar),
  fixtureRow("job", { State: "exited", Status: "Exited (1) 2 days ago" }, cellar),
];
const found = (text: string): string =>
  rows
    .filter(rowMatcher(filter(text)))
    .map(({ name }) => name)
    .join(" ");

test.each([
  ["", "web db job"],
  ["nginx", "web job"],
  ["cellar", "db job"],
  ["host:cellar state:running", "db"],
  ["health:unhealthy", "db"],
  ["health:none", "job"],
  ["stack:shop", "web db"],
  ["-stack:*", "job"],
  ["image:postgres:*", "db"],
  ["label:tier", "web db"],
  ["label:tier=front name:w*", "web"],
  ["label:tier=back", ""],
  ["id:job000000000", "job"],
])("%j finds %j", (text, names) => expect(found(text)).toBe(names));

test("a row is asked once", () => {
  let asked = 0;
  const row = fixtureRow("web");
  const counted = {
    ...row,
    get name() {
      asked += 1;
      return "web";
    },
  };
  const matches = rowMatcher(filter("web"));
  for (let times = 0; times < 5; times += 1) expect(matches(counted)).toBe(true);
  expect(asked).toBe(1);
});

test("counts of a facet are of what its other values would show", () => {
  const asked = filter("host:cellar state:exited");
  const counts = facetCounts(rows, "state", rowMatcher(withoutFacet(asked, "state")));
  expect([...counts]).toEqual([
    ["running", 1],
    ["exited", 1],
  ]);
  expect([...facetCounts(rows, "stack", () => true)]).toEqual([["shop", 2]]);
});

test.each([
  ["state:running web", "running"],
  ["state:running,exited", null],
  ["-state:running", null],
  ["web", null],
])("%j asks for the state %j", (text, value) => expect(facetValue(filter(text), "state")).toBe(value));
