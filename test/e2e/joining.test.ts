import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as tls from "node:tls";
import type { CreatedJoinKey, Environment, JoinKey } from "@fairlead/protocol/rest";
import {
  type AgentProgram,
  type CertificateFiles,
  cleanEnvironment,
  fairleadBin,
  makeTestCertificates,
  runCommand,
  startAgent,
  startConnectProxy,
  startHub,
  type StartAgentOptions,
  type TempDir,
  tempDir,
  type TestCertificates,
  waitFor,
} from "@fairlead/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { HubApi } from "./hub-api.ts";

// An agent's way in by a join key, with the programs as they are. No engine is needed for that.
let certificates: TestCertificates;
let other: TestCertificates;
let folder: TempDir;
const trusted = tls.getCACertificates("default");

beforeAll(async () => {
  [certificates, other] = await Promise.all([makeTestCertificates(), makeTestCertificates()]);
  // For the test's own calls of the API.
  tls.setDefaultCACertificates([...trusted, certificates.ca, other.ca]);
});
beforeEach(async () => {
  folder = await tempDir();
});
afterEach(() => folder.stop());
afterAll(async () => {
  tls.setDefaultCACertificates(trusted);
  await Promise.all([certificates.stop(), other.stop()]);
});

const withTls = ({ certPath, keyPath }: CertificateFiles = certificates) => [
  "--tls-cert",
  certPath,
  "--tls-key",
  keyPath,
];
const credentialFile = (): string => join(folder.path, "data", "hub-credential.json");
const readKept = async () => JSON.parse(await readFile(credentialFile(), "utf8")) as Record<string, string>;
const JOINED = /joined the hub; its credential is kept/;
const CONNECTED = /fairlead agent connected to/;

/** An agent that has a join key instead of a token. */
function startJoining(
  hub: HubApi,
  joinKey: string | undefined,
  env: Record<string, string> = {},
  options: Partial<StartAgentOptions> = {},
): Promise<AgentProgram> {
  return startAgent({
    serverUrl: hub.agentUrl,
    dockerSocket: join(folder.path, "no.sock"),
    dataDir: join(folder.path, "data"),
    env: { FAIRLEAD_JOIN_KEY: joinKey, RECONNECT_DELAY: "0.1", MAX_RECONNECT_DELAY: "0.5", ...env },
    ...options,
  });
}

const stray = { waitUntilReady: false };

async function newKey(hub: HubApi, name = "web-1"): Promise<string> {
  return (await hub.call<CreatedJoinKey>("POST", `/environments/${name}/join-key`, {})).joinKey;
}

/** What `fairlead doctor --agent` says to an agent's variables. */
async function examine(hub: HubApi, joinKey: string, dataDir = join(folder.path, "data")): Promise<string> {
  const env = { FAIRLEAD_SERVER_URL: hub.agentUrl, FAIRLEAD_JOIN_KEY: joinKey, FAIRLEAD_DATA_DIR: dataDir, PORT: "0" };
  const { stdout } = await runCommand(fairleadBin, ["doctor", "--agent"], { env: { ...cleanEnvironment(), ...env } });
  return stdout.toString();
}

/** Without the fingerprint, as a hub behind a proxy gives it. */
const bare = (joinKey: string): string => joinKey.split(".", 1)[0] ?? "";

