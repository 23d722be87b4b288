import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { FairleadError } from "@fairlead/protocol";
import { type TempDir, tempDir } from "@fairlead/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AgentConfig, type ConfigOverrides, loadConfig } from "./config.ts";
import type { Environment } from "./config-reader.ts";

let folder: TempDir;
let certPath: string;
let keyPath: string;

beforeAll(async () => {
  folder = await tempDir();
  certPath = join(folder.path, "cert.pem");
  keyPath = join(folder.path, "key.pem");
  const args = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"];
  execFileSync("openssl", [...args, "-subj", "/CN=test", "-keyout", keyPath, "-out", certPath], { stdio: "ignore" });
});
afterAll(() => folder.stop());

/** A configuration of standard mode with everything needed and nothing else. */
function load(env: Environment, overrides?: ConfigOverrides): AgentConfig {
  return loadConfig(
    { HOME: folder.path, FAIRLEAD_DATA_DIR: join(folder.path, "data"), BIND_ADDRESS: "127.0.0.1", ...env },
    overrides,
  );
}

function failure(env: Environment, overrides?: ConfigOverrides): FairleadError {
  try {
    load(env, overrides);
  } catch (error) {
    expect(error).toBeInstanceOf(FairleadError);
    return error as FairleadError;
  }
  throw new Error(`accepted ${JSON.stringify(env)}`);
}

describe("defaults", () => {
  test("of standard mode", () => {
    const config = load({});
    expect(config).toMatchObject({
      mode: "standard",
      bindAddress: "127.0.0.1",
      port: 2376,
      tlsSkipVerify: false,
      agentName: hostname(),
      hostname: hostname(),
      heartbeatMs: 30_000,
      requestTimeoutMs: 30_000,
      composeTimeoutMs: 900_000,
      reconnectDelayMs: 1000,
      maxReconnectDelayMs: 60_000,
      welcomeTimeoutMs: 30_000,
      skipDfCollection: false,
      allowInsecureNoAuth: false,
      logLevel: "info",
      hostProc: "/proc",
      metricsIntervalMs: 30_000,
      proxy: { noProxy: [] },
      dataDir: join(folder.path, "data"),
      warnings: [],
    });
    expect(config).not.toHaveProperty("token");
    expect(config).not.toHaveProperty("serverUrl");
    expect(config).not.toHaveProperty("policy");
  });

  test("edge mode listens on loopback, standard mode everywhere", () => {
    const edge = load({ BIND_ADDRESS: "", DOCKHAND_SERVER_URL: "wss://hub.example/api/hawser/connect", TOKEN: "t" });
    expect(edge).toMatchObject({ mode: "edge", bindAddress: "127.0.0.1", token: "t" });
    expect(load({ BIND_ADDRESS: "", TOKEN: "t" })).toMatchObject({ mode: "standard", bindAddress: "0.0.0.0" });
  });

  test("an empty variable is one that is not set", () => {
    expect(load({ PORT: "", TOKEN: "", LOG_LEVEL: " ", DOCKHAND_SERVER_URL: "" })).toMatchObject({
      mode: "standard",
      port: 2376,
      logLevel: "info",
    });
  });
});

describe("the server's address", () => {
  test.each([
    ["ws://hub:8375/api/hawser/connect", "ws://hub:8375/api/hawser/connect"],
    ["wss://hub.example/own/path?x=1", "wss://hub.example/own/path?x=1"],
    ["http://hub:8375/api/hawser/connect", "ws://hub:8375/api/hawser/connect"],
    ["https://hub.example", "wss://hub.example/api/hawser/connect"],
    ["https://hub.example:8443/", "wss://hub.example:8443/api/hawser/connect"],
    ["http://[::1]:8375", "ws://[::1]:8375/api/hawser/connect"],
  ])("%s is %s", (given, expected) => {
    expect(load({ DOCKHAND_SERVER_URL: given, TOKEN: "t" }).serverUrl?.href).toBe(expected);
    expect(load({ FAIRLEAD_SERVER_URL: given, TOKEN: "t" }).serverUrl?.href).toBe(expected);
    expect(load({}, { server: given, token: "t" }).serverUrl?.href).toBe(expected);
  });

  test("the command line wins over variables", () => {
    const config = load(
      { DOCKHAND_SERVER_URL: "ws://a", FAIRLEAD_SERVER_URL: "ws://b", TOKEN: "variable" },
      { server: "ws://c", token: "option" },
    );
    expect(config).toMatchObject({ token: "option" });
    expect(config.serverUrl?.host).toBe("c");
  });
});

