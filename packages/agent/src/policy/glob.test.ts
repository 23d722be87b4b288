import { expect, test } from "vitest";
import { FilePolicy } from "./file-policy.ts";
import { globExpression, MAX_GLOB_TEXT_LENGTH } from "./glob.ts";
import { readPolicyRules } from "./read-policy-rules.ts";
import { tryPolicy } from "./try-policy.ts";

test.each<[pattern: string, text: string, crosses: boolean, matches: boolean]>([
  ["", "", true, true],
  ["web", "webs", true, false],
  ["*", "a/b\nc", true, true],
  ["*", "a/b", false, false],
  ["web-*", "web-", true, true],
  ["*-db", "a-db-db", true, true],
  ["*-db", "a-db-", true, false],
  ["a*b*c", "axbxbxc", true, true],
  ["a*b*c", "acb", true, false],
  ["a*a", "a", true, false],
  ["a*1*2", "ab12", true, true],
  ["a*1*2", "ab2", true, false],
  ["*.*.*", "a.b.c", true, true],
  ["a*b*c", "axb/c", false, false],
  ["/dev/*/r*d", "/dev/dri/rend", false, true],
  ["/dev/*/r*d", "/dev/x/y/rd", false, false],
  ["**/a*b", "x/a/ab", false, true],
  ["**a*b", "a/ab", false, true],
  ["**a*b", "ab/c", false, false],
  ["a.c", "abc", true, false],
])("%j matches %j (* crosses slashes: %s): %s", (pattern, text, crosses, matches) => {
  expect(globExpression(pattern, crosses).test(text)).toBe(matches);
});

test("a text that does not match takes little time, and one that is too long does not match", () => {
  const start = performance.now();
  const text = "a".repeat(MAX_GLOB_TEXT_LENGTH);
  expect(globExpression("*a*a*a*a*a*b", true).test(text)).toBe(false);
  expect(globExpression("/*a*a*a*a*a*b").test(`/${text.slice(1)}`)).toBe(false);
  expect(globExpression("*a*a*a*b", true).test("a".repeat(4_000_000))).toBe(false);
  expect(performance.now() - start).toBeLessThan(2000);
  expect(globExpression("a*", true).test(text)).toBe(true);
  expect(globExpression("a*", true).test(`${text}a`)).toBe(false);
});

test.each([
  'deny: [{ labels: { tier: "*secret*" } }]',
  'deny: [{ labels: { tier: "*secret*" } }], allow: [{ name: "*" }]',
  'allow: [{ labels: { tier: "*" } }]',
])("a container with a label that is too long for the rules (%s) is refused", async (containers) => {
  const policy = new FilePolicy(readPolicyRules("x.yaml", `allow: ["*"]\ncontainers: { ${containers} }`));
  const call = async (labels: Record<string, string>) =>
    await tryPolicy(policy, { method: "POST", path: "/containers/web/start", container: { labels } });
  const long = `secret${"x".repeat(MAX_GLOB_TEXT_LENGTH)}`;
  expect(await call({ tier: long })).toMatchObject({ allowed: false, rule: "containers" });
  expect(await call({ tier: "web", other: long })).toMatchObject({ allowed: true });
});

test("a container with a name that is too long for the rules is refused", async () => {
  const policy = new FilePolicy(readPolicyRules("x.yaml", 'allow: ["*"]\ncontainers: { deny: [{ name: "*-db" }] }'));
  const path = `/containers/create?name=${"x".repeat(MAX_GLOB_TEXT_LENGTH)}-db`;
  expect(await tryPolicy(policy, { method: "POST", path, body: {} })).toMatchObject({
    allowed: false,
    rule: "containers",
  });
});
