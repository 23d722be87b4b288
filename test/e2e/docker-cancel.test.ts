import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, test } from "vitest";
import { waitFor } from "@fairlead/testkit";
import { connectKind, kinds } from "./environment-kinds.ts";
import { type ConnectedSocket, Stage } from "./stage.ts";
import { Terminal } from "./terminal.ts";

// A client that is killed says nothing to anybody: what it had open must end at the engine all the same, at once and by itself.
let stage: Stage;
beforeAll(async () => {
  // With it the engine tells what its connections are doing.
  stage = await Stage.open({ engine: { args: ["--debug"] } });
});
afterAll(() => stage[Symbol.asyncDispose]());

/**
 * It takes milliseconds; a busy machine may take seconds. Shorter than the time between two pings of hub and agent (10 s), which
 * must not be what ends it.
 */
const GONE_WITHIN_MS = 8_000;

interface Cancelled {
  command: readonly string[];
  /** What serves it in the engine. */
  handlers: readonly string[];
  /** What the command prints before it is killed. */
  shows?: string;
  env?: Record<string, string>;
  /** On a terminal, which a shell opens: words are quoted for it. Otherwise its standard input stays open. */
  terminal?: boolean;
}

/** Ends with its input, and only then. */
const CAT = ["sh", "-c", "echo ready; exec cat"];

const cases: Record<string, Cancelled> = {
  "logs -f": { command: ["logs", "-f", "quiet"], handlers: ["getContainersLogs"] },
  events: { command: ["events"], handlers: ["getEvents"] },
  stats: { command: ["stats", "quiet"], handlers: ["getContainersStats"] },
  wait: { command: ["wait", "quiet"], handlers: ["postContainersWait"] },
  "exec -i": {
    command: ["exec", "-i", "quiet", ...CAT],
    handlers: ["postContainerExecStart"],
    shows: "ready",
  },
  "run -i": {
    command: ["run", "--rm", "-i", "busybox", ...CAT],
    handlers: ["postContainersAttach", "postContainersWait"],
    shows: "ready",
  },
  "run -it": {
    command: ["run", "-it", "busybox", "sh", "-c", "'echo ready; exec sleep 1000'"],
    handlers: ["postContainersAttach", "postContainersWait"],
    shows: "ready",
    terminal: true,
  },
  "exec -it": {
    command: ["exec", "-it", "quiet", "sh", "-c", "'echo ready; exec cat'"],
    handlers: ["postContainerExecStart"],
    shows: "ready",
    terminal: true,
  },
  "build with the classic builder": {
    command: ["build", "--no-cache", "--network", "none", "CONTEXT"],
    handlers: ["postBuild"],
    shows: "RUN sleep",
    env: { DOCKER_BUILDKIT: "0" },
  },
  "build with BuildKit": {
    command: ["build", "--no-cache", "--network", "none", "CONTEXT"],
    // Its sessions end with a health check of the engine's own, after 5 s, on its own socket too: the last test sees to them.
    handlers: ["serveGRPC"],
    shows: "RUN sleep",
    env: { DOCKER_BUILDKIT: "1" },
  },
};

describe.each(kinds)("%s environment", (kind) => {
  let host: ConnectedSocket;
  let context: string;
  let connectionsBefore: number;
  beforeAll(async () => {
    host = await connectKind(stage, kind);
    context = join(stage.folder.path, `build-${kind}`);
    await mkdir(context);
    await writeFile(join(context, "Dockerfile"), "FROM busybox\nRUN sleep 1000\n");
    await stage.engine.dockerOk(["rm", "-f", "quiet"]);
    await stage.engine.dockerOk(["run", "-d", "--init", "--name", "quiet", "busybox", "sleep", "1000"]);
    // What agent and hub follow is there from the beginning.
    connectionsBefore = (await connections()).length;
  });

  test.each(Object.entries(cases))("%s", async (_, { command, handlers, shows = "", env = {}, terminal }) => {
    const before = await serving(handlers);
    const args = command.map((word) => (word === "CONTEXT" ? context : word));
    const client = await start(args, { ...host.env, ...env }, terminal);
    await waitFor(() => client.output().includes(shows), { what: () => `${shows} in ${client.output()}` });
    await waitFor(async () => (await serving(handlers)).every((count, index) => count > (before[index] ?? 0)), {
      what: () => `the engine to serve ${handlers.join(" and ")}`,
    });
    await client.kill();
    await waitFor(async () => String(await serving(handlers)) === String(before), {
      timeoutMs: GONE_WITHIN_MS,
      what: `the engine's side of ${command.join(" ")} to be gone`,
    });
  });

  test("no connection is left at work in the engine after all that", async () => {
    await waitFor(async () => (await connections()).length <= connectionsBefore, {
      what: `the engine to serve ${connectionsBefore} connections again`,
    });
  });
});

/** Starts a docker CLI whose standard input stays open, and gives what kills it. */
async function start(args: readonly string[], env: Record<string, string>, onTerminal = false) {
  if (onTerminal) {
    const terminal = await Terminal.open(`docker ${args.join(" ")}`, env);
    return { output: () => terminal.output, kill: () => terminal.kill() };
  }
  const client = spawn("docker", args, { env: { ...process.env, ...env }, stdio: "pipe" });
  let output = "";
  for (const stream of [client.stdout, client.stderr]) stream.on("data", (data: Buffer) => (output += data.toString()));
  const kill = async () => {
    // BuildKit builds are done by a child, the plugin buildx.
    const children = await childrenOf(client.pid ?? 0);
    client.kill("SIGKILL");
    for (const pid of children) process.kill(pid, "SIGKILL");
    await once(client, "exit");
  };
  return { output: () => output, kill };
}

async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(threads.map((id) => readFile(`/proc/${pid}/task/${id}/children`, "utf8")));
  return lists.flatMap((list) => list.split(" ").filter((word) => word !== "")).map(Number);
}

/** How many of the engine's connections are in each of the handlers of its API. */
async function serving(handlers: readonly string[]): Promise<number[]> {
  const stacks = await connections();
  return handlers.map((handler) => stacks.filter((stack) => stack.includes(`.${handler}(`)).length);
}

/** The engine's connections at work, upgraded ones included, each as the stack of the goroutine that serves it. */
async function connections(): Promise<string[]> {
  const call = request({ socketPath: stage.engine.socketPath, path: "/debug/pprof/goroutine?debug=2", agent: false });
  call.end();
  const [response] = (await once(call, "response")) as [IncomingMessage];
  const stacks = await text(response);
  if (response.statusCode !== 200) throw new Error(`the engine does not tell its goroutines: ${stacks}`);
  return stacks.split("\n\n").filter((stack) => stack.includes("net/http.serverHandler.ServeHTTP"));
}
