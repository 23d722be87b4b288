import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  fairleadBin,
  runCommand,
  startFakeEngine,
  startAgent,
  startHub,
  tempDir,
  type FakeEngine,
  type HubProgram,
  type TempDir,
} from "@fairlead/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let hub: HubProgram;
let engine: FakeEngine;
let home: TempDir;

beforeAll(async () => {
  [hub, engine, home] = await Promise.all([startHub(), startFakeEngine(), tempDir()]);
  engine.containers = [container("a1b2c3d4e5f6", "web", "running"), container("b1b2c3d4e5f6", "old", "exited")];
  engine.handle("GET /containers/*/json", ({ json }) => json(200, { Config: { Tty: true } }));
  engine.handle("GET /containers/*/logs", ({ response, query }) => {
    response.end(`2026-01-31T12:00:01Z second ${query.get("tail")}\r\n2026-01-31T12:00:02Z third\r\n`);
  });
});

afterAll(async () => {
  await Promise.all([hub?.stop(), engine?.stop()]);
  await home?.stop();
});

function container(id: string, name: string, state: string): FakeEngine["containers"][number] {
  const Ports = [
    { IP: "0.0.0.0", PrivatePort: 80, PublicPort: 8080, Type: "tcp" },
    { PrivatePort: 53, Type: "udp" },
  ];
  return {
    Id: id.padEnd(64, "0"),
    Names: [`/${name}`],
    Image: "busybox",
    ImageID: "sha256:0",
    Command: "sh",
    Created: 1_700_000_000,
    State: state,
    Status: `${state} well`,
    Ports,
    Labels: {},
  };
}

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

async function fairlead(
  args: string[],
  options: { env?: Record<string, string>; input?: string } = {},
): Promise<Outcome> {
  const env = {
    HOME: home.path,
    XDG_CONFIG_HOME: undefined,
    XDG_DATA_HOME: undefined,
    FAIRLEAD_URL: hub.url,
    FAIRLEAD_API_TOKEN: hub.token,
    ...options.env,
  };
  const { code, stdout, stderr } = await runCommand(fairleadBin, args, {
    env,
    ...(options.input === undefined ? {} : { input: options.input }),
  });
  return { code, stdout: stdout.toString(), stderr: stderr.toString() };
}

async function json<T>(args: string[]): Promise<T> {
  const { code, stdout, stderr } = await fairlead([...args, "--json"]);
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as T;
}

const lines = (text: string): unknown[] =>
  text
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line));

