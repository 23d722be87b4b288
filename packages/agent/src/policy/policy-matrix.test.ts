import { classifyDockerCall, DOCKER_ENDPOINTS, type DockerEffect, type DockerEndpointRow } from "@fairlead/protocol";
import { type LegacyHub, type LegacyHubConnection, startLegacyHub, tempDir } from "@fairlead/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { runCompose } from "../compose/run-compose.ts";
import { COMPOSE_OPERATIONS } from "../compose/compose-request.ts";
import { EngineClient } from "../engine/engine-client.ts";
import { createLog } from "../log.ts";
import { loadPolicy } from "./load-policy.ts";
import { RecordingEngine, sayRaw, startPolicyAgent, StreamCaller } from "./policy-fixture.ts";

const ALLOWED: Record<string, readonly DockerEffect[]> = { "no-exec": ["read", "change"], "read-only": ["read"] };

const isAllowed = (policy: string, { effect }: DockerEndpointRow): boolean =>
  ALLOWED[policy]?.includes(effect) ?? false;
const pathOf = ({ path }: DockerEndpointRow): string => `/v1.44${path.replaceAll(/\{\w+\}/g, "abc")}`;
const rowOf = ({ method, path }: DockerEndpointRow): string => `${method} ${path}`;
const REFUSAL = /^this host's policy \((no-exec|read-only)\) refuses .* \[rule: (no-exec|read-only): /;

/** Body that the calls have which need one to be sent at all. */
const BODY = "{}";

