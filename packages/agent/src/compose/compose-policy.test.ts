import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Dockerd, startDockerd, type TempDir, tempDir } from "@fairlead/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EngineClient } from "../engine/engine-client.ts";
import { createLog } from "../log.ts";
import { loadPolicy } from "../policy/load-policy.ts";
import { policyFile } from "../policy/policy-fixture.ts";
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
  ["no build", { services: { a: { image: "x" } } }, undefined],
])("%s in a compose file", (_, model, rule) => {
  const check = (): void => refuseHostAccess("no-exec", "up", JSON.stringify(model), "/stacks/p");
  if (rule === undefined) check();
  else expect(check).toThrow(expect.objectContaining({ code: "policy_refused", details: { policy: "no-exec", rule } }));
});