describe("env", () => {
  test("add --token prints the agent's token once, with lines to paste; show, update, rotate, revoke and remove follow", async () => {
    const added = await fairlead([
      "env",
      "add",
      "edge-1",
      "--token",
      "--label",
      "site=attic",
      "role=web",
      "--agent-hub-url",
      "https://hub.example/",
    ]);
    const [, token = ""] = /shown this once: (fla_\S+)/.exec(added.stdout) ?? [];
    expect(token).toHaveLength(47);
    expect(added.stdout).toContain(`FAIRLEAD_SERVER_URL=wss://hub.example/api/v1/agents/connect -e TOKEN=${token}`);
    expect(added.stdout).toMatch(/# docker run\n[^]*# compose\.yaml\nservices:[^]*\[Service\]/);
    const shown = await json<{ name: string; labels: object; kind: string }>(["env", "show", "edge-1"]);
    expect(shown).toMatchObject({ name: "edge-1", kind: "edge", labels: { site: "attic", role: "web" } });
    expect(JSON.stringify(shown)).not.toContain(token);

    expect((await fairlead(["env", "update", "edge-1", "--name", "edge-2"])).stdout).toBe("Updated edge-2 (id 1).\n");
    const rotated = await json<{ agentToken: string; setup: { docker: string } }>([
      "env",
      "rotate-token",
      "edge-2",
      "--overlap",
      "60",
    ]);
    expect(rotated.agentToken).not.toBe(token);
    expect(rotated.setup.docker).toContain(rotated.agentToken);
    expect(await json(["env", "revoke-token", "edge-2"])).toEqual({ environment: "edge-2", revoked: true });
    expect((await fairlead(["env", "show", "edge-2"])).stdout).toMatch(/Agent token: +revoked/);
    expect((await fairlead(["env", "remove", "edge-2"])).stdout).toBe("Removed edge-2 (id 1).\n");
    expect(await fairlead(["env", "show", "edge-2"])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^fairlead: .*edge-2.*\n$/),
    });
  });

  test("add of a host that the hub dials; list shows it", async () => {
    const created = await json<{ environment: { kind: string } }>([
      "env",
      "add",
      "sock",
      "--kind",
      "socket",
      "--address",
      engine.socketPath,
    ]);
    expect(created.environment.kind).toBe("socket");
    expect((await fairlead(["env", "list"])).stdout).toMatch(/^ID +NAME +KIND +LINK.*\n +\d+ +sock +socket /);
    const { code, stderr } = await fairlead(["env", "add", "sock", "--kind", "socket", "--address", "/x"]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^fairlead: .*sock.*\n$/)]);
  });

  test("a secret that the hub needs is read from a file", async () => {
    const file = join(home.path, "token");
    await writeFile(file, "agent-secret\n");
    const add = ["env", "add", "std", "--kind", "standard", "--address", "http://127.0.0.1:1", "--token-file", file];
    expect((await fairlead(add)).code).toBe(0);
    expect((await fairlead(["env", "remove", "std"])).code).toBe(0);
    expect(await fairlead([...add.slice(0, -1), `${file}-not`])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("ENOENT"),
    });
  });

  test("add prints a join key once, with lines to paste; as JSON the token is there as ever", async () => {
    const add = ["env", "add", "joins-1", "--agent-hub-url", "https://hub.example/", "--ttl", "600"];
    const { stdout } = await fairlead(add);
    const [, joinKey = ""] = /shown this once: (flj_\S+)/.exec(stdout) ?? [];
    expect(joinKey).toHaveLength(47);
    expect(stdout).not.toMatch(/fla_|TOKEN=/);
    for (const line of [
      `-e FAIRLEAD_SERVER_URL=wss://hub.example/api/v1/agents/connect -e FAIRLEAD_JOIN_KEY=${joinKey}`,
      `      FAIRLEAD_JOIN_KEY: ${joinKey}\n`,
      `Environment=FAIRLEAD_JOIN_KEY=${joinKey}\n`,
      `FAIRLEAD_JOIN_KEY=${joinKey} fairlead agent`,
    ]) {
      expect(stdout).toContain(line);
    }
    const created = await json<Record<string, unknown>>(["env", "add", "joins-2"]);
    expect(created).toMatchObject({
      agentToken: expect.stringMatching(/^fla_/),
      setup: { token: created["agentToken"], shell: expect.stringContaining(`TOKEN=${String(created["agentToken"])}`) },
      joinKey: expect.stringMatching(/^flj_/),
      joinKeyExpiresAt: expect.any(String),
      joinSetup: { joinKey: created["joinKey"] },
    });
    expect(await json(["env", "add", "joins-3", "--token"])).not.toHaveProperty("joinKey");
    for (const name of ["joins-1", "joins-2", "joins-3"]) await fairlead(["env", "remove", name]);
    for (const [args, message] of [
      [["--token", "secret"], "--token takes no value for an edge environment"],
      [["--kind", "standard", "--address", "http://x", "--token"], "--token needs a value"],
      [["--ttl", "0"], "--ttl must be a whole number from 1 to 604800"],
    ] as const) {
      const refused = await fairlead(["env", "add", "joins-4", ...args]);
      expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining(message)]);
    }
  });

  test("join-key makes, lists and revokes", async () => {
    await fairlead(["env", "add", "joins", "--token"]);
    const made = await json<{ joinKey: string; expiresAt: string; setup: { docker: string } }>([
      "env",
      "join-key",
      "joins",
      "--ttl",
      "86400",
    ]);
    expect(Date.parse(made.expiresAt) - Date.now()).toBeGreaterThan(86_000_000);
    expect(made.setup.docker).toContain(`FAIRLEAD_JOIN_KEY=${made.joinKey}`);
    const { serverUrl } = made.setup as { serverUrl?: string };
    const env = { FAIRLEAD_SERVER_URL: serverUrl ?? "", FAIRLEAD_JOIN_KEY: made.joinKey };
    const agentEnv = { ...env, FAIRLEAD_DATA_DIR: join(home.path, "joining"), DOCKER_SOCKET: engine.socketPath };
    const before = await fairlead(["doctor", "--agent"], { env: { ...agentEnv, PORT: "0" } });
    expect(before.stdout).toMatch(/ token: .*join key/);
    await using agent = await startAgent({
      serverUrl: serverUrl ?? "",
      dockerSocket: engine.socketPath,
      dataDir: join(home.path, "joining"),
      env,
    });
    expect(agent.lines.join("\n")).toContain("joined the hub");
    await agent.stop();
    const after = await fairlead(["doctor", "--agent"], { env: { ...agentEnv, PORT: "0" } });
    expect(after.stdout).toMatch(/ token: .*the hub accepts it/);
    expect((await fairlead(["env", "join-key", "joins"])).stdout).toMatch(/shown this once: flj_\S+\n[^]*# docker run/);
    expect((await fairlead(["env", "join-key", "joins", "--revoke"])).code).toBe(0);
    const list = await fairlead(["env", "join-key", "joins", "--list"]);
    expect(list.stdout).toMatch(/STATE +MADE.*\n +\d+ +revoked .* -\n +\d+ +used .* on .* \(.*127\.0\.0\.1\), /);
    await fairlead(["env", "remove", "joins"]);
  });
});

