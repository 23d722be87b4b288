import { once } from "node:events";
import { waitFor } from "@fairlead/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type HubFixture, startHubFixture } from "../http/hub-fixture.ts";

interface Message {
  readonly topic: string;
  readonly id: string;
  readonly data?: unknown;
}

let hub: HubFixture;
let open: WebSocket[];

beforeEach(async () => {
  open = [];
  hub = await startHubFixture();
});
afterEach(async () => {
  for (const socket of open) socket.terminate();
  await hub[Symbol.asyncDispose]();
});

class Reader {
  readonly messages: Message[] = [];
  readonly socket: WebSocket;
  closed: number | undefined;

  constructor(query = "", headers: Record<string, string> = { authorization: `Bearer ${hub.token}` }) {
    this.socket = new WebSocket(`ws://127.0.0.1:${hub.port}/api/v1/stream${query}`, { headers });
    open.push(this.socket);
    this.socket.on("message", (text: Buffer) => this.messages.push(JSON.parse(text.toString()) as Message));
    this.socket.on("error", () => {});
    this.socket.on("close", (code) => (this.closed = code));
  }

  get lastId(): string {
    return this.messages.at(-1)?.id ?? "";
  }

  get numbers(): unknown[] {
    return this.messages.filter(({ topic }) => topic === "event").map(({ data }) => data);
  }

  /** From here on nothing is missed. */
  async ready(): Promise<this> {
    await waitFor(() => this.messages.length > 0, { what: "the first position" });
    return this;
  }
}

const statusOf = async (query: string, headers: Record<string, string>): Promise<number> => {
  const { socket } = new Reader(query, headers);
  const [, response] = (await once(socket, "unexpected-response")) as [unknown, { statusCode: number }];
  return response.statusCode;
};

test("sends changes as texts, and at first where it stands", async () => {
  const { changes } = hub.domains;
  const reader = await new Reader("?topics=event").ready();
  expect(reader.messages).toEqual([{ topic: "idle", id: String(changes.newest) }]);
  changes.publish("event", 1, { text: "line\nbreak ü" });
  changes.publish("metrics", 1, 5);
  changes.publish("event", 1, 6);
  await waitFor(() => reader.numbers.length === 2, { what: "two events" });
  const first = Number(reader.messages[0]?.id);
  expect(reader.messages.slice(1)).toEqual([
    { topic: "event", id: String(first + 1), data: { text: "line\nbreak ü" } },
    { topic: "event", id: String(first + 3), data: 6 },
  ]);
});

test("resumes without loss or repetition, and resets where the id is not known", async () => {
  const { changes } = hub.domains;
  const seen: unknown[] = [];
  let reader = await new Reader().ready();
  for (let round = 0; round < 6; round += 1) {
    for (let count = 0; count < 150; count += 1) changes.publish("event", 1, round * 150 + count);
    await waitFor(() => reader.numbers.length > 40, { what: "some events" });
    reader.socket.terminate();
    // What comes in after the cut is not seen by anybody.
    seen.push(...reader.numbers);
    reader = new Reader(`?lastEventId=${reader.lastId}`);
  }
  await changes.flush();
  await waitFor(() => seen.length + reader.numbers.length >= 900, { what: "the rest" });
  expect([...seen, ...reader.numbers]).toEqual(Array.from({ length: 900 }, (_, index) => index));
  const reset = await new Reader("?lastEventId=nonsense").ready();
  expect(reset.messages[0]).toEqual({ topic: "reset", id: String(changes.newest), data: {} });
});

test("asks who it is, also in the query, and refuses a wrong question", async () => {
  const authorization = `Bearer ${hub.token}`;
  expect(await statusOf("", {})).toBe(401);
  expect(await statusOf("?access_token=wrong", {})).toBe(401);
  expect(await statusOf("?topics=weather", { authorization })).toBe(400);
  expect(await statusOf("?environment=nowhere", { authorization })).toBe(404);
  expect(await statusOf("", { authorization, origin: "https://elsewhere.example" })).toBe(403);
  await new Reader(`?access_token=${hub.token}`, {}).ready();
});

test("ends with the right that it rests on, and sends only what its caller may see", async () => {
  const one = await hub.domains.environments.create({ name: "one" });
  const grants = [{ role: "viewer", scope: { type: "environment" as const, environmentId: one.id } }];
  const { token, secret } = await hub.tokens.create({ name: "narrow", grants });
  const narrow = await new Reader("?topics=event", { authorization: `Bearer ${secret}` }).ready();
  const all = await new Reader("?topics=event").ready();
  hub.domains.changes.publish("event", 999, "hidden");
  hub.domains.changes.publish("event", one.id, "seen");
  await waitFor(() => narrow.numbers.length === 1 && all.numbers.length === 2, { what: "events" });
  expect(narrow.numbers).toEqual(["seen"]);
  await hub.tokens.revoke(token.id);
  await waitFor(() => narrow.closed !== undefined, { what: "the end" });
  expect(all.closed).toBeUndefined();
  expect(hub.live.size).toBe(1);
});
