import { readFileSync } from "node:fs";
import { waitFor } from "@fairlead/testkit";
import { expect, it } from "vitest";
import type { EngineStream } from "../engine/engine-connection.ts";
import type { AgentSession } from "./agent-session.ts";
import { joinLink, type RawAgent, startLink, text } from "./link-under-test.ts";

type Json = Record<string, unknown>;

function recording(): { from: string; wire: Json }[] {
  const file = new URL("../../../protocol/vectors/session-1.0.jsonl", import.meta.url);
  const lines = readFileSync(file, "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as { from: string; wire: Json });
}

/** Does through a session what the recorded hub did, and keeps what came of it under the recorded ids. */
class Replay {
  readonly requests: Record<string, Promise<number>> = {};
  readonly streams: Record<string, Promise<EngineStream>> = {};
  readonly terminals: Record<string, Promise<unknown>> = {};
  /** The hub chooses ids of its own: by recorded id. */
  readonly #ids = new Map<unknown, unknown>();
  readonly #session: AgentSession;
  readonly #agent: RawAgent;

  constructor(session: AgentSession, agent: RawAgent) {
    this.#session = session;
    this.#agent = agent;
  }

  agentSends(wire: Json): void {
    const field = "requestId" in wire ? "requestId" : "execId";
    this.#agent.send(field in wire ? { ...wire, [field]: this.#ids.get(wire[field]) } : wire);
  }

  async hubDoes(wire: Json): Promise<void> {
    const before = this.#agent.came.length;
    const recordedId = String(wire["requestId"] ?? wire["execId"]);
    if (wire["type"] === "request") this.#request(recordedId, wire);
    else if (wire["type"] === "exec_start") this.#exec(recordedId, wire);
    else if (wire["type"] === "stream_end") (await this.streams[recordedId])?.cancel();
    else return;
    const sent = await this.#agent.until(() => this.#agent.came[before], `the hub's ${wire["type"]}`);
    if (wire["type"] !== "stream_end") this.#ids.set(recordedId, sent["requestId"] ?? sent["execId"]);
    const { requestId: _, execId: __, headers: ___, ...rest } = wire;
    expect(sent).toMatchObject(rest);
  }

  #request(id: string, { method, path, body, streaming }: Json): void {
    const bytes = body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) };
    const call = { method: String(method), path: String(path), ...bytes };
    if (streaming === true) this.streams[id] = this.#session.openStream(call);
    else this.requests[id] = this.#session.request(call).then(({ status }) => status);
  }

  #exec(id: string, { containerId, cmd, user }: Json): void {
    const start = { container: String(containerId), cmd: String(cmd), user: String(user), cols: 80, rows: 24 };
    this.terminals[id] = this.#session
      .openTerminal(start)
      .then(async (terminal) => [await text(terminal), (await terminal.ended).reason])
      .catch((error: unknown) => error);
  }
}

it("replays the agent's half of a recorded session of a deployed agent", async () => {
  const [hello, , ...rest] = recording();
  await using link = await startLink();
  const agent = await joinLink(link.url, { ...hello?.wire, token: "token-1" });
  const replay = new Replay(link.session(), agent);
  for (const { from, wire } of rest) {
    if (from === "agent") replay.agentSends(wire);
    else await replay.hubDoes(wire);
  }
  await waitFor(() => link.toldOf("metrics").length === 1, { what: "the metrics, which come last" });
  const statuses = await Promise.all(Object.values(replay.requests));
  expect(statuses).toEqual([200, 200, 404, 200, 201, 200, 404]);
  expect(await text((await replay.streams["r6"]) as EngineStream)).toBe('{"message":"No such container: nosuch"}\n');
  expect(await replay.terminals["e1"]).toEqual([expect.stringContaining("hi 42"), "container_exit"]);
  expect(await replay.terminals["e2"]).toEqual([expect.stringContaining("OCI runtime exec failed"), "container_exit"]);
  expect(await replay.terminals["e3"]).toMatchObject({ code: "exec_create_failed" });
  expect(link.toldOf("event").map(({ event }) => event.action)).toEqual(["create", "start", "kill", "die", "destroy"]);
  expect(link.toldOf("metrics")[0]?.metrics.diskTotal).toBe(270_553_174_016);
  expect(link.link.stats()).toMatchObject({ badMessages: {}, unknownTypes: 0 });
});
