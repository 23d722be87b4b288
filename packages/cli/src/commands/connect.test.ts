import { readdir } from "node:fs/promises";
import * as net from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  cleanEnvironment,
  type FakeEngine,
  fairleadBin,
  type HubProgram,
  makeTestCertificates,
  type Program,
  runCommand,
  startFakeEngine,
  startHub,
  startProgram,
  type TempDir,
  tempDir,
  type TestCertificates,
  waitFor,
} from "@fairlead/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

let certificates: TestCertificates;
let hub: HubProgram;
let engine: FakeEngine;
let home: TempDir;
const programs: Program[] = [];

beforeAll(async () => {
  [certificates, engine, home] = await Promise.all([makeTestCertificates(), startFakeEngine(), tempDir()]);
  const { certPath, keyPath } = certificates;
  hub = await startHub({ args: ["--tls-cert", certPath, "--tls-key", keyPath] });
  const add = ["env", "add", "web-1", "--kind", "socket", "--address", engine.socketPath];
  expect((await runCommand(fairleadBin, add, { env: environment() })).code).toBe(0);
});

afterAll(async () => {
  await Promise.all([hub?.stop(), engine?.stop(), certificates?.stop()]);
  await home?.stop();
});

afterEach(async () => {
  for (const program of programs.splice(0)) await program.stop();
});

const environment = () => ({
  ...cleanEnvironment(),
  HOME: home.path,
  DOCKER_CONFIG: join(home.path, ".docker"),
  XDG_RUNTIME_DIR: join(home.path, "run"),
  FAIRLEAD_URL: hub.url,
  FAIRLEAD_API_TOKEN: hub.token,
  FAIRLEAD_CA_CERT: certificates.caPath,
});

async function connect(args: string[] = []): Promise<Program> {
  const program = await startProgram(fairleadBin, ["connect", "web-1", ...args], {
    env: environment(),
    readyPattern: /Ctrl-C ends it/,
  });
  programs.push(program);
  return program;
}

test("prints where the socket is, which is the environment's engine, and removes it at the end", async () => {
  const program = await connect();
  const path = join(home.path, "run/fairlead/web-1.sock");
  expect(program.lines[0]).toBe(`export DOCKER_HOST=unix://${path}`);
  const docker = await runCommand("docker", ["-H", `unix://${path}`, "version", "--format", "{{.Server.Version}}"]);
  expect(docker.stdout.toString()).toBe("26.1.5\n");
  const second = await runCommand(fairleadBin, ["connect", "web-1"], { env: environment() });
  expect([second.code, second.stderr.toString()]).toEqual([1, expect.stringMatching(/^fairlead: .* is in use.*\n$/)]);
  expect(await program.stop("SIGINT")).toMatchObject({ code: 0 });
  expect(await readdir(join(home.path, "run/fairlead"))).toEqual([]);
});

test("output goes on after a caller's end, through TLS to the hub", async () => {
  const path = join(home.path, "own.sock");
  await connect(["--socket", path]);
  const socket = net.connect({ path, allowHalfOpen: true });
  let received = "";
  let ended = false;
  socket.on("data", (bytes: Buffer) => (received += bytes.toString()));
  socket.on("end", () => (ended = true));
  socket.write("POST /containers/x/attach HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
  await waitFor(() => received.includes("\r\n\r\n"), { what: "the upgrade" });
  expect(received).toMatch(/^HTTP\/1\.1 101 /);
  const text = "x".repeat(5_000_000);
  socket.end(text);
  await waitFor(() => ended, { what: "the engine's own end" });
  expect(received.split("\r\n\r\n")[1]).toHaveLength(text.length);
});

test("registers a docker context while it runs", async () => {
  const contexts = async (): Promise<string> =>
    (
      await runCommand("docker", ["context", "ls", "--format", "{{.Name}} {{.DockerEndpoint}}"], { env: environment() })
    ).stdout.toString();
  const program = await connect(["--context"]);
  expect(await contexts()).toContain(`fairlead-web-1 unix://${home.path}/run/fairlead/web-1.sock`);
  await program.stop("SIGTERM");
  expect(await contexts()).not.toContain("fairlead-web-1");
});

test("a hub that restarts is waited for: by the socket, and by a command that begins meanwhile", async () => {
  const path = join(home.path, "restart.sock");
  await connect(["--socket", path]);
  const version = ["version", "--format", "{{.Server.Version}}"];
  const commands = [
    ["docker", ["-H", `unix://${path}`, ...version]],
    [fairleadBin, ["docker", "web-1", "--", ...version]],
  ] as const;
  for (const [command, args] of commands) {
    await hub.kill();
    let isDone = false;
    const running = runCommand(command, args, { env: environment() }).finally(() => (isDone = true));
    // Time for it to meet a hub that is away; were it later than that, it would just succeed.
    await sleep(1_000);
    expect(isDone).toBe(false);
    await hub.restart();
    const { code, stdout, stderr } = await running;
    expect([stderr.toString(), code, stdout.toString()]).toEqual(["", 0, "26.1.5\n"]);
  }
});