describe("containers", () => {
  test("ps shows those that run, with --all the others too", async () => {
    const { stdout } = await fairlead(["ps"]);
    expect(stdout).toMatch(
      /^ENVIRONMENT +CONTAINER ID.*\nsock +a1b2c3d4e5f6 +web +busybox +running well +0\.0\.0\.0:8080->80\/tcp, 53\/udp\n$/,
    );
    const all = lines((await fairlead(["ps", "--all", "--json"])).stdout);
    expect(all).toMatchObject([
      { environment: "sock", name: "web", live: true },
      { name: "old", state: "exited" },
    ]);
    expect((await fairlead(["ps", "-a", "-c", "o*", "--json"])).stdout.split("\n")).toHaveLength(2);
  });

  test("logs are labelled, as text and JSON", async () => {
    expect((await fairlead(["logs"])).stdout).toBe("sock/web | second 100\nsock/web | third\n");
    const { stdout } = await fairlead(["logs", "sock", "--container", "*", "--tail", "5", "--timestamps"]);
    const rows = ["second 5", "second 5", "third", "third"];
    expect(
      stdout
        .split("\n")
        .slice(0, 4)
        .map((line) => line.replace(/^.*Z /, "")),
    ).toEqual(rows);
    expect(stdout).toMatch(/^sock\/\w+ +\| 2026-01-31T12:00:01Z second 5\n/);
    expect(lines((await fairlead(["logs", "--json"])).stdout)[1]).toEqual({
      environment: "sock",
      container: "web",
      containerId: "a1b2c3d4e5f6".padEnd(64, "0"),
      time: "2026-01-31T12:00:02Z",
      stream: "stdout",
      text: "third",
    });
    expect(await fairlead(["logs", "-c", "nosuch"])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/No container named nosuch/),
    });
  });

  test("stats of one time", async () => {
    const cpu = (total: number, system: number) => ({
      cpu_usage: { total_usage: total },
      system_cpu_usage: system,
      online_cpus: 2,
    });
    engine.handle("GET /containers/*/stats", ({ json }) =>
      json(200, {
        cpu_stats: cpu(300, 2000),
        precpu_stats: cpu(100, 1000),
        memory_stats: { usage: 3000, limit: 4096, stats: { inactive_file: 952 } },
        pids_stats: { current: 4 },
      }),
    );
    expect(lines((await fairlead(["stats", "--json"])).stdout)).toEqual([
      expect.objectContaining({
        environment: "sock",
        name: "web",
        cpuPercent: 40,
        memoryBytes: 2048,
        memoryLimitBytes: 4096,
        pids: 4,
        networkRxBytes: null,
      }),
    ]);
    expect((await fairlead(["stats"])).stdout).toMatch(/\nsock +web +40\.00% +2KiB +4KiB +- /);
  });

  test("docker speaks to the environment, with its exit code", async () => {
    expect((await fairlead(["docker", "sock", "--", "ps", "-q"])).stdout).toContain("a1b2c3d4e5f6");
    expect((await fairlead(["docker", "sock", "ps", "-q", "--no-trunc"])).stdout).toContain(
      "a1b2c3d4e5f6".padEnd(64, "0"),
    );
    expect(await fairlead(["docker", "sock", "--", "run", "--bogus"])).toMatchObject({ code: 125 });
    expect(await fairlead(["docker", "nosuch", "--", "ps"])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^fairlead: .*nosuch/),
    });
    const { code, stderr } = await fairlead(["docker", "sock", "--", "ps"], { env: { PATH: "/nowhere" } });
    expect([code, stderr]).not.toEqual([0, ""]);
  });
});

