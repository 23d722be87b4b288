import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Dockerd, startDockerd, type TempDir, tempDir } from "@fairlead/testkit";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { EngineClient } from "../engine/engine-client.ts";
import { createLog } from "../log.ts";
import { loadPolicy } from "../policy/load-policy.ts";
import { policyFile } from "../policy/policy-fixture.ts";
import { ProjectQueue } from "./project-queue.ts";
import { refuseHostAccess } from "./refuse-host-access.ts";
import { type ComposeResult, runCompose } from "./run-compose.ts";

let dockerd: Dockerd;
let folder: TempDir;

beforeAll(async () => {
  folder = await tempDir();
  mkdirSync(join(folder.path, "data"));
  dockerd = await startDockerd();
  await dockerd.importBusybox();
});

afterAll(async () => {
  await dockerd?.stop();
  await folder?.stop();
});

async function run(policy: string, body: object): Promise<{ status: number; result: ComposeResult }> {
  const engine = { kind: "unix", path: dockerd.socketPath } as const;
  const client = new EngineClient(engine);
  try {
    return await runCompose(
      { projectName: "p", ...body },
      {
        stacksDir: join(folder.path, "stacks"),
        timeoutMs: 60_000,
        engine,
        log: createLog("error", () => {}),
        guarded: { policy: await loadPolicy(policy), engine: client },
      },
    );
  } finally {
    client.close();
  }
}

/** A service that goes on, with what is added. */
const web = (more: string): string =>
  `services: { web: { image: busybox, init: true, network_mode: none, command: sleep 1000, ${more} } }\n`;

test("compose does under a policy file what each of its calls may", async () => {
  const file = await policyFile(
    folder.path,
    `allow: [system.view, "container.*", "image.view", "network.*", "volume.*"]
containers: { allow: [{ labels: { com.docker.compose.project: p } }] }
binds: [${join(folder.path, "data")}]
compose: { operations: [up, down, ps] }
`,
  );
  const refused = await run(file, { operation: "up", composeFile: web('volumes: ["/etc:/x"]') });
  expect(refused.status).toBe(500);
  expect(refused.result.error).toContain("[rule: binds]");
  const privileged = await run(file, { operation: "up", composeFile: web("privileged: true") });
  expect(privileged.result.error).toContain("[rule: privileged]");

  const up = await run(file, { operation: "up", composeFile: web(`volumes: ["${folder.path}/data:/x"]`) });
  expect(up, JSON.stringify(up)).toMatchObject({ status: 200, result: { success: true } });
  const ps = await run(file, { operation: "ps" });
  expect(ps.result.output).toContain('"Service":"web"');
  expect(await run(file, { operation: "stop" })).toMatchObject({ status: 403 });
  expect(await run(file, { operation: "down" })).toMatchObject({ status: 200 });
});

test("compose works under no-exec", async () => {
  const up = await run("no-exec", { operation: "up", composeFile: web("labels: {}") });
  expect(up, JSON.stringify(up)).toMatchObject({ status: 200 });
  expect(await run("no-exec", { operation: "down" })).toMatchObject({ status: 200 });
  const build = web('build: "/etc"');
  const refused = await run("no-exec", { operation: "up", composeFile: build });
  expect(refused).toMatchObject({ status: 403, result: { error: expect.stringContaining("[rule: compose: builds]") } });
});

test("no .env of a project sends compose elsewhere under a policy", async () => {
  const composeFile = web('labels: { a: "${A}" }');
  const refused = await run("no-exec", {
    operation: "up",
    composeFile,
    files: { ".env": "A=1\nexport BUILDX_CONFIG=./x\n" },
  });
  expect(refused).toMatchObject({
    status: 403,
    result: { error: expect.stringMatching(/BUILDX_CONFIG in \.env .*\[rule: compose: variables\]/) },
  });
  // Beside the compose file, where compose reads it.
  const below = { composeFileName: "sub/compose.yaml", files: { "sub/.env": "LD_PRELOAD=./x" } };
  expect(await run("no-exec", { operation: "up", composeFile, ...below })).toMatchObject({ status: 403 });
  expect(
    await run("no-exec", { operation: "ps", envVars: { AWS_CONFIG_FILE: "x" }, files: { ".env": "" } }),
  ).toMatchObject({ status: 403 });
  const large = await run("no-exec", { operation: "ps", files: { ".env": `A=${"x".repeat(1024 * 1024)}` } });
  expect(large).toMatchObject({ status: 400, result: { error: expect.stringContaining("more than 1048576 bytes") } });
  writeFileSync(join(folder.path, "env"), "A=1");
  mkdirSync(join(folder.path, "stacks/linked"));
  symlinkSync(join(folder.path, "env"), join(folder.path, "stacks/linked/.env"));
  expect(await run("no-exec", { projectName: "linked", operation: "up", composeFile })).toMatchObject({ status: 400 });
});

