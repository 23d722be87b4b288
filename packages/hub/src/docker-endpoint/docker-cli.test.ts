import { createHash, randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type Dockerd,
  type FaultyNetwork,
  runCommand,
  startDockerd,
  startFaultyNetwork,
  startProgram,
  tempDir,
  waitFor,
} from "@fairlead/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EndpointUnderTest, startEndpoint } from "./endpoint-fixture.ts";

/** The plain docker command through the endpoint of each dialled kind, on a real engine. */
let dockerd: Dockerd;
let network: FaultyNetwork;

beforeAll(async () => {
  dockerd = await startDockerd({ network: true });
  await dockerd.importBusybox();
  network = await startFaultyNetwork({ path: dockerd.socketPath });
});

afterAll(async () => {
  await network?.stop();
  await dockerd?.stop();
});

const sha256 = (data: Uint8Array): string => createHash("sha256").update(data).digest("hex");

describe.each(["socket", "direct", "standard"] as const)("docker through a %s environment", (kind) => {
  let hub: EndpointUnderTest;
  let web: string;

  beforeAll(async () => {
    const address = {
      socket: `unix://${dockerd.socketPath}`,
      direct: `tcp://${network.address}`,
      standard: `http://${network.address}`,
    };
    hub = await startEndpoint({ kind, address: address[kind], ...(kind === "standard" ? { token: "secret" } : {}) });
    web = `web-${kind}`;
    await hub.dockerOk(["run", "-d", "--name", web, "--init", "busybox", "sleep", "10000"]);
  });

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]();
  });

  test("run keeps output, error output and exit code apart", async () => {
    const result = await hub.docker(["run", "--rm", "busybox", "sh", "-c", "echo out; echo err >&2; exit 7"]);
    expect([result.code, result.stdout.toString(), result.stderr.toString()]).toEqual([7, "out\n", "err\n"]);
  });

  test("run -i < file: 5 MB in and out, byte for byte, and output after the input has ended", async () => {
    const input = randomBytes(5_000_000);
    const { code, stdout } = await hub.docker(
      ["run", "--rm", "-i", "busybox", "sh", "-c", "cat; sleep 0.3; echo end; exit 3"],
      { input },
    );
    expect(code).toBe(3);
    expect(sha256(stdout)).toBe(sha256(Buffer.concat([input, Buffer.from("end\n")])));
  });

  test("a container that ends without reading its input loses none of its output", async () => {
    const head = await hub.docker(["run", "--rm", "-i", "busybox", "sh", "-c", "head -c 3000000; exit 5"], {
      input: Buffer.alloc(30_000_000, "yes\n"),
    });
    expect(head.stdout.length).toBe(3_000_000);
    expect(head.code).toBe(5);
  });

  test("run -it and exec -it have a terminal with the caller's size", async () => {
    for (const command of [
      ["run", "--rm", "-it", "busybox"],
      ["exec", "-it", web],
    ]) {
      const docker = `stty rows 33 cols 101; docker ${command.join(" ")} sh -c 'until [ "$(stty size)" = "33 101" ]; do sleep 0.1; done; stty size; exit 9'`;
      const env = { DOCKER_HOST: `unix://${hub.socketPath}` };
      const { code, stdout } = await runCommand("script", ["-qec", docker, "/dev/null"], { env });
      expect(stdout.toString()).toContain("33 101");
      expect(code).toBe(9);
    }
  });

  test("start -ai passes input, and sees output and exit code after the input has ended", async () => {
    const name = `attach-${kind}`;
    await hub.dockerOk(["create", "-i", "--name", name, "busybox", "sh", "-c", "wc -c; sleep 0.3; echo end; exit 4"]);
    const { code, stdout } = await hub.docker(["start", "-ai", name], { input: Buffer.alloc(777_777) });
    expect([code, stdout.toString()]).toEqual([4, "777777\nend\n"]);
  });

  test("attach --no-stdin sees the output to its end", async () => {
    const name = `watch-${kind}`;
    const script = "while [ ! -e /go ]; do sleep 0.1; done; echo said; exit 4";
    await hub.dockerOk(["run", "-d", "--name", name, "busybox", "sh", "-c", script]);
    const watched = hub.docker(["attach", "--no-stdin", name]);
    const attaches = [
      "events",
      "--since",
      "1h",
      "--until",
      "0s",
      "--filter",
      "event=attach",
      "--filter",
      `container=${name}`,
    ];
    await waitFor(() => dockerd.dockerOk(attaches), { what: "the attach at the engine" });
    await hub.dockerOk(["exec", name, "touch", "/go"]);
    const { code, stdout } = await watched;
    expect([code, stdout.toString()]).toEqual([4, "said\n"]);
  });

  test("exec passes input, half-close, output and exit code", async () => {
    const { code, stdout } = await hub.docker(["exec", "-i", web, "sh", "-c", "wc -c; exit 11"], {
      input: Buffer.alloc(1_234_567),
    });
    expect([code, stdout.toString().trim()]).toEqual([11, "1234567"]);
    await hub.dockerOk(["exec", "-d", web, "touch", "/detached"]);
    await waitFor(async () => (await hub.docker(["exec", web, "ls", "/detached"])).code === 0, {
      what: "the detached exec",
    });
  });

  test("cp carries 50 MB both ways", async () => {
    await using folder = await tempDir();
    const data = randomBytes(50_000_000);
    await writeFile(join(folder.path, "in"), data);
    await hub.dockerOk(["cp", join(folder.path, "in"), `${web}:/big`]);
    expect(await hub.dockerOk(["exec", web, "sha256sum", "/big"])).toContain(sha256(data));
    await hub.dockerOk(["cp", `${web}:/big`, join(folder.path, "out")]);
    expect(sha256(await readFile(join(folder.path, "out")))).toBe(sha256(data));
    await hub.dockerOk(["exec", web, "rm", "/big"]);
  });

  test("cp to a container that does not exist says so, while the upload runs", async () => {
    await using folder = await tempDir();
    await writeFile(join(folder.path, "in"), Buffer.alloc(30_000_000));
    const { code, stderr } = await hub.docker(["cp", join(folder.path, "in"), "nosuch:/big"]);
    expect(code).toBe(1);
    expect(stderr.toString()).toContain("No such container: nosuch");
  });

  test("save | load", async () => {
    await dockerd.dockerOk(["tag", "busybox", `saved:${kind}`]);
    const saved = await hub.docker(["save", `saved:${kind}`]);
    await hub.dockerOk(["rmi", `saved:${kind}`]);
    expect(await hub.dockerOk(["load"], { input: saved.stdout })).toContain(`saved:${kind}`);
  });

  test.each(["0", "1"])("build with DOCKER_BUILDKIT=%s", async (buildKit) => {
    await using folder = await tempDir();
    const data = randomBytes(3_000_000);
    await writeFile(join(folder.path, "data"), data);
    await writeFile(join(folder.path, "Dockerfile"), "FROM busybox\nCOPY data /data\nRUN sha256sum /data > /sum\n");
    const tag = `built:${kind}-${buildKit}`;
    await hub.dockerOk(["build", "--no-cache", "-t", tag, folder.path], { env: { DOCKER_BUILDKIT: buildKit } });
    expect(await hub.dockerOk(["run", "--rm", tag, "cat", "/sum"])).toContain(sha256(data));
  });

  test("a build that fails says where", async () => {
    for (const DOCKER_BUILDKIT of ["0", "1"]) {
      const { code, stderr } = await hub.docker(["build", "--no-cache", "-"], {
        input: "FROM busybox\nRUN echo so-it-goes; exit 42\n",
        env: { DOCKER_BUILDKIT },
      });
      expect(code).not.toBe(0);
      expect(stderr.toString()).toContain("42");
    }
  });

  test("compose up, logs, exec, down", async () => {
    await using folder = await tempDir();
    const file =
      "services:\n  app:\n    image: busybox\n    init: true\n    command: sh -c 'echo composed; sleep 1000'\n";
    await writeFile(join(folder.path, "compose.yaml"), file);
    const compose = ["compose", "-p", `project-${kind}`, "-f", join(folder.path, "compose.yaml")];
    await hub.dockerOk([...compose, "up", "-d"]);
    await waitFor(async () => (await hub.dockerOk([...compose, "logs"])).includes("composed"), { what: "the log" });
    const exec = await hub.docker([...compose, "exec", "-T", "app", "sh", "-c", "cat; exit 6"], { input: "through" });
    expect([exec.code, exec.stdout.toString()]).toEqual([6, "through"]);
    await hub.dockerOk([...compose, "down", "-t", "1"]);
    expect(await hub.dockerOk(["ps", "-aq", "--filter", `label=com.docker.compose.project=project-${kind}`])).toBe("");
  });

  test("wait has its head at once and its answer at the end", async () => {
    await hub.dockerOk([
      "run",
      "-d",
      "--name",
      `waited-${kind}`,
      "busybox",
      "sh",
      "-c",
      "while [ ! -e /go ]; do sleep 0.1; done; exit 13",
    ]);
    const waiting = hub.dockerOk(["wait", `waited-${kind}`]);
    await hub.dockerOk(["exec", `waited-${kind}`, "touch", "/go"]);
    expect(await waiting).toBe("13");
  });

  test("events and logs -f come as they happen", async () => {
    const name = `seen-${kind}`;
    const started = Math.floor(Date.now() / 1000);
    await using events = await startProgram(
      "docker",
      ["events", "--since", String(started), "--filter", `container=${name}`],
      { env: { DOCKER_HOST: `unix://${hub.socketPath}`, DOCKER_CONTEXT: undefined } },
    );
    const script = "echo first; while [ ! -e /go ]; do sleep 0.1; done; echo last";
    await hub.dockerOk(["run", "-d", "--name", name, "busybox", "sh", "-c", script]);
    const logs = hub.docker(["logs", "-f", name]);
    await hub.dockerOk(["exec", name, "touch", "/go"]);
    expect((await logs).stdout.toString()).toBe("first\nlast\n");
    await hub.dockerOk(["rm", name]);
    for (const action of ["create", "start", "die", "destroy"]) {
      await events.waitForLine(new RegExp(` container ${action} `));
    }
  });

  test("50 at once", async () => {
    const outputs = await Promise.all(
      Array.from({ length: 50 }, (_, index) => hub.dockerOk(["exec", web, "echo", String(index)])),
    );
    expect(outputs).toEqual(Array.from({ length: 50 }, (_, index) => String(index)));
  });

  test("errors are the engine's", async () => {
    for (const command of [
      ["attach", "nosuch"],
      ["exec", "nosuch", "true"],
      ["logs", "nosuch"],
      ["start", "nosuch"],
    ]) {
      const { code, stderr } = await hub.docker(command);
      expect([code, stderr.toString()]).toEqual([1, expect.stringContaining("No such container: nosuch")]);
    }
  });
});
