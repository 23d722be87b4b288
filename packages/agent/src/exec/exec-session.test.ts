import { setTimeout as sleep } from "node:timers/promises";
import {
  type Dockerd,
  type LegacyHub,
  type LegacyHubConnection,
  startDockerd,
  startFakeEngine,
  startLegacyHub,
  waitFor,
} from "@fairlead/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startTestEdgeAgent, type TestEdgeAgent } from "../link/edge-agent-fixture.ts";

describe("exec sessions on a real engine", () => {
  let dockerd: Dockerd;
  let hub: LegacyHub;
  let agent: TestEdgeAgent;
  let connection: LegacyHubConnection;

  beforeAll(async () => {
    dockerd = await startDockerd();
    await dockerd.importBusybox();
    await dockerd.dockerOk(["run", "-d", "--init", "--name", "box", "busybox", "sleep", "100000"]);
    hub = await startLegacyHub();
    agent = await startTestEdgeAgent({ url: hub.url, token: hub.token, socketPath: dockerd.socketPath });
  });

  afterAll(async () => {
    await agent[Symbol.asyncDispose]();
    await hub.stop();
    await dockerd.stop();
  });

  beforeEach(async () => {
    connection = await hub.waitForAgent();
  });

  /** Processes of the container whose command line matches. */
  async function processes(pattern: RegExp): Promise<string[]> {
    const list = await dockerd.dockerOk(["top", "box", "-eo", "pid,args"]);
    return list.split("\n").filter((line) => pattern.test(line));
  }

  test("keystrokes sent before the exec is ready, and all others, keep their order", async () => {
    const exec = connection.exec({ containerId: "box", cmd: "cat" });
    const text = Array.from({ length: 500 }, (_, index) => `${index},`).join("");
    for (const character of text) exec.write(character);
    exec.write("\n");
    await exec.ready();
    // The terminal's echo, then the line that cat prints.
    await exec.waitForOutput(`${text}\r\n${text}\r\n`);
    exec.write("\u0004");
    expect(await exec.ended()).toBe("container_exit");
  });

  test("the terminal has the size asked for, from the start and after a resize", async () => {
    const exec = connection.exec({
      containerId: "box",
      cmd: "sh -c 'tty; stty size; read x; stty size'",
      cols: 101,
      rows: 33,
    });
    await exec.waitForOutput("33 101\r\n");
    // The terminal of the test before may still be there.
    const device = /\/dev\/pts\/\d+/.exec(exec.output())?.[0];
    for (const cols of [110, 111, 112]) exec.resize(cols, 44);
    exec.resize(0, 0);
    exec.resize(70_000, 44);
    await waitFor(
      async () => {
        const probe = connection.exec({ containerId: "box", cmd: `sh -c 'stty size <${device}'` });
        await probe.ended();
        return probe.output() === "44 112\r\n";
      },
      { what: "the last size" },
    );
    exec.write("\n");
    await exec.waitForOutput("44 112\r\n");
    expect(await exec.ended()).toBe("container_exit");
  });

  test("user, quoting and words of the command", async () => {
    const exec = connection.exec({
      containerId: "box",
      cmd: `sh -c 'echo "$(id -u)" "$0" "$1"' "a b" c\\ d`,
      user: "1000",
    });
    await exec.waitForOutput("1000 a b c d\r\n");
    expect(await exec.ended()).toBe("container_exit");
  });

  test("no command is a shell", async () => {
    const exec = connection.exec({ containerId: "box", cmd: "" });
    await exec.ready();
    exec.write("echo $((6*7))\r");
    await exec.waitForOutput("42\r\n");
    exec.write("exit\r");
    expect(await exec.ended()).toBe("container_exit");
  });

  test("a quote without its end, and a container that is not running, are create errors", async () => {
    await expect(connection.exec({ containerId: "box", cmd: "sh -c 'x" }).ready()).rejects.toThrow("EXEC_CREATE_ERROR");
    await dockerd.dockerOk(["create", "--name", "still", "busybox", "sleep", "1"]);
    await expect(connection.exec({ containerId: "still" }).ready()).rejects.toThrow(/EXEC_CREATE_ERROR/);
  });

  test("Ctrl-P passes at once", async () => {
    const exec = connection.exec({ containerId: "box", cmd: "cat -v" });
    await exec.ready();
    exec.write("\u0010\n");
    await exec.waitForOutput("^P\r\n");
    exec.end();
    await exec.ended();
  });

  test("a megabyte of output arrives whole", async () => {
    const exec = connection.exec({ containerId: "box", cmd: "sh -c 'seq 1 150000; echo end'" });
    const output = await exec.waitForOutput("end\r\n");
    expect(output.split("\r\n").slice(0, 150_000)).toEqual(
      Array.from({ length: 150_000 }, (_, index) => String(index + 1)),
    );
    expect(await exec.ended()).toBe("container_exit");
  });

  test("the hub's end is confirmed, and ends the process", async () => {
    const exec = connection.exec({ containerId: "box", cmd: "sleep 1111" });
    await exec.ready();
    await waitFor(async () => (await processes(/sleep 1111/)).length === 1, { what: "the process" });
    exec.end();
    expect(await exec.ended()).toBe("user_closed");
    await waitFor(async () => (await processes(/sleep 1111/)).length === 0, { what: "the end of the process" });
  });

  test("a process that ignores the hang-up is killed", async () => {
    const exec = connection.exec({
      containerId: "box",
      cmd: `sh -c "trap '' HUP; echo deaf; while read x; do :; done; sleep 1212"`,
    });
    await exec.waitForOutput("deaf");
    exec.end();
    expect(await exec.ended()).toBe("user_closed");
    await waitFor(async () => (await processes(/deaf/)).length === 0, { what: "the end of the process" });
  });

  test("an end that overtakes the start leaves no process", async () => {
    const exec = connection.exec({ containerId: "box", cmd: "sleep 2222" });
    exec.end();
    expect(await exec.ended()).toBe("user_closed");
    await waitFor(async () => (await processes(/sleep 2222/)).length === 0, { what: "the end of the process" });
  });

  test("a lost connection ends the terminal's processes, but no daemon that was started from it", async () => {
    const exec = connection.exec({ containerId: "box" });
    await exec.ready();
    exec.write("setsid sleep 3333 &\r");
    exec.write("sleep 4444\r");
    await waitFor(async () => (await processes(/sleep (3333|4444)/)).length === 2, { what: "both processes" });
    const terminal = /\s(\/bin\/sh|sleep 4444)$/;
    expect(await processes(terminal)).toHaveLength(2);
    connection.terminate();
    await waitFor(async () => (await processes(terminal)).length === 0, {
      what: "the end of the terminal's processes",
    });
    expect(await processes(/sleep 3333/)).toHaveLength(1);
    await hub.waitForAgent(hub.connections.indexOf(connection) + 1);
  });

  test("ids: a second one that is open is refused and the first goes on, unknown ones are ignored", async () => {
    const exec = connection.exec({ containerId: "box", cmd: "cat" });
    await exec.ready();
    connection.send({
      type: "exec_start",
      execId: exec.execId,
      containerId: "box",
      cmd: "sh",
      user: "",
      cols: 1,
      rows: 1,
    });
    await connection.waitForMessage("error", ({ code }) => code === "duplicate_request");
    connection.send({ type: "exec_input", execId: "nobody", data: "" });
    connection.send({ type: "exec_resize", execId: "nobody", cols: 1, rows: 1 });
    connection.send({ type: "exec_end", execId: "nobody" });
    exec.write("still here\n");
    await exec.waitForOutput("still here\r\nstill here\r\n");
    exec.end();
    await exec.ended();
  });

  test("a process that reads nothing gets no more than the limit", async () => {
    const exec = connection.exec({ containerId: "box", cmd: "sh -c 'stty raw -echo; echo raw; sleep 5555'" });
    await exec.waitForOutput("raw");
    const paste = "x".repeat(512 * 1024);
    for (let sent = 0; sent < 16; sent += 1) exec.write(paste);
    await connection.waitForMessage(
      "error",
      ({ code, requestId }) => code === "slow_reader" && requestId === exec.execId,
    );
    expect(await exec.ended()).toBe("error");
    await waitFor(async () => (await processes(/sleep 5555/)).length === 0, { what: "the end of the process" });
  });

  test("a keystroke's echo is fast", async () => {
    const exec = connection.exec({ containerId: "box", cmd: "cat" });
    await exec.ready();
    const times: number[] = [];
    for (let index = 0; index < 50; index += 1) {
      const before = exec.output().length;
      const start = performance.now();
      exec.write("k");
      await waitFor(() => exec.output().length > before, { what: "the echo", intervalMs: 1 });
      times.push(performance.now() - start);
    }
    // Measured at 1 to 3 ms. A batching delay (Nagle with delayed acknowledgements) would make each 40, but for the first of a
    // connection; a busy machine makes many slow, but not all.
    expect(Math.min(...times.slice(25))).toBeLessThan(30);
    exec.end();
    await exec.ended();
  });

  test("an engine that dies ends execs with an error, not as an exit", async () => {
    const exec = connection.exec({ containerId: "box", cmd: "cat" });
    await exec.ready();
    await dockerd.kill();
    expect(await exec.ended()).toBe("error");
    await dockerd.restart();
    await dockerd.dockerOk(["start", "box"]);
  });
});

test("an engine that takes a size only after the start (API before 1.42) has it before the first keystroke", async () => {
  await using engine = await startFakeEngine();
  engine.version = { Version: "20.10.24", ApiVersion: "1.41", MinAPIVersion: "1.12" };
  let isResized = false;
  engine.handle("POST /exec/*/resize", async ({ json }) => {
    await sleep(200);
    isResized = true;
    json(200, {});
  });
  await using hub = await startLegacyHub();
  await using _agent = await startTestEdgeAgent({ url: hub.url, token: hub.token, socketPath: engine.socketPath });
  const connection = await hub.waitForAgent();
  const exec = connection.exec({ containerId: "c", cols: 90, rows: 30 });
  exec.write("early");
  await exec.ready();
  expect(isResized).toBe(true);
  await exec.waitForOutput("early");
  const resize = engine.requests.find(({ url }) => url.includes("/resize"));
  expect(resize?.url).toBe("/v1.41/exec/fake-exec/resize?h=30&w=90");
});
