import { describe, expect, test } from "vitest";
import { describeExit, execOutcome, MAX_RETRIES, retryDelayMs } from "./exec-outcome.ts";

describe("the end of a terminal", () => {
  test("is an exit where the engine tells one", () => {
    expect(execOutcome({ type: "end", reason: "container_exit", exitCode: 7 }, true, 1000)).toEqual({
      kind: "exited",
      exitCode: 7,
    });
    expect(execOutcome({ type: "end", reason: "container_exit" }, true, 1000)).toEqual({ kind: "exited" });
  });

  test("is a loss when it had run, and a refusal when not", () => {
    const error = { type: "error", code: "agent_disconnected", message: "away" } as const;
    expect(execOutcome(error, true, 1001)).toEqual({ kind: "lost", code: "agent_disconnected", message: "away" });
    expect(execOutcome(error, false, 1001)).toEqual({ kind: "refused", code: "agent_disconnected", message: "away" });
    expect(execOutcome({ type: "end", reason: "error" }, true, 1000)).toMatchObject({ kind: "lost" });
  });

  test("without a word of the hub says what is known", () => {
    expect(execOutcome({ type: "ready" }, true, 1001)).toEqual({ kind: "lost", message: "The hub stopped." });
    expect(execOutcome({ type: "ready" }, true, 1006)).toEqual({
      kind: "lost",
      message: "The connection to the hub broke.",
    });
    expect(execOutcome(undefined, false, 1006)).toMatchObject({ kind: "refused" });
  });
});

test("exit codes say what they mean", () => {
  expect(describeExit(0)).toBe("The program ended with exit code 0.");
  expect(describeExit(127)).toContain("no such command");
  expect(describeExit(undefined)).toContain("does not tell");
});

test("tries come ever more slowly, and for a quarter of an hour", () => {
  const delays = Array.from({ length: MAX_RETRIES }, (_, attempt) => retryDelayMs(attempt));
  expect(delays.slice(0, 6)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000]);
  expect(delays.reduce((sum, ms) => sum + ms, 0) / 60_000).toBeGreaterThan(14);
});
