import { mkdir } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CONTAINER_ACTIONS } from "@fairlead/protocol";
import type { ContainerList, Environment, EventItem, EventPage } from "@fairlead/protocol/rest";
import { type AgentProgram, runCommand, startProgram, waitFor } from "@fairlead/testkit";
import { type ConnectedSocket, Stage } from "./stage.ts";

// Acceptance 3 of the foundation: an edge environment over protocol 1.0, its agent started with nothing but URL and token.
let stage: Stage;
let agent: AgentProgram;
let host: ConnectedSocket;
beforeAll(async () => {
  stage = await Stage.open();
  ({ agent } = await stage.addEdge("edge"));
  host = await stage.connect("edge");
  await mkdir(host.env["DOCKER_CONFIG"] ?? "", { recursive: true });
});
afterAll(() => stage[Symbol.asyncDispose]());

describe("plain docker through fairlead connect", () => {
  test("ps, images, inspect, system df", async () => {
    expect(await host.dockerOk(["images", "-q"])).toBe(await stage.engine.dockerOk(["images", "-q"]));
    expect(await host.dockerOk(["ps", "-a", "-q"])).toBe(await stage.engine.dockerOk(["ps", "-a", "-q"]));
    expect(await host.dockerOk(["inspect", "busybox"])).toBe(await stage.engine.dockerOk(["inspect", "busybox"]));
    expect(await host.dockerOk(["system", "df"])).toContain("Images");
  });

  test("create, start, logs, stats, stop, rm", async () => {
    const id = await host.dockerOk([
      "create",
      "--name",
      "life",
      "busybox",
      "sh",
      "-c",
      "trap 'exit 4' TERM; echo out; echo err >&2; while :; do sleep 0.1; done",
    ]);
    await host.dockerOk(["start", "life"]);
    expect(await host.dockerOk(["ps", "-q", "--no-trunc"])).toContain(id);
    await waitFor(async () => (await stage.engine.docker(["logs", "life"])).stderr.length > 0, {
      what: "the container's output",
    });
    const logs = await host.docker(["logs", "life"]);
    expect([logs.stdout.toString(), logs.stderr.toString()]).toEqual(["out\n", "err\n"]);
    expect(await host.dockerOk(["stats", "--no-stream", "--format", "{{.Name}}", "life"])).toBe("life");
    await host.dockerOk(["stop", "life"]);
    expect(await host.dockerOk(["inspect", "-f", "{{.State.ExitCode}}", "life"])).toBe("4");
    expect(await host.dockerOk(["wait", "life"])).toBe("4");
    await host.dockerOk(["rm", "life"]);
    const gone = await host.docker(["inspect", "life"]);
    expect([gone.code, gone.stderr.toString()]).toEqual([1, expect.stringContaining("No such object")]);
  });

  test("run -d answers at once, logs -f follows and ends with the container", async () => {
    await host.dockerOk([
      "run",
      "-d",
      "--name",
      "follow",
      "busybox",
      "sh",
      "-c",
      "for i in 1 2 3; do echo line $i; sleep 0.2; done",
    ]);
    expect(await host.dockerOk(["logs", "-f", "follow"])).toBe("line 1\nline 2\nline 3");
    await host.dockerOk(["rm", "follow"]);
    const missing = await host.docker(["logs", "-f", "follow"]);
    expect([missing.code, missing.stderr.toString()]).toEqual([1, expect.stringContaining("No such container")]);
  });

  test("events are followed, and the follower's end reaches the engine", async () => {
    const events = await startProgram("docker", ["events", "--filter", "type=container", "--format", "{{.Action}}"], {
      env: host.env,
    });
    // The engine sends no byte before the first event: one is made again and again until the follower sees it.
    await waitFor(
      async () => {
        await stage.engine.dockerOk(["run", "--rm", "busybox", "true"]);
        return events.lines.includes("destroy");
      },
      { what: "the event" },
    );
    await events.stop();
  });

  test("networks and volumes: ls, create, rm", async () => {
    for (const noun of ["network", "volume"]) {
      await host.dockerOk([noun, "create", "made"]);
      expect(await host.dockerOk([noun, "ls", "--format", "{{.Name}}"])).toContain("made");
      await host.dockerOk([noun, "rm", "made"]);
      expect(await host.dockerOk([noun, "ls", "--format", "{{.Name}}"])).not.toContain("made");
    }
  });

  test("what 1.0 cannot carry is refused by name", async () => {
    // The docker CLI shows the status of a refused upgrade and drops the message.
    await stage.addEdge("older", { FAIRLEAD_STREAMS: "off" });
    const older = await stage.connect("older");
    const { code, stderr } = await older.docker(["run", "--rm", "-i", "busybox", "cat"], { input: Buffer.from("x") });
    expect([code, stderr.toString()]).toEqual([expect.any(Number), expect.stringContaining("received 501")]);
    expect(code).not.toBe(0);
    const attach = stage.api("POST", "/environments/older/docker/containers/any/attach?stream=1");
    await expect(attach).rejects.toThrow(/501 .*streams\/1/);
  });

  test("files up to the limit travel, a 404 is a 404", async () => {
    const { path } = await stage.randomFile("small", 5_000_000);
    const id = await host.dockerOk(["create", "busybox", "true"]);
    await host.dockerOk(["cp", path, `${id}:/small`]);
    await host.dockerOk(["cp", `${id}:/small`, `${path}.back`]);
    expect((await runCommand("cmp", [path, `${path}.back`])).code).toBe(0);
    expect((await host.docker(["cp", path, "no-such:/x"])).stderr.toString()).toContain("No such container");
    await host.dockerOk(["rm", id]);
  });
});

