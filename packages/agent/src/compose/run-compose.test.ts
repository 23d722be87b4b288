import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type Dockerd, startDockerd, type TempDir, tempDir, waitFor } from "@fairlead/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createLog } from "../log.ts";
import { composeAvailable, type ComposeContext, type ComposeResult, runCompose } from "./run-compose.ts";

let dockerd: Dockerd;
let folder: TempDir;
let stacksDir: string;
const log: string[] = [];
const { TMPDIR } = process.env;

beforeAll(async () => {
  folder = await tempDir();
  stacksDir = join(folder.path, "stacks");
  // Throw-away configurations are made here.
  process.env["TMPDIR"] = join(folder.path, "tmp");
  process.env["TOKEN"] = "the-agents-own-token";
  mkdirSync(process.env["TMPDIR"]);
  dockerd = await startDockerd();
  await dockerd.importBusybox();
});

afterAll(async () => {
  if (TMPDIR === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = TMPDIR;
  delete process.env["TOKEN"];
  await dockerd?.stop();
  await folder?.stop();
});

function run(body: unknown, context: Partial<ComposeContext> = {}): Promise<{ status: number; result: ComposeResult }> {
  const engine = { kind: "unix", path: dockerd.socketPath } as const;
  const defaults = { stacksDir, timeoutMs: 60_000, engine, log: createLog("debug", (line) => log.push(line)) };
  return runCompose(body, { ...defaults, ...context });
}

/** Runs an operation that must succeed. */
async function ok(body: object, context: Partial<ComposeContext> = {}): Promise<ComposeResult> {
  const { status, result } = await run(body, context);
  expect({ status, ...result }, JSON.stringify(result)).toMatchObject({ status: 200, success: true, exitCode: 0 });
  return result;
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** A service that prints what it is given and goes on. */
const WEB = `services:
  web:
    image: busybox
    init: true
    network_mode: none
    command: sh -c 'echo hello from web; echo secret is $$SECRET; cat /note; sleep 1000'
    environment: { SECRET: "\${SECRET:-none}\${TOKEN:-}" }
    volumes: ["./note:/note:ro", "data:/data"]
volumes: { data: {} }
`;

const byService = async (projectName: string): Promise<Record<string, string>> => {
  const { output } = await ok({ operation: "ps", projectName });
  const lines = output.split("\n").filter((line) => line !== "");
  const containers = lines.map((line) => JSON.parse(line) as { Service: string; State: string; ID: string });
  return Object.fromEntries(containers.map(({ Service, State }) => [Service, State]));
};

test("compose is available here", async () => {
  expect(await composeAvailable()).toBe(true);
});

test("ps of a project that nobody knows is empty, as deployed agents answer it", async () => {
  const { status, result } = await run({ operation: "ps", projectName: "none" });
  expect(status).toBe(200);
  expect(JSON.stringify(result)).toBe('{"success":true,"output":"","exitCode":0}');
  expect(existsSync(stacksDir)).toBe(false);
});

describe("a stack's life", () => {
  const projectName = "life";
  const project = () => join(stacksDir, projectName);

  test("up writes its files and starts it, with variables that are nowhere else", async () => {
    const files = { note: "a note\n", "conf/a.bin": `base64:${Buffer.from([0, 255, 10]).toString("base64")}` };
    const streamed: string[] = [];
    const result = await ok(
      { operation: "up", projectName, composeFile: WEB, files, envVars: { SECRET: "hush" }, streamOutput: true },
      { onOutput: (chunk) => streamed.push(chunk) },
    );
    expect(Object.keys(result).sort()).toEqual(["exitCode", "output", "success"]);
    expect(streamed.join("")).toBe(result.output);
    expect(streamed.every((line) => line.indexOf("\n") === line.length - 1)).toBe(true);
    expect(result.output).toContain("Container life-web-1  Started");
    expect(readFileSync(join(project(), "docker-compose.yml"), "utf8")).toBe(WEB);
    expect([...readFileSync(join(project(), "conf/a.bin"))]).toEqual([0, 255, 10]);
    expect(statSync(stacksDir).mode & 0o777).toBe(0o700);
    expect(await byService(projectName)).toEqual({ web: "running" });
    const logs = async () => (await ok({ operation: "logs", projectName })).output;
    await waitFor(async () => (await logs()).includes("a note"), { what: "the service's output" });
    expect(await logs()).toMatch(/web-1 +\| hello from web\nweb-1 +\| secret is hush\n/);
    expect(JSON.stringify(readdirSync(project()))).not.toContain("env");
    expect(log.join()).not.toContain("hush");
  });

  test("stop, start, restart, of one service and of all", async () => {
    await ok({ operation: "stop", projectName, serviceName: "web", options: ["--timeout", "1"] });
    expect(await byService(projectName)).toEqual({ web: "exited" });
    await ok({ operation: "start", projectName, services: ["web"] });
    expect(await byService(projectName)).toEqual({ web: "running" });
    const since = new Date().toISOString();
    await ok({ operation: "restart", projectName, options: ["-t=1"] });
    const { output } = await ok({ operation: "logs", projectName, options: ["--since", since, "--no-log-prefix"] });
    expect(output).not.toContain("web-1");
  });

  test("up again: files replaced in place, a file deleted only while it is the one that was meant", async () => {
    const inode = statSync(join(project(), "note")).ino;
    writeFileSync(join(project(), "conf/changed"), "by hand");
    const result = await ok({
      operation: "up",
      projectName,
      composeFile: WEB,
      files: { note: "another note\n" },
      forceRecreate: true,
      options: ["-t", "1"],
      filesToDelete: [
        {
          path: "conf/a.bin",
          sha256: createHash("sha256")
            .update(Buffer.from([0, 255, 10]))
            .digest("hex")
            .toUpperCase(),
        },
        { path: "conf/changed", sha256: sha256("by the hub") },
        { path: "conf/never-there", sha256: sha256("") },
        { path: "no/such/folder", sha256: sha256("") },
      ],
    });
    expect(result.deletedFiles).toEqual(["conf/a.bin", "conf/never-there", "no/such/folder"]);
    expect(result.skippedFiles).toEqual(["conf/changed"]);
    expect(result.output).toContain("Recreated");
    expect(statSync(join(project(), "note")).ino).toBe(inode);
    expect(readFileSync(join(project(), "note"), "utf8")).toBe("another note\n");
    expect(readdirSync(join(project(), "conf"))).toEqual(["changed"]);
    const cleared = await ok({
      operation: "ps",
      projectName,
      filesToDelete: [{ path: "conf/changed", sha256: sha256("by hand") }],
    });
    expect(cleared.deletedFiles).toEqual(["conf/changed"]);
    expect(existsSync(join(project(), "conf"))).toBe(false);
  });

  test("down, with volumes and files", async () => {
    await ok({ operation: "down", projectName, options: ["--timeout", "1"] });
    expect(await dockerd.dockerOk(["volume", "ls", "-q"])).toBe("life_data");
    expect(existsSync(project())).toBe(true);
    await ok({ operation: "down", projectName, removeVolumes: true, removeFiles: true });
    expect(await dockerd.dockerOk(["volume", "ls", "-q"])).toBe("");
    expect(existsSync(project())).toBe(false);
  });
});

test("building, without the cache too; a name and folder of its own; an override beside it", async () => {
  const compose =
    "services:\n  built:\n    build: { context: ., network: none }\n    network_mode: none\n    command: cat /stamp\n";
  const body = {
    projectName: "built",
    workDir: "app/v1",
    composeFile: compose,
    composeFileName: "compose.yaml",
    files: {
      Dockerfile: "FROM busybox\nRUN cat /proc/uptime > /stamp\n",
      "compose.override.yaml": "services:\n  built:\n    labels: { merged: 'yes' }\n",
    },
  };
  const stamp = async (extra: object): Promise<string> => {
    await ok({ operation: "up", ...body, ...extra });
    const { output } = await ok({ operation: "logs", ...body, options: ["--no-log-prefix", "--tail=1"] });
    return output;
  };
  const first = await stamp({ build: true });
  expect(await stamp({ build: true })).toBe(first);
  expect(await stamp({ noBuildCache: true })).not.toBe(first);
  expect(readdirSync(join(stacksDir, "built/app/v1")).sort()).toEqual([
    "Dockerfile",
    "compose.override.yaml",
    "compose.yaml",
  ]);
  expect(await dockerd.dockerOk(["ps", "-aq", "--filter", "label=merged=yes"])).not.toBe("");
  // The folder may also be named absolutely.
  await ok({ operation: "down", projectName: "built", workDir: join(stacksDir, "built/app/v1") });
});

test("what compose refuses is 500 with its reason and exit code", async () => {
  const { status, result } = await run({ operation: "up", projectName: "bad", composeFile: "services:\n  web: 5\n" });
  expect(status).toBe(500);
  expect(result).toMatchObject({
    success: false,
    error: expect.stringMatching(/^compose up exited with 15: .*services\.web/s),
  });
  expect(result.exitCode).toBe(15);
  const missing = await run({
    operation: "pull",
    projectName: "bad",
    composeFile: "services: { a: { image: '127.0.0.1:9/x' } }",
  });
  expect(missing.status).toBe(500);
  expect(missing.result.error).toContain("127.0.0.1:9");
});

test("registry logins reach the registry and are gone afterwards", async () => {
  const seen: (string | undefined)[] = [];
  const registry = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(401, { "WWW-Authenticate": 'Basic realm="test"', "Content-Type": "application/json" });
    response.end('{"errors":[]}');
  }).listen(0, "127.0.0.1");
  await once(registry, "listening");
  const host = `127.0.0.1:${(registry.address() as AddressInfo).port}`;
  const { status, result } = await run({
    operation: "pull",
    projectName: "private",
    composeFile: `services: { a: { image: "${host}/team/app" } }`,
    registries: [
      { url: `http://${host}/v2/`, username: "me", password: "pass:word" },
      { url: "docker.io", username: "hub", password: "hub-password" },
    ],
  });
  registry.close();
  registry.closeAllConnections();
  expect(status).toBe(500);
  expect(seen).toContain(`Basic ${Buffer.from("me:pass:word").toString("base64")}`);
  expect(JSON.stringify(result)).not.toContain("pass:word");
  expect(log.join()).not.toContain("pass:word");
  expect(readdirSync(join(folder.path, "tmp"))).toEqual([]);
});

