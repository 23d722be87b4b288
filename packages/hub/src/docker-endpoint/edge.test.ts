import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type Dockerd,
  type LegacyAgent,
  runCommand,
  startDockerd,
  startLegacyAgent,
  tempDir,
  waitFor,
} from "@fairlead/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LinkUnderTest, startLink } from "../link/link-under-test.ts";
import { type EndpointUnderTest, startEndpoint } from "./endpoint-fixture.ts";
import { RawCaller } from "./raw-caller-fixture.ts";

/** The plain docker command through a 1.0 agent, of the two kinds that the field knows. */
let dockerd: Dockerd;

beforeAll(async () => {
  dockerd = await startDockerd({ network: true });
  await dockerd.importBusybox();
});

afterAll(async () => {
  await dockerd?.stop();
});

describe.each([
  ["that gives refused streams a status", false],
  ["that sends refusals of streams as data", true],
])("docker through an edge agent %s", (_kind, streamErrorsAsData) => {
  let link: LinkUnderTest;
  let agent: LegacyAgent;
  let hub: EndpointUnderTest;
  const name = `web-${String(streamErrorsAsData)}`;

  beforeAll(async () => {
    link = await startLink();
    agent = await startLegacyAgent({
      url: link.url,
      token: "token-1",
      dockerSocket: dockerd.socketPath,
      dialect: { streamErrorsAsData },
    });
    await waitFor(() => link.link.sessions.get(1), { what: "the session" });
    hub = await startEndpoint({ kind: "edge" }, { session: () => link.link.sessions.get(1) });
  });

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]();
    await agent?.[Symbol.asyncDispose]();
    await link?.[Symbol.asyncDispose]();
  });

  test("what the CLI does all day", async () => {
    await hub.dockerOk([
      "create",
      "--name",
      name,
      "--init",
      "busybox",
      "sh",
      "-c",
      "echo out; echo err >&2; sleep 1000",
    ]);
    await hub.dockerOk(["start", name]);
    expect(await hub.dockerOk(["ps", "--filter", `name=${name}`, "--format", "{{.Names}}"])).toBe(name);
    expect(await hub.dockerOk(["images", "busybox", "--format", "{{.Repository}}"])).toBe("busybox");
    expect(await hub.dockerOk(["inspect", "--format", "{{.State.Status}}", name])).toBe("running");
    expect(await hub.dockerOk(["stats", "--no-stream", "--format", "{{.Name}}", name])).toBe(name);
    expect(await hub.dockerOk(["top", name])).toContain("sleep 1000");
    await hub.dockerOk(["system", "df"]);
    for (const noun of ["network", "volume"]) {
      await hub.dockerOk([noun, "create", `${name}-x`]);
      expect(await hub.dockerOk([noun, "ls"])).toContain(`${name}-x`);
      await hub.dockerOk([noun, "rm", `${name}-x`]);
    }
    await hub.dockerOk(["exec", "-d", name, "touch", "/detached"]);
    await waitFor(async () => (await dockerd.docker(["exec", name, "ls", "/detached"])).code === 0, {
      what: "the detached exec",
    });
  });

  test("logs, followed or not, of a program with and without a terminal", async () => {
    const logs = await hub.docker(["logs", name]);
    expect([logs.stdout.toString(), logs.stderr.toString()]).toEqual(["out\n", "err\n"]);
    await hub.dockerOk([
      "run",
      "-dt",
      "--name",
      `${name}-tty`,
      "busybox",
      "sh",
      "-c",
      "echo raw; while [ ! -e /go ]; do sleep 0.1; done; echo last",
    ]);
    const followed = hub.docker(["logs", "-f", `${name}-tty`]);
    await hub.dockerOk(["exec", "-d", `${name}-tty`, "touch", "/go"]);
    expect((await followed).stdout.toString()).toBe("raw\r\nlast\r\n");
    await hub.dockerOk(["rm", `${name}-tty`]);
  });

  test("events and wait; leaving a stream ends it at the agent", async () => {
    const leave = new AbortController();
    const since = String(Math.floor(Date.now() / 1000));
    const events = hub.docker(["events", "--since", since, "--filter", `container=${name}-e`], {
      signal: leave.signal,
    });
    await hub.dockerOk([
      "run",
      "-d",
      "--name",
      `${name}-e`,
      "busybox",
      "sh",
      "-c",
      "while [ ! -e /go ]; do sleep 0.1; done; exit 9",
    ]);
    const waited = hub.dockerOk(["wait", `${name}-e`]);
    await hub.dockerOk(["exec", "-d", `${name}-e`, "touch", "/go"]);
    expect(await waited).toBe("9");
    await waitFor(() => agent.open.streams > 0, { what: "the stream of events" });
    leave.abort();
    expect((await events).stdout.toString()).toContain("container start ");
    await waitFor(() => agent.open.streams === 0, { what: "the end of the stream at the agent" });
    await hub.dockerOk(["rm", `${name}-e`]);
  });

  test("cp both ways, save, load, classic build, export", async () => {
    await using folder = await tempDir();
    await writeFile(join(folder.path, "in"), Buffer.alloc(3_000_000, "0123456789\n"));
    await hub.dockerOk(["cp", join(folder.path, "in"), `${name}:/in`]);
    await hub.dockerOk(["cp", `${name}:/in`, join(folder.path, "out")]);
    expect((await runCommand("cmp", [join(folder.path, "in"), join(folder.path, "out")])).code).toBe(0);
    const saved = await hub.docker(["save", "busybox"]);
    expect(await hub.dockerOk(["load"], { input: saved.stdout })).toContain("busybox");
    await writeFile(join(folder.path, "Dockerfile"), "FROM busybox\nCOPY in /in\n");
    await hub.dockerOk(["build", "-t", "edge-built", folder.path], { env: { DOCKER_BUILDKIT: "0" } });
    expect((await hub.docker(["export", name])).stdout.length).toBeGreaterThan(3_000_000);
  });

  test("the engine's refusals keep their words", async () => {
    for (const command of [
      ["logs", "nosuch"],
      ["logs", "-f", "nosuch"],
      ["wait", "nosuch"],
      ["export", "nosuch"],
      ["stop", "nosuch"],
      ["cp", "nosuch:/x", "-"],
    ]) {
      const { code, stderr } = await hub.docker(command);
      expect([code, stderr.toString()]).toEqual([1, expect.stringContaining("No such container: nosuch")]);
    }
    const { stderr } = await hub.docker(["cp", `${name}:/nosuch`, "-"]);
    expect(stderr.toString()).toContain("Could not find the file /nosuch");
    const pull = await fetch(
      `http://127.0.0.1:${hub.port}${hub.prefix}/v1.44/images/create?fromImage=nosuch&fromSrc=`,
      { method: "POST" },
    );
    expect(pull.status).toBeGreaterThanOrEqual(400);
    expect(await pull.json()).toEqual({ message: expect.any(String) });
  });

  test("what 1.0 cannot carry is a 501 that names the capability", async () => {
    const attach = await hub.docker(["attach", name]);
    expect(attach.stderr.toString()).toMatch(/501|streams\/1/);
    for (const upgrade of ["", "Connection: Upgrade\r\nUpgrade: tcp\r\n"]) {
      const caller = new RawCaller(hub.port);
      caller.send(
        `POST ${hub.prefix}/v1.44/containers/x/attach HTTP/1.1\r\nHost: x\r\n${upgrade}Content-Length: 0\r\n\r\n`,
      );
      expect(await caller.ended()).toMatch(/^HTTP\/1\.1 501 Not Implemented\r\n[^]*{"message":".*streams\/1/);
      caller.socket.end();
    }
    const large = await hub.docker(["load"], { input: Buffer.alloc(17 * 1024 * 1024) });
    expect(large.stderr.toString()).toContain("streams/1");
    const announced = await fetch(`http://127.0.0.1:${hub.port}${hub.prefix}/images/load`, {
      method: "POST",
      body: new Uint8Array(17 * 1024 * 1024),
    });
    expect(announced.status).toBe(501);
  });

  test("an agent that is away, or goes away", async () => {
    const stream = await fetch(
      `http://127.0.0.1:${hub.port}${hub.prefix}/v1.44/containers/${name}/logs?stdout=1&follow=1`,
    );
    expect(stream.status).toBe(200);
    const waiting = fetch(`http://127.0.0.1:${hub.port}${hub.prefix}/v1.44/containers/${name}/stop?t=60`, {
      method: "POST",
    });
    await waitFor(() => link.link.sessions.get(1) !== undefined, { what: "the session" });
    agent.connection.socket.terminate();
    expect((await waiting).status).toBe(502);
    await expect(stream.arrayBuffer()).rejects.toThrow();
    await waitFor(() => link.link.sessions.get(1) === undefined, { what: "the end of the session" });
    const away = await fetch(`http://127.0.0.1:${hub.port}${hub.prefix}/_ping`);
    expect([away.status, await away.json()]).toEqual([
      502,
      { message: expect.stringMatching(/agent is not connected.*Start the agent/) },
    ]);
    const upgrade = new RawCaller(hub.port);
    upgrade.send(`POST ${hub.prefix}/containers/x/attach HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`);
    expect(await upgrade.ended()).toMatch(/^HTTP\/1\.1 502 /);
    upgrade.socket.end();
  });
});
