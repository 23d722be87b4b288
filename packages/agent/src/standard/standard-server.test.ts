import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import {
  type Dockerd,
  type RunOptions,
  type RunResult,
  runCommand,
  startDockerd,
  startProgram,
  type TempDir,
  tempDir,
  waitFor,
} from "@fairlead/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadConfig } from "../config.ts";
import { EngineClient } from "../engine/engine-client.ts";
import { createLog } from "../log.ts";
import { type RunningStandard, startStandard } from "./standard-server.ts";

const TOKEN = "a-token-of-the-test";
const MEGABYTE = 1024 * 1024;

let dockerd: Dockerd;
let folder: TempDir;
let agent: RunningStandard;
let dockerConfig: string;

beforeAll(async () => {
  folder = await tempDir();
  dockerd = await startDockerd();
  await dockerd.importBusybox();
  agent = await startAgent();
  dockerConfig = join(folder.path, "docker");
  mkdirSync(dockerConfig);
  writeFileSync(join(dockerConfig, "config.json"), JSON.stringify({ HttpHeaders: { "X-Hawser-Token": TOKEN } }));
});

afterAll(async () => {
  await agent?.stop();
  await dockerd?.stop();
  await folder?.stop();
});

function startAgent(env: Record<string, string> = {}): Promise<RunningStandard> {
  const config = loadConfig({
    DOCKER_SOCKET: dockerd.socketPath,
    FAIRLEAD_DATA_DIR: join(folder.path, "data"),
    BIND_ADDRESS: "127.0.0.1",
    PORT: "0",
    TOKEN,
    LOG_LEVEL: "error",
    ...env,
  });
  return startStandard({
    config,
    engine: new EngineClient(config.engine),
    log: createLog(config.logLevel),
    version: "0.0.0",
  });
}

/** Runs plain docker through the agent. */
function docker(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return runCommand("docker", args, { ...options, env: { ...dockerEnv(), ...options.env } });
}

function dockerEnv(): Record<string, string | undefined> {
  return { DOCKER_HOST: agent.url.replace("http:", "tcp:"), DOCKER_CONFIG: dockerConfig, DOCKER_CONTEXT: undefined };
}