describe("roles and what tokens may do", () => {
  test("a role is made, held by a token on some environments, changed and removed", async () => {
    const made = ["role", "create", "restarter", "environment.view", "container.view,container.restart"];
    expect((await fairlead(made)).stdout).toBe("Made the role restarter.\n");
    expect((await fairlead(["role", "list"])).stdout).toMatch(
      /restarter +no +environment\.view container\.view container\.restart/,
    );
    await json(["env", "add", "held", "--kind", "socket", "--address", engine.socketPath]);
    const { token, secret } = await json<{ token: { id: number }; secret: string }>([
      "token",
      "create",
      "narrow",
      ...["--role", "restarter", "--env", "held"],
    ]);
    expect((await fairlead(["token", "list"])).stdout).toMatch(/narrow +restarter on #\d+/);
    const env = { FAIRLEAD_API_TOKEN: secret };
    expect((await fairlead(["env", "list"], { env })).stdout).toContain("held");
    const refused = await fairlead(["env", "remove", "held"], { env });
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("it needs environment.manage")]);

    const inUse = await fairlead(["role", "remove", "restarter"]);
    expect([inUse.code, inUse.stderr]).toEqual([1, expect.stringContaining("held by an API token")]);
    await json(["token", "revoke", String(token.id)]);
    expect(await json(["role", "update", "restarter", "container.view"])).toMatchObject({
      permissions: ["container.view"],
    });
    expect(await json(["role", "remove", "restarter"])).toEqual({ name: "restarter", removed: true });
    await json(["env", "remove", "held"]);
  });

  test("what is no permission, and what does not fit together, is a usage error", async () => {
    for (const [args, words] of [
      [["role", "create", "x", "container.fly"], "'container.fly' is no permission"],
      [["token", "create", "x", "--role", "viewer", "--permission", "exec"], "--role or --permission, not both"],
      [["token", "create", "x", "--env", "held"], "need a --role or --permission"],
      [["token", "create", "x", "--role", "viewer", "--label", "site"], "must be name=value"],
    ] as const) {
      expect(await fairlead([...args])).toMatchObject({ code: 2, stderr: expect.stringContaining(words) });
    }
    expect((await fairlead(["role", "permissions"])).stdout).toContain("container.exec");
  });
});

describe("token and login", () => {
  test("a token is made, used to log in, and revoked", async () => {
    const { token, secret } = await json<{ token: { id: number }; secret: string }>([
      "token",
      "create",
      "laptop",
      "--expires",
      "1h",
    ]);
    const env = { FAIRLEAD_URL: "", FAIRLEAD_API_TOKEN: "" };
    expect(await fairlead(["login", hub.url, "--token", "fl_wrong"], { env })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("does not accept this token"),
    });
    const login = await fairlead(["login", `${hub.url}/`], { env, input: `${secret}\n` });
    expect(login).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Logged in to http:/) });
    expect(login.stdout + login.stderr).not.toContain(secret);
    const file = join(home.path, ".config/fairlead/config.json");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await fairlead(["env", "list", "--json"], { env })).code).toBe(0);
    // The token of one hub is not shown to another.
    expect(await fairlead(["env", "list", "--hub", "http://127.0.0.1:1"], { env })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("No API token for"),
    });
    const listed = lines((await fairlead(["token", "list", "--json"])).stdout) as { name: string }[];
    expect(listed.map(({ name }) => name)).toContain("laptop");
    expect(await json(["token", "revoke", String(token.id)])).toEqual({ id: token.id, revoked: true });
    expect(await fairlead(["env", "list"], { env })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/unknown, expired or revoked/),
    });
  });

  test("flags come before variables, a token file before the login", async () => {
    const file = join(home.path, "api");
    await writeFile(file, `${hub.token}\n`);
    const env = { FAIRLEAD_URL: "http://127.0.0.1:1", FAIRLEAD_API_TOKEN: "", FAIRLEAD_API_TOKEN_FILE: file };
    expect((await fairlead(["env", "list", "--hub", hub.url], { env })).code).toBe(0);
    expect((await fairlead(["env", "list", "--hub", hub.url, "--api-token", "fl_wrong"], { env })).code).toBe(1);
    expect((await fairlead(["env", "list"], { env })).stderr).toContain("http://127.0.0.1:1");
  });
});

