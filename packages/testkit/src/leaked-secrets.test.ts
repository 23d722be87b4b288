import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { failOnLeakedSecrets, newSecret, registerSecret, searchForSecrets, takeLeaks } from "./leaked-secrets.ts";
import { startProgram } from "./program.ts";
import { runCommand } from "./run-command.ts";
import { type TempDir, tempDir } from "./temp-dir.ts";

/** An executable that is called as ours is. */
async function fakeFairlead(folder: TempDir, script: string): Promise<string> {
  const path = join(folder.path, "fairlead");
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

test("a program that prints a secret fails the test that started it", async () => {
  await using folder = await tempDir();
  const secret = newSecret();
  const fairlead = await fakeFairlead(folder, `echo "level=debug token=${secret}" >&2; exec sleep 1000`);
  await using program = await startProgram(fairlead, [], { readyPattern: /level=debug/ });
  expect(failOnLeakedSecrets).toThrow(/Secrets were printed:\n.*fairlead: level=debug token=\[s3cr… is a secret\]/);
  await program.stop();
  // The same line again: it is looked at once more in the end, when more secrets are known.
  expect(takeLeaks().join("\n")).not.toContain(secret);
});

test("a secret that is known only after it was printed is found when the program ends", async () => {
  await using folder = await tempDir();
  const secret = "a-password-of-this-test";
  const program = await startProgram(await fakeFairlead(folder, `echo "got ${secret}"; exec sleep 1000`), [], {
    readyPattern: /got/,
  });
  expect(takeLeaks()).toEqual([]);
  registerSecret(secret);
  await program.stop();
  expect(takeLeaks()).toHaveLength(1);
});

test("a command's remarks are searched, its results are not", async () => {
  await using folder = await tempDir();
  const secret = newSecret();
  await runCommand(await fakeFairlead(folder, `echo ${secret}`), []);
  expect(takeLeaks()).toEqual([]);
  await runCommand(await fakeFairlead(folder, `echo ${secret} >&2`), []);
  expect(takeLeaks()).toHaveLength(1);
});

test("whatever looks like a token of ours is found, known or not, unless it is meant to be read once", () => {
  const token = `fl_${"Ab3-".repeat(11)}`;
  searchForSecrets("hub", `made ${token}.`);
  searchForSecrets("hub", `made ${token.replace("fl_", "fla_")}`);
  expect(takeLeaks()).toHaveLength(2);
  searchForSecrets("hub", `This hub had no API token, so it made one. It is shown this once: ${token}`);
  for (const harmless of ["fl_short", "a fla_g", "flow_control_of_a_long_identifier_here", "password"]) {
    searchForSecrets("hub", harmless);
  }
  expect(takeLeaks()).toEqual([]);
});