async function dockerOk(args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await docker(args, options);
  if (code !== 0) throw new Error(`docker ${args.join(" ")} exited with ${code}: ${stderr.toString()}`);
  return stdout.toString().trimEnd();
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

describe("plain docker through the agent", () => {
  test("run, with its output, both streams and the exit code", async () => {
    const { code, stdout, stderr } = await docker([
      "run",
      "--rm",
      "busybox",
      "sh",
      "-c",
      "echo out; echo err >&2; exit 42",
    ]);
    expect({ code, stdout: stdout.toString(), stderr: stderr.toString() }).toEqual({
      code: 42,
      stdout: "out\n",
      stderr: "err\n",
    });
  });

  test("run -d waits for the container's start only", async () => {
    const id = await dockerOk(["run", "-d", "--rm", "--stop-timeout", "1", "busybox", "sleep", "1000"]);
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(await dockerOk(["ps", "-q", "--no-trunc"])).toContain(id);
    expect((await docker(["rm", "-f", id])).code).toBe(0);
  });

  test("run -i < file: every byte there and back, and the half-close reaches the container", async () => {
    const input = randomBytes(5 * MEGABYTE);
    const { code, stdout } = await docker(["run", "-i", "--rm", "busybox", "cat"], { input });
    expect(code).toBe(0);
    expect(sha256(stdout)).toBe(sha256(input));
    const count = await dockerOk(["run", "-i", "--rm", "busybox", "sh", "-c", "wc -c; echo after"], { input });
    expect(count).toBe(`${input.length}\nafter`);
  });

  test("run -it gives a terminal", async () => {
    const env = dockerEnv();
    const { code, stdout } = await runCommand(
      "script",
      [
        "-qec",
        "stty cols 91 rows 17; docker run -it --rm --name tty busybox sh -c 'read word; echo got:$word; stty size; exit 7'",
        "/dev/null",
      ],
      { input: "hello\n", env },
    );
    expect(stdout.toString()).toMatch(/got:hello\r\n17 91\r\n/);
    expect(code).toBe(7);
  });

  test("exec, exec -i, exec -d and attach", async () => {
    await dockerOk(["run", "-d", "--name", "shell", "--init", "busybox", "sleep", "1000"]);
    expect((await docker(["exec", "shell", "sh", "-c", "exit 3"])).code).toBe(3);
    const input = randomBytes(MEGABYTE);
    const { stdout } = await docker(["exec", "-i", "shell", "cat"], { input });
    expect(sha256(stdout)).toBe(sha256(input));
    await dockerOk(["exec", "-d", "shell", "touch", "/tmp/detached"]);
    await expect.poll(async () => (await docker(["exec", "shell", "ls", "/tmp/detached"])).code).toBe(0);
    expect((await docker(["exec", "missing", "true"])).stderr.toString()).toContain("No such container: missing");
    expect((await docker(["attach", "missing"])).stderr.toString()).toContain("No such container: missing");
    await dockerOk(["rm", "-f", "shell"]);
    await dockerOk(["create", "-i", "--name", "reader", "busybox", "sh", "-c", "cat; echo end; exit 5"]);
    const attached = await docker(["start", "-ai", "reader"], { input: "line\n" });
    expect({ code: attached.code, stdout: attached.stdout.toString() }).toEqual({ code: 5, stdout: "line\nend\n" });
    await dockerOk(["rm", "-f", "reader"]);
  });

  test("attach --no-stdin goes on to the end", async () => {
    await dockerOk(["run", "-d", "--name", "slow", "busybox", "sh", "-c", "sleep 1; echo late"]);
    expect(await dockerOk(["attach", "--no-stdin", "slow"])).toBe("late");
    await dockerOk(["rm", "-f", "slow"]);
  });

  test("cp of 50 MB both ways, and to a container that is not there", async () => {
    const source = join(folder.path, "big");
    const back = join(folder.path, "back");
    const bytes = randomBytes(50 * MEGABYTE);
    writeFileSync(source, bytes);
    await dockerOk(["create", "--name", "files", "busybox"]);
    await dockerOk(["cp", source, "files:/big"]);
    await dockerOk(["cp", "files:/big", back]);
    expect(sha256(readFileSync(back))).toBe(sha256(bytes));
    for (let tries = 0; tries < 5; tries += 1) {
      const { code, stderr } = await docker(["cp", source, "missing:/big"]);
      expect(code).toBe(1);
      expect(stderr.toString()).toContain("No such container: missing");
    }
    const input = await tarOf(source);
    const [dash, direct] = [
      await docker(["cp", "-", "missing:/"], { input }),
      await dockerd.docker(["cp", "-", "missing:/"], { input }),
    ];
    expect(dash.stderr.toString()).toBe(direct.stderr.toString());
    await dockerOk(["rm", "files"]);
  });

  test("save | load", async () => {
    const { stdout } = await docker(["save", "busybox"]);
    const direct = await dockerd.docker(["save", "busybox"]);
    expect(stdout.length).toBe(direct.stdout.length);
    expect(await dockerOk(["load"], { input: stdout })).toContain("Loaded image: busybox:latest");
  });

  test("classic build", async () => {
    const context = buildContext("classic");
    await dockerOk(["build", "-t", "classic", context], { env: { DOCKER_BUILDKIT: "0" } });
    const sum = await dockerOk(["run", "--rm", "classic", "sha256sum", "/data"]);
    expect(sum).toContain(sha256(readFileSync(join(context, "data"))));
  });

  test("BuildKit build, with several sessions at once", async () => {
    // buildx sends no headers of the configuration: an agent without a token.
    await using open = await startOpenAgent();
    const contexts = ["kit1", "kit2", "kit3"].map((name) =>
      buildContext(name, "RUN --network=none sha256sum /data > /sum\n"),
    );
    const env = { DOCKER_BUILDKIT: "1", DOCKER_HOST: open.url.replace("http:", "tcp:") };
    await Promise.all(contexts.map((context) => dockerOk(["build", "-t", basename(context), context], { env })));
    for (const context of contexts) {
      const sum = await dockerOk(["run", "--rm", basename(context), "cat", "/sum"]);
      expect(sum).toContain(sha256(readFileSync(join(context, "data"))));
    }
  });

  test("compose up, logs, exec, down", async () => {
    const project = join(folder.path, "composed");
    mkdirSync(project);
    writeFileSync(
      join(project, "compose.yaml"),
      "services:\n  web:\n    image: busybox\n    init: true\n    network_mode: none\n    command: sh -c 'echo hello from web; sleep 1000'\n",
    );
    const compose = (...args: string[]) => docker(["compose", ...args], { cwd: project });
    expect((await compose("up", "-d")).code).toBe(0);
    await expect.poll(async () => (await compose("logs")).stdout.toString()).toContain("hello from web");
    expect((await compose("exec", "-T", "web", "sh", "-c", "exit 9")).code).toBe(9);
    expect((await compose("exec", "-T", "web", "cat", "/etc/hostname")).code).toBe(0);
    expect((await compose("down", "-t", "1")).code).toBe(0);
  });

  test("logs -f and events come at once, and a client that is killed reaches the engine", async () => {
    const loop = ["busybox", "sh", "-c", "while true; do echo tick; sleep 0.1; done"];
    await dockerOk(["run", "-d", "--init", "--network", "none", "--name", "talker", ...loop]);
    const options = { env: dockerEnv() };
    await using following = await startProgram("docker", ["logs", "-f", "talker"], {
      ...options,
      readyPattern: /tick/,
    });
    await using events = await startProgram("docker", ["events", "--filter", "event=pause"], options);
    // Its input stays open.
    const reading = spawn("docker", ["exec", "-i", "talker", "cat"], {
      env: { ...process.env, ...dockerEnv() },
      stdio: ["pipe", "ignore", "ignore"],
    });
    const readers = async () => (await dockerd.dockerOk(["top", "talker"])).match(/\bcat$/gm)?.length ?? 0;
    await waitFor(async () => (await readers()) === 1, { what: "cat in the container" });
    // Docker does not say when it listens for events: pause until it is told.
    await waitFor(
      async () => {
        await dockerOk(["pause", "talker"]);
        await dockerOk(["unpause", "talker"]);
        return events.lines.length > 0;
      },
      { what: "an event" },
    );
    const open = engineConnections();
    reading.kill("SIGKILL");
    await Promise.all([following.kill(), events.kill()]);
    await waitFor(async () => (await readers()) === 0, { what: "cat to end" });
    // Those of logs and events. The engine forgets to close its end of an exec's, on its own socket too, until it collects garbage.
    await waitFor(() => engineConnections() <= open - 2, { what: "the engine's connections to end" });
    await dockerOk(["rm", "-f", "talker"]);
  });

  test("a killed build is cancelled in the engine", async () => {
    const context = buildContext("endless", "RUN sleep 4242\n");
    for (const buildkit of ["0", "1"]) {
      await using open = await startOpenAgent();
      const env = { ...dockerEnv(), DOCKER_BUILDKIT: buildkit, DOCKER_HOST: open.url.replace("http:", "tcp:") };
      const running = async () => (await runCommand("pgrep", ["-f", "^sleep 4242$"])).code === 0;
      await using build = await startProgram("docker", ["build", "--network", "none", context], { env });
      await waitFor(running, { what: "the build's step" });
      await build.kill();
      await waitFor(async () => !(await running()), { what: "the build's step to end" });
    }
  });

  test("fifty clients at once", async () => {
    const runs = Array.from({ length: 50 }, () => docker(["version", "--format", "{{.Server.Version}}"]));
    const codes = (await Promise.all(runs)).map(({ code }) => code);
    expect(codes.filter((code) => code !== 0)).toEqual([]);
  });
});

describe("the agent's own routes", () => {
  const ask = (path: string, init: RequestInit = {}, url = agent.url) => fetch(url + path, init);
  const bearer = { headers: { Authorization: `Bearer ${TOKEN}` } };

  test("health needs no token; 503 while the engine is away", async () => {
    const healthy = await ask("/_hawser/health");
    expect([healthy.status, await healthy.json()]).toEqual([200, { status: "healthy" }]);
    const lonely = await startAgent({ DOCKER_SOCKET: join(folder.path, "nothing.sock") });
    const answer = await ask("/_hawser/health", {}, lonely.url);
    const message = expect.stringContaining("Cannot connect to the Docker Engine");
    expect([answer.status, await answer.json()]).toEqual([503, { status: "unhealthy", message }]);
    const docker = await ask("/containers/json", bearer, lonely.url);
    expect([docker.status, await docker.json()]).toEqual([503, { message }]);
    const info = await ask("/_hawser/info", bearer, lonely.url);
    expect(await info.json()).toMatchObject({ dockerVersion: "", mode: "standard" });
    await lonely.stop();
  });

  test("info", async () => {
    const info = (await (await ask(`/_hawser/info?token=${TOKEN}`)).json()) as Record<string, unknown>;
    expect(info).toMatchObject({
      agentId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      agentName: hostname(),
      dockerVersion: await dockerd.dockerOk(["version", "--format", "{{.Server.Version}}"]),
      hawserVersion: "0.0.0",
      mode: "standard",
      uptime: expect.any(Number),
    });
    const { diskTotal, diskUsed, diskFree } = info as Record<string, number>;
    expect(diskTotal).toBe((diskUsed ?? 0) + (diskFree ?? 0));
    expect(diskTotal).toBeGreaterThan(0);
  });

  test("compose", async () => {
    const body = JSON.stringify({ operation: "ps", projectName: "none" });
    const answer = await ask("/_hawser/compose", { method: "POST", body, ...bearer });
    expect([answer.status, await answer.json()]).toEqual([200, { success: true, output: "", exitCode: 0 }]);
    const wrong = await ask("/_hawser/compose", { method: "POST", body: "{", ...bearer });
    expect([wrong.status, await wrong.json()]).toEqual([400, { message: expect.stringContaining("not JSON") }]);
    const large = await ask("/_hawser/compose", { method: "POST", body: " ".repeat(17 * MEGABYTE), ...bearer });
    expect(large.status).toBe(413);
  });

  test.each(["/_hawser/info", "/_hawser/compose", "/_hawser/other", "/_hawser/", "/_ping", "/"])(
    "%s asks for the token",
    async (path) => {
      for (const headers of [{}, { "X-Hawser-Token": "wrong" }, { Authorization: `Basic ${TOKEN}` }]) {
        const answer = await ask(path, { headers });
        expect(answer.status).toBe(401);
        expect(await answer.json()).toEqual({ message: expect.stringContaining("token is missing or wrong") });
      }
    },
  );

  test("others are 404, other methods 405", async () => {
    expect((await ask("/_hawser/other", bearer)).status).toBe(404);
    expect((await ask("/_hawser/info", { ...bearer, method: "DELETE" })).status).toBe(405);
    expect((await ask("/_hawser/compose", bearer)).status).toBe(405);
  });

  test("a request behind an open one, in one piece, is not let in with it", async () => {
    const socket = connect(agent.address.port, agent.address.host);
    const body = JSON.stringify({ operation: "down", projectName: "x" });
    socket.write(
      `GET /_hawser/health HTTP/1.1\r\nHost: x\r\n\r\nPOST /_hawser/compose HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    let received = "";
    socket.on("data", (bytes) => (received += bytes.toString()));
    await once(socket, "close");
    expect(received).toContain('{"status":"healthy"}');
    expect(received).not.toContain("exitCode");
  });
});

describe("TLS", () => {
  let secure: RunningStandard;
  let env: Record<string, string | undefined>;

  beforeAll(async () => {
    const [cert, key] = [join(folder.path, "cert.pem"), join(folder.path, "key.pem")];
    const request = [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-days",
      "1",
    ];
    const subject = ["-subj", "/CN=agent", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert];
    expect((await runCommand("openssl", [...request, ...subject])).code).toBe(0);
    secure = await startAgent({ TLS_CERT: cert, TLS_KEY: key });
    const certs = join(folder.path, "certs");
    mkdirSync(certs);
    copyFileSync(cert, join(certs, "ca.pem"));
    env = {
      ...dockerEnv(),
      DOCKER_HOST: secure.url.replace("https:", "tcp:"),
      DOCKER_TLS_VERIFY: "1",
      DOCKER_CERT_PATH: certs,
    };
  });

  afterAll(() => secure?.stop());

  test("docker with its half-close, byte for byte", async () => {
    const input = randomBytes(5 * MEGABYTE);
    const { code, stdout } = await docker(["run", "-i", "--rm", "busybox", "cat"], { input, env });
    expect(code).toBe(0);
    expect(sha256(stdout)).toBe(sha256(input));
    expect((await docker(["run", "--rm", "busybox", "sh", "-c", "exit 8"], { env })).code).toBe(8);
    expect((await docker(["cp", "/bin/busybox", "missing:/x"], { env })).stderr.toString()).toContain(
      "No such container",
    );
  });

  test("an engine behind TLS", async () => {
    // The engine's TLS is another agent's, which asks for no token.
    const tls = { TLS_CERT: join(folder.path, "cert.pem"), TLS_KEY: join(folder.path, "key.pem") };
    const behind = await startAgent({ ...tls, TOKEN: "" });
    const address = { DOCKER_HOST: behind.url, DOCKER_CERT_PATH: join(folder.path, "certs"), DOCKER_SOCKET: "" };
    const front = await startAgent({ ...address, DOCKER_TLS_VERIFY: "1" });
    const distrusting = await startAgent({ DOCKER_HOST: behind.url, DOCKER_SOCKET: "" });
    const through = (one: RunningStandard) => ({ ...dockerEnv(), DOCKER_HOST: one.url.replace("http:", "tcp:") });
    const input = randomBytes(MEGABYTE);
    const { stdout } = await docker(["run", "-i", "--rm", "busybox", "cat"], { input, env: through(front) });
    expect(sha256(stdout)).toBe(sha256(input));
    const refused = await docker(["version"], { env: through(distrusting) });
    expect(refused.stderr.toString()).toContain("Cannot connect to the Docker Engine at tcp://127.0.0.1");
    await Promise.all([behind, front, distrusting].map((one) => one.stop()));
  });

  test("health, and nothing below 1.2 or without TLS", async () => {
    const port = String(secure.address.port);
    const openssl = (...args: string[]) =>
      runCommand("openssl", ["s_client", "-connect", `127.0.0.1:${port}`, ...args]);
    expect((await openssl("-tls1_2")).code).toBe(0);
    expect((await openssl("-tls1_3")).code).toBe(0);
    expect((await openssl("-tls1_1", "-cipher", "ALL:@SECLEVEL=0")).code).not.toBe(0);
    await expect(fetch(`http://127.0.0.1:${port}/_hawser/health`)).rejects.toThrow();
    const { stdout } = await runCommand("curl", ["-sk", `${secure.url}/_hawser/health`]);
    expect(stdout.toString()).toBe('{"status":"healthy"}\n');
  });
});

test("stop ends what is open, handshakes too", async () => {
  const stopping = await startAgent();
  const env = { ...dockerEnv(), DOCKER_HOST: stopping.url.replace("http:", "tcp:") };
  await using events = await startProgram("docker", ["events"], { env });
  const idle = connect(stopping.address.port, stopping.address.host);
  await once(idle, "connect");
  await stopping.stop();
  await events.exited;
  if (!idle.closed) await once(idle, "close");
  await expect(fetch(stopping.url)).rejects.toThrow();
});

/** A folder with a Dockerfile that copies three random megabytes. */
function buildContext(name: string, more = ""): string {
  const context = join(folder.path, name);
  mkdirSync(context);
  writeFileSync(join(context, "data"), randomBytes(3 * MEGABYTE));
  writeFileSync(join(context, "Dockerfile"), `FROM busybox\nCOPY data /data\n${more}`);
  return context;
}

async function startOpenAgent(): Promise<RunningStandard & AsyncDisposable> {
  const open = await startAgent({ TOKEN: "" });
  return { ...open, [Symbol.asyncDispose]: () => open.stop() };
}

/** Connections that clients have to the engine's socket. */
function engineConnections(): number {
  const lines = readFileSync("/proc/net/unix", "utf8").split("\n");
  // Connected (state 03) ends that carry the socket's path are the engine's.
  return lines.filter((line) => line.endsWith(` ${dockerd.socketPath}`) && line.split(/\s+/)[5] === "03").length;
}

function tarOf(path: string): Promise<Buffer> {
  return runCommand("tar", ["-C", join(path, ".."), "-c", "big"]).then(({ stdout }) => stdout);
}
