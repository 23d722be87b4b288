import { expect, test } from "vitest";
import { execAllowance } from "./exec-allowance.ts";

const yes = { allowed: true } as const;
const no = { allowed: false, reason: "The host's policy is no-exec: nobody gets into a container." } as const;

test("a program needs the right and a container that runs", () => {
  expect(execAllowance(yes, "running")).toEqual(yes);
  expect(execAllowance(yes, undefined)).toEqual(yes);
  expect(execAllowance(no, "running")).toBe(no);
  expect(execAllowance(no, "exited")).toBe(no);
  expect(execAllowance(yes, "exited")).toMatchObject({ reason: expect.stringContaining("exited") });
  expect(execAllowance(yes, "paused")).toMatchObject({ reason: expect.stringContaining("unpause") });
  expect(execAllowance(yes, "gone")).toMatchObject({ reason: expect.stringContaining("not there") });
});
