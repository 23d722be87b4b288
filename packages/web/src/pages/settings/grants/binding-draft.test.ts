import type { RoleBinding } from "@fairlead/protocol/rest";
import { expect, test } from "vitest";
import { bindingOf, draftOf, draftProblem, newDraft } from "./binding-draft.ts";
import { scopeText } from "./scope-text.ts";

const BINDINGS: RoleBinding[] = [
  { role: "admin", scope: { type: "all" } },
  { role: "operator", scope: { type: "label", name: "site", value: "a=b" } },
  { role: "operator", scope: { type: "label", name: "site", value: "" } },
  { role: "viewer", scope: { type: "environment", environmentId: 7 } },
];

test.each(BINDINGS)("%j goes through the form unchanged", (binding) => {
  const draft = draftOf(binding);
  expect(draftProblem(draft)).toBeUndefined();
  expect(bindingOf(draft)).toEqual(binding);
});

test("what is not whole says what is missing", () => {
  expect(draftProblem({ ...newDraft(), type: "label", label: "site" })).toBe("A label is NAME=VALUE.");
  expect(draftProblem({ ...newDraft(), type: "label", label: "=x" })).toBe("A label is NAME=VALUE.");
  expect(draftProblem({ ...newDraft(), type: "environment" })).toBe("Choose an environment.");
  expect(draftProblem(newDraft())).toBeUndefined();
});

test("scopes in words", () => {
  const environments = new Map([[7, { name: "attic" }]]);
  expect(BINDINGS.map(({ scope }) => scopeText(scope, environments))).toEqual([
    "everywhere",
    "where site=a=b",
    "where site=",
    "on attic",
  ]);
  expect(scopeText({ type: "environment", environmentId: 8 }, environments)).toBe("on environment 8");
});
