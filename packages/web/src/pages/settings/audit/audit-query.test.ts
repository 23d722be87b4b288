import { expect, test } from "vitest";
import { auditQuery } from "./audit-query.ts";

const NONE = { text: "", actor: "", action: "", outcome: "", since: "" };
const NOW = Date.parse("2026-05-01T12:00:40Z");

test("what is empty is not asked", () => {
  expect(auditQuery(NONE, NOW)).toEqual({});
  expect(auditQuery({ ...NONE, text: " web ", outcome: "failed" }, NOW)).toEqual({ text: "web", outcome: "failed" });
});

test.each([
  ["1h", "2026-05-01T11:00:00.000Z"],
  ["7d", "2026-04-24T12:00:00.000Z"],
  ["soon", undefined],
  ["0h", undefined],
])("since %s", (since, expected) => expect(auditQuery({ ...NONE, since }, NOW).since).toBe(expected));