describe("doctor", () => {
  test("goes through the layers, to the engine of each environment", async () => {
    const { stdout } = await fairlead(["doctor", "sock", "--json"]);
    const findings = lines(stdout) as { target: string; layer: string; ok: boolean }[];
    expect(findings.map(({ layer, ok }) => [layer, ok])).toEqual([
      ["settings", true],
      ["TCP", true],
      ["hub", true],
      ["token", true],
      ["upgrade", true],
      ["link", true],
      ["Docker", true],
    ]);
  });

  test.each([
    ["DNS", ["--hub", "http://nosuch.invalid", "--api-token", "x"]],
    ["TCP", ["--hub", "http://127.0.0.1:1", "--api-token", "x"]],
    ["TLS", ["--hub", "https://127.0.0.1:PORT", "--api-token", "x"]],
    ["token", ["--api-token", "fl_wrong"]],
  ])("names %s when that fails, and stops there", async (layer, args) => {
    const { port } = new URL(hub.url);
    const { code, stdout } = await fairlead(["doctor", "--json", ...args.map((arg) => arg.replace("PORT", port))]);
    const findings = lines(stdout) as { layer: string; ok: boolean; advice?: string }[];
    expect(code).toBe(1);
    expect(findings.at(-1)).toMatchObject({ layer, ok: false, advice: expect.stringMatching(/.{10}/) });
    expect(findings.slice(0, -1).every(({ ok }) => ok)).toBe(true);
  });

  test("names the link of an environment without agent, and Docker where the engine is away", async () => {
    expect((await fairlead(["env", "add", "silent"])).code).toBe(0);
    const silent = await fairlead(["doctor", "silent"]);
    expect(silent).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/FAILED silent link: .*\n.*doctor --agent/),
    });
    await fairlead(["env", "remove", "silent"]);
  });

  test("--agent looks at an agent's variables: settings, Docker, the way, the token", async () => {
    const { agentToken } = await json<{ agentToken: string }>(["env", "add", "edge-3"]);
    const base = {
      FAIRLEAD_DATA_DIR: home.path,
      DOCKER_SOCKET: engine.socketPath,
      PORT: "0",
      FAIRLEAD_SERVER_URL: hub.url.replace("http", "ws"),
    };
    const layers = async (env: Record<string, string>): Promise<string[]> => {
      const { stdout } = await fairlead(["doctor", "--agent", "--json"], { env: { ...base, ...env } });
      return (lines(stdout) as { layer: string; ok: boolean }[]).map(
        ({ layer, ok }) => `${layer} ${ok ? "ok" : "failed"}`,
      );
    };
    expect(await layers({ TOKEN: agentToken })).toEqual([
      "settings ok",
      "Docker ok",
      "TCP ok",
      "upgrade ok",
      "token ok",
    ]);
    expect(await layers({ TOKEN: "fla_wrong" })).toEqual([
      "settings ok",
      "Docker ok",
      "TCP ok",
      "upgrade ok",
      "token failed",
    ]);
    expect(await layers({ TOKEN: agentToken, DOCKER_SOCKET: "/nosuch" })).toContain("Docker failed");
    expect(await layers({ TOKEN: agentToken, HTTP_PROXY: "http://127.0.0.1:1" })).toEqual([
      "settings ok",
      "Docker ok",
      "TCP failed",
    ]);
    expect(await layers({ TOKEN: agentToken, HTTP_PROXY: hub.url })).toEqual([
      "settings ok",
      "Docker ok",
      "TCP ok",
      "proxy failed",
    ]);
    expect(await layers({ TOKEN: "" })).toEqual(["settings failed"]);
  });
});

test("nothing is coloured where nobody looks, and with FORCE_COLOR it is", async () => {
  expect((await fairlead(["env", "list"])).stdout).not.toContain("\u001b");
  expect((await fairlead(["env", "list"], { env: { FORCE_COLOR: "1" } })).stdout).toContain("\u001b[36msock");
});