describe("over ws", () => {
  test("an agent trades its key for a token, keeps that for itself, and starts again with the used key", async () => {
    await using program = await startHub();
    const hub = await HubApi.withEnvironment(program);
    const joinKey = await newKey(hub);
    await using agent = await startJoining(hub, joinKey);
    await agent.waitForLine(JOINED);
    const kept = await readKept();
    expect(kept).toEqual({
      server: hub.agentUrl.replace("/api/hawser/connect", ""),
      token: expect.stringMatching(/^fla_/) as string,
      joinKeyHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    expect((await stat(credentialFile())).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder.path, "data"))).mode & 0o777).toBe(0o700);
    const { items } = await hub.call<{ items: JoinKey[] }>("GET", "/environments/web-1/join-key");
    const { agent: shown } = await hub.call<Environment>("GET", "/environments/web-1");
    expect(items).toMatchObject([{ state: "used", usedBy: { agentId: shown?.agentId } }]);
    await agent.restart();
    await agent.waitForLine(CONNECTED);
    expect(await readKept()).toEqual(kept);
    expect(agent.lines.join("\n")).not.toMatch(JOINED);
    for (const secret of [joinKey, kept["token"] ?? ""]) {
      expect([...agent.lines, ...program.lines].join("\n")).not.toContain(secret);
    }
  });

  test("a key that was used is refused, once and clearly, and a new one is taken", async () => {
    await using program = await startHub();
    const hub = await HubApi.withEnvironment(program);
    const joinKey = await newKey(hub);
    await using first = await startJoining(hub, joinKey);
    await using second = await startJoining(hub, joinKey, {}, { ...stray, dataDir: join(folder.path, "second") });
    const refused =
      /does not accept this agent's join key: make a new join key there \(fairlead env join-key NAME\).*works once/;
    await second.waitForLine(refused);
    await waitFor(() => hub.refusals("join_key_used") >= 3, { what: "the second agent to try again" });
    expect(second.lines.filter((line) => refused.test(line))).toHaveLength(1);
    expect(first.lines.join("\n")).not.toContain("not connected to the hub");
    await expect(stat(join(folder.path, "second", "hub-credential.json"))).rejects.toThrow("ENOENT");
  });

  test("of two that start with one key at the same time one joins", async () => {
    await using program = await startHub();
    const hub = await HubApi.withEnvironment(program);
    const joinKey = await newKey(hub);
    const start = (name: string) => startJoining(hub, joinKey, {}, { ...stray, dataDir: join(folder.path, name) });
    await using one = await start("one");
    await using two = await start("two");
    const outcome = async (agent: AgentProgram): Promise<string> =>
      (await agent.waitForLine(/fairlead agent connected|it works once/))[0];
    expect((await Promise.all([one, two].map(outcome))).toSorted()).toEqual([
      "fairlead agent connected",
      "it works once",
    ]);
  });

  test("joining ends the token and the connection before, whatever agent had it", async () => {
    await using program = await startHub();
    const hub = await HubApi.withEnvironment(program);
    const dataDir = join(folder.path, "old");
    await using old = await startJoining(hub, undefined, { TOKEN: hub.agentToken }, { dataDir });
    await using agent = await startJoining(hub, await newKey(hub));
    await old.waitForLine(
      /does not accept this agent's token: make a new one there \(fairlead env rotate-token NAME\)/,
    );
    expect(agent.lines.join("\n")).not.toContain("identity");
    const { conflict } = await hub.call<Environment>("GET", "/environments/web-1");
    expect(conflict).toBeNull();
  });

  test("a kept token that was revoked, and a new key: the agent joins again", async () => {
    await using program = await startHub();
    const hub = await HubApi.withEnvironment(program);
    await using agent = await startJoining(hub, await newKey(hub));
    const before = await readKept();
    await agent.stop();
    await hub.call("DELETE", "/environments/web-1/token");
    await using again = await startJoining(hub, await newKey(hub));
    await again.waitForLine(/joining again with the new join key/);
    await again.waitForLine(JOINED);
    expect((await readKept())["token"]).not.toBe(before["token"]);
  });

  test("the credential of another hub is not shown to this one, and a given token wins over it", async () => {
    await using program = await startHub();
    const hub = await HubApi.withEnvironment(program);
    const foreign = { server: "wss://other.example", token: "fla_of-another-hub", joinKeyHash: "0".repeat(64) };
    await using agent = await startJoining(hub, await newKey(hub));
    const kept = await readKept();
    await agent.stop();
    await writeFile(credentialFile(), JSON.stringify(foreign));
    await using stays = await startJoining(hub, undefined, { TOKEN: kept["token"] ?? "" });
    await stays.stop();
    expect(await readKept()).toEqual(foreign);
    await using without = await startJoining(hub, undefined, {}, stray);
    expect((await without.exited).code).toBe(2);
    expect(without.lines.join("\n")).toContain("is for wss://other.example, not for ws://127.0.0.1");
    await using joins = await startJoining(hub, await newKey(hub));
    await joins.waitForLine(JOINED);
    expect(program.lines.join("\n")).not.toContain("of-another-hub");
  });
});

