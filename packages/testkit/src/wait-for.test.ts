import { expect, test } from "vitest";
import { tempDir } from "./temp-dir.ts";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { waitFor } from "./wait-for.ts";

test("returns what the condition gives at last", async () => {
  let calls = 0;
  expect(await waitFor(() => (calls += 1) === 3 && "yes", { what: "the third call", intervalMs: 1 })).toBe("yes");
  expect(calls).toBe(3);
});

test("says what it waited for, and the last error", async () => {
  const never = waitFor(() => Promise.reject(new Error("no route")), {
    what: "the moon",
    timeoutMs: 20,
    intervalMs: 1,
  });
  await expect(never).rejects.toThrow("Waited 20 ms in vain for the moon (last error: no route)");
});

test("a temporary folder has a short path and goes with its scope", async () => {
  let path: string;
  {
    await using folder = await tempDir();
    path = folder.path;
    await writeFile(`${path}/file`, "x");
    expect(path.length).toBeLessThanOrEqual(20);
  }
  expect(existsSync(path)).toBe(false);
});
