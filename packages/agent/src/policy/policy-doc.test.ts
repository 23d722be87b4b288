import { readFileSync } from "node:fs";
import { DOCKER_ENDPOINTS } from "@fairlead/protocol";
import { expect, test } from "vitest";
import { readPolicyRules } from "./read-policy-rules.ts";

const page = readFileSync(new URL("../../../../docs/policy.md", import.meta.url), "utf8");

test("the examples of docs/policy.md are policies", () => {
  const examples = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = ""]) => text);
  expect(examples.map((text) => readPolicyRules("example", text).name)).toEqual(["shop", "watch", "builder"]);
});

test("docs/policy.md lists every endpoint class", () => {
  const list = /\*\*Endpoint classes\*\*.*?\n\n/s.exec(page)?.[0] ?? "";
  const listed: string[] = [];
  for (const [, name = ""] of list.matchAll(/`([a-z]*\.[a-z-]+)`/g)) {
    const noun = listed.at(-1)?.split(".")[0] ?? "";
    listed.push(name.startsWith(".") ? `${noun}${name}` : name);
  }
  const classes = new Set<string>(DOCKER_ENDPOINTS.map(({ permission }) => permission));
  expect(listed.toSorted()).toEqual([...classes].toSorted());
});
