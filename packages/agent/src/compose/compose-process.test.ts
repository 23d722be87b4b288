import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand, type TempDir, tempDir, waitFor } from "@fairlead/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLog } from "../log.ts";
import { MAX_OUTPUT_BYTES, OutputTail } from "./output-tail.ts";
import { type ComposeContext, runCompose } from "./run-compose.ts";

/** A `docker` of the test's own in front of the real one: what a real one cannot be made to do, or does not show. */
let folder: TempDir;
const own = { PATH: process.env["PATH"], TMPDIR: process.env["TMPDIR"], DOCKER_CONFIG: process.env["DOCKER_CONFIG"] };

beforeEach(async () => {
  folder = await tempDir();
  mkdirSync(join(folder.path, "bin"));
  mkdirSync(join(folder.path, "tmp"));
  mkdirSync(join(folder.path, "config"));
  process.env["PATH"] = `${join(folder.path, "bin")}:${own.PATH}`;
  process.env["TMPDIR"] = join(folder.path, "tmp");
  process.env["DOCKER_CONFIG"] = join(folder.path, "config");
});

afterEach(async () => {
  for (const [name, value] of Object.entries(own)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  await folder.stop();
});

function fakeDocker(script: string): void {
  const path = join(folder.path, "bin/docker");
  writeFileSync(path, `#!/bin/sh\nif [ "$2" = version ]; then echo 2.26.1; exit; fi\nHERE=${folder.path}\n${script}\n`);
  chmodSync(path, 0o755);
}

function run(body: object, context: Partial<ComposeContext> = {}) {
  const defaults = {
    stacksDir: join(folder.path, "stacks"),
    timeoutMs: 60_000,
    engine: { kind: "unix", path: "/engine.sock" } as const,
    log: createLog("error", () => {}),
  };
  return runCompose({ operation: "ps", projectName: "fake", ...body }, { ...defaults, ...context });
}

const read = (name: string): string => readFileSync(join(folder.path, name), "utf8");
const isRunning = async (command: string): Promise<boolean> =>
  (await runCommand("pgrep", ["-f", `^${command}$`])).code === 0;

test("compose gets its variables, the agent's engine and logins in files that only the agent reads; nothing in its arguments", async () => {
  process.env["TOKEN"] = "the-agents-token";
  writeFileSync(
    join(folder.path, "config/config.json"),
    JSON.stringify({
      auths: { "old.example": { auth: "b2xk" } },
      credsStore: "desktop",
      HttpHeaders: { "X-A": "b" },
      currentContext: "x",
    }),
  );
  fakeDocker(
    'env > $HERE/env; printf "%s\\n" "$@" > $HERE/args; cp $DOCKER_CONFIG/config.json $HERE/seen.json; stat -c %a $DOCKER_CONFIG $DOCKER_CONFIG/config.json > $HERE/modes',
  );
  const registries = [
    { url: "https://Registry.example:5000/v2/", username: "me", password: "p:w" },
    { url: "docker.io", username: "hub", password: "x" },
  ];
  const { status } = await run({
    operation: "down",
    envVars: { SECRET: "hush", COMPOSE_PROFILES: "a" },
    registries,
    removeVolumes: true,
  });
  delete process.env["TOKEN"];
  expect(status).toBe(200);
  expect(read("args").trimEnd().split("\n")).toEqual(["compose", "--ansi", "never", "-p", "fake", "down", "--volumes"]);
  const names = read("env").split("\n");
  expect(names).toContain("SECRET=hush");
  expect(names).toContain("COMPOSE_PROFILES=a");
  expect(names).toContain("DOCKER_HOST=unix:///engine.sock");
  expect(read("env")).not.toMatch(/the-agents-token|p:w|^NODE/m);
  expect(JSON.parse(read("seen.json"))).toEqual({
    auths: {
      "old.example": { auth: "b2xk" },
      "registry.example:5000": { auth: Buffer.from("me:p:w").toString("base64") },
      "https://index.docker.io/v1/": { auth: Buffer.from("hub:x").toString("base64") },
    },
  });
  expect(read("modes")).toBe("700\n600\n");
  expect(readdirSync(join(folder.path, "tmp"))).toEqual([]);
  await run({ operation: "pull", composeFile: "x" });
  expect(JSON.parse(read("seen.json"))).toEqual({ auths: { "old.example": { auth: "b2xk" } }, credsStore: "desktop" });
});

test("engines behind TCP and TLS are named to compose", async () => {
  fakeDocker("env > $HERE/env; ls $DOCKER_CERT_PATH > $HERE/certs");
  await run({}, { engine: { kind: "tcp", host: "::1", port: 2375 } });
  expect(read("env")).toContain("DOCKER_HOST=tcp://[::1]:2375\n");
  const tls = { ca: "CA", cert: "CERT", key: "KEY", skipVerify: false };
  await run({}, { engine: { kind: "tcp", host: "far", port: 2376, tls } });
  expect(read("env")).toMatch(/^DOCKER_TLS_VERIFY=1$/m);
  expect(read("certs")).toMatch(/ca\.pem\ncert\.pem\n.*key\.pem\n/s);
  await run({}, { engine: { kind: "tcp", host: "far", port: 2376, tls: { skipVerify: true } } });
  expect(read("env")).toMatch(/^DOCKER_TLS=1$/m);
  expect(read("env")).not.toContain("DOCKER_TLS_VERIFY");
});

test("the timeout ends compose and what it started", async () => {
  fakeDocker("echo begun; sleep 4343 & sleep 4344");
  const { status, result } = await run({}, { timeoutMs: 500 });
  expect(status).toBe(500);
  expect(result).toEqual({
    success: false,
    output: "begun\n",
    error: "compose ps of fake was ended after 0.5 s (COMPOSE_TIMEOUT)",
    exitCode: 124,
  });
  await waitFor(async () => !(await isRunning("sleep 434[34]")), { what: "both processes to end" });
});

test("cancelling ends it too, running or waiting", async () => {
  fakeDocker("echo begun; sleep 4345");
  const [first, second] = [new AbortController(), new AbortController()];
  let begun = false;
  const onOutput = (): void => void (begun = true);
  const running = run({ streamOutput: true }, { signal: first.signal, onOutput });
  const waiting = run({}, { signal: second.signal });
  await waitFor(() => begun, { what: "compose to begin" });
  second.abort();
  expect((await waiting).result).toMatchObject({ exitCode: 130, success: false, output: "" });
  first.abort();
  expect((await running).result).toMatchObject({ exitCode: 130, success: false, output: "begun\n" });
  await waitFor(async () => !(await isRunning("sleep 4345")), { what: "the process to end" });
  expect((await run({}, { signal: AbortSignal.abort() })).result).toMatchObject({ exitCode: 130 });
});

test("operations on one project wait for each other, those on others do not; too many are refused", async () => {
  // The second project's operation ends only when the first's has begun, and the first's only after that.
  fakeDocker(
    'echo "begin $5" >> $HERE/order; if [ $5 = a ] && [ ! -e $HERE/b ]; then while [ ! -e $HERE/b ]; do sleep 0.05; done; fi; [ $5 = b ] && touch $HERE/b; echo "end $5" >> $HERE/order',
  );
  const first = run({ projectName: "a" });
  await waitFor(() => readdirSync(folder.path).includes("order"), { what: "the first operation to begin" });
  const more = Array.from({ length: 15 }, () => run({ projectName: "a" }));
  const refused = await run({ projectName: "a" });
  expect(refused).toMatchObject({
    status: 500,
    result: { success: false, exitCode: 125, error: expect.stringContaining("wait already") },
  });
  const other = await run({ projectName: "b" });
  expect(other.status).toBe(200);
  expect((await Promise.all([first, ...more])).map(({ status }) => status)).toEqual(Array(16).fill(200));
  const order = read("order")
    .split("\n")
    .filter((line) => line.endsWith(" a"));
  expect(order).toEqual(Array.from({ length: 32 }, (_, index) => (index % 2 === 0 ? "begin a" : "end a")));
  expect((await run({ projectName: "a" })).status).toBe(200);
});

test("of very long output the end is kept, and it says so", async () => {
  fakeDocker("seq 1 2000000; echo the end >&2; exit 3");
  const { result } = await run({ operation: "logs" });
  expect(Buffer.byteLength(result.output)).toBeLessThan(MAX_OUTPUT_BYTES + 200);
  expect(result.output).toMatch(/^\[\d+ bytes of output before this were dropped\]\n\d+\n/);
  expect(result.output).toContain("\n2000000\n");
  expect(result).toMatchObject({ exitCode: 3, error: "compose logs exited with 3: the end" });
});

test("output without lines, and characters cut between two reads", async () => {
  fakeDocker('printf "no line end"; printf "\\342\\202"; sleep 0.1; printf "\\254"');
  expect((await run({ operation: "logs" })).result.output).toBe("no line end€");
  const tail = new OutputTail(10);
  for (let piece = 0; piece < 5_000; piece += 1) tail.add(`${piece % 10}`);
  expect(String(tail)).toBe("[4990 bytes of output before this were dropped]\n0123456789");
});

test("a compose that is not there", async () => {
  process.env["PATH"] = join(folder.path, "bin");
  const { status, result } = await run({});
  // It was found before, under its name, by the tests above: now it cannot be started.
  expect(status).toBe(500);
  expect(result.error).toMatch(/docker cannot be started: .*ENOENT/);
});
