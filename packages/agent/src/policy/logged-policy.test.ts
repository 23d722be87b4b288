import { expect, test } from "vitest";
import { createLog } from "../log.ts";
import { LoggedPolicy } from "./logged-policy.ts";
import { PresetPolicy } from "./preset-policy.ts";

test("refusals are in the log, not each of them", () => {
  const lines: string[] = [];
  const log = createLog("info", (line) => lines.push(line));
  const policy = new LoggedPolicy(new PresetPolicy("read-only"), log);
  const engine = { name: "none", ownPath: () => expect.unreachable(), request: () => expect.unreachable() };
  for (let tries = 0; tries < 10; tries += 1) {
    const call = { method: "POST", target: "/containers/create", headers: [] };
    expect(() => policy.judge(call, engine)).toThrow(/\[rule: read-only: POST \/containers\/create\]$/);
    expect(() => policy.judgeCompose({ operation: "up", changesFiles: false })).toThrow(/only ps and logs read/);
  }
  expect(policy.judge({ method: "GET", target: "/info", headers: [] }, engine)).toBeUndefined();
  expect(policy.name).toBe("read-only");
  expect(lines).toEqual([expect.stringMatching(/ warn the policy refused what was asked reason=".*" refused=1$/)]);
});