describe("the command line", () => {
  test("exec opens a shell with the terminal's size and its exit code", async () => {
    const id = await stage.engine.dockerOk(["run", "-d", "--name", "shell", "busybox", "sleep", "1000"]);
    const { stdout } = await runCommand(
      "script",
      ["-qec", `stty rows 31 cols 99; ${process.cwd()}/bin/fairlead exec edge shell sh`, "/dev/null"],
      {
        env: stage.cliEnv,
        input: Buffer.from(
          "until [ \"$(stty size)\" = '31 99' ]; do sleep 0.1; done; echo size $(stty size); echo $((6*7)); exit\n",
        ),
      },
    );
    expect(stdout.toString()).toContain("size 31 99");
    expect(stdout.toString()).toContain("42");
    await stage.engine.dockerOk(["rm", "-f", id]);
  });

  test("ps lists the host's containers, labelled", async () => {
    await stage.engine.dockerOk(["run", "-d", "--name", "listed", "busybox", "sleep", "1000"]);
    const { code, stdout } = await stage.fairlead(["ps"]);
    expect(code).toBe(0);
    expect(stdout.toString()).toMatch(/edge.*listed/);
    await stage.engine.dockerOk(["rm", "-f", "listed"]);
  });
});

describe("after a kill", () => {
  test(
    "agent and hub are back online by themselves, and every event in between is stored once, in order",
    { timeout: 240_000 },
    async () => {
      const truth = await startProgram("docker", [
        "-H",
        `unix://${stage.engine.socketPath}`,
        "events",
        "--filter",
        "type=container",
        "--format",
        "{{json .}}",
      ]);
      await waitFor(
        async () => {
          await stage.engine.dockerOk(["run", "--rm", "busybox", "true"]);
          return truth.lines.length > 0;
        },
        { what: "the engine's events" },
      );
      const first = engineEvents(truth.lines)[0];

      await stage.hub.kill();
      await createContainers("hub-down", 200);
      await stage.hub.restart();
      await stage.online("edge");

      await agent.kill();
      await createContainers("agent-down", 20);
      await agent.restart();
      await stage.online("edge");
      await stage.engine.dockerOk(["run", "--rm", "--name", "last", "busybox", "true"]);

      await waitFor(() => truth.lines.at(-1)?.includes('"destroy"') && truth.lines.at(-1)?.includes("last"), {
        what: "the last event at the engine",
      });
      const expected = engineEvents(truth.lines);
      await waitFor(async () => (await storedEvents(first)).at(-1) === expected.at(-1), {
        what: "the last event in the hub",
      });
      expect(await storedEvents(first)).toEqual(expected);
      await truth.stop();
    },
  );

  test("an offline host's last known state is kept, with its age", async () => {
    await stage.engine.dockerOk(["run", "-d", "--name", "remembered", "busybox", "sleep", "1000"]);
    const listed = async () => (await stage.api<ContainerList>("GET", "/containers?environment=edge")).items[0];
    await waitFor(async () => JSON.stringify(await listed()).includes("/remembered"), {
      what: "the container in the list",
    });
    await agent.kill();
    await waitFor(async () => (await stage.api<Environment>("GET", "/environments/edge")).link.state === "down", {
      what: "the link to be down",
    });
    // The hub's snapshot follows the start event; its own time says how old it is.
    const kept = await listed();
    expect(kept?.live).toBe(false);
    expect(Date.parse(kept?.at ?? "")).toBeLessThanOrEqual(Date.now());
    expect(kept?.error).toBeTruthy();
    await agent.restart();
    await stage.online("edge");
    await stage.engine.dockerOk(["rm", "-f", "remembered"]);
  });
});

/** The events the engine told while somebody listened, as `time action id`. */
function engineEvents(lines: readonly string[]): string[] {
  return (
    lines
      .map((line) => ({ line, event: JSON.parse(line) as { Action: string; Actor: { ID: string } } }))
      .filter(({ event }) => CONTAINER_ACTIONS.includes(event.Action))
      .map(({ line, event }) => `${/"timeNano":(\d+)/.exec(line)?.[1]} ${event.Action} ${event.Actor.ID}`)
      // The engine tells what happens side by side in no fixed order: the order is that of its own times.
      .toSorted((a, b) => (a < b ? -1 : 1))
  );
}

/** The hub's history from the given event on, in the same form. */
async function storedEvents(first: string | undefined): Promise<string[]> {
  const items: EventItem[] = [];
  let after = 0;
  for (;;) {
    const page = await stage.api<EventPage>("GET", `/environments/edge/events?limit=1000&after=${after}`);
    items.push(...page.items);
    if (page.next === null) break;
    after = page.next;
  }
  const texts = items.flatMap((item) =>
    item.kind === "event"
      ? [`${nanoseconds(item.event.timestamp)} ${item.event.action} ${item.event.containerId}`]
      : [],
  );
  return texts.slice(texts.indexOf(first ?? ""));
}

function nanoseconds(timestamp: string): string {
  const [, seconds = "", fraction = ""] = /^([^.Z]+)(?:\.(\d+))?Z$/.exec(timestamp) ?? [];
  return `${Date.parse(`${seconds}Z`) / 1000}${fraction.padEnd(9, "0")}`;
}

async function createContainers(prefix: string, count: number): Promise<void> {
  const script = `for i in $(seq ${count}); do docker create --name ${prefix}-$i busybox true >/dev/null || exit 1; done; docker rm $(docker ps -aq --filter name=${prefix}) >/dev/null`;
  const { code, stderr } = await runCommand("sh", ["-c", script], {
    env: { DOCKER_HOST: `unix://${stage.engine.socketPath}` },
  });
  if (code !== 0) throw new Error(stderr.toString());
}