test("compose is given what was checked of .env, and an environment that no file changes", async () => {
  const bin = join(folder.path, "bin");
  mkdirSync(bin);
  // In place of docker: writes down how it was called, and reads the file it was given.
  writeFileSync(
    join(bin, "docker"),
    `#!/bin/sh
out="${bin}/seen"
env > "$out.env"; echo "$*" > "$out.args"
while [ $# -gt 0 ]; do [ "$1" = --env-file ] && { cat "$2" > "$out.file"; stat -c %a "$2" > "$out.mode"; }; shift; done
echo '{}'
`,
    { mode: 0o755 },
  );
  const seen = (what: string): string => readFileSync(join(bin, `seen.${what}`), "utf8");
  const { PATH } = process.env;
  process.env["PATH"] = `${bin}:${PATH}`;
  try {
    const body = { projectName: "seen", operation: "up", composeFile: "services: {}" };
    await run("no-exec", { ...body, files: { ".env": "# x\nexport A: 1\n" } });
    const file = / --env-file (\S+) /.exec(seen("args"))?.[1] ?? "";
    expect(file).toContain("/fairlead-gate-");
    expect([seen("file"), seen("mode"), existsSync(file)]).toEqual(["A=1\n", "600\n", false]);
    const env = seen("env").split("\n");
    expect(env).toEqual(
      expect.arrayContaining([
        `BUILDX_CONFIG=${dirname(file)}/buildx`,
        "BUILDX_BUILDER=default",
        "LD_PRELOAD=",
        "LD_LIBRARY_PATH=",
        "DOCKER_CONTEXT=",
        "COMPOSE_EXPERIMENTAL_GIT_REMOTE=false",
      ]),
    );
    // With no .env, and with no file at all, an empty one.
    await run("no-exec", { ...body, projectName: "unseen" });
    expect([seen("file"), seen("mode")]).toEqual(["", "600\n"]);
    await run("no-exec", { projectName: "nothing", operation: "ps" });
    expect(seen("args")).toContain("--env-file");
    // Without a policy as before.
    const context = { stacksDir: join(folder.path, "stacks"), timeoutMs: 60_000, log: createLog("error", () => {}) };
    await runCompose(body, { ...context, engine: { kind: "unix", path: dockerd.socketPath } });
    expect(seen("args")).not.toContain("--env-file");
    expect(seen("env")).not.toMatch(/BUILDX|LD_PRELOAD|DOCKER_CONTEXT/);
  } finally {
    process.env["PATH"] = PATH;
  }
});

test("compose reads variables from the project's .env under a policy", async () => {
  const composeFile = web('labels: { a: "${A}" }');
  const files = { ".env": "# x\nexport A: 'is read'\n" };
  const up = await run("no-exec", { projectName: "env", operation: "up", composeFile, files });
  expect(up, JSON.stringify(up)).toMatchObject({ status: 200 });
  expect((await run("no-exec", { projectName: "env", operation: "ps" })).result.output).toContain("a=is read");
  expect(await run("no-exec", { projectName: "env", operation: "down" })).toMatchObject({ status: 200 });
});

test("under a policy, operations of all projects wait for each other", async () => {
  const queued = vi.spyOn(ProjectQueue.prototype, "run");
  try {
    await run("no-exec", { projectName: "a", operation: "ps" });
    await run("no-exec", { projectName: "b", operation: "ps" });
    const [a, b] = queued.mock.calls.map(([key]) => key);
    expect(a).toBe(b);
  } finally {
    queued.mockRestore();
  }
});

