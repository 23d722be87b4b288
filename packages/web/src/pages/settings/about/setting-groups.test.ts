import { expect, test } from "vitest";
import { settingGroups, settingText } from "./setting-groups.ts";

const setting = (name: string) => ({ name, value: null, variable: null, description: "" });

test("settings stand by what they are about, none is lost", () => {
  const groups = settingGroups(["version", "retention.audit", "oidc.issuer", "tls"].map(setting));
  expect(groups.map(({ title, items }) => [title, items.map(({ name }) => name)])).toEqual([
    ["Retention", ["retention.audit"]],
    ["Sign-in by a provider (OIDC)", ["oidc.issuer"]],
    ["Hub", ["version", "tls"]],
  ]);
});

test.each([
  ["tls", true, "yes"],
  ["dial.allow", [], "not set"],
  ["dial.allow", ["10.0.0.0/8", "::1/128"], "10.0.0.0/8, ::1/128"],
  ["retention.audit", 365, "365 days"],
  ["database.bytes", 2048, "2.0 KiB"],
  ["publicUrl", null, "not set"],
])("%s", (name, value, text) => expect(settingText({ name, value })).toBe(text));
