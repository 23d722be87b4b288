import { createHash } from "node:crypto";
import * as tls from "node:tls";
import type { CreatedEnvironment } from "@fairlead/protocol/rest";
import {
  type AgentProgram,
  type ConnectProxy,
  makeTestCertificates,
  runCommand,
  startAgent,
  startConnectProxy,
  startHub,
  type TestCertificates,
} from "@fairlead/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Stage } from "./stage.ts";

// The link over TLS with an authority of the house, and through the proxies that stand before hosts.
let certificates: TestCertificates;
let stage: Stage;
const trusted = tls.getCACertificates("default");

beforeAll(async () => {
  certificates = await makeTestCertificates();
  const { certPath, keyPath, caPath, ca } = certificates;
  // For the test's own calls of the API.
  tls.setDefaultCACertificates([...trusted, ca]);
  stage = await Stage.open({
    hub: { args: ["--tls-cert", certPath, "--tls-key", keyPath] },
    env: { FAIRLEAD_CA_CERT: caPath },
  });
});
afterAll(async () => {
  tls.setDefaultCACertificates(trusted);
  await stage?.[Symbol.asyncDispose]();
  await certificates?.stop();
});

/** An agent that is not expected to get to its hub. */
function startStrayAgent(serverUrl: string, env: Record<string, string>): Promise<AgentProgram> {
  const dockerSocket = stage.engine.socketPath;
  return startAgent({ serverUrl, token: "any", dockerSocket, env, waitUntilReady: false });
}

describe("wss with an authority of the house", () => {
  test("agent with CA_CERT, connect with FAIRLEAD_CA_CERT: docker works, and 20 MB come back byte for byte", async () => {
    const { agent } = await stage.addEdge("house", { CA_CERT: certificates.caPath });
    expect(stage.agentUrl).toMatch(/^wss:/);
    expect(agent.lines.join("\n")).not.toContain("TLS_SKIP_VERIFY");
    const host = await stage.connect("house");
    const version = ["version", "--format", "{{.Server.Version}}"];
    expect(await host.dockerOk(version)).toBe(await stage.engine.dockerOk(version));
    const { path, sha256 } = await stage.randomFile("large", 20_000_000);
    const id = await stage.engine.dockerOk(["create", "busybox", "true"]);
    await stage.engine.dockerOk(["cp", path, `${id}:/large`]);
    const archive = await host.docker(["cp", `${id}:/large`, "-"]);
    expect([archive.stderr.toString(), archive.code]).toEqual(["", 0]);
    const { stdout } = await runCommand("tar", ["-xO"], { input: archive.stdout });
    expect(createHash("sha256").update(stdout).digest("hex")).toBe(sha256);
    await host.dockerOk(["rm", id]);
  });

  test("TLS_SKIP_VERIFY connects without it, and says loudly what that means", async () => {
    const { agent } = await stage.addEdge("unchecked", { TLS_SKIP_VERIFY: "true" });
    await agent.waitForLine(/TLS_SKIP_VERIFY is set: the hub's certificate is NOT checked/);
  });
});

describe("a certificate that the agent refuses, and why", () => {
  test("of an authority that it does not know", async () => {
    await using agent = await startStrayAgent(stage.agentUrl, {});
    await agent.waitForLine(
      /cannot connect to wss:.*the hub's certificate is refused \((self-signed certificate|unable to).*\): .*set CA_CERT to the PEM file/,
    );
    expect(agent.lines.join("\n")).not.toContain("fairlead agent connected");
  });

  test.each([
    [
      "for another name",
      { names: ["DNS:other.example"] },
      /is refused \(.*127\.0\.0\.1 is not in the cert's list.*\): it is for other names/,
    ],
    ["that has expired", { isExpired: true }, /is refused \(certificate has expired\): renew it on the hub/],
  ])("%s", async (_what, options, message) => {
    const { certPath, keyPath } = await certificates.issue(options);
    await using hub = await startHub({ args: ["--tls-cert", certPath, "--tls-key", keyPath] });
    const url = `wss://127.0.0.1:${hub.port}/api/hawser/connect`;
    await using agent = await startStrayAgent(url, { CA_CERT: certificates.caPath });
    await agent.waitForLine(message);
  });
});

describe("an HTTP proxy before the host", () => {
  let proxy: ConnectProxy;
  beforeAll(async () => {
    proxy = await startConnectProxy();
  });
  beforeEach(() => {
    proxy.refuseWith = undefined;
  });
  afterAll(() => proxy?.stop());

  const env = () => ({ CA_CERT: certificates.caPath, HTTPS_PROXY: proxy.url.replace("//", "//user:secret@") });

  test("HTTPS_PROXY carries wss by CONNECT, docker works through it; NO_PROXY goes past it", async () => {
    const { agent } = await stage.addEdge("proxied", env());
    const target = `127.0.0.1:${stage.hub.port}`;
    const authorization = `Basic ${Buffer.from("user:secret").toString("base64")}`;
    expect(proxy.calls).toEqual([{ target, authorization }]);
    const host = await stage.connect("proxied");
    expect(await host.dockerOk(["ps", "-q"])).toBe(await stage.engine.dockerOk(["ps", "-q"]));
    expect(agent.lines.join("\n")).not.toContain("secret");
    await stage.addEdge("past", { ...env(), NO_PROXY: "other.example,127.0.0.0/8" });
    expect(proxy.calls).toHaveLength(1);
  });

  test("HTTP_PROXY carries ws by CONNECT", async () => {
    const before = proxy.calls.length;
    await using hub = await startHub();
    const agentToken = await addEdge(hub.url, hub.token);
    await using agent = await startAgent({
      serverUrl: `ws://127.0.0.1:${hub.port}/api/hawser/connect`,
      token: agentToken,
      dockerSocket: stage.engine.socketPath,
      env: { HTTP_PROXY: proxy.url },
    });
    expect(agent.lines.join("\n")).toContain("connected to the hub");
    expect(proxy.calls.slice(before)).toEqual([{ target: `127.0.0.1:${hub.port}`, authorization: undefined }]);
  });

  test.each([
    ["407 Proxy Authentication Required", /wants a user and a password; set HTTPS_PROXY to http:\/\/USER:PASSWORD@/],
    ["403 Forbidden", /it cannot or may not connect there/],
    ["502 Bad Gateway", /it cannot or may not connect there/],
  ])("its %s is not taken for the hub's answer", async (answer, advice) => {
    proxy.refuseWith = answer;
    await using agent = await startStrayAgent(stage.agentUrl, env());
    const [line] = await agent.waitForLine(new RegExp(`.*answered HTTP ${answer} to CONNECT.*`));
    expect(line).toMatch(advice);
    expect(line).toContain(`the proxy 127.0.0.1:${proxy.port} answered`);
    expect(agent.lines.join("\n")).not.toMatch(/secret|the hub's address answered|does not accept this agent's token/);
  });
});

/** Adds an edge environment to a hub that is not the stage's. @returns the agent's token. */
async function addEdge(hubUrl: string, token: string): Promise<string> {
  const response = await fetch(`${hubUrl}/api/v1/environments`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "plain", kind: "edge" }),
  });
  return ((await response.json()) as CreatedEnvironment).agentToken ?? "";
}
