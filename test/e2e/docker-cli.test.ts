import { mkdir, readFile, readlink, stat, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommand, startProgram, waitFor } from "@fairlead/testkit";
import { connectKind, kinds } from "./environment-kinds.ts";
import { type ConnectedSocket, Stage } from "./stage.ts";

// Through every kind of environment the plain docker CLI does what it does on the engine's own socket, byte for byte, exit codes
// and half-close kept. Terminals, cancelled clients and what is large have files of their own.
let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage[Symbol.asyncDispose]());

const FIVE_MB = 5_000_000;
const FIFTY_MB = 50_000_000;
const COMMANDS = 50;

describe.each(kinds)("%s environment", (kind) => {
  let host: ConnectedSocket;
  beforeAll(async () => {
    host = await connectKind(stage, kind);
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

  test("run -i takes a file to its end, and answers after it (half-close)", async () => {
    const { path, sha256 } = await stage.randomFile("input", FIVE_MB);
    const input = await readFile(path);
    const { code, stdout } = await host.docker(
      ["run", "--rm", "-i", "busybox", "sh", "-c", "tee /input; sleep 0.2; sha256sum < /input; exit 9"],
      { input },
    );
    // Byte for byte both ways.
    expect(stdout.subarray(0, FIVE_MB).equals(input)).toBe(true);
    expect(stdout.subarray(FIVE_MB).toString()).toBe(`${sha256}  -\n`);
    expect(code).toBe(9);
  });

  test("a container that ends without reading its input loses none of its output", async () => {
    const { code, stdout } = await host.docker(
      ["run", "--rm", "-i", "busybox", "sh", "-c", "head -c 3000000; exit 5"],
      { input: Buffer.alloc(FIVE_MB * 6, "yes\n") },
    );
    expect([code, stdout.length]).toEqual([5, 3_000_000]);
  });

  test("start -ai passes input, and sees output and exit code after the input has ended", async () => {
    const script = "wc -c; sleep 0.2; echo end; exit 4";
    const id = await host.dockerOk(["create", "-i", "busybox", "sh", "-c", script]);
    const { code, stdout } = await host.docker(["start", "-ai", id], { input: Buffer.alloc(777_777) });
    expect([code, stdout.toString()]).toEqual([4, "777777\nend\n"]);
    await host.dockerOk(["rm", id]);
  });

  test("attach --no-stdin sees the output to its end", async () => {
    const script = "while [ ! -e /go ]; do sleep 0.1; done; echo said; exit 4";
    const id = await host.dockerOk(["run", "-d", "busybox", "sh", "-c", script]);
    const watched = host.docker(["attach", "--no-stdin", id]);
    const attaches = ["--since", "1h", "--until", "0s", "--filter", "event=attach", "--filter", `container=${id}`];
    await waitFor(() => stage.engine.dockerOk(["events", ...attaches]), { what: "the attach at the engine" });
    await host.dockerOk(["exec", id, "touch", "/go"]);
    const { code, stdout } = await watched;
    expect([code, stdout.toString()]).toEqual([4, "said\n"]);
    await host.dockerOk(["rm", id]);
  });

  test("attach passes input, output and the exit code", async () => {
    const id = await host.dockerOk(["run", "-d", "-i", "busybox", "sh", "-c", "read line; echo got $line; exit 7"]);
    // Standard input stays open until the container ends: with it closed, the engine gives the CLI no output, on its own socket too.
    const attach = `{ echo hello; docker wait ${id}; } | docker attach ${id}`;
    const { code, stdout } = await runCommand("sh", ["-c", attach], { env: host.env });
    expect([code, stdout.toString()]).toEqual([7, "got hello\n"]);
    await host.dockerOk(["rm", id]);
  });

  test("exec passes input, both outputs and exit codes", async () => {
    const id = await host.dockerOk(["run", "-d", "busybox", "sleep", "1000"]);
    const plain = await host.docker(["exec", "-i", id, "sh", "-c", "cat; echo err >&2; exit 5"], { input: "through" });
    expect([plain.code, plain.stdout.toString(), plain.stderr.toString()]).toEqual([5, "through", "err\n"]);
    const long = await host.docker(["exec", "-i", id, "wc", "-c"], { input: Buffer.alloc(1_234_567) });
    expect(long.stdout.toString()).toBe("1234567\n");
    const missing = ["exec", id, "no-such-program"];
    expect(await host.docker(missing)).toEqual(await stage.engine.docker(missing));
    await host.dockerOk(["exec", "-d", id, "touch", "/detached"]);
    await waitFor(async () => (await host.docker(["exec", id, "ls", "/detached"])).code === 0, {
      what: "the detached exec",
    });
    await host.dockerOk(["rm", "-f", id]);
  });

  test("signals sent to the client of run reach the program", async () => {
    const script = "trap 'echo told; exit 4' TERM; echo ready; while :; do sleep 0.1; done";
    const client = await startProgram("docker", ["run", "--rm", "busybox", "sh", "-c", script], { env: host.env });
    await client.waitForLine(/^ready$/);
    client.signal("SIGTERM");
    expect(await client.exited).toEqual({ code: 4, signal: null });
    expect(client.lines).toEqual(["ready", "told"]);
  });

  test("logs -f follows what comes, and ends with the container", async () => {
    const script = "echo first; read line; echo $line; echo err >&2";
    const id = await host.dockerOk(["run", "-d", "-i", "busybox", "sh", "-c", script]);
    const logs = await startProgram("docker", ["logs", "-f", id], { env: host.env });
    await logs.waitForLine(/^first$/);
    const attach = await host.docker(["attach", id], { input: "second\n" });
    expect(attach.code).toBe(0);
    expect(await logs.exited).toEqual({ code: 0, signal: null });
    expect(logs.lines.toSorted()).toEqual(["err", "first", "second"]);
    await host.dockerOk(["rm", id]);
  });

  test("events, stats and wait tell what happens, when it happens", async () => {
    const since = String(Math.floor(Date.now() / 1000));
    const name = `watched-${kind}`;
    const filter = ["--since", since, "--filter", `container=${name}`, "--format", "{{.Action}}"];
    const events = await startProgram("docker", ["events", ...filter], { env: host.env });
    await host.dockerOk([
      "run",
      "-d",
      "--init",
      "--name",
      name,
      "busybox",
      "sh",
      "-c",
      "trap 'exit 3' TERM; sleep 1000 & wait",
    ]);
    await events.waitForLine(/^start$/);
    const stats = ["stats", "--no-stream", "--format", "{{.Name}} {{.PIDs}}", name];
    const processes = async () => Number((await host.dockerOk(stats)).replace(`${name} `, ""));
    const before = await processes();
    expect(before).toBeGreaterThan(0);
    await host.dockerOk(["exec", "-d", name, "sleep", "1000"]);
    await waitFor(async () => (await processes()) > before, { what: "one more process" });
    const wait = await startProgram("docker", ["wait", name], { env: host.env });
    expect(wait.exit).toBeUndefined();
    await host.dockerOk(["stop", name]);
    expect(await wait.exited).toEqual({ code: 0, signal: null });
    expect(wait.lines).toEqual(["3"]);
    await host.dockerOk(["rm", name]);
    await events.waitForLine(/^destroy$/);
    // The engine tells what happens side by side in no fixed order.
    const actions = events.lines.filter((line) => !line.startsWith("exec")).toSorted();
    expect(actions).toEqual(["create", "destroy", "die", "kill", "start", "stop"]);
    await events.stop();
  });

  test("cp carries 50 MB both ways", async () => {
    const { path } = await stage.randomFile("fifty", FIFTY_MB);
    const id = await host.dockerOk(["create", "busybox", "true"]);
    await host.dockerOk(["cp", path, `${id}:/fifty`]);
    await host.dockerOk(["cp", `${id}:/fifty`, `${path}.back`]);
    await expectSame(path, `${path}.back`);
    const missing = await host.docker(["cp", path, "no-such-container:/x"]);
    expect(missing.code).toBe(1);
    expect(missing.stderr.toString()).toContain("No such container");
    await host.dockerOk(["rm", id]);
  });

  test("cp carries a folder both ways, with modes and links", async () => {
    const folder = join(stage.folder.path, `folder-${kind}`);
    await mkdir(join(folder, "in", "deep"), { recursive: true });
    await writeFile(join(folder, "in", "deep", "script"), "#!/bin/sh\n", { mode: 0o751 });
    await writeFile(join(folder, "in", "empty"), "");
    await symlink("deep/script", join(folder, "in", "link"));
    await mkdir(join(folder, "in", "nothing"));
    const id = await host.dockerOk(["create", "busybox", "true"]);
    await host.dockerOk(["cp", join(folder, "in"), `${id}:/put`]);
    await host.dockerOk(["cp", `${id}:/put`, join(folder, "out")]);
    expect((await runCommand("diff", ["-r", "--no-dereference", "in", "out"], { cwd: folder })).stdout.toString()).toBe(
      "",
    );
    expect((await stat(join(folder, "out", "deep", "script"))).mode & 0o777).toBe(0o751);
    expect(await readlink(join(folder, "out", "link"))).toBe("deep/script");
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

  test("export and import give the same files", async () => {
    const { path } = await stage.randomFile(`exported-${kind}`, FIVE_MB);
    const id = await host.dockerOk(["create", "busybox", "true"]);
    await host.dockerOk(["cp", path, `${id}:/exported`]);
    const pipe = `docker export ${id} | docker import --change 'CMD ["sha256sum", "/exported"]' - imported-${kind}`;
    expect((await runCommand("sh", ["-c", pipe], { env: host.env })).code).toBe(0);
    await host.dockerOk(["run", "--name", `imported-${kind}`, `imported-${kind}`]);
    await host.dockerOk(["cp", `imported-${kind}:/exported`, `${path}.back`]);
    await expectSame(path, `${path}.back`);
    await host.dockerOk(["rm", id, `imported-${kind}`]);
  });

  test.each([["attach"], ["exec", "true"], ["logs"], ["start"], ["rm"]])(
    "what the engine says of a %s that fails is what is said",
    async (command, ...words) => {
      const args = [command, "no-such-container", ...words];
      const { code, stderr } = await host.docker(args);
      expect(stderr.toString()).toContain("No such container: no-such-container");
      expect(code).toBe(1);
    },
  );

  test("50 commands at once give each its own answer", async () => {
    const id = await host.dockerOk(["run", "-d", "--init", "busybox", "sleep", "1000"]);
    const numbers = Array.from({ length: COMMANDS }, (_, number) => number);
    const answers = await Promise.all(
      numbers.map(async (number) => {
        const command = ["exec", "-i", id, "sh", "-c", `cat; exit ${number}`];
        const { code, stdout } = await host.docker(command, { timeoutMs: 170_000, input: `input ${number}` });
        return [code, stdout.toString()];
      }),
    );
    expect(answers).toEqual(numbers.map((number) => [number, `input ${number}`]));
    await host.dockerOk(["rm", "-f", id]);
  });

  test("50 requests at once", async () => {
    const answers = await Promise.all(Array.from({ length: COMMANDS }, () => fetchOverSocket(host.path, "/version")));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });
});

async function expectSame(one: string, other: string): Promise<void> {
  const { code, stdout } = await runCommand("cmp", [one, other]);
  expect([code, stdout.toString()]).toEqual([0, ""]);
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
