import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startProgram } from "@fairlead/testkit";
import { connectKind, kinds } from "./environment-kinds.ts";
import { type ConnectedSocket, Stage } from "./stage.ts";

// Both builders and Compose, each with a use of the Docker API of its own, through every kind of environment.
let stage: Stage;
beforeAll(async () => {
  // Builds and projects without a word about networks have one.
  stage = await Stage.open({ engine: { network: true } });
});
afterAll(() => stage[Symbol.asyncDispose]());

const FIVE_MB = 5_000_000;

describe.each(kinds)("%s environment", (kind) => {
  let host: ConnectedSocket;
  beforeAll(async () => {
    host = await connectKind(stage, kind);
  });

  /** A context with a payload of random bytes. */
  const makeContext = async (name: string, dockerfile: string) => {
    const context = join(stage.folder.path, `${name}-${kind}`);
    await mkdir(context, { recursive: true });
    const { path, sha256 } = await stage.randomFile("payload", FIVE_MB);
    await writeFile(join(context, "payload"), await readFile(path));
    await writeFile(join(context, "Dockerfile"), dockerfile);
    return { context, sha256 };
  };

  test.each([
    ["classic builder", "0"],
    ["BuildKit", "1"],
  ])("build with the %s", async (_, DOCKER_BUILDKIT) => {
    const { context, sha256 } = await makeContext(
      `build-${DOCKER_BUILDKIT}`,
      "FROM busybox\nCOPY payload /payload\nRUN sha256sum /payload > /sum\n",
    );
    const tag = `built-${kind}-${DOCKER_BUILDKIT}`;
    await host.dockerOk(["build", "-t", tag, context], { env: { DOCKER_BUILDKIT } });
    expect(await host.dockerOk(["run", "--rm", tag, "cat", "/sum"])).toBe(`${sha256}  /payload`);
  });

  test.each([
    ["classic builder", "0"],
    ["BuildKit", "1"],
  ])("a build that fails with the %s says why", async (_, DOCKER_BUILDKIT) => {
    const { code, stderr } = await host.docker(["build", "--network", "none", "-"], {
      input: "FROM busybox\nRUN echo reason >&2 && exit 7\n",
      env: { DOCKER_BUILDKIT },
    });
    expect(code).not.toBe(0);
    expect(stderr.toString()).toContain("reason");
  });

  test("BuildKit mounts a secret, and gives files back", async () => {
    const secret = await stage.randomFile(`secret-${kind}`, 1_000);
    const { context, sha256 } = await makeContext(
      "with-secret",
      "FROM busybox AS sum\nRUN --mount=type=secret,id=key sha256sum < /run/secrets/key > /sum\nFROM scratch\nCOPY --from=sum /sum /\nCOPY payload /\n",
    );
    const out = join(context, "out");
    // A secret is not part of what the cache compares.
    const args = ["--no-cache", "--network", "none", "--secret", `id=key,src=${secret.path}`, "--output", out, context];
    await host.dockerOk(["build", ...args], { env: { DOCKER_BUILDKIT: "1" } });
    expect(await readFile(join(out, "sum"), "utf8")).toBe(`${secret.sha256}  -\n`);
    expect(
      await host.dockerOk(["run", "--rm", "-i", "busybox", "sha256sum"], {
        input: await readFile(join(out, "payload")),
      }),
    ).toBe(`${sha256}  -`);
  });

  test("compose up, ps, logs -f, exec, up in the foreground and down", async () => {
    const folder = join(stage.folder.path, `compose-${kind}`);
    await mkdir(folder, { recursive: true });
    const service = (name: string) =>
      `  ${name}:\n    image: busybox\n    init: true\n    command: sh -c 'echo ${name} started; exec sleep 1000'\n`;
    await writeFile(join(folder, "compose.yaml"), `services:\n${service("one")}${service("two")}`);
    const project = ["compose", "--project-directory", folder, "-p", `project-${kind}`];
    const compose = (...args: string[]) => host.dockerOk([...project, ...args]);

    await compose("up", "-d");
    expect((await compose("ps", "--format", "{{.Service}} {{.State}}")).split("\n").toSorted()).toEqual([
      "one running",
      "two running",
    ]);
    const logs = await startProgram("docker", [...project, "logs", "-f"], { env: host.env });
    await Promise.all([logs.waitForLine(/one started/), logs.waitForLine(/two started/)]);
    await logs.kill();
    expect(await compose("exec", "-T", "one", "echo", "inside")).toBe("inside");
    const exec = [...project, "exec", "-T", "two", "sh", "-c", "cat; exit 12"];
    const { code, stdout } = await host.docker(exec, { input: "through" });
    expect([code, stdout.toString()]).toEqual([12, "through"]);
    await compose("stop");

    const foreground = await startProgram("docker", [...project, "up"], { env: host.env });
    await Promise.all([foreground.waitForLine(/one.*\| one started/), foreground.waitForLine(/two.*\| two started/)]);
    foreground.signal("SIGINT");
    await foreground.exited;
    expect(await compose("ps", "-q")).toBe("");
    await compose("down");
    expect(await host.dockerOk(["ps", "-aq", "--filter", `label=com.docker.compose.project=project-${kind}`])).toBe("");
  });
});
