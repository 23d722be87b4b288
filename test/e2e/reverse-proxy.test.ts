import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import {
  makeTestCertificates,
  type Nginx,
  repositoryRoot,
  runCommand,
  startNginx,
  type TestCertificates,
  waitFor,
} from "@fairlead/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ConnectedSocket, Stage } from "./stage.ts";

// The configurations of docs/reverse-proxy.md, as they stand there, in a real nginx with Debian's defaults.
let certificates: TestCertificates;
let stage: Stage;

beforeAll(async () => {
  [certificates, stage] = await Promise.all([makeTestCertificates(), Stage.open()]);
});
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]();
  await certificates?.stop();
});

/** nginx with the documented configuration of this title; addresses and files are the test's, the rest is as documented. */
async function startDocumented(title: string, change = (text: string): string => text): Promise<Nginx> {
  const page = await readFile(join(repositoryRoot, "docs/reverse-proxy.md"), "utf8");
  const text = page.split("```").find((block) => block.startsWith(`nginx\n# nginx, ${title}\n`));
  if (text === undefined) throw new Error(`docs/reverse-proxy.md has no configuration '${title}'`);
  return startNginx(title === "TCP" ? "stream" : "http", (port) =>
    change(text.slice("nginx\n".length))
      .replace("listen 443", `listen 127.0.0.1:${port}`)
      .replace("/etc/ssl/hub.example.pem", certificates.certPath)
      .replace("/etc/ssl/hub.example.key", certificates.keyPath)
      .replaceAll("127.0.0.1:8375", `127.0.0.1:${stage.hub.port}`),
  );
}

const through = ({ port }: Nginx) => ({
  FAIRLEAD_URL: `https://127.0.0.1:${port}`,
  FAIRLEAD_CA_CERT: certificates.caPath,
});

const addEdgeThrough = (name: string, { port }: Nginx, env: Record<string, string> = {}) => {
  const serverUrl = `wss://127.0.0.1:${port}/api/hawser/connect`;
  return stage.addEdge(name, { CA_CERT: certificates.caPath, ...env }, serverUrl);
};

describe("nginx for agents, all limits at their defaults", () => {
  test("the agent dials through it; docker works straight at the hub, ps and logs through nginx too", async () => {
    await using nginx = await startDocumented("agents");
    const { agent } = await addEdgeThrough("behind", nginx);
    const host = await stage.connect("behind");
    const id = await host.dockerOk(["run", "-d", "--name", "said", "busybox", "sh", "-c", "echo said; sleep 1000"]);
    expect(await host.dockerOk(["ps", "-q", "--no-trunc"])).toBe(id);
    await waitFor(async () => (await host.dockerOk(["logs", "said"])) === "said", { what: "the container's output" });
    const ps = await stage.fairlead(["ps", "--json"], { env: through(nginx) });
    expect([ps.stderr.toString(), ps.stdout.toString()]).toEqual(["", expect.stringContaining(id)]);
    const logs = await stage.fairlead(["logs", "behind"], { env: through(nginx) });
    expect([logs.stderr.toString(), logs.stdout.toString()]).toEqual(["", expect.stringContaining("said")]);
    const docker = await stage.fairlead(["docker", "behind", "--", "ps", "-q"], { env: through(nginx) });
    expect([docker.stderr.toString(), docker.stdout.toString()]).toEqual(["", `${id.slice(0, 12)}\n`]);
    expect(agent.lines.filter((line) => line.includes("agent connected to"))).toHaveLength(1);
    await host.dockerOk(["rm", "-f", "said"]);
  });

  test("the link is never quiet for as long as nginx waits", async () => {
    // A quarter of nginx's minute. The agent itself sends nothing for ten: what keeps the link are the hub's pings, each 10 s.
    const impatient = (text: string) =>
      text.replace("location /api/ {", "location /api/ {\n    proxy_read_timeout 15s;");
    await using nginx = await startDocumented("agents", impatient);
    const { agent } = await addEdgeThrough("quiet", nginx, { HEARTBEAT_INTERVAL: "600", METRICS_INTERVAL: "600" });
    const { link } = await stage.online("quiet");
    await sleep(25_000);
    expect((await stage.online("quiet")).link.since).toBe(link.since);
    expect(agent.lines.filter((line) => line.includes("agent connected to"))).toHaveLength(1);
  });
});

