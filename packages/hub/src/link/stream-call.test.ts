import { waitFor } from "@fairlead/testkit";
import { describe, expect, it } from "vitest";
import type { EngineStream } from "../engine/engine-connection.ts";
import { joinLink, serve, startLink, text } from "./link-under-test.ts";

const get = (path: string) => ({ method: "GET", path });
const LOGS = get("/v1.45/containers/c/logs?follow=1");
const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("openStream", () => {
  it("takes data as status 200 and gives it until stream_end", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    serve(agent, () => [
      { type: "stream", data: base64("one ") },
      { type: "stream", data: base64("two"), stream: "stdout" },
      { type: "stream_end", reason: "completed" },
    ]);
    const stream = await link.session().openStream(LOGS);
    expect(stream).toMatchObject({
      status: 200,
      headers: { "content-type": "application/vnd.docker.multiplexed-stream" },
    });
    expect(await text(stream)).toBe("one two");
    expect((await agent.message("request"))["streaming"]).toBe(true);
  });

  it("takes an empty stream message as the head of a 2xx answer", async () => {
    await using link = await startLink({ silentHeadMs: 60_000 });
    const agent = await joinLink(link.url);
    serve(agent, () => [{ type: "stream", data: "" }]);
    const stream = await link.session().openStream(get("/events"));
    expect(stream).toMatchObject({ status: 200, headers: { "content-type": "application/json" } });
    stream.cancel();
    expect(await agent.message("stream_end")).toMatchObject({ reason: "cancelled" });
    await expect(text(stream)).rejects.toMatchObject({ code: "cancelled" });
  });

  it("takes `data: null` as empty", async () => {
    await using link = await startLink({ silentHeadMs: 60_000 });
    const agent = await joinLink(link.url);
    serve(agent, () => [{ type: "stream", data: null }, { type: "stream_end" }]);
    expect(await text(await link.session().openStream(LOGS))).toBe("");
  });

  it("takes a response as the whole answer, status and headers included", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    const body = '{"message":"No such container: c"}\n';
    serve(agent, () => [
      { type: "response", statusCode: 404, headers: { "Content-Type": "application/json" }, body },
      { type: "stream_end", reason: "completed" },
    ]);
    const stream = await link.session().openStream(LOGS);
    expect(stream).toMatchObject({ status: 404, headers: { "content-type": "application/json" } });
    expect(await text(stream)).toBe(body);
  });

  it("takes stream_end alone as an empty 200", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    serve(agent, () => [{ type: "stream_end" }]);
    const stream = await link.session().openStream(LOGS);
    expect(stream.status).toBe(200);
    expect(await text(stream)).toBe("");
  });

  it("fails when it ends with an error before anything came", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    serve(agent, () => [{ type: "stream_end", reason: "error" }]);
    await expect(link.session().openStream(LOGS)).rejects.toMatchObject({ code: "engine_error" });
  });

  it.each(["stream_end", "error", "terminate"])("never ends cleanly after %s in the middle", async (how) => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    serve(agent, () => [{ type: "stream", data: base64("half") }]);
    const stream = await link.session().openStream(LOGS);
    const { requestId } = await agent.message("request");
    if (how === "terminate") agent.socket.terminate();
    else if (how === "error") agent.send({ type: "error", requestId, error: "read failed", code: "READ_ERROR" });
    else agent.send({ type: "stream_end", requestId, reason: "error" });
    const read: string[] = [];
    const reading = (async () => {
      for await (const chunk of stream.body) read.push(Buffer.from(chunk).toString());
    })();
    await expect(reading).rejects.toMatchObject({ code: how === "terminate" ? "agent_disconnected" : "engine_error" });
    expect(read).toEqual(["half"]);
  });

  it("assumes 200 for a silent log, and still does not end cleanly when a refusal comes late", async () => {
    await using link = await startLink({ silentHeadMs: 50 });
    const agent = await joinLink(link.url);
    const stream = await link.session().openStream(LOGS);
    expect(stream.status).toBe(200);
    const { requestId } = await agent.message("request");
    agent.send({ type: "response", requestId, statusCode: 404, body: "No such container" });
    await expect(text(stream)).rejects.toMatchObject({ code: "engine_error", message: expect.stringContaining("404") });
  });

  it("waits for the status where the engine always has something to say first", async () => {
    await using link = await startLink({ silentHeadMs: 20 });
    const agent = await joinLink(link.url);
    const opening = link.session().openStream({ method: "POST", path: "/v1.45/images/create?fromImage=nosuch" });
    const { requestId } = await agent.message("request");
    await new Promise((resolve) => setTimeout(resolve, 60));
    agent.send({ type: "response", requestId, statusCode: 404, body: "{}" });
    expect((await opening).status).toBe(404);
  });

  it("times out where the caller says how long", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    const opening = link.session().openStream({ method: "POST", path: "/build" }, { timeoutMs: 30 });
    await expect(opening).rejects.toMatchObject({ code: "agent_timeout" });
    expect(await agent.message("stream_end")).toMatchObject({ reason: "cancelled" });
  });

  it("is cancelled by its signal and by leaving the loop", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    serve(agent, () => [{ type: "stream", data: base64("line") }]);
    const abort = new AbortController();
    const first = await link.session().openStream(LOGS, { signal: abort.signal });
    abort.abort();
    await expect(text(first)).rejects.toMatchObject({ code: "cancelled" });
    const second = await link.session().openStream(LOGS);
    for await (const chunk of second.body) {
      expect(Buffer.from(chunk).toString()).toBe("line");
      break;
    }
    await agent.until(
      () => agent.came.filter((message) => message["type"] === "stream_end").length === 2,
      "two cancels",
    );
  });

  it("cancels a stream that the hub does not know, but does not echo a flood", async () => {
    await using link = await startLink({ complaintsPerSecond: 3 });
    const agent = await joinLink(link.url);
    for (let n = 0; n < 100; n += 1) agent.send({ type: "stream", requestId: "ghost", data: base64("x") });
    agent.send({ type: "ping", timestamp: 1 });
    await agent.message("pong");
    const cancels = agent.came.filter((message) => message["type"] === "stream_end");
    expect(cancels[0]).toEqual({ type: "stream_end", requestId: "ghost", reason: "cancelled" });
    expect(cancels.length).toBeLessThanOrEqual(6);
    expect(link.link.stats().lateMessages).toBe(100);
  });
});

