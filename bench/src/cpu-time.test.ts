import { startProgram } from "@fairlead/testkit";
import { expect, test } from "vitest";
import { cpuSeconds } from "./cpu-time.ts";

/** Works until it has used half a second, then waits for the end of its input. */
const CHILD = `
  while (process.cpuUsage().user < 500_000);
  console.log("child has worked");
  process.stdin.resume().on("end", () => process.exit());
`;
const PARENT = `
  const child = require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(CHILD)}], {
    stdio: ["pipe", "inherit", "inherit"],
  });
  child.on("exit", () => console.log("child has ended"));
  process.on("SIGUSR2", () => child.stdin.end());
  setInterval(() => {}, 1_000_000);
`;

test("CPU time is that of a process and its children, running and ended", async () => {
  await using parent = await startProgram(process.execPath, ["-e", PARENT]);
  await parent.waitForLine(/child has worked/);
  const whileRunning = await cpuSeconds([parent.pid]);
  // A tick and the kernel's rounding.
  expect(whileRunning).toBeGreaterThan(0.45);
  parent.signal("SIGUSR2");
  await parent.waitForLine(/child has ended/);
  expect(await cpuSeconds([parent.pid])).toBeGreaterThanOrEqual(whileRunning);
  expect(await cpuSeconds([])).toBe(0);
});
