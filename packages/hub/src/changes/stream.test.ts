import type { AddressInfo } from "node:net";
import { waitFor } from "@fairlead/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { silentLog as log } from "../database/database-fixture.ts";
import { type AppFixture, appFixture } from "../http/app-fixture.ts";
import { ChangeFeed } from "./change-feed.ts";
import { ChangeStore } from "./change-store.ts";
import { streamRoutes } from "./routes.ts";
import { StreamEndpoint } from "./stream-endpoint.ts";
import { StreamReaders } from "./stream-readers.ts";
import { StreamReaderFixture } from "./stream-reader-fixture.ts";

let fixture: AppFixture;
let feed: ChangeFeed;
let readers: StreamReaders;
let address: string;
let options: { heartbeatMs?: number; stallMs?: number };

async function start(): Promise<void> {
  readers = new StreamReaders();
  fixture = await appFixture((app, { db, authorization, live }) => {
    feed = new ChangeFeed({ store: new ChangeStore(db), log });
    streamRoutes(app, { feed, readers, authorization, live, ...options });
  });
  await feed.start();
  await fixture.app.listen({ port: 0, host: "127.0.0.1" });
  address = `http://127.0.0.1:${(fixture.app.server.address() as AddressInfo).port}`;
}

beforeEach(() => {
  options = {};
});

afterEach(async () => {
  readers.stop();
  await feed.stop();
  await fixture.stop();
});

const open = (path = "/api/v1/stream", headers: Record<string, string> = {}): Promise<StreamReaderFixture> =>
  StreamReaderFixture.open(address, path, fixture.token, headers);
const numbersOf = (reader: StreamReaderFixture): unknown[] =>
  reader.events.map(({ data }) => JSON.parse(data ?? "") as unknown);
