import { createHash } from "node:crypto";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommand } from "@fairlead/testkit";
import { connectKind, longestWay } from "./environment-kinds.ts";
import { type ConnectedSocket, Stage } from "./stage.ts";

// What is large, through the longest way to an engine.
let stage: Stage;
let host: ConnectedSocket;
beforeAll(async () => {
  stage = await Stage.open();
  host = await connectKind(stage, longestWay);
});
afterAll(() => stage[Symbol.asyncDispose]());

const HUNDRED_MB = 100_000_000;
const LINES = 1_000_000;
/** Two busy cores do such a thing in seconds; a minute's wait of the disk must not fail it. */
const PATIENT = { timeoutMs: 170_000 };

test("cp carries 200 MB both ways", async () => {
  const { path } = await stage.randomFile("large", 2 * HUNDRED_MB);
  const id = await host.dockerOk(["create", "busybox", "true"]);
  await host.dockerOk(["cp", path, `${id}:/large`], PATIENT);
  await host.dockerOk(["cp", `${id}:/large`, `${path}.back`], PATIENT);
  expect((await runCommand("cmp", [path, `${path}.back`])).code).toBe(0);
  await host.dockerOk(["rm", id]);
});

test("BuildKit takes a context of 100 MB, with a secret", async () => {
  const context = join(stage.folder.path, "context");
  await mkdir(context);
  const payload = await stage.randomFile("payload", HUNDRED_MB);
  const secret = await stage.randomFile("secret", 1_000);
  await copyFile(payload.path, join(context, "payload"));
  await writeFile(
    join(context, "Dockerfile"),
    "FROM busybox\nCOPY payload /\nRUN --mount=type=secret,id=key cat /payload /run/secrets/key | sha256sum > /sum\n",
  );
  const args = ["--network", "none", "--secret", `id=key,src=${secret.path}`, "-t", "large", context];
  await host.dockerOk(["build", ...args], { ...PATIENT, env: { DOCKER_BUILDKIT: "1" } });
  const { stdout } = await runCommand("sh", ["-c", `cat ${payload.path} ${secret.path} | sha256sum`]);
  expect(await host.dockerOk(["run", "--rm", "large", "cat", "/sum"])).toBe(stdout.toString().trimEnd());
});

test("logs -f of 1,000,000 lines is complete and in order", async () => {
  const expected = createHash("sha256");
  for (let line = 1; line <= LINES; line++) expected.update(`${line}\n`);
  // Followed while they are printed.
  const id = await host.dockerOk(["run", "-d", "--log-driver", "json-file", "busybox", "seq", String(LINES)]);
  const { code, stdout } = await host.docker(["logs", "-f", id], PATIENT);
  expect(code).toBe(0);
  expect(stdout.reduce((count, byte) => (byte === 10 ? count + 1 : count), 0)).toBe(LINES);
  expect(createHash("sha256").update(stdout).digest("hex")).toBe(expected.digest("hex"));
  await host.dockerOk(["rm", id]);
});
