import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  cleanEnvironment,
  fairleadBin,
  type FakeEngine,
  type Program,
  runCommand,
  startFakeEngine,
  startProgram,
  type TempDir,
  tempDir,
  waitFor,
} from "@fairlead/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";

let data: TempDir;
let engine: FakeEngine;
let programs: Program[];

beforeEach(async () => {
  programs = [];
  [data, engine] = await Promise.all([tempDir(), startFakeEngine()]);
});

afterEach(async () => {
  for (const program of programs) await program.kill();
  await engine.stop();
  await data.stop();
});

const environment = () => ({
  ...cleanEnvironment(),
  HOME: data.path,
  XDG_CONFIG_HOME: undefined,
  XDG_DATA_HOME: undefined,
  DOCKER_SOCKET: engine.socketPath,
  FAIRLEAD_HUB_DATA_DIR: join(data.path, "hub"),
});

async function up(args: string[] = []): Promise<Program> {
  const program = await startProgram(fairleadBin, ["up", "--port", "0", ...args], {
    env: environment(),
    readyPattern: /Ctrl-C ends it/,
  });
  programs.push(program);
  return program;
}

async function fairlead<T>(...args: string[]): Promise<T[]> {
  const { code, stdout, stderr } = await runCommand(fairleadBin, [...args, "--json"], { env: environment() });
  if (code !== 0) throw new Error(stderr.toString());
  const lines = stdout.toString().split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as T);
}

interface Listed {
  id: number;
  link: { state: string };
}

const onlineEnvironment = (): Promise<Listed> =>
  waitFor(async () => (await fairlead<Listed>("env", "list")).find(({ link }) => link.state === "up"), {
    what: "this machine to be online",
  });

/** Process ids of the agents that this program started. */
async function agentsOf(program: Program): Promise<number[]> {
  const { stdout } = await runCommand("ps", ["-o", "pid=", "--ppid", String(program.pid)]);
  return stdout.toString().trim().split(/\s+/).filter(Boolean).map(Number);
}

test("one command: a hub, this machine online, and commands that find it; again after a restart", async () => {
  engine.containers = [
    {
      Id: "a".repeat(64),
      Names: ["/web"],
      Image: "i",
      ImageID: "",
      Command: "",
      Created: 1,
      State: "running",
      Status: "Up",
      Ports: [],
      Labels: {},
    },
  ];
  const first = await up();
  const { id } = await onlineEnvironment();
  expect(await fairlead("ps")).toMatchObject([{ name: "web", environmentId: id }]);
  for (const file of ["api-token", "agent-token", "hub.json", "local-environment.json"]) {
    expect((await stat(join(data.path, "hub", file))).mode & 0o777, file).toBe(0o600);
  }
  const token = (await readFile(join(data.path, "hub/agent-token"), "utf8")).trim();
  expect(first.lines.join("\n")).not.toContain(token);

  const [agent = 0] = await agentsOf(first);
  process.kill(agent, "SIGKILL");
  await first.waitForLine(/The agent of this machine ended \(SIGKILL\); it starts again in 1 s/);
  await waitFor(async () => ((await agentsOf(first))[0] ?? agent) !== agent, { what: "another agent" });
  await first.waitForLine(/is online/, undefined, first.lines.length);

  const second = await runCommand(fairleadBin, ["up", "--port", "0"], { env: environment() });
  expect([second.code, second.stderr.toString()]).toEqual([1, expect.stringMatching(/^fairlead: .*data folder.*\n$/)]);

  expect(await first.stop("SIGINT")).toMatchObject({ code: 0 });
  const again = await up();
  expect((await onlineEnvironment()).id).toBe(id);
  expect(await fairlead("env", "list")).toHaveLength(1);

  // The agent does not outlive what started it, however that ends.
  const [last = 0] = await agentsOf(again);
  await again.kill();
  await waitFor(async () => (await runCommand("ps", ["-p", String(last)])).code !== 0, { what: "the agent to end" });
});

test("without Docker: the hub starts, and how to add a host is said", async () => {
  await engine.goAway();
  const program = await up();
  expect(program.lines.join("\n")).toMatch(/No Docker Engine answers at .*docker\.sock: there is no such socket\./);
  expect(program.lines.join("\n")).toContain("fairlead env add NAME");
  expect(await fairlead("env", "list")).toEqual([]);
  expect(await program.stop("SIGTERM")).toMatchObject({ code: 0 });
});

test("an environment that was removed is made anew, a token that was lost is replaced", async () => {
  const first = await up();
  const { id } = await onlineEnvironment();
  await fairlead("env", "remove", String(id));
  await first.stop();
  const second = await up();
  const { id: newId } = await onlineEnvironment();
  expect(newId).not.toBe(id);
  await second.stop();
  await runCommand("rm", [join(data.path, "hub/agent-token"), join(data.path, "hub/api-token")]);
  await up();
  expect((await onlineEnvironment()).id).toBe(newId);
});
