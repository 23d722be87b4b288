import { MAX_BAD_MESSAGES, MAX_BODY_BYTES, MAX_REQUESTS_IN_FLIGHT } from "@fairlead/protocol";
import { waitFor } from "@fairlead/testkit";
import { describe, expect, it } from "vitest";
import { joinLink, serve, startLink, text } from "./link-under-test.ts";

type Json = Record<string, unknown>;

const get = (path: string) => ({ method: "GET", path });
const LOGS = get("/v1.45/containers/c/logs?follow=1");
const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("request", () => {
  it("sends the call and gives the answer, header names in lower case", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    serve(agent, () => [
      { type: "response", statusCode: 201, headers: { "Content-Type": "a/b", "Bad Name": "x", B: "a\nb" }, body: "OK" },
    ]);
    const body = Buffer.from('{"Image":"busybox","Size":12345678901234567890}');
    const headers = { "content-type": "application/json" };
    const answer = await link
      .session()
      .request({ method: "POST", path: "/containers/create?name=a%20b", headers, body });
    expect(answer).toEqual({
      status: 201,
      headers: { "content-type": "a/b" },
      body: new Uint8Array(Buffer.from("OK")),
    });
    const request = await agent.message("request");
    expect(request).toMatchObject({ method: "POST", path: "/containers/create?name=a%20b", headers, streaming: false });
    expect(request["requestId"]).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
  });

  it("answers many at once, whatever their order", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    const requests: Json[] = [];
    agent.onMessage = (message) => {
      requests.push(message);
      if (requests.length < 50) return;
      for (const { requestId, path } of requests.toReversed()) {
        agent.send({ type: "response", requestId, statusCode: 200, body: path });
      }
    };
    const paths = Array.from({ length: 50 }, (_, n) => `/containers/${n}/json`);
    const answers = await Promise.all(paths.map((path) => link.session().request(get(path))));
    expect(answers.map(({ body }) => Buffer.from(body).toString())).toEqual(paths);
  });

  it("times out with agent_timeout, and ignores the late answer", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    await expect(link.session().request(get("/info?secret=1"), { timeoutMs: 30 })).rejects.toMatchObject({
      code: "agent_timeout",
      message: expect.not.stringContaining("secret"),
    });
    const { requestId } = await agent.message("request");
    agent.send({ type: "response", requestId, statusCode: 200 });
    await waitFor(() => link.link.stats().lateMessages === 1, { what: "the late answer" });
  });

  it("is cancelled by its signal, before and after it was sent", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    const abort = new AbortController();
    const request = link.session().request(get("/info"), { signal: abort.signal });
    await agent.message("request");
    abort.abort();
    await expect(request).rejects.toMatchObject({ code: "cancelled" });
    await expect(link.session().request(get("/x"), { signal: abort.signal })).rejects.toMatchObject({
      code: "cancelled",
    });
    agent.send({ type: "ping", timestamp: 1 });
    await agent.message("pong");
    expect(agent.came.map((message) => message["type"])).toEqual(["welcome", "request", "stream_end", "pong"]);
  });

  it.each([
    ["DOCKER_ERROR", "engine_unreachable"],
    ["READ_ERROR", "engine_error"],
    ["PARSE_ERROR", "agent_error"],
    ["COMPOSE_ERROR", "compose_failed"],
    ["engine_timeout", "engine_timeout"],
    ["unauthenticated", "agent_error"],
    ["constructor", "agent_error"],
    [undefined, "agent_error"],
  ])("fails with the agent's error %s as %s", async (wire, code) => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    serve(agent, () => [{ type: "error", error: "dial unix: no such file", code: wire }]);
    await expect(link.session().request(get("/info"))).rejects.toMatchObject({
      code,
      message: "dial unix: no such file",
    });
  });

  it("takes an error whose text is in `message`", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    serve(agent, () => [{ type: "error", message: "broken" }]);
    await expect(link.session().request(get("/info"))).rejects.toMatchObject({ message: "broken" });
  });

  it("gives compose output before its one response", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    serve(agent, () => [
      { type: "stream", data: base64("Container a  Started\n") },
      { type: "stream", data: base64("Container b  Started\n") },
      { type: "response", statusCode: 200, body: '{"success":true}' },
    ]);
    const lines: string[] = [];
    const call = {
      method: "POST",
      path: "/_hawser/compose",
      body: Buffer.from('{"operation":"up","streamOutput":true}'),
    };
    const answer = await link.session().request(call, { onStream: (data) => lines.push(Buffer.from(data).toString()) });
    expect(lines).toEqual(["Container a  Started\n", "Container b  Started\n"]);
    expect(Buffer.from(answer.body).toString()).toBe('{"success":true}');
    const stream = await link.session().openStream(call);
    expect(await text(stream)).toBe('Container a  Started\nContainer b  Started\n{"success":true}');
  });

  it("says needs_streams for a body over the limit, without sending it", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    const body = new Uint8Array(MAX_BODY_BYTES + 1);
    const request = link.session().request({ method: "PUT", path: "/containers/c/archive", body });
    await expect(request).rejects.toMatchObject({
      code: "needs_streams",
      message: expect.stringContaining("streams/1"),
    });
    expect(agent.came).toHaveLength(1);
  });

  it("carries a binary body both ways, byte for byte", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, n) => n));
    serve(agent, (request) => [
      { type: "response", statusCode: 200, body: request["body"], isBinary: request["isBinary"] },
    ]);
    const answer = await link.session().request({ method: "PUT", path: "/containers/c/archive", body: bytes });
    expect(Buffer.from(answer.body)).toEqual(bytes);
  });

  it("refuses more requests than may be in flight, and goes on when some have ended", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    const session = link.session();
    const abort = new AbortController();
    const open = Array.from({ length: MAX_REQUESTS_IN_FLIGHT }, () =>
      session.request(get("/x"), { signal: abort.signal }),
    );
    const all = Promise.allSettled(open);
    await expect(session.request(get("/one-more"))).rejects.toMatchObject({ code: "too_many_requests" });
    abort.abort();
    await all;
    serve(agent, (request) => (request["path"] === "/y" ? [{ type: "response", statusCode: 200 }] : []));
    await expect(session.request(get("/y"))).resolves.toMatchObject({ status: 200 });
  });

  it("fails with agent_disconnected when the agent goes away, and afterwards", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    const session = link.session();
    const request = session.request(get("/info"));
    const failed = expect(request).rejects.toMatchObject({ code: "agent_disconnected" });
    await agent.message("request");
    agent.socket.terminate();
    await failed;
    await expect(session.request(get("/info"))).rejects.toMatchObject({ code: "agent_disconnected" });
    await expect(session.openStream(LOGS)).rejects.toMatchObject({ code: "agent_disconnected" });
    await expect(session.ping(100)).rejects.toMatchObject({ code: "agent_disconnected" });
  });

  it("does not take a status that is none", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    serve(agent, () => [{ type: "response", statusCode: 0 }]);
    await expect(link.session().request(get("/info"))).rejects.toMatchObject({ code: "agent_error" });
  });

  it("fails at once when its answer cannot be read", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    serve(agent, () => [{ type: "response", statusCode: 200, body: "???", isBinary: true }]);
    await expect(link.session().request(get("/info"))).rejects.toMatchObject({ code: "agent_error" });
    expect(await agent.message("error")).toMatchObject({ code: "bad_base64", requestId: expect.any(String) });
  });
});

