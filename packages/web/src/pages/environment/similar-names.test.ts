import { expect, test } from "vitest";
import { similarNames } from "./similar-names.ts";

const NAMES = ["attic", "cellar", "web-1", "web-2", "garage"];

test.each([
  ["atic", ["attic"]],
  ["ATTIC2", ["attic"]],
  ["web-3", ["web-1", "web-2"]],
  ["gar", ["garage"]],
  ["kitchen", []],
  ["", []],
])("%s", (asked, names) => expect(similarNames(asked, NAMES)).toEqual(names));