describe.each(Object.keys(ALLOWED))("POLICY=%s", (policy) => {
  let engine: RecordingEngine;
  let hub: LegacyHub;
  let connection: LegacyHubConnection;
  let edge: Awaited<ReturnType<typeof startPolicyAgent>>;
  let standard: Awaited<ReturnType<typeof startPolicyAgent>>;
  let streams: StreamCaller;

  beforeAll(async () => {
    engine = await RecordingEngine.start();
    hub = await startLegacyHub();
    const env = { DOCKER_SOCKET: engine.socketPath, POLICY: policy };
    edge = await startPolicyAgent({ ...env, DOCKHAND_SERVER_URL: hub.url, TOKEN: hub.token });
    standard = await startPolicyAgent(env);
    streams = await StreamCaller.start(engine.socketPath, policy);
    connection = await hub.waitForAgent();
  });

  afterAll(async () => {
    streams?.[Symbol.dispose]();
    await Promise.all([edge?.[Symbol.asyncDispose](), standard?.[Symbol.asyncDispose]()]);
    await hub?.stop();
    await engine?.[Symbol.asyncDispose]();
  });

  beforeEach(() => engine.forget());

  /** What the engine got since the test began is this call, or nothing. */
  function expectReached(row: DockerEndpointRow): void {
    const lines = engine.allRequestLines.filter((line) => line.startsWith(`${row.method} ${pathOf(row)} `));
    if (isAllowed(policy, row)) expect(lines, `${rowOf(row)} is allowed`).toHaveLength(1);
    else expect(engine.requestLines, `${rowOf(row)} is refused`).toEqual([]);
    engine.forget();
  }

  test("is named in the hello", () => {
    expect(connection.hello?.["policy"]).toBe(policy);
  });

  test("every endpoint, over 1.0's requests", async () => {
    for (const row of DOCKER_ENDPOINTS) {
      const body = row.method === "POST" ? { body: {} } : {};
      const { statusCode, body: answer } = await connection.request(row.method, pathOf(row), body);
      expect([rowOf(row), statusCode]).toEqual([rowOf(row), isAllowed(policy, row) ? 200 : 403]);
      if (statusCode === 403) expect((JSON.parse(answer.toString()) as { message: string }).message).toMatch(REFUSAL);
      expectReached(row);
    }
  });

  test("every endpoint, over 1.0's streaming requests", async () => {
    for (const row of DOCKER_ENDPOINTS) {
      const stream = connection.streamRequest(row.method, pathOf(row));
      if (!isAllowed(policy, row)) {
        const { statusCode, body } = await stream.response();
        expect([rowOf(row), statusCode, body.toString()]).toEqual([
          rowOf(row),
          403,
          expect.stringContaining("[rule: "),
        ]);
      }
      expect((await stream.ended())["reason"]).toBe(isAllowed(policy, row) ? "completed" : "error");
      expectReached(row);
    }
  });

  test("every endpoint, over streams", async () => {
    for (const row of DOCKER_ENDPOINTS) {
      const headers: [string, string][] = row.method === "POST" ? [["Content-Length", String(BODY.length)]] : [];
      const answer = await streams.call(
        { method: row.method, path: pathOf(row), headers },
        row.method === "POST" ? [BODY] : [],
      );
      if (isAllowed(policy, row)) expect([rowOf(row), answer.status]).toEqual([rowOf(row), 200]);
      else expect(answer).toEqual({ status: 0, code: "policy_refused", message: expect.stringMatching(REFUSAL) });
      expectReached(row);
    }
  });

  test("every endpoint, in standard mode", async () => {
    for (const row of DOCKER_ENDPOINTS) {
      const body = row.method === "POST" ? `Content-Length: 2\r\n\r\n${BODY}` : "\r\n";
      const request = `${row.method} ${pathOf(row)} HTTP/1.1\r\nHost: x\r\nX-Hawser-Token: secret\r\n${body}`;
      const answer = await sayRaw(standard, request);
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
      expect([rowOf(row), status]).toEqual([rowOf(row), isAllowed(policy, row) ? 200 : 403]);
      expectReached(row);
    }
  });

  test("an exec_start", async () => {
    const exec = connection.exec({ containerId: "abc" });
    await expect(exec.ready()).rejects.toThrow(/"code":"policy_refused"/);
    expect(engine.requestLines).toEqual([]);
  });

  test("every compose operation, edge and standard", async () => {
    for (const operation of COMPOSE_OPERATIONS) {
      const isReading = operation === "ps" || operation === "logs";
      const body = { operation, projectName: "p" };
      const answer = await connection.request("POST", "/_hawser/compose", { body });
      const { address } = standard;
      const response = await fetch(`http://${address?.host}:${address?.port}/_hawser/compose`, {
        method: "POST",
        headers: { authorization: "Bearer secret", "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      const allowed = policy === "no-exec" || isReading;
      for (const status of [answer.statusCode, response.status]) {
        if (allowed) expect([operation, status]).not.toEqual([operation, 403]);
        else expect([operation, status]).toEqual([operation, 403]);
      }
    }
  });

  test("standard mode's info names it", async () => {
    const { address } = standard;
    const response = await fetch(`http://${address?.host}:${address?.port}/_hawser/info?token=secret`);
    expect(await response.json()).toMatchObject({ policy });
  });
});

test("compose under read-only writes no files", async () => {
  await using engine = await RecordingEngine.start();
  await using folder = await disposable();
  const guarded = {
    policy: await loadPolicy("read-only"),
    engine: new EngineClient({ kind: "unix", path: engine.socketPath }),
  };
  const context = {
    stacksDir: folder.path,
    timeoutMs: 60_000,
    engine: { kind: "unix", path: engine.socketPath } as const,
    log: createLog("error", () => {}),
    guarded,
  };
  for (const change of [
    { composeFile: "services: {}" },
    { files: { "a/b": "x" } },
    { filesToDelete: [{ path: "a", sha256: "0".repeat(64) }] },
    { removeFiles: true },
  ]) {
    const { status, result } = await runCompose({ operation: "ps", projectName: "p", ...change }, context);
    expect(status).toBe(403);
    expect(result.error).toMatch(/would write or delete files \[rule: read-only: compose files\]$/);
  }
});

test("POLICY=full says nothing in the hello", async () => {
  await using engine = await RecordingEngine.start();
  const hub = await startLegacyHub();
  const env = { DOCKER_SOCKET: engine.socketPath, DOCKHAND_SERVER_URL: hub.url, TOKEN: hub.token, POLICY: "full" };
  await using _agent = await startPolicyAgent(env);
  const { hello } = await hub.waitForAgent();
  expect(Object.keys(hello ?? {})).not.toContain("policy");
  await hub.stop();
});

test("what the matrix calls is what the table means", () => {
  for (const row of DOCKER_ENDPOINTS) {
    expect(classifyDockerCall(row.method, pathOf(row))?.endpoint).toBe(row);
  }
});

async function disposable(): Promise<{ path: string } & AsyncDisposable> {
  const folder = await tempDir();
  return { path: folder.path, [Symbol.asyncDispose]: () => folder.stop() };
}