describe("wrong requests are 400 and name the field", () => {
  const base = { operation: "up", projectName: "wrong", composeFile: WEB };
  test.each<[unknown, RegExp]>([
    [null, /^the body must be/],
    [[], /^the body must be/],
    ["up", /^the body must be/],
    [{ projectName: "a" }, /^operation must be one of up, down, pull, ps, logs, restart, stop, start/],
    [{ ...base, operation: "run" }, /^operation/],
    [{ ...base, projectName: undefined }, /^projectName/],
    [{ ...base, projectName: "../etc" }, /^projectName/],
    [{ ...base, projectName: "Upper" }, /^projectName/],
    [{ ...base, projectName: "-p" }, /^projectName/],
    [{ ...base, projectName: "a".repeat(200) }, /^projectName/],
    [{ ...base, composeFile: 5 }, /^composeFile must be a text/],
    [{ ...base, files: { "../x": "" } }, /^files\["\.\.\/x"\] .*inside the project's folder/],
    [{ ...base, files: { "a/../../x": "" } }, /^files/],
    [{ ...base, files: { "/etc/passwd": "" } }, /^files/],
    [{ ...base, files: { "a\0b": "" } }, /^files/],
    [{ ...base, files: { "": "" } }, /^files.*names no file/],
    [{ ...base, files: { "a/": "" } }, /^files.*names no file/],
    [{ ...base, files: { [`${"d/".repeat(100)}f`]: "" } }, /^files/],
    [{ ...base, files: { a: "base64:*" } }, /^files\["a"\] is not padded standard base64/],
    [{ ...base, files: [] }, /^files must be an object/],
    [{ ...base, composeFileName: "../compose.yml" }, /^composeFileName/],
    [{ ...base, composeFileName: "/etc/compose.yml" }, /^composeFileName/],
    [
      { ...base, composeFile: undefined, composeFileName: "absent.yml" },
      /^composeFileName is "absent\.yml", which is not a file/,
    ],
    [{ ...base, composeFile: undefined }, /^composeFile is missing/],
    [{ ...base, workDir: ".." }, /^workDir/],
    [{ ...base, workDir: "/etc" }, /^workDir/],
    [{ ...base, services: ["web", "--help"] }, /^services names "--help"/],
    [{ ...base, serviceName: "a b" }, /^services names "a b"/],
    [
      { ...base, options: ["--file=/etc/passwd"] },
      /^options has "--file=\/etc\/passwd", which up does not take: it takes --remove-orphans/,
    ],
    [{ ...base, options: ["-f", "x"] }, /^options/],
    [{ ...base, options: ["--wait=x"] }, /^options/],
    [{ ...base, options: ["--timeout"] }, /^options/],
    [{ ...base, options: ["--timeout", "-1"] }, /^options/],
    [{ ...base, options: ["--pull", "build"] }, /^options/],
    [{ ...base, options: ["web"] }, /^options/],
    [{ ...base, options: "--build" }, /^options must be a list/],
    [{ ...base, operation: "start", options: ["-d"] }, /^options .*it takes none/],
    [{ ...base, envVars: { "A=B": "" } }, /^envVars names "A=B"/],
    [{ ...base, envVars: { A: {} } }, /^envVars\.A must be a text/],
    [{ ...base, envVars: { A: "x\0" } }, /^envVars\.A/],
    [{ ...base, envVars: { A: "x".repeat(140_000) } }, /^envVars\.A is over/],
    [{ ...base, registries: ["x"] }, /^registries\[0\]/],
    [{ ...base, registries: [{ url: 5 }] }, /^registries\[0\]\.url/],
    [{ ...base, build: "yes" }, /^build must be true or false/],
    [{ ...base, pullPolicy: "sometimes" }, /^pullPolicy/],
    [{ ...base, operation: "pull", pullPolicy: "never" }, /^pullPolicy/],
    [{ ...base, pullPolicy: "constructor" }, /^pullPolicy/],
    [{ ...base, filesToDelete: [{ path: "a" }] }, /^filesToDelete\[0\]\.sha256/],
    [{ ...base, filesToDelete: [{ path: "../a", sha256: sha256("") }] }, /^filesToDelete\[0\]\.path/],
  ])("%j", async (body, error) => {
    const { status, result } = await run(body);
    expect({ status, ...result }).toEqual({
      status: 400,
      success: false,
      output: "",
      exitCode: 125,
      error: expect.stringMatching(error),
    });
  });

  test.each([
    "PATH",
    "HOME",
    "LD_PRELOAD",
    "LD_LIBRARY_PATH",
    "DYLD_INSERT_LIBRARIES",
    "DOCKER_HOST",
    "DOCKER_CONFIG",
    "DOCKER_CONTEXT",
    "COMPOSE_FILE",
    "COMPOSE_PROJECT_NAME",
    "COMPOSE_ENV_FILES",
    "BUILDX_CONFIG",
    "GIT_SSH_COMMAND",
    "SSH_AUTH_SOCK",
    "BASH_ENV",
    "HTTP_PROXY",
    "https_proxy",
    "SSL_CERT_FILE",
  ])("the variable %s", async (name) => {
    const { status, result } = await run({ ...base, envVars: { [name]: "x" } });
    expect(status).toBe(400);
    expect(result.error).toContain(`envVars.${name} would redirect compose`);
  });
});

describe("links in a project's folder", () => {
  test("are not followed, neither folders nor files", async () => {
    const outside = join(folder.path, "outside");
    const project = join(stacksDir, "linked");
    mkdirSync(outside);
    mkdirSync(join(project, "real"), { recursive: true });
    writeFileSync(join(outside, "target"), "untouched");
    symlinkSync(outside, join(project, "folder"));
    symlinkSync(join(outside, "target"), join(project, "file"));
    symlinkSync(join(outside, "target"), join(project, "compose.yaml"));
    symlinkSync("real", join(project, "inner"));
    const base = { operation: "ps", projectName: "linked" };
    const cases: object[] = [
      { files: { "folder/new": "x" } },
      { files: { "inner/new": "x" } },
      { files: { file: "x" } },
      { composeFile: "x", composeFileName: "file" },
      { composeFile: "x", composeFileName: "compose.yaml" },
      { workDir: "folder", files: { new: "x" } },
      { filesToDelete: [{ path: "folder/target", sha256: sha256("untouched") }] },
      { filesToDelete: [{ path: "file", sha256: sha256("untouched") }] },
      { composeFileName: "file" },
    ];
    for (const extra of cases) {
      const { status, result } = await run({ ...base, ...extra });
      expect([extra, status, result.success]).toEqual([extra, 400, false]);
    }
    expect(readFileSync(join(outside, "target"), "utf8")).toBe("untouched");
    expect(readdirSync(outside)).toEqual(["target"]);
    symlinkSync(outside, join(stacksDir, "elsewhere"));
    expect((await run({ operation: "ps", projectName: "elsewhere", files: { new: "x" } })).status).toBe(400);
    await ok({ operation: "down", projectName: "linked", removeFiles: true });
    expect(existsSync(project)).toBe(false);
    expect(readdirSync(outside)).toEqual(["target"]);
  });
});
