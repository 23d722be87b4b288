import { copyFile, mkdir, symlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fairleadBin, repositoryRoot, runCommand, tempDir } from "@fairlead/testkit";
import { expect, test } from "vitest";

test("what was built runs while it is newer than every source, tests aside", async () => {
  await using root = await tempDir();
  const write = async (path: string, content: string, age: number): Promise<void> => {
    const file = join(root.path, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    const at = new Date(Date.now() - age * 1000);
    await utimes(file, at, at);
    await utimes(dirname(file), new Date(0), new Date(0));
  };
  await Promise.all(
    ["bin", "node_modules/.bin", "packages/cli/node_modules"].map((path) =>
      mkdir(join(root.path, path), { recursive: true }),
    ),
  );
  await copyFile(fairleadBin, join(root.path, "bin/fairlead"));
  await symlink(join(repositoryRoot, "node_modules/.bin/node"), join(root.path, "node_modules/.bin/node"));
  const runs = async (...args: string[]): Promise<string> => {
    const { stdout, stderr } = await runCommand(join(root.path, "bin/fairlead"), args);
    return `${stdout.toString()}${stderr.toString()}`.trim();
  };
  const tell = (what: string): string => `console.log(${JSON.stringify(what)}, process.argv.slice(2).join(" "));`;
  await write("packages/cli/src/main.ts", tell("sources"), 60);
  expect(await runs("ps")).toBe("sources ps");
  await write("packages/cli/dist/main.js", tell("built"), 50);
  expect(await runs("ps", "--all")).toBe("built ps --all");
  expect(await runs("agent")).toBe("built agent");
  await write("packages/hub/src/settings.test.ts", "", 40);
  expect(await runs("ps")).toBe("built ps");
  await write("packages/hub/src/settings.ts", "", 40);
  expect(await runs("ps")).toBe("sources ps");
  expect(await runs("agent")).toBe("sources agent");
});