describe("over wss, with a certificate of nobody's", () => {
  test("the key says which hub it is for: that one is pinned, and another is told apart before the key is sent", async () => {
    await using program = await startHub({ args: withTls() });
    const hub = await HubApi.withEnvironment(program);
    const joinKey = await newKey(hub);
    expect(joinKey).toContain(".");
    await using agent = await startJoining(hub, joinKey);
    await agent.waitForLine(/the hub's key is the one that was expected/);
    expect((await readKept())["pin"]).toBe(joinKey.split(".")[1]);
    await agent.restart();
    await agent.waitForLine(CONNECTED);
    await agent.stop();
    expect(await examine(hub, joinKey)).toMatch(/TLS: .*\(known by its key: .*\)\n[^]* token: the hub accepts it/);

    await using impostor = await startHub({ args: withTls(other) });
    const there = await HubApi.withEnvironment(impostor);
    const dataDir = join(folder.path, "fresh");
    await using fooled = await startJoining(there, joinKey, {}, { ...stray, dataDir });
    await fooled.waitForLine(/shows the key sha256:\S+, but sha256:\S+ is named by the join key.*was not sent/);
    await fooled.stop();
    expect(await examine(there, joinKey, dataDir)).toMatch(/FAILED .*TLS: the hub shows the key sha256:/);
    expect(there.refusals("join_key_invalid")).toBe(0);
  });

  test("a key without a fingerprint trusts the first hub, loudly, and no other after that", async () => {
    await using program = await startHub({ args: withTls() });
    const hub = await HubApi.withEnvironment(program);
    const fingerprint = (await newKey(hub)).split(".")[1] ?? "";
    await using agent = await startJoining(hub, bare(await newKey(hub)));
    const [line] = await agent.waitForLine(/.*its key is trusted this first time, and no other from now on.*/);
    expect(line).toContain(`sha256:${fingerprint}`);
    expect((await readKept())["pin"]).toBe(fingerprint);
    await agent.stop();
    await program.stop();

    // The same address, the same database would be a renewed hub: another key, whoever has it.
    const listen = ["--listen", `127.0.0.1:${program.port}`];
    await using impostor = await startHub({ args: [...withTls(other), ...listen] });
    const there = await HubApi.withEnvironment(impostor);
    await using pinned = await startJoining(there, undefined, {}, stray);
    const [refusal] = await pinned.waitForLine(/.*shows the key sha256:.*/);
    const shown = (await newKey(there)).split(".")[1] ?? "";
    for (const word of [shown, fingerprint, "FAIRLEAD_JOIN_KEY", "CA_CERT"]) expect(refusal).toContain(word);
    await pinned.stop();
    await using stillPinned = await startJoining(there, bare(await newKey(there)), {}, stray);
    await stillPinned.waitForLine(/is pinned when this agent joined.*was not sent/);
    await stillPinned.stop();

    await using renewed = await startJoining(there, await newKey(there));
    await renewed.waitForLine(JOINED);
    expect((await readKept())["pin"]).toBe(shown);
  });

  test("through a proxy it is the hub that is pinned", async () => {
    await using proxy = await startConnectProxy();
    await using program = await startHub({ args: withTls() });
    const hub = await HubApi.withEnvironment(program);
    await using agent = await startJoining(hub, await newKey(hub), { HTTPS_PROXY: proxy.url });
    await agent.waitForLine(JOINED);
    expect((await readKept())["pin"]).toEqual(expect.any(String));
    expect(proxy.calls.map(({ target }) => target)).toEqual(Array.from({ length: 2 }, () => `127.0.0.1:${hub.port}`));
  });
});

describe("over wss, with an authority", () => {
  test("CA_CERT that verifies: nothing is pinned, and the authority is asked ever after", async () => {
    await using program = await startHub({ args: withTls() });
    const hub = await HubApi.withEnvironment(program);
    const env = { CA_CERT: certificates.caPath };
    await using agent = await startJoining(hub, await newKey(hub), env);
    expect(await readKept()).not.toHaveProperty("pin");
    await agent.stop();
    await using strict = await startJoining(hub, undefined, {}, stray);
    await strict.waitForLine(/the hub's certificate is refused/);
    await strict.stop();
    await using wrong = await startJoining(hub, await newKey(hub), { CA_CERT: other.caPath }, stray);
    await wrong.waitForLine(/the hub's certificate is refused/);
  });

  test("the system's that verify: nothing is pinned, and another key of theirs is as good", async () => {
    // NODE_EXTRA_CA_CERTS makes it one of the authorities that the program trusts by itself.
    const env = { NODE_EXTRA_CA_CERTS: certificates.caPath };
    await using data = await tempDir();
    await using program = await startHub({ args: withTls(), dataDir: data.path });
    const hub = await HubApi.withEnvironment(program);
    await using agent = await startJoining(hub, await newKey(hub), env);
    expect(await readKept()).not.toHaveProperty("pin");
    await agent.stop();
    await program.stop();
    const listen = ["--listen", `127.0.0.1:${program.port}`];
    const renewed = withTls(await certificates.issue());
    await using again = await startHub({ args: [...renewed, ...listen], dataDir: data.path, token: program.token });
    await using returned = await startJoining(new HubApi(again), undefined, env);
    await returned.waitForLine(CONNECTED);
  });

  test("none, and a plain token: refused as ever", async () => {
    await using program = await startHub({ args: withTls() });
    const hub = await HubApi.withEnvironment(program);
    await using agent = await startJoining(hub, undefined, { TOKEN: hub.agentToken }, stray);
    await agent.waitForLine(/the hub's certificate is refused.*set CA_CERT/);
    await agent.stop();
    await using trusting = await startJoining(hub, undefined, {
      TOKEN: hub.agentToken,
      CA_CERT: certificates.caPath,
    });
    await expect(stat(credentialFile())).rejects.toThrow("ENOENT");
    await trusting.stop();
  });
});
