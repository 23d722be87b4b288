import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matchesFilter, matchesPattern, parseFilter, withTerm } from "./filter.ts";

const FIELDS = ["state", "host", "label", "image"];
const web = {
  text: "web nginx:1.27 attic",
  field: (name: string) =>
    ({ state: "running", host: "attic", label: ["env=prod", "tier=front end"], image: "nginx:1.27" })[name],
};
const matches = (text: string): boolean => matchesFilter(parseFilter(text, FIELDS), web);

describe("a filter", () => {
  test.each([
    ["", true],
    ["web", true],
    ["WEB attic", true],
    ["web cellar", false],
    ["state:running", true],
    ["state:exited", false],
    ["state:exited,running", true],
    ["-state:exited", true],
    ["-web", false],
    ["host:att*", true],
    ["host:att", false],
    ["label:env=prod", true],
    ["label:env=*", true],
    ['label:"tier=front end"', true],
    ["label:env", false],
    // No field of that name: a part of the word.
    ["nginx:1.27", true],
    ["image:nginx:*", true],
    // Half typed.
    ["state:", true],
    ['"', true],
    ["web state:,", true],
    ["-", true],
  ])("%s", (text, expected) => expect(matches(text)).toBe(expected));

  test("any text is a filter", () => {
    fc.assert(fc.property(fc.string(), (text) => typeof matches(text) === "boolean"));
  });
});

test("a pattern matches as the regular expression that it stands for", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "*") });
  fc.assert(
    fc.property(letters, letters, (pattern, text) => {
      const expression = new RegExp(`^${pattern.replaceAll("*", "[^]*")}$`);
      return matchesPattern(pattern, text) === expression.test(text);
    }),
  );
});

test("a term is set, changed and taken away without touching the others", () => {
  expect(withTerm("web -state:dead", FIELDS, "state", "running")).toBe("web -state:dead state:running");
  expect(withTerm("state:running web", FIELDS, "state", "paused")).toBe("web state:paused");
  expect(withTerm("state:running web", FIELDS, "state", null)).toBe("web");
  expect(withTerm("", FIELDS, "label", "a=b c")).toBe('label:"a=b c"');
});
