import { describe, expect, test } from "vitest";
import {
  decodeMessage,
  MAX_HEADER_BYTES,
  MAX_ID_LENGTH,
  MAX_NAME_LENGTH,
  MAX_PATH_BYTES,
  type Message,
} from "./index.ts";

const decode = (value: unknown) => decodeMessage(JSON.stringify(value));
function accepted(value: unknown): Message {
  const decoded = decode(value);
  if (!decoded.ok) throw new Error(decoded.problem.message);
  return decoded.message;
}
function problem(value: unknown) {
  const decoded = typeof value === "string" ? decodeMessage(value) : decode(value);
  return decoded.ok ? undefined : decoded.problem;
}

describe("dialects of deployed peers", () => {
  test("welcome with serverId and version, without environmentId", () => {
    expect(accepted({ type: "welcome", serverId: "s", version: "1.2" })).toEqual({ type: "welcome" });
  });

  test("error with its text in message, and retryAfter", () => {
    expect(accepted({ type: "error", message: "no", retryAfter: 60 })).toEqual({
      type: "error",
      error: "no",
      retryAfter: 60,
    });
  });

  test("request with isBinary", () => {
    const message = accepted({
      type: "request",
      requestId: "r",
      method: "PUT",
      path: "/x",
      body: "AP8=",
      isBinary: true,
    });
    expect(message).toMatchObject({ streaming: false, body: Buffer.of(0, 255) });
  });

  test("metrics without disk figures: unknown, not 0", () => {
    expect(accepted({ type: "metrics", timestamp: 1, metrics: { cpuUsage: 0, diskTotal: null } })).toEqual({
      type: "metrics",
      timestamp: 1,
      metrics: { cpuUsage: 0 },
    });
  });

  test("ping in milliseconds, null for what may be absent, unknown fields", () => {
    expect(accepted({ type: "ping", timestamp: 1_766_800_000_123, extra: {} })).toEqual({
      type: "ping",
      timestamp: 1_766_800_000_123,
    });
    expect(accepted({ type: "hello", token: "t", capabilities: null, hostname: null })).toMatchObject({
      capabilities: [],
      hostname: "",
    });
    expect(accepted({ type: "stream", requestId: "r", data: null })).toMatchObject({ data: Buffer.alloc(0) });
  });
});

describe("what is not a message", () => {
  test.each(["", "x", "[]", "null", "5", '"hello"', '{"type":"ping"', "{}{}", "\u0000"])(
    "%j is malformed_json",
    (text) => {
      expect(problem(text)).toMatchObject({ code: "malformed_json" });
    },
  );

  test("no type, an unknown one, and names of Object.prototype", () => {
    expect(problem({})).toMatchObject({ code: "missing_type" });
    expect(problem({ type: 5 })).toMatchObject({ code: "missing_type" });
    expect(problem({ type: "x".repeat(1000) })).toMatchObject({ code: "unknown_type", type: "x".repeat(64) });
    for (const type of ["constructor", "__proto__", "toString"]) {
      expect(problem({ type })).toMatchObject({ code: "unknown_type" });
    }
  });

  test.each([
    [{ type: "hello" }, "token"],
    [{ type: "hello", token: 5 }, "token"],
    [{ type: "hello", token: "t", capabilities: "exec" }, "capabilities"],
    [{ type: "request", requestId: "r", method: "GET" }, "path"],
    [{ type: "request", requestId: 1, method: "GET", path: "/" }, "requestId"],
    [{ type: "request", requestId: "r", method: "GET", path: "/", headers: { a: 1 } }, "headers"],
    [{ type: "request", requestId: "r", method: "GET", path: "/", headers: { "a\nb": 1 } }, "headers"],
    [{ type: "request", requestId: "r", method: "GET", path: "/", headers: ["a"] }, "headers"],
    [{ type: "response", requestId: "r", statusCode: "200" }, "statusCode"],
    [{ type: "response", requestId: "r", statusCode: 200.5 }, "statusCode"],
    [{ type: "response", requestId: "r", statusCode: 200, body: {} }, "body"],
    [{ type: "metrics", timestamp: 1 }, "metrics"],
    [{ type: "metrics", timestamp: 1, metrics: { cpuUsage: "1" } }, "metrics.cpuUsage"],
    [{ type: "container_event", event: { containerId: "c", timestamp: "t" } }, "event.action"],
    [
      {
        type: "container_event",
        event: { containerId: "c", action: "die", timestamp: "t", actorAttributes: { a: 1 } },
      },
      "event.actorAttributes",
    ],
    [{ type: "container_event", event: null }, "event"],
    [{ type: "exec_start", execId: "e", containerId: "c", cols: 1.5 }, "cols"],
    [{ type: "exec_resize", execId: "e", cols: 1 }, "rows"],
  ])("%j names %s", (value, field) => {
    const found = problem(value);
    expect(found?.code).toBe("invalid_message");
    expect(found?.message).toContain(` ${field} `);
  });

  test.each(["AP8", "A", "AP8=\n", "AP_=", "AP8-", "====", "AP8==", "A=B="])("base64 %j is refused", (data) => {
    expect(problem({ type: "stream", requestId: "r", data })).toMatchObject({ code: "bad_base64", id: "r" });
    expect(problem({ type: "exec_input", execId: "e", data })).toMatchObject({ code: "bad_base64", id: "e" });
    expect(problem({ type: "response", requestId: "r", statusCode: 200, body: data, isBinary: true })?.code).toBe(
      "bad_base64",
    );
    expect(
      problem({ type: "request", requestId: "r", method: "PUT", path: "/", body: data, isBinary: true })?.code,
    ).toBe("bad_base64");
  });

  test("identifiers, paths and headers have limits; names are cut", () => {
    const long = "x".repeat(MAX_ID_LENGTH + 1);
    expect(problem({ type: "exec_ready", execId: long })).toMatchObject({ code: "invalid_message" });
    expect(problem({ type: "exec_ready", execId: long })).not.toHaveProperty("id");
    const request = { type: "request", requestId: "r", method: "GET", path: "/" };
    expect(problem({ ...request, path: "/".repeat(MAX_PATH_BYTES + 1) })).toMatchObject({ code: "invalid_message" });
    expect(problem({ ...request, headers: { a: "x".repeat(MAX_HEADER_BYTES) } })).toMatchObject({
      code: "message_too_big",
    });
    expect(accepted({ type: "hello", token: "t", agentName: "x".repeat(1000) })).toMatchObject({
      agentName: "x".repeat(MAX_NAME_LENGTH),
    });
  });

  test("a body nested deeper than the stack is a problem, not a crash", () => {
    const depth = 200_000;
    const body = `${"[".repeat(depth)}${"]".repeat(depth)}`;
    const text = `{"type":"request","requestId":"r","method":"POST","path":"/","streaming":false,"body":${body}}`;
    expect(problem(text)).toMatchObject({ code: "invalid_message", id: "r" });
  });
});