describe("bad input from an agent", () => {
  it.each([
    ["malformed_json", "{"],
    ["missing_type", '{"requestId":"r"}'],
    ["invalid_message", '{"type":"stream_end","requestId":7}'],
    ["bad_base64", '{"type":"stream","requestId":"r","data":"?"}'],
    ["unexpected_message", '{"type":"welcome","environmentId":1}'],
    ["unexpected_message", '{"type":"hello","token":"token-1"}'],
    ["unexpected_message", '{"type":"request","requestId":"r","method":"GET","path":"/","streaming":false}'],
    ["unexpected_message", '{"type":"exec_input","execId":"e","data":""}'],
  ])("answers %s and goes on", async (code, data) => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    agent.socket.send(data);
    expect(await agent.message("error")).toMatchObject({ code, error: expect.any(String) });
    agent.send({ type: "ping", timestamp: 5 });
    await agent.message("pong");
    expect(link.link.stats().badMessages).toEqual({ [code]: 1 });
  });

  it("ignores unknown types and fields", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    for (let n = 0; n < 3 * MAX_BAD_MESSAGES; n += 1) agent.send({ type: "inventory_sync", items: [n] });
    agent.send({ type: "ping", timestamp: 5, future: { nested: [1] } });
    await agent.message("pong");
    expect(agent.came.map((message) => message["type"])).toEqual(["welcome", "pong"]);
    expect(link.link.stats()).toMatchObject({ unknownTypes: 300, badMessages: {} });
  });

  it("closes after too many bad messages in a row", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    for (let n = 0; n < MAX_BAD_MESSAGES; n += 1) agent.socket.send("nonsense");
    expect((await agent.ended()).code).toBe(1008);
    expect(agent.came.at(-1)).toMatchObject({ type: "error", code: "too_many_bad_messages" });
  });

  it("closes on a binary message with 1003", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    agent.socket.send(Buffer.from([1, 0, 0, 0, 1]));
    expect(await agent.message("error")).toMatchObject({ code: "unexpected_binary" });
    expect((await agent.ended()).code).toBe(1003);
  });

  it("closes on a message over the limit with 1009, and others go on", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    const other = await joinLink(link.url, { token: "token-2" });
    agent.socket.send("x".repeat(33 * 1024 * 1024));
    expect((await agent.ended()).code).toBe(1009);
    other.send({ type: "ping", timestamp: 1 });
    await other.message("pong");
    expect(link.link.stats().badMessages).toEqual({ message_too_big: 1 });
  });

  it("closes on invalid UTF-8 with 1007", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    agent.socket.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false });
    expect((await agent.ended()).code).toBe(1007);
  });

  it("survives thousands of messages a flood brings, in bounded time", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    for (let n = 0; n < 20_000; n += 1) {
      agent.send({
        type: "container_event",
        event: { containerId: `c${n}`, action: "start", timestamp: "2026-01-01T00:00:00Z" },
      });
    }
    await waitFor(() => link.toldOf("event").length === 20_000, { what: "all events" });
    expect(link.toldOf("event").map(({ event }) => event.containerId)).toEqual(
      Array.from({ length: 20_000 }, (_, n) => `c${n}`),
    );
  });
});

describe("events and metrics", () => {
  it("tells what the agent reports about no request", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    agent.send({ type: "error", error: "container events may be lost", code: "events_lost" });
    const reported = await waitFor(() => link.toldOf("reported")[0], { what: "the report" });
    expect(reported).toMatchObject({ code: "events_lost", text: "container events may be lost" });
  });

  it("tells what came, in order, metrics without disk figures included", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    agent.send({
      type: "container_event",
      event: { containerId: "c", action: "die", timestamp: "2026-01-01T00:00:00Z", actorAttributes: null },
    });
    agent.send({
      type: "metrics",
      timestamp: 1_795_350_094,
      metrics: { cpuUsage: 1.5, memoryTotal: 100, diskTotal: null },
    });
    await waitFor(() => link.told.length === 3, { what: "both" });
    expect(link.told.slice(1)).toEqual([
      { what: "event", event: { containerId: "c", action: "die", timestamp: "2026-01-01T00:00:00Z" } },
      { what: "metrics", timestamp: 1_795_350_094, metrics: { cpuUsage: 1.5, memoryTotal: 100 } },
    ]);
  });
});
