import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommand, startAgent, startFaultyNetwork, waitFor } from "@fairlead/testkit";
import { type ConnectedSocket, Stage } from "./stage.ts";

// Acceptance 4 of the foundation: through standard, direct and socket environments the plain docker CLI does everything
// that it does on the local socket, byte for byte, exit codes and half-close kept.
let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage[Symbol.asyncDispose]());

const FIVE_MB = 5_000_000;
const FIFTY_MB = 50_000_000;

const kinds: Record<string, () => Promise<void>> = {
  edge: async () => {
    await stage.addEdge("edge");
  },
  socket: async () => {
    await stage.addEnvironment({ name: "socket", kind: "socket", address: `unix://${stage.engine.socketPath}` });
  },
  direct: async () => {
    const network = stage.keep(await startFaultyNetwork({ path: stage.engine.socketPath }));
    await stage.addEnvironment({ name: "direct", kind: "direct", address: `tcp://127.0.0.1:${network.port}` });
  },
  standard: async () => {
    const token = "a-token-of-the-test";
    const agent = stage.keep(await startAgent({ token, dockerSocket: stage.engine.socketPath }));
    await stage.addEnvironment({ name: "standard", kind: "standard", address: agent.url ?? "", token });
  },
};

describe.each(Object.keys(kinds))("%s environment", (kind) => {
  let host: ConnectedSocket;
  beforeAll(async () => {
    await kinds[kind]?.();
    await stage.online(kind);
    host = await stage.connect(kind);
  });

  /** Runs the docker CLI on a terminal of 33 rows and 77 columns. */
  const onTerminal = (command: string, input = "") =>
    runCommand("script", ["-qec", `stty rows 33 cols 77; docker ${command}`, "/dev/null"], {
      env: host.env,
      input: Buffer.from(input),
    });

  test("run keeps output, errors and exit codes", async () => {
    const { code, stdout, stderr } = await host.docker([
      "run",
      "--rm",
      "busybox",
      "sh",
      "-c",
      "echo out; echo err >&2; exit 42",
    ]);
    expect([code, stdout.toString(), stderr.toString()]).toEqual([42, "out\n", "err\n"]);
  });

  test("run -it has a terminal of the right size", async () => {
    const command =
      'run --rm -it busybox sh -c \'until [ "$(stty size)" = "33 77" ]; do sleep 0.1; done; stty size; exit 3\'';
    const { code, stdout } = await onTerminal(command);
    expect(stdout.toString()).toContain("33 77");
    expect(code).toBe(3);
  });

  test("run -i takes a file to its end, and answers after it (half-close)", async () => {
    const { path, sha256 } = await stage.randomFile("input", FIVE_MB);
    const input = await readFile(path);
    const { code, stdout } = await host.docker(
      ["run", "--rm", "-i", "busybox", "sh", "-c", "sha256sum; sleep 0.2; echo after; exit 9"],
      { input },
    );
    expect(stdout.toString()).toBe(`${sha256}  -\nafter\n`);
    expect(code).toBe(9);
  });

  test("attach passes input, output and the exit code", async () => {
    const id = await host.dockerOk(["run", "-d", "-i", "busybox", "sh", "-c", "read line; echo got $line; exit 7"]);
    // Standard input stays open until the container ends: with it closed, the engine gives the CLI no output, on its own socket too.
    const attach = `{ echo hello; docker wait ${id}; } | docker attach ${id}`;
    const { code, stdout } = await runCommand("sh", ["-c", attach], { env: host.env });
    expect([code, stdout.toString()]).toEqual([7, "got hello\n"]);
    await host.dockerOk(["rm", id]);
  });

  test("exec -i and exec -it pass input, size and exit codes", async () => {
    const id = await host.dockerOk(["run", "-d", "busybox", "sleep", "1000"]);
    const plain = await host.docker(["exec", "-i", id, "sh", "-c", "cat; exit 5"], { input: Buffer.from("through") });
    expect([plain.code, plain.stdout.toString()]).toEqual([5, "through"]);
    const terminal = await onTerminal(
      `exec -it ${id} sh -c 'until [ "$(stty size)" = "33 77" ]; do sleep 0.1; done; tty; exit 6'`,
    );
    expect(terminal.stdout.toString()).toContain("/dev/pts/");
    expect(terminal.code).toBe(6);
    await host.dockerOk(["rm", "-f", id]);
  });

  test("cp carries 50 MB both ways", async () => {
    const { path, sha256 } = await stage.randomFile("fifty", FIFTY_MB);
    const id = await host.dockerOk(["create", "busybox", "true"]);
    await host.dockerOk(["cp", path, `${id}:/fifty`]);
    await host.dockerOk(["cp", `${id}:/fifty`, `${path}.back`]);
    expect(await sha256Of(`${path}.back`)).toBe(sha256);
    const missing = await host.docker(["cp", path, "no-such-container:/x"]);
    expect(missing.code).toBe(1);
    expect(missing.stderr.toString()).toContain("No such container");
    await host.dockerOk(["rm", id]);
  });

  test("save and load give the same image", async () => {
    await host.dockerOk(["tag", "busybox", `saved-${kind}`]);
    const id = await host.dockerOk(["image", "inspect", "-f", "{{.Id}}", `saved-${kind}`]);
    const pipe = `docker save saved-${kind} > "$FILE" && docker rmi saved-${kind} && docker load < "$FILE"`;
    const FILE = join(stage.folder.path, `${kind}.tar`);
    const { code, stderr } = await runCommand("sh", ["-c", pipe], { env: { ...host.env, FILE } });
    expect(stderr.toString()).toBe("");
    expect(code).toBe(0);
    expect(await host.dockerOk(["image", "inspect", "-f", "{{.Id}}", `saved-${kind}`])).toBe(id);
  });

  test.each([
    ["classic builder", "0"],
    ["BuildKit", "1"],
  ])("build with the %s", async (_, DOCKER_BUILDKIT) => {
    const context = join(stage.folder.path, `build-${kind}-${DOCKER_BUILDKIT}`);
    await mkdir(context, { recursive: true });
    const { path, sha256 } = await stage.randomFile("payload", FIVE_MB);
    await writeFile(join(context, "payload"), await readFile(path));
    await writeFile(
      join(context, "Dockerfile"),
      "FROM busybox\nCOPY payload /payload\nRUN sha256sum /payload > /sum\n",
    );
    const tag = `built-${kind}-${DOCKER_BUILDKIT}`;
    await host.dockerOk(["build", "--network", "none", "-t", tag, context], { env: { DOCKER_BUILDKIT } });
    expect(await host.dockerOk(["run", "--rm", tag, "cat", "/sum"])).toBe(`${sha256}  /payload`);
  });

  test("compose up, logs, exec and down", async () => {
    const folder = join(stage.folder.path, `compose-${kind}`);
    await mkdir(folder, { recursive: true });
    await writeFile(
      join(folder, "compose.yaml"),
      "services:\n  one:\n    image: busybox\n    network_mode: none\n    stop_grace_period: 1s\n    command: sh -c 'echo started; exec sleep 1000'\n",
    );
    const compose = (...args: string[]) =>
      host.dockerOk(["compose", "--project-directory", folder, "-p", `project-${kind}`, ...args]);
    await compose("up", "-d");
    await waitFor(async () => (await compose("logs")).includes("started"), { what: "the service's log" });
    expect(await compose("exec", "-T", "one", "echo", "inside")).toBe("inside");
    await compose("down");
    expect(await host.dockerOk(["ps", "-aq", "--filter", `label=com.docker.compose.project=project-${kind}`])).toBe("");
  });

  test("a client that goes away ends the engine's side", async () => {
    const id = await host.dockerOk(["run", "-d", "busybox", "sleep", "1000"]);
    // The exec's input stays open until its client is killed: only then may `cat` see its end.
    const script = "echo ready; cat; touch /ended";
    const client = spawn("docker", ["exec", "-i", id, "sh", "-c", script], {
      env: { ...process.env, ...host.env },
      stdio: ["pipe", "pipe", "ignore"],
    });
    await once(client.stdout, "data");
    expect((await host.docker(["exec", id, "ls", "/ended"])).code).not.toBe(0);
    client.kill("SIGKILL");
    await waitFor(async () => (await host.docker(["exec", id, "ls", "/ended"])).code === 0, {
      what: "the exec to see the end of its input",
    });
    await host.dockerOk(["rm", "-f", id]);
  });

  test("50 commands at once", async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => fetchOverSocket(host.path, "/version")));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });
});

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

async function fetchOverSocket(socketPath: string, path: string): Promise<{ status: number | undefined }> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path }, (response) => {
      response.resume();
      response.on("end", () => resolve({ status: response.statusCode }));
      response.on("error", reject);
    })
      .on("error", reject)
      .end();
  });
}
