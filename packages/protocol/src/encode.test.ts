import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeMessage,
  encodeMessage,
  MESSAGE_TYPES,
  newResponseMessage,
  type Message,
  type RequestMessage,
} from "./index.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const request = (body: Uint8Array | string): RequestMessage => ({
  type: "request",
  requestId: "r",
  method: "POST",
  path: "/x",
  body: typeof body === "string" ? utf8(body) : body,
  streaming: false,
});
const wire = (message: Message) => JSON.parse(encodeMessage(message)) as Record<string, unknown>;

function roundTrip(message: Message): Message {
  const decoded = decodeMessage(encodeMessage(message));
  if (!decoded.ok) throw new Error(`${decoded.problem.code}: ${decoded.problem.message}`);
  // A Buffer and a plain array of the same bytes are not equal to the matcher.
  const { message: received } = decoded;
  return "body" in received && received.body ? { ...received, body: Uint8Array.from(received.body) } : received;
}

describe("request bodies", () => {
  test("a JSON body is sent as the JSON value it is", () => {
    expect(wire(request(' {"a": [1, 2]}'))).toMatchObject({ body: { a: [1, 2] } });
    expect(wire(request(' {"a": [1, 2]}'))).not.toHaveProperty("isBinary");
  });

  test("other text is sent as a string, other bytes as base64 with isBinary", () => {
    expect(wire(request("hello"))).toMatchObject({ body: "hello" });
    expect(wire(request("{not json"))).toMatchObject({ body: "{not json" });
    expect(wire(request(Uint8Array.of(0x1f, 0x8b, 0xff)))).toMatchObject({ body: "H4v/", isBinary: true });
  });

  test.each([
    "null",
    "true",
    "5",
    '"a"',
    '""',
    "[]",
    "{}",
    '{"n":9007199254740993}',
    "[1e400,-1E-400]",
    "\ufeff{}",
    "a\u0000b",
  ])("%s arrives byte for byte as it left", (text) => {
    const received = roundTrip(request(text)) as RequestMessage;
    expect(new TextDecoder("utf-8", { ignoreBOM: true }).decode(received.body)).toBe(text);
  });

  test("numbers beyond 2^53 keep their digits", () => {
    const decoded = decodeMessage(
      '{"type":"request","requestId":"r","method":"POST","path":"/x","body":{"Memory":9007199254740993,"a":1.5},"streaming":false}',
    );
    expect(decoded.ok && new TextDecoder().decode((decoded.message as RequestMessage).body)).toBe(
      '{"Memory":9007199254740993,"a":1.5}',
    );
  });

  test("any bytes arrive as they left, JSON containers up to their insignificant space", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (body) => {
        fc.pre(!isJsonContainer(body));
        expect((roundTrip(request(body)) as RequestMessage).body).toEqual(body);
      }),
    );
    fc.assert(
      fc.property(fc.json(), (text) => {
        const { body } = roundTrip(request(text)) as RequestMessage;
        expect(JSON.parse(new TextDecoder().decode(body))).toEqual(JSON.parse(text));
      }),
    );
  });

  function isJsonContainer(body: Uint8Array): boolean {
    try {
      return typeof JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)) === "object";
    } catch {
      return false;
    }
  }
});

describe("response bodies", () => {
  test("what is not valid UTF-8 is sent as base64, where the reference would damage it", () => {
    const body = Uint8Array.of(0x61, 0xff, 0x62);
    expect(wire(newResponseMessage("r", 200, { "Content-Type": "text/plain" }, body))).toMatchObject({
      body: "Yf9i",
      isBinary: true,
    });
  });

  test("any bytes arrive as they left, under any content type", () => {
    const types = fc.constantFrom("text/plain", "application/x-tar", "application/json", "");
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.string().map(utf8)), types, (body, type) => {
        const sent = newResponseMessage("r", 200, { "Content-Type": type }, body);
        expect(roundTrip(sent)).toEqual(sent);
      }),
    );
  });
});

describe("encoding", () => {
  test("is total: figures that are no numbers are left out, fractions of integers cut", () => {
    const metrics = { cpuUsage: Number.NaN, memoryTotal: Number.POSITIVE_INFINITY, uptime: 3 };
    expect(wire({ type: "metrics", timestamp: 1.9, metrics })).toEqual({
      type: "metrics",
      timestamp: 1,
      metrics: { uptime: 3 },
    });
    expect(wire({ type: "ping", timestamp: Number.NaN })).toEqual({ type: "ping", timestamp: 0 });
  });

  test("omits what the reference marks omitempty when it is empty, and nothing else", () => {
    expect(wire({ type: "error", requestId: "", error: "", code: "" })).toEqual({ type: "error", error: "" });
    expect(wire({ type: "stream_end", requestId: "", reason: "" })).toEqual({ type: "stream_end", requestId: "" });
    expect(wire({ type: "welcome", environmentId: 0, message: "" })).toEqual({ type: "welcome", environmentId: 0 });
    expect(wire({ type: "response", requestId: "r", statusCode: 200, headers: {}, body: new Uint8Array() })).toEqual({
      type: "response",
      requestId: "r",
      statusCode: 200,
    });
    const event = {
      containerId: "c",
      containerName: "",
      image: "",
      action: "die",
      actorAttributes: {},
      timestamp: "t",
    };
    expect(wire({ type: "container_event", event })).toEqual({
      type: "container_event",
      event: { containerId: "c", action: "die", timestamp: "t" },
    });
  });

  test("there are 17 message types", () => {
    expect(new Set(MESSAGE_TYPES).size).toBe(17);
  });
});
