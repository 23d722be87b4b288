import { describe, expect, test } from "vitest";
import { SseParser } from "./sse-parser.ts";

const STREAM =
  ": comment\r\nretry: 1000\r\n\r\nid: 1\nevent: event\ndata: {\ndata: }\n\nid: 2\rdata:x\r\rid: 3\n\ndata\n\nevent: lost\n\nfoo: bar\ndata:  two spaces\n\n";
const EVENTS = [
  { event: "event", data: "{\n}", id: "1" },
  { event: "message", data: "x", id: "2" },
  { event: "message", data: "", id: "3" },
  { event: "message", data: " two spaces", id: "3" },
];

describe("SseParser", () => {
  test("reads the stream in one piece and at every split in two", () => {
    expect(new SseParser().push(STREAM)).toEqual(EVENTS);
    for (let split = 0; split < STREAM.length; split += 1) {
      const parser = new SseParser();
      expect([...parser.push(STREAM.slice(0, split)), ...parser.push(STREAM.slice(split))], `${split}`).toEqual(EVENTS);
    }
  });

  test("keeps the id of a block without data", () => {
    const parser = new SseParser();
    expect(parser.push("id: 7\n\n")).toEqual([]);
    expect(parser.lastEventId).toBe("7");
  });

  test("does not hold a line without end for ever", () => {
    const parser = new SseParser();
    const piece = "x".repeat(1024 * 1024);
    expect(() => {
      for (let i = 0; i < 10; i += 1) parser.push(piece);
    }).toThrow(RangeError);
  });
});
