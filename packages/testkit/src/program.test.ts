import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { startProgram } from "./program.ts";
import { waitFor } from "./wait-for.ts";

const NODE = process.execPath;

test("waits for its line, then for others, and stops in order", async () => {
  const script = `
    console.log("listening on 4711"); console.error("a warning");
    setInterval(() => {}, 1000);
    process.on("SIGTERM", () => { console.log("bye"); process.exit(7); });`;
  const program = await startProgram(NODE, ["-e", script], { readyPattern: /listening on (\d+)/g });
  expect((await program.waitForLine(/listening on (\d+)/g))[1]).toBe("4711");
  await program.waitForLine(/a warning/);
  const { rssKiB, anonKiB } = await program.memory();
  expect(rssKiB).toBeGreaterThan(anonKiB);
  expect(anonKiB).toBeGreaterThan(1_000);
  expect(await program.openFiles()).toBeGreaterThan(3);
  await expect(program.waitForLine(/never/, 20)).rejects.toThrow(/printed no \/never\/ within 20 ms[^]*a warning/);
  const waiting = program.waitForLine(/never/);
  const rejected = expect(waiting).rejects.toThrow(/ended \(7\) without printing/);
  expect(await program.stop()).toEqual({ code: 7, signal: null });
  await rejected;
  expect(program.lines).toContain("bye");
  expect(await program.stop()).toEqual({ code: 7, signal: null });
});

test("a program that ends early or cannot be started fails with its output", async () => {
  const early = startProgram(NODE, ["-e", "console.error('bad value for PORT'); process.exit(2)"], {
    readyPattern: /ready/,
  });
  await expect(early).rejects.toThrow(/ended \(2\)[^]*bad value for PORT/);
  const missing = startProgram("/no/such/program", [], { readyPattern: /ready/ });
  await expect(missing).rejects.toThrow(/\/no\/such\/program ended \(127\)/);
});

test("ready() is asked until it agrees, and kill() ends at once", async () => {
  let asked = 0;
  const program = await startProgram(NODE, ["-e", "setInterval(() => {}, 1000)"], { ready: () => (asked += 1) > 2 });
  expect(asked).toBe(3);
  expect(await program.kill()).toEqual({ code: null, signal: "SIGKILL" });
});

test("ends with the process that started it, even when that is killed", async () => {
  const script = `
    import { startProgram } from ${JSON.stringify(new URL("./program.ts", import.meta.url).pathname)};
    const child = await startProgram(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    console.log("child " + child.pid); setInterval(() => {}, 1000);`;
  const parent = await startProgram(NODE, ["--input-type=module", "-e", script]);
  const child = (await parent.waitForLine(/child (\d+)/))[1];
  await parent.kill();
  await waitFor(() => !existsSync(`/proc/${child}/cmdline`) || isDefunct(Number(child)), { what: "the child to end" });
});

function isDefunct(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}