const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("GET /api/v1/stream", () => {
  it("sends what changes as server-sent events, from now on, with ids in order", async () => {
    await start();
    feed.publish("event", 1, "before");
    await feed.flush();
    const reader = await (await open()).ready();
    expect(reader.response.headers["content-type"]).toBe("text/event-stream");
    expect(reader.response.headers["x-content-type-options"]).toBe("nosniff");
    expect(reader.positions).toEqual(["1"]);
    feed.publish("event", 1, { text: "line\nbreak ü" });
    feed.publish("metrics", 2, 5);
    await waitFor(() => reader.events.length === 2, { what: "two events" });
    expect(reader.events).toEqual([
      { id: "2", event: "event", data: '{"text":"line\\nbreak ü"}' },
      { id: "3", event: "metrics", data: "5" },
    ]);
    expect(readers.connected).toBe(1);
    reader.cut();
    await waitFor(() => readers.connected === 0, { what: "the reader's end" });
  });

  it("resumes by Last-Event-ID without loss or repetition while others write", async () => {
    await start();
    const seen: unknown[] = [];
    let published = 0;
    const writer = setInterval(() => {
      for (let count = 0; count < 25 && published < 3_000; count += 1) feed.publish("event", 1, (published += 1));
    }, 2);
    let reader = await open();
    await reader.ready();
    const first = Number(reader.positions[0]);
    let position = String(first);
    for (let cut = 1; cut <= 12; cut += 1) {
      await waitFor(() => reader.events.length > 40 || published === 3_000, { what: "some events" });
      reader.cut();
      seen.push(...numbersOf(reader));
      position = reader.lastEventId ?? position;
      const inHeader = cut % 2 === 0;
      reader = await (inHeader
        ? open("/api/v1/stream", { "last-event-id": position })
        : open(`/api/v1/stream?lastEventId=${position}`));
    }
    await waitFor(() => published === 3_000, { what: "the writer" });
    clearInterval(writer);
    await feed.flush();
    await waitFor(() => reader.lastEventId === "3000", { what: () => `the last event, now at ${reader.lastEventId}` });
    seen.push(...numbersOf(reader));
    expect(seen).toEqual(numbers(first + 1, 3_000));
    reader.cut();
  });

  it("resumes from an earlier life of the hub, and resets where the id is not kept or not known", async () => {
    await start();
    const store = new ChangeStore(fixture.db);
    const change = { topic: "event" as const, environment_id: 1, at: 0, body: "1" };
    await store.insertAll(Array.from({ length: 300 }, () => change));
    await store.prune(100, 0);
    await feed.start();
    const resumed = await open("/api/v1/stream", { "last-event-id": "250" });
    await waitFor(() => resumed.events.length === 50, { what: "what came after 250" });
    expect(resumed.events[0]).toEqual({ id: "251", event: "event", data: "1" });
    for (const id of ["10", "5000", "nonsense", "-1"]) {
      const reset = await open(`/api/v1/stream?lastEventId=${id}`);
      await waitFor(() => reset.events.length === 1, { what: `a reset for ${id}` });
      expect(reset.events[0]).toEqual({ id: "300", event: "reset", data: "{}" });
      reset.cut();
    }
    resumed.cut();
  });

  it("filters by topic and environment; a quiet reader's position moves on all the same", async () => {
    options = { heartbeatMs: 30 };
    await start();
    const host = await fixture.environments.create({ name: "host" });
    const other = await fixture.environments.create({ name: "other" });
    const path = `/api/v1/stream?topics=event,environment&environment=host,${other.id}`;
    const reader = await (await open(path)).ready();
    for (const topic of ["event", "metrics", "environment"] as const) {
      for (const id of [host.id, other.id, 99]) feed.publish(topic, id, `${topic} ${id}`);
    }
    await waitFor(() => reader.events.length === 4, { what: "four events" });
    expect(numbersOf(reader)).toEqual([
      `event ${host.id}`,
      `event ${other.id}`,
      `environment ${host.id}`,
      `environment ${other.id}`,
    ]);
    await waitFor(() => reader.lastEventId === "9", { what: "the position after what was filtered out" });
    await waitFor(() => reader.comments > 1, { what: "comments while it is quiet" });
    reader.cut();
  });

  it("answers wrong questions with an error that names the field", async () => {
    await start();
    const topics = await fixture.request({ url: "/api/v1/stream?topics=event,weather" });
    expect(topics.json()).toMatchObject({ code: "bad_request", details: { field: "topics" } });
    const environment = await fixture.request({ url: "/api/v1/stream?environment=nowhere" });
    expect(environment.statusCode).toBe(404);
    const anonymous = await fixture.app.inject({ url: "/api/v1/stream" });
    expect(anonymous.statusCode).toBe(401);
  });

  it("a reader that takes nothing holds up nobody, costs little, and is cut in the end", async () => {
    // The quick one must not look stalled while this process gets no time: it is its other side, too.
    options = { stallMs: 5_000 };
    await start();
    const quick = await (await open()).ready();
    const slow = await (await open()).ready();
    slow.response.pause();
    const text = "x".repeat(50_000);
    // More than the sockets of both sides take in.
    for (let count = 0; count < 600; count += 1) feed.publish("event", 1, text);
    await feed.flush();
    await waitFor(() => quick.events.length === 600, { what: "the quick reader's events" });
    await waitFor(() => readers.connected === 1, { what: "the slow reader's end" });
    slow.response.resume();
    await waitFor(() => slow.ended, { what: "the slow reader to notice" });
    const received = slow.events.length;
    expect(received).toBeLessThan(600);
    const resumed = await open("/api/v1/stream", { "last-event-id": slow.lastEventId ?? "" });
    await waitFor(() => resumed.events.length === 600 - received, { what: "the rest" });
    quick.cut();
    resumed.cut();
  });

  it("cuts a WebSocket that takes nothing, and tells a quiet one where it stands", async () => {
    options = { heartbeatMs: 30, stallMs: 5_000 };
    await start();
    const caller = await fixture.tokens.authenticate(fixture.token);
    const endpoint = new StreamEndpoint({ feed, readers, authorization: fixture.authorization, ...options });
    fixture.app.server.on("upgrade", (request, socket, head) => {
      if (caller) void endpoint.handleUpgrade(request, socket, head, caller);
    });
    const socket = new WebSocket(`${address.replace("http", "ws")}/api/v1/stream`);
    let texts: string[] = [];
    socket.on("message", (data: Buffer) => texts.push(data.toString()));
    socket.on("error", () => {});
    await waitFor(() => texts.length > 2, { what: "texts while it is quiet" });
    expect(new Set(texts)).toEqual(new Set(['{"topic":"idle","id":"0"}']));
    texts = [];
    socket.pause();
    for (let count = 0; count < 600; count += 1) feed.publish("event", 1, "x".repeat(50_000));
    await feed.flush();
    await waitFor(() => readers.connected === 0, { what: "the slow reader's end" });
    socket.resume();
    await waitFor(() => socket.readyState === WebSocket.CLOSED, { what: "the slow reader to notice" });
    expect(texts.length).toBeLessThan(600);
  });

  it("ends its readers cleanly when the hub stops", async () => {
    await start();
    const reader = await (await open()).ready();
    readers.stop();
    await waitFor(() => reader.ended, { what: "the end" });
    expect(reader.response.complete).toBe(true);
    const late = await fixture.request({ url: "/api/v1/stream" });
    expect(late.json()).toMatchObject({ code: "shutting_down" });
  });
});
