import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "@fairlead/protocol/rest";
import { startAgent, waitFor } from "@fairlead/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ConnectedSocket, Stage } from "./stage.ts";

let stage: Stage;
let data: string;
let policy: string;
const sockets = new Map<string, ConnectedSocket>();
const kinds = ["edge", "standard", "streamless"] as const;

beforeAll(async () => {
  stage = await Stage.open();
  data = join(stage.folder.path, "data");
  mkdirSync(join(data, "web"), { recursive: true });
  writeFileSync(join(data, "note"), "a note");
  policy = join(stage.folder.path, "policy.yaml");
  writeFileSync(
    policy,
    `name: shop
allow: [system.view, container.*, image.view, network.view, volume.*]
deny: [container.pause]
containers: { allow: [{ name: "shop-*" }] }
images: { allow: [docker.io/library/busybox] }
binds: [${data}]
exec: { users: ["65534"] }
`,
  );
  const env = { POLICY: policy };
  await stage.addEdge("edge", env);
  await stage.addEdge("streamless", { ...env, FAIRLEAD_STREAMS: "off" });
  const token = "a-token-of-the-test";
  const agent = stage.keep(await startAgent({ token, dockerSocket: stage.engine.socketPath, env }));
  await stage.addEnvironment({ name: "standard", kind: "standard", address: agent.url ?? "", token });
  await stage.online("standard");
  for (const kind of kinds) sockets.set(kind, await stage.connect(kind));
});

afterAll(async () => {
  await stage?.[Symbol.asyncDispose]();
});

const REFUSED = (rule: string): RegExp => new RegExp(`this host's policy \\(file:shop\\) refuses .*\\[rule: ${rule}`);

describe.each(kinds)("a policy file on a host of kind %s", (kind) => {
  const docker = (...args: string[]) => (sockets.get(kind) ?? expect.unreachable()).docker(args);
  const dockerOk = (...args: string[]) => (sockets.get(kind) ?? expect.unreachable()).dockerOk(args);
  const web = `shop-${kind}`;

  test("a bind mount inside the roots is allowed, one outside is refused", async () => {
    const inside = ["-v", `${data}:/data`, "--network", "none", "--init", "--name", web];
    await dockerOk("create", ...inside, "busybox", "sleep", "1000");
    await dockerOk("start", web);
    const outside = await docker("create", "-v", "/etc:/data", "--name", `${web}-2`, "busybox", "true");
    expect(outside.code).not.toBe(0);
    expect(outside.stderr.toString()).toMatch(REFUSED("binds"));
    expect(await dockerOk("ps", "-a", "--format", "{{.Names}}")).not.toContain(`${web}-2`);
  });

  test("what else a container may not have is refused by its rule", async () => {
    for (const [rule, ...args] of [
      ["privileged", "--privileged"],
      ["hostNamespaces", "--network=host"],
      ["capabilities", "--cap-add=NET_ADMIN"],
      ["devices", "--device=/dev/null"],
      ["unconfined", "--security-opt=seccomp=unconfined"],
    ]) {
      const { stderr } = await docker("create", "--name", `${web}-2`, ...args, "busybox");
      expect(stderr.toString()).toMatch(REFUSED(rule ?? ""));
    }
    expect((await docker("create", "--name", "other", "busybox")).stderr.toString()).toMatch(
      REFUSED("containers.allow"),
    );
    expect((await docker("pause", web)).stderr.toString()).toMatch(REFUSED("deny: container.pause"));
    expect((await docker("network", "create", "n")).stderr.toString()).toMatch(REFUSED("allow"));
  });

  test.skipIf(kind === "streamless")("an exec as root is refused, as nobody allowed", async () => {
    for (const user of [[], ["-u", "root"], ["-u", "0"], ["-u", "65534:0"], ["--privileged", "-u", "65534"]]) {
      const { code, stderr } = await docker("exec", ...user, web, "id", "-u");
      expect(code).not.toBe(0);
      expect(stderr.toString()).toMatch(REFUSED(user.includes("--privileged") ? "privileged" : "exec.users"));
    }
    expect(await dockerOk("exec", "-u", "65534", web, "cat", "/data/note")).toBe("a note");
    const input = Buffer.alloc(300_000, "x");
    const { stdout } = await (sockets.get(kind) ?? expect.unreachable()).docker(
      ["exec", "-i", "-u", "65534", web, "wc", "-c"],
      { input },
    );
    expect(stdout.toString().trim()).toBe(String(input.length));
  });

  test("logs, files and the end of a container work as ever", async () => {
    await dockerOk("cp", join(data, "note"), `${web}:/tmp/note`);
    expect(await dockerOk("cp", `${web}:/tmp/note`, join(stage.folder.path, `note-${kind}`))).toBe("");
    await dockerOk("logs", web);
    const ordinary = ["run", "--rm", "--network", "none", "--name", `${web}-run`, "busybox", "echo", "hello"];
    if (kind !== "streamless") expect(await dockerOk(...ordinary)).toBe("hello");
    await dockerOk("rename", web, `${web}-renamed`);
    expect((await docker("rename", `${web}-renamed`, "other")).stderr.toString()).toMatch(REFUSED("containers.allow"));
    await dockerOk("rm", "-f", `${web}-renamed`);
  });
});

