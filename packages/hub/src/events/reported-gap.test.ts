import { expect, test } from "vitest";
import { reportedGap } from "./reported-gap.ts";

const now = Date.parse("2026-11-22T12:00:00Z");

test("the gap has the times of the agent's text", () => {
  const text = "container events between 2026-11-22T11:00:00.000000001Z and 2026-11-22T11:30:00.5Z may be lost";
  expect(reportedGap(text, now)).toEqual({
    from: Date.parse("2026-11-22T11:00:00Z"),
    to: Date.parse("2026-11-22T11:30:00.500Z"),
    reason: text,
  });
});

test.each(["some events are lost", "", "2026-11-22T11:00:00Z", "2036-01-01T00:00:00Z and 2036-01-02T00:00:00Z"])(
  "without two times that can be, it ends now: %j",
  (text) => expect(reportedGap(text, now)).toEqual({ from: null, to: now, reason: text }),
);
