import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  decodeMessage,
  encodeMessage,
  newContainerEventMessage,
  newErrorMessage,
  newExecEndMessage,
  newExecOutputMessage,
  newExecReadyMessage,
  newHelloMessage,
  newMetricsMessage,
  newPingMessage,
  newPongMessage,
  newResponseMessage,
  newStreamEndMessage,
  newStreamMessage,
  parseMessageType,
  type ContainerEvent,
  type HostMetrics,
  type OutgoingMessage,
} from "./index.ts";

// Made by running a deployed 1.0 peer: what its constructors put on the wire for an input, and a whole edge session.
interface Vector {
  name: string;
  input: unknown;
  wire?: Record<string, unknown>;
  error?: boolean;
  type?: string;
  from?: "agent" | "hub";
}

function readVectors(file: string): Vector[] {
  const text = readFileSync(join(import.meta.dirname, "..", "vectors", file), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Vector);
}

const messages = readVectors("messages-1.0.jsonl");
const wires = messages.filter((vector) => vector.wire !== undefined);
const session = readVectors("session-1.0.jsonl");

describe("vectors of a deployed peer", () => {
  test("are all there", () => {
    expect(wires.length).toBe(45);
    expect(session.length).toBe(49);
  });

  test.each(wires)("$name is decoded", ({ wire }) => {
    const decoded = decodeMessage(JSON.stringify(wire));
    expect(decoded).toMatchObject({ ok: true, message: { type: wire?.["type"] } });
  });

  test.each(wires)("$name is encoded from the same input to the same JSON value", (vector) => {
    expect(JSON.parse(encodeMessage(construct(vector)))).toEqual(vector.wire);
  });

  // Decoding gives the reference's form: a null slice reads as an empty one.
  test.each(wires.filter(({ name }) => !name.includes("(null")))("$name survives decoding and encoding", ({ wire }) => {
    const decoded = decodeMessage(JSON.stringify(wire));
    expect(decoded.ok && JSON.parse(encodeMessage(decoded.message))).toEqual(wire);
  });

  test.each(
    session.map((vector, index) => ({ index, from: vector.from, type: vector.wire?.["type"], wire: vector.wire })),
  )("session message $index, $type from $from, survives decoding and encoding", ({ wire }) => {
    const decoded = decodeMessage(JSON.stringify(wire));
    // The recorded hub writes an empty `headers`, which the reference omits.
    const expected = { ...wire };
    if (JSON.stringify(expected["headers"]) === "{}") delete expected["headers"];
    expect(decoded.ok && JSON.parse(encodeMessage(decoded.message))).toEqual(expected);
  });

  test.each(messages.filter(({ name }) => name === "parseMessageType"))(
    "parseMessageType($input)",
    ({ input, error, type }) => {
      // Go folds the case of field names; ours need not.
      const expected = error ? undefined : /"(Type|TYPE)"/.test(input as string) ? "" : type;
      expect(parseMessageType(input as string)).toBe(expected);
    },
  );
});

interface Input {
  [key: string]: unknown;
  bodyHex?: string;
  dataHex?: string | null;
  headers?: Record<string, string> | null;
  capabilities?: string[] | null;
}

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));
const text = (value: unknown) => (typeof value === "string" ? value : "");

/** The message for a vector's input, by our constructor of the same name where the reference has one. */
function construct({ name, input, wire = {} }: Vector): OutgoingMessage {
  const given = input as Input;
  const decoded = () => {
    const result = decodeMessage(JSON.stringify(wire));
    if (!result.ok) throw new Error(result.problem.message);
    return result.message;
  };
  switch (wire["type"]) {
    case "hello":
      return newHelloMessage(
        text(given["agentId"]),
        text(given["agentName"]),
        text(given["token"]),
        text(given["dockerVersion"]),
        text(given["hostname"]),
        text(given["version"]),
        given.capabilities ?? null,
      );
    case "response":
      return newResponseMessage("r", Number(given["statusCode"]), given.headers ?? {}, bytes(given.bodyHex ?? ""));
    case "stream":
      return newStreamMessage("r", given.dataHex === null ? null : bytes(given.dataHex ?? ""), text(wire["stream"]));
    case "stream_end":
      return newStreamEndMessage("r", text(given["reason"]));
    case "metrics":
      return newMetricsMessage(Number(wire["timestamp"]), wire["metrics"] as HostMetrics);
    case "container_event":
      return newContainerEventMessage(wire["event"] as ContainerEvent);
    case "ping":
      return newPingMessage(Number(given["timestamp"]));
    case "pong":
      return newPongMessage(Number(given["timestamp"]));
    case "error":
      return newErrorMessage(text(wire["requestId"]), text(wire["error"]), text(wire["code"]));
    case "exec_ready":
      return newExecReadyMessage("e");
    case "exec_output":
      return newExecOutputMessage("e", bytes(given.dataHex ?? ""));
    case "exec_end":
      return newExecEndMessage("e", text(wire["reason"]));
    // The reference has no constructor for what only hubs send: written as literals.
    case "welcome":
      return {
        type: "welcome",
        environmentId: Number(given["environmentId"]),
        ...(given["message"] === undefined ? {} : { message: text(given["message"]) }),
      };
    case "request":
      return name.endsWith("minimal")
        ? { type: "request", requestId: "r", method: "GET", path: "/_ping", streaming: false }
        : {
            type: "request",
            requestId: "r",
            method: "POST",
            path: "/v1.45/containers/create?name=a%20b",
            headers: { "Content-Type": "application/json", "X-Registry-Auth": "e30=" },
            body: new TextEncoder().encode('{"Image":"busybox","Cmd":["sh"]}'),
            streaming: true,
          };
    default:
      return decoded();
  }
}
