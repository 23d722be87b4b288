import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cleanEnvironment, fairleadBin, runCommand, type TempDir, tempDir } from "@fairlead/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

let folder: TempDir;
let file: string;

beforeAll(async () => {
  folder = await tempDir();
  file = join(folder.path, "policy.yaml");
  await writeFile(
    file,
    "allow: [container.*, image.pull]\nbinds: [/srv]\ncontainers: { deny: [{ labels: { keep: '*' } }] }\n" +
      "exec: { users: [nobody] }\ncompose: { operations: [ps] }\n",
  );
});

afterAll(() => folder?.stop());

async function policyTest(args: string[], lines: readonly unknown[]) {
  const input = Buffer.from(lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n"));
  const { code, stdout, stderr } = await runCommand(fairleadBin, ["policy", "test", ...args], {
    env: cleanEnvironment(),
    input,
  });
  return { code, stdout: stdout.toString(), stderr: stderr.toString() };
}

const create = (config: object): object => ({
  method: "POST",
  path: "/containers/create?name=x",
  body: { Image: "nginx", HostConfig: config },
});

test("says of each request whether it is allowed, and which rule refuses it", async () => {
  const { code, stdout } = await policyTest(
    [file, "--json"],
    [
      "# comments and empty lines are left out",
      "",
      "GET /containers/json",
      "GET /volumes",
      create({ Binds: ["/srv/a:/a"] }),
      create({ Binds: ["/etc:/a"] }),
      { method: "DELETE", path: "/containers/web" },
      { method: "DELETE", path: "/containers/web", container: { name: "web", labels: { keep: "1" } } },
      "exec_start web nobody",
      { exec_start: { containerId: "web" } },
      "compose ps",
      "compose up",
      { method: "POST", path: "/containers/create", body: '{"a":1,"A":2}' },
    ],
  );
  expect(code).toBe(0);
  const verdicts = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { allowed: boolean; rule?: string });
  expect(verdicts.map(({ allowed, rule }) => (allowed ? "allowed" : (rule ?? "unchecked")))).toEqual([
    "allowed",
    "allow",
    "allowed",
    "binds",
    "allowed",
    "containers.deny: label keep=*",
    "allowed",
    "exec.users",
    "allowed",
    "compose.operations",
    "unchecked",
  ]);
});

test("prints lines for people, and fails where it was told to", async () => {
  const refused = await policyTest(["no-exec", "--expect", "allowed"], ["GET /info", "POST /containers/web/exec"]);
  expect(refused.code).toBe(1);
  expect(refused.stdout).toBe(
    "allowed GET /info\n" +
      "refused POST /containers/web/exec: this host's policy (no-exec) refuses POST /containers/web/exec: " +
      "it gets into a running container [rule: no-exec: POST /containers/{id}/exec]\n",
  );
  expect((await policyTest(["read-only", "--expect", "refused"], ["POST /containers/create"])).code).toBe(0);
});

test("a policy that is none ends with 2, and so does a line that is no request with 1", async () => {
  await writeFile(join(folder.path, "wrong.yaml"), "alow: [container.*]\n");
  const wrong = await policyTest([join(folder.path, "wrong.yaml")], ["GET /info"]);
  expect(wrong).toMatchObject({ code: 2, stdout: "" });
  expect(wrong.stderr).toMatch(/wrong\.yaml line 1: alow: unknown key; known are name, allow, /);
  expect((await policyTest([join(folder.path, "none.yaml")], [])).stderr).toContain("cannot be read (ENOENT)");
  expect((await policyTest([file], ["nonsense"])).code).toBe(1);
});
