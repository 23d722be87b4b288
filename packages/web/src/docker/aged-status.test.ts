import { expect, test } from "vitest";
import { agedStatus } from "./aged-status.ts";

const MINUTE = 60_000;
test.each([
  ["Up 3 minutes (healthy)", 10 * MINUTE, "Up 13 minutes (healthy)"],
  ["Up Less than a second", 5_000, "Up 5 seconds"],
  ["Up Less than a second", 61_000, "Up About a minute"],
  ["Exited (137) Less than a second ago", 2 * MINUTE, "Exited (137) 2 minutes ago"],
  ["Exited (0) 40 seconds ago", 30_000, "Exited (0) About a minute ago"],
  ["Up About an hour (Paused)", 65 * MINUTE, "Up 2 hours (Paused)"],
  ["Up About a minute", 30_000, "Up About a minute"],
  ["Up 3 hours", 50 * MINUTE, "Up 3 hours"],
  ["Up 3 hours", 24 * 60 * MINUTE, "Up 27 hours"],
  ["Up 47 hours", 120 * MINUTE, "Up 2 days"],
  ["Up 2 weeks", 3 * 24 * 60 * MINUTE, "Up 2 weeks"],
  ["Restarting (1) 3 seconds ago", 4_000, "Restarting (1) 7 seconds ago"],
  ["Created", 10 * MINUTE, "Created"],
  ["Removal In Progress", 10 * MINUTE, "Removal In Progress"],
  ["Dead", 10 * MINUTE, "Dead"],
])("%s, told %d ms ago: %s", (status, ago, expected) => {
  expect(agedStatus(status, 1_000, 1_000 + ago)).toBe(expected);
});

test("a sentence of the future stays as it is", () => {
  expect(agedStatus("Up 3 minutes", 10_000, 5_000)).toBe("Up 3 minutes");
});
