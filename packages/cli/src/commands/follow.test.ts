import type { ServerResponse } from "node:http";
import {
  cleanEnvironment,
  type FakeEngine,
  fairleadBin,
  type HubProgram,
  type Program,
  runCommand,
  startFakeEngine,
  startHub,
  startProgram,
  type TempDir,
  tempDir,
  waitFor,
} from "@fairlead/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

let hub: HubProgram;
let engine: FakeEngine;
let home: TempDir;
let programs: Program[];

beforeEach(async () => {
  programs = [];
  [hub, engine, home] = await Promise.all([startHub(), startFakeEngine(), tempDir()]);
  const add = ["env", "add", "web-1", "--kind", "socket", "--address", engine.socketPath];
  expect((await runCommand(fairleadBin, add, { env: environment() })).code).toBe(0);
  await waitFor(() => engine.eventListeners > 0, { what: "the hub to listen for events" });
});

afterEach(async () => {
  for (const program of programs) await program.kill();
  await Promise.all([hub.stop(), engine.stop()]);
  await home.stop();
});

const environment = () => ({
  ...cleanEnvironment(),
  HOME: home.path,
  FAIRLEAD_URL: hub.url,
  FAIRLEAD_API_TOKEN: hub.token,
});

async function fairlead(...args: string[]): Promise<Program> {
  const program = await startProgram(fairleadBin, args, { env: environment() });
  programs.push(program);
  return program;
}

const ID = "a".repeat(64);

/** Something that happens to a container of the engine, now. */
function happens(Action: string, name = "web", id = ID): void {
  engine.emitEvent({ Type: "container", Action, Actor: { ID: id, Attributes: { name, image: "busybox" } } });
}

describe("events", () => {
  const actions = (program: Program): string[] =>
    program.lines
      .filter((line) => line.startsWith("{"))
      .map((line) => (JSON.parse(line) as { event: { action: string } }).event.action);

  test("those that were kept, then those that happen, each once, also when the hub restarts meanwhile", async () => {
    happens("create");
    happens("start");
    await waitFor(
      async () =>
        (await runCommand(fairleadBin, ["events", "--since", "1h", "--no-follow"], { env: environment() })).stdout
          .toString()
          .includes("web-1 start web busybox"),
      {
        what: "the events to be kept",
      },
    );
    const program = await fairlead("events", "--since", "1h", "--json");
    await waitFor(() => actions(program).length === 2, { what: "what was kept" });
    happens("pause");
    await waitFor(() => actions(program).length === 3, { what: "what happens" });
    await hub.restart();
    await program.waitForLine(/trying again/);
    await waitFor(() => engine.eventListeners > 0, { what: "the hub to listen again" });
    happens("unpause");
    await waitFor(() => actions(program).length >= 4, { what: "what happens after the restart" });
    expect(actions(program)).toEqual(["create", "start", "pause", "unpause"]);
    expect(await program.stop("SIGINT")).toEqual({ code: 0, signal: null });
  });

  test("of some containers and actions only", async () => {
    const program = await fairlead("events", "web-1", "--action", "die", "stop", "-c", "w*");
    await waitFor(
      () => {
        happens("start");
        happens("die", "other", "b".repeat(64));
        happens("stop");
        return program.lines.length >= 2;
      },
      { what: "events", intervalMs: 100 },
    );
    expect(program.lines.every((line) => line.includes("stop web"))).toBe(true);
  });

  test("until a time that is still to come", async () => {
    const program = await fairlead("events", "--until", new Date(Date.now() + 1_000).toISOString());
    expect(await program.exited).toEqual({ code: 0, signal: null });
  });
});

describe("logs --follow", () => {
  const time = (second: number): string => `2026-01-31T12:00:${String(second).padStart(2, "0")}Z`;

  test("history in order of time, then what comes; through a restart of a container, and of one that starts later", async () => {
    const follows = new Map<string, ServerResponse[]>();
    const history: Record<string, string[]> = {
      web: [`${time(1)} one`, `${time(4)} four`],
      api: [`${time(2)} two`],
      late: [],
    };
    const ids: Record<string, string> = { web: ID, api: "b".repeat(64), late: "c".repeat(64) };
    const container = (name: string): FakeEngine["containers"][number] => ({
      Id: ids[name] ?? "",
      Names: [`/${name}`],
      Image: "",
      ImageID: "",
      Command: "",
      Created: 0,
      State: "running",
      Status: "",
      Ports: [],
      Labels: {},
    });
    engine.containers = [container("web"), container("api")];
    engine.handle("GET /containers/*/json", ({ json, path }) => {
      if (path === "/containers/json") json(200, engine.containers);
      else json(200, { Config: { Tty: true } });
    });
    engine.handle("GET /containers/*/logs", ({ path, query, response }) => {
      const name = Object.keys(ids).find((key) => path.includes(ids[key] ?? "-")) ?? "";
      const since = Number(query.get("since") ?? 0) * 1000;
      const lines = (history[name] ?? []).filter((line) => Date.parse(line.split(" ")[0] ?? "") >= since);
      response.write(lines.map((line) => `${line}\r\n`).join(""));
      if (query.get("follow") === "1") follows.set(name, [...(follows.get(name) ?? []), response]);
      else response.end();
    });
    const logs = (name: string, line: string): void => {
      history[name]?.push(line);
      follows.get(name)?.at(-1)?.write(`${line}\r\n`);
    };
    const program = await fairlead("logs", "-f", "--container", "*");
    await waitFor(() => follows.size === 2, { what: "both to be followed" });
    await waitFor(() => program.lines.length === 3, { what: "the history" });
    expect(program.lines).toEqual(["web-1/web | one", "web-1/api | two", "web-1/web | four"]);

    logs("api", `${time(6)} six`);
    logs("web", `${time(5)} five`);
    await waitFor(() => program.lines.length === 5, { what: "two more lines" });
    expect(program.lines.slice(3)).toEqual(["web-1/web | five", "web-1/api | six"]);

    // It stops, and starts again.
    follows.get("web")?.[0]?.end();
    history["web"]?.push(`${time(7)} seven`);
    engine.containers = [...engine.containers, container("late")];
    await waitFor(
      () => {
        happens("start");
        happens("start", "late", ids["late"]);
        return follows.get("web")?.length === 2 && follows.has("late");
      },
      { what: "them to be followed from their start", intervalMs: 200 },
    );
    logs("late", `${time(8)} eight`);
    await program.waitForLine(/late \| eight/);
    await program.waitForLine(/web \| seven/);

    // The engine breaks the connection: it is followed again, without a line lost or twice.
    follows.get("web")?.[1]?.socket?.destroy();
    logs("web", `${time(9)} nine`);
    await program.waitForLine(/web \| nine/);
    expect(program.lines.filter((line) => /\| (one|four|five|seven|nine)$/.test(line))).toHaveLength(5);
    expect(await program.stop("SIGINT")).toEqual({ code: 0, signal: null });
  });
});