describe("slow readers", () => {
  const CHUNK = Buffer.alloc(64 * 1024, 7).toString("base64");

  it("stops reading from the agent, cuts the reader that takes nothing, and goes on for the others", async () => {
    await using link = await startLink({ slowReaderMs: 300, pingIntervalMs: 100, silenceTimeoutMs: 250 });
    const agent = await joinLink(link.url);
    const ids: Record<string, unknown> = {};
    agent.onMessage = ({ type, requestId, path, timestamp }) => {
      if (type === "request") ids[String(path)] = requestId;
      if (type === "ping") agent.send({ type: "pong", timestamp });
    };
    const session = link.session();
    const opening = [session.openStream(get("/slow")), session.openStream(get("/quick"))];
    await waitFor(() => ids["/slow"] !== undefined && ids["/quick"] !== undefined, { what: "two streams" });
    agent.send({ type: "stream", requestId: ids["/slow"], data: "" });
    agent.send({ type: "stream", requestId: ids["/quick"], data: "" });
    const [slow, quick] = await Promise.all(opening);
    for (let n = 0; n < 400; n += 1) agent.send({ type: "stream", requestId: ids["/slow"], data: CHUNK });
    agent.send({ type: "stream", requestId: ids["/quick"], data: base64("after") });
    agent.send({ type: "stream_end", requestId: ids["/quick"] });
    expect(await text(quick as EngineStream)).toBe("after");
    expect(await agent.message("stream_end")).toMatchObject({ requestId: ids["/slow"], reason: "cancelled" });
    await expect(text(slow as EngineStream)).rejects.toMatchObject({ code: "slow_reader" });
    expect(link.link.stats().slowReaders).toBe(1);
    expect(link.toldOf("disconnected")).toEqual([]);
  });

  it("holds at most its limit and a read, and delivers every byte to a reader that keeps up", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    serve(agent, () => [
      ...Array.from({ length: 300 }, () => ({ type: "stream", data: CHUNK })),
      { type: "stream_end", reason: "completed" },
    ]);
    const stream = await link.session().openStream(LOGS);
    await waitFor(() => (stream.body as unknown as { waitingBytes: number }).waitingBytes > 1024 * 1024, {
      what: "a full buffer",
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((stream.body as unknown as { waitingBytes: number }).waitingBytes).toBeLessThan(2 * 1024 * 1024);
    let bytes = 0;
    for await (const chunk of stream.body) bytes += chunk.length;
    expect(bytes).toBe(300 * 64 * 1024);
  });

  it("closes an agent that reads nothing once too much waits for it", async () => {
    await using link = await startLink({ maxRequestBacklogBytes: 40_000_000, maxSendBacklogBytes: 20_000_000 });
    const agent = await joinLink(link.url);
    agent.socket.pause();
    const session = link.session();
    const requests = Array.from({ length: 4 }, () =>
      session
        .request({ method: "POST", path: "/build", body: Buffer.alloc(8 * 1024 * 1024, 255) })
        .catch((error: unknown) => error),
    );
    agent.send({ type: "ping", timestamp: 1 });
    const outcomes = await Promise.all(requests);
    expect(outcomes).toContainEqual(expect.objectContaining({ code: "too_many_requests" }));
    expect(outcomes).toContainEqual(expect.objectContaining({ code: "agent_disconnected" }));
    expect(link.toldOf("disconnected")[0]?.reason).toContain("wait for the agent to read");
    agent.socket.terminate();
  });
});
