import { spawn } from "node:child_process";
import { once } from "node:events";
import type { CreatedApiToken, GrantInput } from "@fairlead/protocol/rest";
import { cleanEnvironment, waitFor } from "@fairlead/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ConnectedSocket, Stage } from "./stage.ts";

// Roles as their holders meet them: the plain docker CLI, through `fairlead connect`, on a real engine behind an agent.

/** It takes milliseconds; a busy machine may take seconds. The log itself goes on for ever. */
const ENDS_WITHIN_MS = 8_000;

let stage: Stage;
let viewer: ConnectedSocket;
let operator: ConnectedSocket;
let admin: ConnectedSocket;

beforeAll(async () => {
  stage = await Stage.open();
  await stage.addEdge("edge");
  admin = await stage.connect("edge");
  viewer = await connectAs("viewer");
  operator = await connectAs("operator");
  await admin.dockerOk(["run", "-d", "--name", "app", "busybox", "sh", "-c", "echo ready; exec sleep 100000"]);
});
afterAll(() => stage[Symbol.asyncDispose]());

function makeToken(name: string, role: string): Promise<CreatedApiToken> {
  const grants: GrantInput[] = [{ role, scope: { type: "all" } }];
  return stage.api<CreatedApiToken>("POST", "/tokens", { name, grants });
}

async function connectAs(role: string): Promise<ConnectedSocket> {
  const { secret } = await makeToken(role, role);
  return stage.connect("edge", { FAIRLEAD_API_TOKEN: secret }, role);
}

test("a viewer looks, and changes nothing", async () => {
  expect(await viewer.dockerOk(["ps", "--format", "{{.Names}}"])).toContain("app");
  expect(await viewer.dockerOk(["logs", "app"])).toBe("ready");
  expect(await viewer.dockerOk(["inspect", "--format", "{{.State.Status}}", "app"])).toBe("running");
  for (const [args, permission] of [
    [["rm", "-f", "app"], "container.remove"],
    [["stop", "app"], "container.stop"],
    [["exec", "app", "true"], "container.exec"],
    [["run", "--rm", "busybox", "true"], "container.create"],
    [["cp", "app:/etc/hostname", "-"], "container.read-files"],
    [["volume", "create", "mine"], "volume.create"],
    [["system", "prune", "-f"], "container.remove"],
  ] as const) {
    const { code, stderr } = await viewer.docker([...args]);
    expect([args[0], code === 0, stderr.toString()]).toEqual([args[0], false, expect.stringContaining(permission)]);
    expect(stderr.toString()).toContain("The API token viewer may not do this on the environment edge");
  }
  expect(await admin.dockerOk(["ps", "--format", "{{.Names}}"])).toContain("app");
});

test("an operator runs containers, and gets no more of the host than they have", async () => {
  expect(await operator.dockerOk(["run", "--rm", "busybox", "echo", "hello"])).toBe("hello");
  expect(await operator.dockerOk(["run", "--rm", "-v", "data:/data", "busybox", "touch", "/data/x"])).toBe("");
  expect(await operator.dockerOk(["exec", "app", "echo", "in"])).toBe("in");
  for (const [args, permission] of [
    [["run", "--rm", "-v", "/etc:/host", "busybox", "true"], "container.bind"],
    [["run", "--rm", "--mount", "type=bind,src=/,dst=/host", "busybox", "true"], "container.bind"],
    [["run", "--rm", "--privileged", "busybox", "true"], "container.privileged"],
    [["run", "--rm", "--pid=host", "busybox", "true"], "container.privileged"],
    [["run", "--rm", "--network=host", "busybox", "true"], "container.privileged"],
    [["run", "--rm", "--cap-add=SYS_ADMIN", "busybox", "true"], "container.privileged"],
    [["exec", "--privileged", "app", "true"], "container.privileged"],
    [["volume", "create", "-o", "type=none", "-o", "o=bind", "-o", "device=/", "host"], "container.bind"],
    [["swarm", "init"], "swarm.manage"],
  ] as const) {
    const { code, stderr } = await operator.docker([...args]);
    expect([args.join(" "), code === 0, stderr.toString()]).toEqual([
      args.join(" "),
      false,
      expect.stringContaining(permission),
    ]);
  }
  expect(await admin.dockerOk(["run", "--rm", "-v", "/etc:/host:ro", "busybox", "test", "-e", "/host/hostname"])).toBe(
    "",
  );
});

test("a revoked token's running logs -f ends", async () => {
  const { token, secret } = await makeToken("leaver", "viewer");
  const socket = await stage.connect("edge", { FAIRLEAD_API_TOKEN: secret }, "leaver");
  const logs = spawn("docker", ["logs", "-f", "app"], {
    env: { ...process.env, ...cleanEnvironment(), ...socket.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = once(logs, "close");
  let output = "";
  logs.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  await waitFor(() => output.includes("ready"), { what: "the log's first line" });
  const since = performance.now();
  await stage.api("DELETE", `/tokens/${token.id}`);
  const timer = setTimeout(() => logs.kill("SIGKILL"), ENDS_WITHIN_MS);
  const [code, signal] = (await closed) as [number | null, string | null];
  clearTimeout(timer);
  expect([signal, code === 0], `after ${Math.round(performance.now() - since)} ms`).toEqual([null, false]);
});
