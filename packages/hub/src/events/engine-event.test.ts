import { describe, expect, it } from "vitest";
import { containerEventOf, parseEngineEvent } from "./engine-event.ts";
import { LineSplitter } from "./line-splitter.ts";

const line = (changes: Record<string, unknown> = {}): string =>
  JSON.stringify({
    status: "start",
    id: "c1",
    from: "busybox",
    Type: "container",
    Action: "start",
    Actor: { ID: "c1", Attributes: { image: "busybox", name: "web", label: "x" } },
    scope: "local",
    time: 1766816485,
    ...changes,
  }).replace(/\}$/, ',"timeNano":1766816485123456789}');

describe("parseEngineEvent", () => {
  it("reads an event with all its nanoseconds", () => {
    expect(parseEngineEvent(line())).toEqual({
      type: "container",
      action: "start",
      actorId: "c1",
      attributes: { image: "busybox", name: "web", label: "x" },
      nanoseconds: 1766816485123456789n,
    });
  });

  it("is not misled by an attribute named timeNano", () => {
    const Actor = { ID: "c1", Attributes: { timeNano: "5", '"timeNano":7': "x" } };
    expect(parseEngineEvent(line({ Actor }))).toMatchObject({
      nanoseconds: 1766816485123456789n,
      attributes: { timeNano: "5" },
    });
  });

  it("takes seconds where there is no more, and the old field names", () => {
    const old = JSON.stringify({ status: "die", id: "c2", from: "busybox", time: 1766816485 });
    expect(parseEngineEvent(old)).toMatchObject({
      action: "die",
      actorId: "c2",
      type: "container",
      nanoseconds: 1766816485000000000n,
    });
  });

  it.each(["", "not json", "[]", "null", "5", '{"Action":"start"}', '{"time":5}', '{"Action":5,"time":5}'])(
    "%j is no event",
    (text) => expect(parseEngineEvent(text)).toBeUndefined(),
  );
});

describe("containerEventOf", () => {
  const convert = (changes: Record<string, unknown>) => {
    const event = parseEngineEvent(line(changes));
    return event && containerEventOf(event);
  };

  it("is what an agent reports", () => {
    expect(convert({})).toEqual({
      containerId: "c1",
      containerName: "web",
      image: "busybox",
      action: "start",
      actorAttributes: { image: "busybox", name: "web", label: "x" },
      timestamp: "2025-12-27T06:21:25.123456789Z",
    });
  });

  it("has Docker's names for Podman's actions", () => {
    expect(convert({ Action: "died" })).toMatchObject({ action: "die" });
    expect(convert({ Action: "remove" })).toMatchObject({ action: "destroy" });
  });

  it("keeps what a health check found", () => {
    const healthy = convert({ Action: "health_status: healthy" });
    expect(healthy).toMatchObject({ action: "health_status", actorAttributes: { healthStatus: "healthy" } });
  });

  it.each([{ Action: "exec_create: sh -c x" }, { Action: "attach" }, { Action: "pull", Type: "image" }])(
    "%j is none that agents report",
    (changes) => expect(convert(changes)).toBeUndefined(),
  );
});

describe("LineSplitter", () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

  it("finds lines at every split, in characters of several bytes too", () => {
    const all = bytes('{"a":"ü€😀"}\n\n{"b":1}\r\nlast\n');
    for (let split = 0; split <= all.length; split += 1) {
      const lines = new LineSplitter(100);
      const found = [...lines.push(all.subarray(0, split)), ...lines.push(all.subarray(split))];
      expect(found.map((text) => text.trim())).toEqual(['{"a":"ü€😀"}', '{"b":1}', "last"]);
    }
  });

  it("leaves out a line that is too long and goes on after it", () => {
    const lines = new LineSplitter(10);
    expect(lines.push(bytes("short\n0123456789ab"))).toEqual(["short"]);
    expect(lines.skipped).toBe(1);
    expect(lines.push(bytes("c".repeat(1000)))).toEqual([]);
    expect(lines.push(bytes("end\nnext\n"))).toEqual(["next"]);
    expect(lines.skipped).toBe(1);
    expect(lines.push(bytes("012345678901\n0123456789\n"))).toEqual(["0123456789"]);
    expect(lines.skipped).toBe(2);
  });
});