test("under a policy file, operations that need no files change none", async () => {
  const file = await policyFile(
    folder.path,
    "allow: []\ncompose: { operations: [up, down, pull, ps, logs, restart, stop, start] }\n",
  );
  const policy = await loadPolicy(file);
  for (const operation of ["ps", "logs", "restart", "stop", "start"]) {
    expect(() => policy?.judgeCompose({ operation, changesFiles: true })).toThrow(/\[rule: compose files\]$/);
    policy?.judgeCompose({ operation, changesFiles: false });
  }
  for (const operation of ["up", "down", "pull"]) policy?.judgeCompose({ operation, changesFiles: true });
  const written = await run(file, { projectName: "unwritten", operation: "ps", files: { x: "y" } });
  expect(written.status).toBe(403);
  expect(existsSync(join(folder.path, "stacks/unwritten"))).toBe(false);
});

/** A model of one service that is built in its project, with what is added. */
const built = (more: object): object => ({ services: { a: { build: { context: "/stacks/p", ...more } } } });

test.each<[what: string, model: object, rule: string | undefined]>([
  ["a provider", { services: { a: { provider: { type: "x" } } } }, "compose: providers"],
  ["a build of another folder", { services: { a: { build: { context: "/etc" } } } }, "compose: builds"],
  ["a build of a sibling", { services: { a: { build: { context: "/stacks/pq" } } } }, "compose: builds"],
  ["a build out of it", { services: { a: { build: { context: "/stacks/p/../q" } } } }, "compose: builds"],
  [
    "another context",
    { services: { a: { build: { context: "/stacks/p", additional_contexts: { x: "/etc" } } } } },
    "compose: builds",
  ],
  [
    "a secret",
    {
      secrets: { s: { file: "/etc/shadow" } },
      services: { a: { build: { context: "/stacks/p", secrets: [{ source: "s" }] } } },
    },
    "compose: builds",
  ],
  ["keys", { services: { a: { build: { context: "/stacks/p", ssh: ["default"] } } } }, "compose: builds"],
  ["a build of the project", { services: { a: { build: { context: "/stacks/p/a" } } } }, undefined],
  ["a build from elsewhere", { services: { a: { build: { context: "https://github.com/a/b.git" } } } }, undefined],
  ["a build of a folder like an address", built({ context: "x://etc" }), "compose: builds"],
  ["a build up from an address", built({ context: "https://x/../../../etc" }), "compose: builds"],
  ["an address in the other capitals", built({ context: "HTTPS://x" }), "compose: builds"],
  ["git", built({ context: "git@github.com:a/b.git", additional_contexts: { x: "ssh://x/y" } }), undefined],
  ["an image as context", built({ context: "docker-image://x" }), "compose: builds"],
  [
    "images as other contexts",
    built({ additional_contexts: { x: "docker-image://x", y: "service:b", z: "target:c" } }),
    undefined,
  ],
  ["an image's layout", built({ additional_contexts: { x: "oci-layout:///stacks/p" } }), "compose: builds"],
  ["another context out of it", built({ additional_contexts: { x: "service:a/../../.." } }), "compose: builds"],
  ["a dockerfile", built({ dockerfile: "a/Dockerfile" }), undefined],
  ["a dockerfile by its path", built({ dockerfile: "/stacks/p/Dockerfile" }), undefined],
  ["a dockerfile elsewhere", built({ dockerfile: "/etc/shadow" }), "compose: builds"],
  ["a dockerfile out of it", built({ dockerfile: "../q/Dockerfile" }), "compose: builds"],
  ["a dockerfile of an address", built({ dockerfile: "https://x/Dockerfile" }), "compose: builds"],
  ["a cache", built({ cache_from: ["x/y:z", "type=registry,ref=x"], cache_to: ["type=inline"] }), undefined],
  ["a cache on the host", built({ cache_to: ["type=local,dest=/etc"] }), "compose: builds"],
  ["a cache from the host", built({ cache_from: ['src=/etc,"Type=local"'] }), "compose: builds"],
  ["models", { models: { m: { model: "x" } } }, "compose: models"],
  ["models of a service", { services: { a: { image: "x", models: { m: null } } } }, "compose: models"],
  ["no models", { models: {}, services: { a: { image: "x", models: null } } }, undefined],
  [
    "a secret like an address",
    { secrets: { s: { file: "https://x" } }, ...built({ secrets: [{ source: "s" }] }) },
    "compose: builds",
  ],
  ["no build", { services: { a: { image: "x" } } }, undefined],
])("%s in a compose file", (_, model, rule) => {
  const check = (): void => refuseHostAccess("no-exec", "up", JSON.stringify(model), "/stacks/p");
  if (rule === undefined) check();
  else expect(check).toThrow(expect.objectContaining({ code: "policy_refused", details: { policy: "no-exec", rule } }));
});