describe("nginx for Docker", () => {
  let nginx: Nginx;
  let host: ConnectedSocket;
  beforeAll(async () => {
    nginx = await startDocumented("Docker");
    await stage.addEnvironment({ name: "local", kind: "socket", address: stage.engine.socketPath });
    host = await stage.connect("local", through(nginx));
  });
  afterAll(() => nginx?.stop());

  test("an agent dials through it too", async () => {
    await addEdgeThrough("docker-too", nginx);
  });

  test("run -d with its wait, exec -it, logs -f of what says little", async () => {
    await host.dockerOk(["run", "-d", "--name", "slow", "busybox", "sh", "-c", "echo first; sleep 1000"]);
    const exec = ["-qec", "docker exec -it slow echo from inside", "/dev/null"];
    // A keyboard that stays: its end would be that of the connection (see the page).
    const { stdout } = await runCommand("script", exec, { env: host.env, input: new PassThrough() });
    expect(stdout.toString()).toMatch(/from inside\s*$/);
    const logs = await stage.start(["docker", "local", "--", "logs", "-f", "slow"], /first/, through(nginx));
    await logs.stop();
    await host.dockerOk(["rm", "-f", "slow"]);
  });

  test("bodies over nginx's 1 MB both ways, early answers, and heads of 40 kB", async () => {
    const { path } = await stage.randomFile("large", 5_000_000);
    const id = await host.dockerOk(["create", "busybox", "true"]);
    await host.dockerOk(["cp", path, `${id}:/large`]);
    await host.dockerOk(["cp", `${id}:/large`, `${path}.back`]);
    expect((await runCommand("cmp", [path, `${path}.back`])).code).toBe(0);
    expect((await host.docker(["cp", path, "no-such:/x"])).stderr.toString()).toContain("No such container");
    await host.dockerOk(["rm", id]);
    const url = "http://docker/images/json";
    const header = `X-Registry-Config: ${"x".repeat(40_000)}`;
    const { stdout } = await runCommand("curl", [
      "-s",
      "-o",
      "/dev/null",
      "-w",
      "%{http_code}",
      "--unix-socket",
      host.path,
      "-H",
      header,
      url,
    ]);
    expect(stdout.toString()).toBe("200");
  });

  test("BuildKit, whose connections become HTTP/2", async () => {
    const input = "FROM busybox\nRUN echo built > /b\n";
    const args = ["build", "--network", "none", "--no-cache", "-t", "built", "-"];
    const build = await host.docker(args, { input, env: { DOCKER_BUILDKIT: "1" } });
    expect([build.code, build.stderr.toString().slice(-2_000)]).toEqual([0, expect.anything()]);
    expect(await stage.engine.dockerOk(["run", "--rm", "built", "cat", "/b"])).toBe("built");
  });
});

describe("nginx for TCP", () => {
  test("everything passes, each direction's end by itself", async () => {
    await using nginx = await startDocumented("TCP");
    await stage.addEnvironment({ name: "whole", kind: "socket", address: stage.engine.socketPath });
    const host = await stage.connect("whole", { FAIRLEAD_URL: `http://127.0.0.1:${nginx.port}` });
    expect(await host.dockerOk(["run", "--rm", "busybox", "echo", "attached"])).toBe("attached");
    const input = Buffer.alloc(3_000_000, "fairlead\n");
    const cat = await host.docker(["run", "--rm", "-i", "busybox", "sh", "-c", "cat; sleep 0.2; echo after"], {
      input,
    });
    expect(cat.stdout.equals(Buffer.concat([input, Buffer.from("after\n")]))).toBe(true);
    const serverUrl = `ws://127.0.0.1:${nginx.port}/api/hawser/connect`;
    await stage.addEdge("over-tcp", {}, serverUrl);
  });
});
