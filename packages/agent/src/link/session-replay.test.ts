import { readFileSync } from "node:fs";
import { type Dockerd, startDockerd, startLegacyHub, waitFor, type WireMessage } from "@fairlead/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestEdgeAgent } from "./edge-agent-fixture.ts";

interface Recorded {
  readonly from: "agent" | "hub";
  readonly wire: WireMessage;
}

const session = readFileSync(new URL("../../../protocol/vectors/session-1.0.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Recorded);

/** What differs between two runs: ids, times, addresses and digests. */
function normalized(message: WireMessage): WireMessage {
  const headers = { ...(message["headers"] as Record<string, string> | undefined) };
  delete headers["Date"];
  delete headers["Server"];
  delete headers["Content-Length"];
  return { ...message, ...(message["headers"] === undefined ? {} : { headers }) };
}

/** Terminal output as one text an exec: where it is cut into messages depends on the moment. */
function terminal(messages: readonly WireMessage[], execId: string): string {
  return Buffer.concat(
    messages
      .filter((message) => message["type"] === "exec_output" && message["execId"] === execId)
      .map((message) => Buffer.from(String(message["data"]), "base64")),
  ).toString();
}

describe("the recorded session of a deployed peer", () => {
  let dockerd: Dockerd;
  const answers: WireMessage[] = [];
  const recorded = session.filter(({ from }) => from === "agent").map(({ wire }) => wire);
  let token = "";

  beforeAll(async () => {
    dockerd = await startDockerd({ network: true });
    await dockerd.importBusybox();
    token = String(recorded[0]?.["token"]);
    await using hub = await startLegacyHub({ token });
    await using _agent = await startTestEdgeAgent({
      url: hub.url,
      token,
      socketPath: dockerd.socketPath,
      config: { metricsIntervalMs: 1_000 },
      options: {
        hasCompose: () => Promise.resolve(true),
        compose: () => Promise.resolve({ status: 200, result: { success: true, output: "", exitCode: 0 } }),
        readMetrics: () => Promise.resolve(recorded.at(-1)?.["metrics"] as object),
      },
    });
    const connection = await hub.waitForAgent();
    const run = [
      "run",
      "-d",
      "--name",
      "recorded",
      "busybox",
      "sh",
      "-c",
      "echo out; sleep 1; echo err >&2; sleep 300",
    ];
    await dockerd.dockerOk(run);
    await connection.waitForMessage("container_event", (message) => eventOf(message)["action"] === "start");
    await waitFor(async () => (await dockerd.docker(["logs", "recorded"])).stderr.toString().includes("err"), {
      what: "logs",
    });
    for (const { from, wire } of session) {
      if (from !== "hub" || wire["type"] === "welcome" || wire["type"] === "pong") continue;
      connection.send(wire);
      await answered(wire);
    }
    await dockerd.dockerOk(["rm", "-f", "recorded"]);
    await connection.waitForMessage("container_event", (message) => eventOf(message)["action"] === "destroy");
    await connection.waitForMessage("metrics");
    answers.push(...connection.received());

    /** What the recorded hub waited for before it went on. */
    async function answered(wire: WireMessage): Promise<void> {
      const id = String(wire["requestId"] ?? wire["execId"]);
      if (wire["type"] === "request" && wire["streaming"] === true && id === "r5") {
        await connection.waitForMessage("stream", (message) => message["requestId"] === id && message["data"] !== "");
      } else if (wire["type"] === "request" && wire["streaming"] === true) {
        await connection.waitForMessage("stream_end", (message) => message["requestId"] === id);
      } else if (wire["type"] === "request") {
        await connection.waitForMessage("response", (message) => message["requestId"] === id);
      } else if (wire["type"] === "stream_end") {
        await connection.waitForMessage("stream_end", (message) => message["requestId"] === id);
      } else if (id === "e1" && wire["type"] === "exec_start") {
        await waitFor(() => terminal(connection.received(), id).includes("# "), { what: "the prompt" });
      } else if (id === "e1" && wire["data"] === "ZWNobyBoaSAkKCg2KjcpKQ0=") {
        await waitFor(() => /hi 42\r\n.*# /s.test(terminal(connection.received(), id)), { what: "the echo" });
      } else if (id === "e1" && wire["data"] === "ZXhpdA0=") {
        await connection.waitForMessage("exec_end", (message) => message["execId"] === id);
      } else if (id === "e2") {
        await connection.waitForMessage("exec_end", (message) => message["execId"] === id);
      } else if (id === "e3") {
        await connection.waitForMessage("error", (message) => message["requestId"] === id);
      } else if (wire["type"] === "ping") {
        await connection.waitForMessage("pong");
      }
    }
  });

  afterAll(async () => {
    await dockerd.stop();
  });

  const eventOf = (message: WireMessage): Record<string, unknown> => message["event"] as Record<string, unknown>;
  const ours = (test: (message: WireMessage) => boolean): WireMessage[] => answers.filter(test);
  const theirs = (test: (message: WireMessage) => boolean): WireMessage[] => recorded.filter(test);
  const about =
    (id: string, type?: string) =>
    (message: WireMessage): boolean =>
      (message["requestId"] === id || message["execId"] === id) && (type === undefined || message["type"] === type);

  test("hello has the same shape", () => {
    const [hello] = answers;
    const [theirHello] = recorded;
    expect(Object.keys(hello ?? {})).toEqual(Object.keys(theirHello ?? {}));
    expect({ ...hello, version: "", agentId: "", agentName: "", hostname: "" }).toEqual({
      ...theirHello,
      version: "",
      agentId: "",
      agentName: "",
      hostname: "",
      // Ours has one more, which hubs of 1.0 ignore.
      capabilities: [...((theirHello?.["capabilities"] ?? []) as string[]), "streams/1"],
    });
  });

  test.each(["r1", "r2", "r3", "r4", "r7", "r8", "r9"])("response %s is the same", (id) => {
    const [mine, ...rest] = ours(about(id));
    const [other] = theirs(about(id));
    expect(rest).toEqual([]);
    expect(Object.keys(mine ?? {})).toEqual(Object.keys(other ?? {}));
    const [a, b] = [normalized(mine ?? {}), normalized(other ?? {})];
    if (id === "r2") {
      const [container] = JSON.parse(String(a["body"])) as Record<string, unknown>[];
      const [theirContainer] = JSON.parse(String(b["body"])) as Record<string, unknown>[];
      expect(Object.keys(container ?? {})).toEqual(Object.keys(theirContainer ?? {}));
      expect(container?.["Names"]).toEqual(["/recorded"]);
    }
    if (id === "r7") expect(Object.keys(JSON.parse(String(a["body"])) as object)).toEqual(["Id"]);
    const variable = id === "r2" || id === "r7" ? { body: "" } : {};
    expect({ ...a, ...variable }).toEqual({ ...b, ...variable });
  });

  test("the followed log and its cancel", () => {
    const [head, ...pieces] = ours(about("r5"));
    expect(head).toEqual({ type: "stream", requestId: "r5", data: "" });
    const data = pieces.filter(({ type }) => type === "stream");
    const bytes = Buffer.concat(data.map((piece) => Buffer.from(String(piece["data"]), "base64")));
    expect(bytes.toString("base64")).toBe(theirs(about("r5", "stream"))[0]?.["data"]);
    expect(pieces.at(-1)).toEqual({ type: "stream_end", requestId: "r5", reason: "cancelled" });
  });

  test("a stream for a container that is not there: its status and body, then the end", () => {
    const [response, end] = ours(about("r6"));
    const body = Buffer.from(String(theirs(about("r6", "stream"))[0]?.["data"]), "base64").toString();
    expect(response).toMatchObject({ type: "response", statusCode: 404, body });
    expect(end).toEqual({ type: "stream_end", requestId: "r6", reason: "completed" });
  });

  test("the three execs", () => {
    const e1 = ours(about("e1"));
    expect(e1[0]).toEqual({ type: "exec_ready", execId: "e1" });
    expect(e1.at(-1)).toEqual({ type: "exec_end", execId: "e1", reason: "container_exit" });
    expect(terminal(e1, "e1")).toContain("echo hi $((6*7))\r\nhi 42\r\n");
    const e2 = ours(about("e2"));
    expect(e2[0]).toEqual({ type: "exec_ready", execId: "e2" });
    expect(terminal(e2, "e2")).toBe(terminal(recorded, "e2"));
    expect(e2.at(-1)).toEqual({ type: "exec_end", execId: "e2", reason: "container_exit" });
    expect(ours(about("e3"))).toEqual(theirs(about("e3")));
  });

  test("the events of the container", () => {
    const isEvent = (message: WireMessage): boolean => message["type"] === "container_event";
    const shape = (message: WireMessage): unknown => {
      const { event } = message as { event: Record<string, unknown> };
      const attributes = { ...(event["actorAttributes"] as Record<string, string>) };
      // Seconds, which depend on the day.
      delete attributes["execDuration"];
      return { ...event, containerId: "", timestamp: "", actorAttributes: attributes };
    };
    expect(ours(isEvent).map(shape)).toEqual(theirs(isEvent).map(shape));
    for (const message of ours(isEvent)) {
      expect(eventOf(message)["timestamp"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
      expect(String(eventOf(message)["containerId"])).toMatch(/^[0-9a-f]{64}$/);
    }
  });

  test("ping and metrics", () => {
    expect(ours(({ type }) => type === "pong")).toEqual(theirs(({ type }) => type === "pong"));
    const [metrics] = ours(({ type }) => type === "metrics");
    expect(metrics?.["metrics"]).toEqual(recorded.at(-1)?.["metrics"]);
    expect(metrics?.["timestamp"]).toBeTypeOf("number");
  });
});