test("under no-exec containers run and images are built, with BuildKit too, and nobody gets in", async () => {
  await stage.addEdge("no-exec", { POLICY: "no-exec" });
  const socket = await stage.connect("no-exec");
  const context = join(stage.folder.path, "context");
  mkdirSync(context);
  writeFileSync(join(context, "Dockerfile"), "FROM busybox\nCOPY built /built\n");
  writeFileSync(join(context, "built"), "built\n");
  for (const DOCKER_BUILDKIT of ["0", "1"]) {
    await socket.dockerOk(["build", "-q", "-t", `built-${DOCKER_BUILDKIT}`, context], { env: { DOCKER_BUILDKIT } });
  }
  const options = ["--network", "none", "--init", "--name", "no-exec-1"];
  await socket.dockerOk(["run", "-d", ...options, "built-1", "sh", "-c", "cat /built; sleep 1000"]);
  const exec = await socket.docker(["exec", "no-exec-1", "id"]);
  expect(exec.code).not.toBe(0);
  expect(exec.stderr.toString()).toMatch(/this host's policy \(no-exec\) refuses .*\[rule: no-exec: /);
  // Of a connection that is not taken over the command line tells the status alone.
  const attach = await socket.docker(["attach", "--no-stdin", "no-exec-1"]);
  expect(attach.code).not.toBe(0);
  expect(attach.stderr.toString()).toContain("403");
  await waitFor(async () => (await socket.dockerOk(["logs", "no-exec-1"])) === "built", {
    what: "the container's log",
  });
  await socket.dockerOk(["rm", "-f", "no-exec-1"]);
});

test("the hub shows which policy its host has", async () => {
  const { agent } = await stage.api<Environment>("GET", "/environments/edge");
  expect(agent?.policy).toBe("file:shop");
  const { stdout } = await stage.fairlead(["env", "show", "edge"]);
  expect(stdout.toString()).toMatch(/^Policy: +file:shop$/m);
});

test("a terminal of the hub is under it", async () => {
  await stage.engine.docker([
    "run",
    "-d",
    "--name",
    "shop-term",
    "--network",
    "none",
    "--init",
    "busybox",
    "sleep",
    "1000",
  ]);
  const refused = await stage.fairlead(["exec", "streamless", "shop-term", "id"]);
  expect(refused.code).not.toBe(0);
  expect(refused.stderr.toString()).toMatch(REFUSED("exec.users"));
  const allowed = await stage.fairlead(["exec", "-u", "65534", "streamless", "shop-term", "id", "-u"]);
  expect(allowed.stdout.toString()).toContain("65534");
});

test("an agent with a wrong policy file does not start, and says where it is wrong", async () => {
  const wrong = join(stage.folder.path, "wrong.yaml");
  writeFileSync(wrong, "allow:\n  - container.run\n");
  const env = { POLICY: wrong, BIND_ADDRESS: "127.0.0.1", PORT: "0", DOCKER_SOCKET: stage.engine.socketPath };
  const { code, stderr } = await stage.fairlead(["agent"], { env });
  expect(code).toBe(2);
  expect(stderr.toString()).toMatch(/wrong\.yaml line 2: allow\[0\]: is "container.run", which is no endpoint class/);
});