describe("what is refused names the variable, the value and what is allowed", () => {
  const edge = { DOCKHAND_SERVER_URL: "ws://hub", TOKEN: "t" };
  test.each<[Environment, RegExp]>([
    [{ DOCKHAND_SERVER_URL: "ftp://hub", TOKEN: "t" }, /^DOCKHAND_SERVER_URL is "ftp:\/\/hub".*wss:\/\//],
    [{ FAIRLEAD_SERVER_URL: "hub:8375", TOKEN: "t" }, /^FAIRLEAD_SERVER_URL is "hub:8375"/],
    [{ DOCKHAND_SERVER_URL: "ws://hub#x", TOKEN: "t" }, /^DOCKHAND_SERVER_URL .*fragment/],
    [{ DOCKHAND_SERVER_URL: "ws://a", FAIRLEAD_SERVER_URL: "ws://b", TOKEN: "t" }, /^FAIRLEAD_SERVER_URL .*"ws:\/\/a"/],
    [{ DOCKHAND_SERVER_URL: "ws://hub" }, /^TOKEN is not set: a server URL needs/],
    [{ BIND_ADDRESS: "0.0.0.0" }, /^TOKEN is not set: listening on 0\.0\.0\.0 .*ALLOW_INSECURE_NO_AUTH/],
    [{ BIND_ADDRESS: "" }, /^TOKEN is not set: listening on 0\.0\.0\.0/],
    [{ BIND_ADDRESS: "192.168.1.5" }, /^TOKEN is not set/],
    [{ BIND_ADDRESS: "127.example.com" }, /^TOKEN is not set/],
    [{ BIND_ADDRESS: "localhost:80" }, /^BIND_ADDRESS is "localhost:80".*IP address/],
    [{ PORT: "65536" }, /^PORT is "65536".*0 to 65535/],
    [{ PORT: "-1" }, /^PORT is "-1"/],
    [{ PORT: "2376x" }, /^PORT is "2376x"/],
    [{ ...edge, HEARTBEAT_INTERVAL: "0" }, /^HEARTBEAT_INTERVAL is "0".*seconds from 0\.1 to 86400/],
    [{ ...edge, HEARTBEAT_INTERVAL: "30s" }, /^HEARTBEAT_INTERVAL is "30s"/],
    [{ REQUEST_TIMEOUT: "1e3" }, /^REQUEST_TIMEOUT is "1e3"/],
    [{ COMPOSE_TIMEOUT: "99999999" }, /^COMPOSE_TIMEOUT/],
    [{ RECONNECT_DELAY: "never" }, /^RECONNECT_DELAY is "never"/],
    [{ RECONNECT_DELAY: "10", MAX_RECONNECT_DELAY: "5" }, /^MAX_RECONNECT_DELAY is "5".*RECONNECT_DELAY \(10\)/],
    [{ WELCOME_TIMEOUT: "NaN" }, /^WELCOME_TIMEOUT/],
    [{ METRICS_INTERVAL: "Infinity" }, /^METRICS_INTERVAL/],
    [{ TLS_SKIP_VERIFY: "maybe" }, /^TLS_SKIP_VERIFY is "maybe".*true.*false/],
    [{ ALLOW_INSECURE_NO_AUTH: "2" }, /^ALLOW_INSECURE_NO_AUTH/],
    [{ SKIP_DF_COLLECTION: "si" }, /^SKIP_DF_COLLECTION/],
    [{ LOG_LEVEL: "loud" }, /^LOG_LEVEL is "loud": allowed are debug, info, warn, error/],
    [{ POLICY: "readonly" }, /^POLICY is "readonly": allowed are full, no-exec, read-only, and the absolute path/],
    [{ HOST_PROC: "/no/such/proc" }, /^HOST_PROC is "\/no\/such\/proc"/],
    [{ HOST_PROC: "proc" }, /^HOST_PROC is "proc"/],
    [{ STACKS_DIR: "stacks" }, /^STACKS_DIR is "stacks": allowed is an absolute path/],
    [{ DOCKER_SOCKET: "docker.sock" }, /^DOCKER_SOCKET is "docker\.sock"/],
    [{ DOCKER_SOCKET: "tcp://host:2375" }, /^DOCKER_SOCKET .*DOCKER_HOST/],
    [{ DOCKER_HOST: "ssh://host" }, /^DOCKER_HOST is "ssh:\/\/host"/],
    [{ DOCKER_HOST: "tcp://host:0" }, /^DOCKER_HOST is "tcp:\/\/host:0".*1 to 65535/],
    [{ DOCKER_HOST: "tcp://host:2375/path" }, /^DOCKER_HOST/],
    [{ DOCKER_HOST: "tcp://host", DOCKER_CERT_PATH: "/no/such" }, /^DOCKER_CERT_PATH is "\/no\/such"/],
    [{ CA_CERT: "/no/such.pem" }, /^CA_CERT is "\/no\/such\.pem".*ENOENT/],
    [{ TLS_CERT: "/no/such.pem" }, /^TLS_CERT is "\/no\/such\.pem"/],
    [{ TOKEN_FILE: "/no/such" }, /^TOKEN_FILE is "\/no\/such".*ENOENT/],
    [{ TOKEN: "a", TOKEN_FILE: "/b" }, /^TOKEN and TOKEN_FILE are both set/],
    [{ AGENT_ID: "x".repeat(257) }, /^AGENT_ID is "x{256}".*256/],
    [{ AGENT_NAME: "a\u0007b" }, /^AGENT_NAME .*control/],
    [{ HTTP_PROXY: "socks5://proxy:1080" }, /^HTTP_PROXY is "socks5:\/\/proxy:1080".*http:\/\/host:port/],
  ])("%j", (env, message) => {
    const error = failure(env);
    expect(error.code).toBe("config_invalid");
    expect(error.message).toMatch(message);
  });

  test("a pair of certificate and key", () => {
    expect(failure({ TLS_CERT: certPath }).message).toMatch(/^TLS_KEY is not set/);
    expect(failure({ TLS_KEY: keyPath }).message).toMatch(/^TLS_CERT is not set/);
    expect(failure({ TLS_CERT: keyPath, TLS_KEY: keyPath }).message).toMatch(/^TLS_CERT .*PEM pair/);
    const text = join(folder.path, "text");
    writeFileSync(text, "hello");
    expect(failure({ CA_CERT: text }).message).toMatch(/^CA_CERT .*PEM file/);
    expect(failure({ CA_CERT: keyPath }).message).toMatch(/^CA_CERT .*certificate/);
    const config = load({ TLS_CERT: certPath, TLS_KEY: keyPath, CA_CERT: certPath });
    expect(config.tlsCert).toBe(readFileSync(certPath, "utf8"));
    expect(config.tlsKey).toBe(readFileSync(keyPath, "utf8"));
    expect(config.caCert).toBe(readFileSync(certPath, "utf8"));
  });

  test("never shows a secret", () => {
    const secrets: [Environment, RegExp][] = [
      [{ TOKEN: "hush hush" }, /^TOKEN/],
      [{ DOCKHAND_SERVER_URL: "ws://me:hush@hub", TOKEN: "t" }, /^DOCKHAND_SERVER_URL is "ws:\/\/…@hub"/],
      [{ HTTPS_PROXY: "socks5://me:hush@proxy" }, /^HTTPS_PROXY is "socks5:\/\/…@proxy"/],
      [{ https_proxy: "http://me:hush@:x" }, /^https_proxy/],
    ];
    for (const [env, message] of secrets) {
      const error = failure(env);
      expect(error.message).toMatch(message);
      expect(error.message).not.toContain("hush");
    }
  });
});

describe("the token", () => {
  test("comes from a file, without white space around it", () => {
    const path = join(folder.path, "token");
    writeFileSync(path, " secret-1 \n");
    expect(load({ TOKEN_FILE: path, BIND_ADDRESS: "0.0.0.0" })).toMatchObject({ token: "secret-1" });
    writeFileSync(path, "\n");
    expect(failure({ TOKEN_FILE: path }).message).toMatch(/^TOKEN_FILE .*empty/);
  });

  test("is not needed on loopback, nor where it is allowed", () => {
    for (const address of ["127.0.0.1", "127.9.9.9", "localhost", "::1", "[::1]"]) {
      expect(load({ BIND_ADDRESS: address }).bindAddress).toBe(address.replace(/[[\]]/g, ""));
    }
    expect(load({ BIND_ADDRESS: "0.0.0.0", ALLOW_INSECURE_NO_AUTH: "true" }).allowInsecureNoAuth).toBe(true);
  });
});

describe("the engine", () => {
  test.each<[Environment, AgentConfig["engine"]]>([
    [{ DOCKER_SOCKET: "/a/b.sock" }, { kind: "unix", path: "/a/b.sock" }],
    [
      { DOCKER_SOCKET: "unix:///a/b.sock", DOCKER_HOST: "tcp://c" },
      { kind: "unix", path: "/a/b.sock" },
    ],
    [{ DOCKER_HOST: "unix:///a/b.sock" }, { kind: "unix", path: "/a/b.sock" }],
    [{ DOCKER_HOST: "tcp://10.0.0.1:1234" }, { kind: "tcp", host: "10.0.0.1", port: 1234 }],
    [{ DOCKER_HOST: "tcp://engine" }, { kind: "tcp", host: "engine", port: 2375 }],
    [{ DOCKER_HOST: "http://[::1]:9/" }, { kind: "tcp", host: "::1", port: 9 }],
    [{ DOCKER_HOST: "https://engine" }, { kind: "tcp", host: "engine", port: 2376, tls: { skipVerify: false } }],
    [
      { DOCKER_HOST: "tcp://engine:1", DOCKER_TLS_VERIFY: "1" },
      { kind: "tcp", host: "engine", port: 1, tls: { skipVerify: false } },
    ],
    [
      { DOCKER_HOST: "https://e:1", DOCKER_TLS_VERIFY: "0" },
      { kind: "tcp", host: "e", port: 1, tls: { skipVerify: true } },
    ],
  ])("%j", (env, engine) => {
    expect(load(env).engine).toEqual(engine);
  });

  test("certificates of DOCKER_CERT_PATH", () => {
    const certs = join(folder.path, "certs");
    mkdirSync(certs);
    writeFileSync(join(certs, "ca.pem"), "CA");
    writeFileSync(join(certs, "cert.pem"), "CERT");
    const env = { DOCKER_HOST: "tcp://engine", DOCKER_CERT_PATH: certs };
    expect(failure(env).message).toMatch(/^DOCKER_CERT_PATH .*cert\.pem and key\.pem both/);
    writeFileSync(join(certs, "key.pem"), "KEY");
    expect(load(env).engine).toEqual({
      kind: "tcp",
      host: "engine",
      port: 2376,
      tls: { ca: "CA", cert: "CERT", key: "KEY", skipVerify: false },
    });
  });

  test("is looked for in the usual places, sockets only", async () => {
    await using home = await tempDir();
    await using runtime = await tempDir();
    const env = { HOME: home.path, XDG_RUNTIME_DIR: runtime.path };
    const listening = async (path: string): Promise<void> => {
      const server = createServer().listen(path);
      await new Promise((resolve) => server.once("listening", resolve));
      servers.push(server);
    };
    const servers: ReturnType<typeof createServer>[] = [];
    // The machine that runs the tests may have an engine of its own, which then comes first.
    const system = ["/var/run/docker.sock", "/run/podman/podman.sock"].find(
      (path) => statSync(path, { throwIfNoEntry: false })?.isSocket() ?? false,
    );
    expect(load(env).engine).toEqual({ kind: "unix", path: system ?? "/var/run/docker.sock" });
    mkdirSync(join(runtime.path, "podman"));
    await listening(join(runtime.path, "podman/podman.sock"));
    expect(load(env).engine).toEqual({ kind: "unix", path: system ?? join(runtime.path, "podman/podman.sock") });
    mkdirSync(join(home.path, ".docker/run"), { recursive: true });
    writeFileSync(join(home.path, ".docker/run/docker.sock"), "a file is no socket");
    expect(load(env).engine).toEqual({ kind: "unix", path: system ?? join(runtime.path, "podman/podman.sock") });
    symlinkSync(join(runtime.path, "podman/podman.sock"), join(runtime.path, "docker.sock"));
    expect(load(env).engine).toEqual({ kind: "unix", path: system ?? join(runtime.path, "docker.sock") });
    for (const server of servers) server.close();
  });
});

test("proxies, in both cases, with and without a scheme", () => {
  const { proxy } = load({
    HTTP_PROXY: "proxy:3128",
    https_proxy: "https://me:pw@proxy",
    no_proxy: "A.example, .b , 10.0.0.0/8",
  });
  expect(proxy.http?.href).toBe("http://proxy:3128/");
  expect(proxy.https?.href).toBe("https://me:pw@proxy/");
  expect(proxy.noProxy).toEqual(["a.example", ".b", "10.0.0.0/8"]);
});

test("times with fractions, booleans in every spelling", () => {
  expect(load({ RECONNECT_DELAY: "0.25", HEARTBEAT_INTERVAL: "5" })).toMatchObject({
    reconnectDelayMs: 250,
    heartbeatMs: 5000,
  });
  expect(load({ RECONNECT_DELAY: "90" })).toMatchObject({ reconnectDelayMs: 90_000, maxReconnectDelayMs: 90_000 });
  for (const word of ["1", "true", "TRUE", "t", "yes", "on"])
    expect(load({ TLS_SKIP_VERIFY: word }).tlsSkipVerify).toBe(true);
  for (const word of ["0", "false", "False", "f", "no", "off"])
    expect(load({ TLS_SKIP_VERIFY: word }).tlsSkipVerify).toBe(false);
});

describe("the agent's id", () => {
  test("is made once and kept for its owner only", () => {
    const dataDir = join(folder.path, "ids");
    const first = load({ FAIRLEAD_DATA_DIR: dataDir }).agentId;
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    expect(load({ FAIRLEAD_DATA_DIR: dataDir }).agentId).toBe(first);
    expect(statSync(join(dataDir, "agent-id")).mode & 0o777).toBe(0o600);
    expect(load({ FAIRLEAD_DATA_DIR: dataDir, AGENT_ID: "mine" }).agentId).toBe("mine");
  });

  test("a damaged file is replaced", () => {
    const dataDir = join(folder.path, "damaged");
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, "agent-id"), "");
    const made = load({ FAIRLEAD_DATA_DIR: dataDir }).agentId;
    expect(readFileSync(join(dataDir, "agent-id"), "utf8")).toBe(`${made}\n`);
  });

  test("a folder that cannot be written gives a warning and a new id", () => {
    const file = join(folder.path, "a-file");
    writeFileSync(file, "");
    chmodSync(file, 0o600);
    const config = load({ FAIRLEAD_DATA_DIR: join(file, "below"), AGENT_ID: "" });
    expect(config.agentId).toMatch(/^[0-9a-f-]{36}$/);
    expect(config.warnings).toEqual([expect.stringContaining("AGENT_ID")]);
  });
});
