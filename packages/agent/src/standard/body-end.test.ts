import { randomInt } from "node:crypto";
import { describe, expect, test } from "vitest";
import { BodyEnd } from "./body-end.ts";
import { parseRequestHead, renderRequestHead } from "./request-head.ts";

const NEXT = "GET /next HTTP/1.1\r\n\r\n";
const CHUNKED = '5\r\nhello\r\n1A ; name="value"\r\n01234567890123456789012345\r\n000\r\nTrailer: x\r\n\r\n';

/** Feeds bytes in the given pieces; returns how many belong to the body. */
function feed(end: BodyEnd, bytes: Buffer, cuts: readonly number[]): number {
  let taken = 0;
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    const piece = bytes.subarray(from, to);
    const part = end.take(piece);
    taken += part;
    if (part < piece.length) return taken;
    from = to;
  }
  return taken;
}

describe("the end of a body", () => {
  test.each([
    ["chunked", { kind: "chunked" } as const, CHUNKED],
    ["no chunks", { kind: "chunked" } as const, "0\r\n\r\n"],
    ["a length", { kind: "length", bytes: 10 } as const, "0123456789"],
    ["none", { kind: "none" } as const, ""],
  ])("%s, cut at every place", (_, framing, body) => {
    const bytes = Buffer.from(body + NEXT);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      for (let second = cut; second <= bytes.length; second += 1) {
        const end = new BodyEnd(framing);
        expect(feed(end, bytes, [cut, second])).toBe(body.length);
        expect(end.done).toBe(true);
      }
    }
  });

  test("of chunks of random sizes", () => {
    for (let tries = 0; tries < 200; tries += 1) {
      const sizes = Array.from({ length: randomInt(5) }, () => randomInt(1, 5000));
      const chunks = sizes.map((size) => `${size.toString(16)}\r\n${"\r\n0\r\n\r\n".repeat(size).slice(0, size)}\r\n`);
      const body = `${chunks.join("")}0\r\n\r\n`;
      const bytes = Buffer.from(body + NEXT);
      const cuts = Array.from({ length: 20 }, () => randomInt(bytes.length)).sort((a, b) => a - b);
      expect(feed(new BodyEnd({ kind: "chunked" }), bytes, cuts)).toBe(body.length);
    }
  });

  test.each([
    "hello\r\n",
    "\r\n",
    "-5\r\nhello\r\n",
    "0x5\r\nhello\r\n",
    "5\nhello\n0\n\n",
    "5\rhello",
    "fffffffffffffff\r\n",
    `5;${"x".repeat(5000)}\r\n`,
    `0\r\n${"Trailer: x\r\n".repeat(10_000)}\r\n`,
    "0\r\n\n",
  ])("%j is refused", (body) => {
    expect(() => new BodyEnd({ kind: "chunked" }).take(Buffer.from(body))).toThrow("the chunked body is malformed");
  });

  test("random bytes never hang or pass the end", () => {
    for (let tries = 0; tries < 5_000; tries += 1) {
      const bytes = Buffer.from(
        Array.from({ length: randomInt(60) }, () => "0123456789abcdef\r\n;: x".codePointAt(randomInt(23)) ?? 0),
      );
      const end = new BodyEnd({ kind: "chunked" });
      try {
        expect(end.take(bytes)).toBeLessThanOrEqual(bytes.length);
      } catch (error) {
        expect(error).toMatchObject({ code: "bad_request" });
      }
    }
  });
});

describe("a head", () => {
  const parse = (text: string) => parseRequestHead(text.replace(/\r\n\r\n$/, ""));

  test("goes out as it came in", () => {
    const text =
      "POST /v1.45/build?t=a%2Fb&q HTTP/1.1\r\nHost: \r\nX-Registry-Config: e30=\r\nx-a: 1\r\nX-A: 2\r\nX: \u00e9\r\n\r\n";
    expect(renderRequestHead(parse(text)).toString("latin1")).toBe(text);
  });

  test.each([
    ["", { kind: "none" }],
    ["Content-Length: 0\r\n", { kind: "none" }],
    ["content-length:  0012 \r\n", { kind: "length", bytes: 12 }],
    ["Transfer-Encoding: Chunked\r\n", { kind: "chunked" }],
  ])("tells how its body ends: %j", (header, framing) => {
    expect(parse(`PUT / HTTP/1.1\r\n${header}\r\n`).framing).toEqual(framing);
  });

  test.each([
    ["Connection: Upgrade\r\nUpgrade: tcp\r\n", true],
    ["Connection: keep-alive, upgrade\r\nUpgrade: h2c\r\n", true],
    ["Connection: keep-alive\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n", true],
    ["Upgrade: tcp\r\n", false],
    ["Connection: Upgrade\r\n", false],
  ])("tells whether it asks for an upgrade: %j", (headers, wanted) => {
    expect(parse(`POST / HTTP/1.1\r\n${headers}\r\n`).wantsUpgrade).toBe(wanted);
  });

  test("random heads are parsed or refused", () => {
    const parts = [
      "GET ",
      "/a",
      " HTTP/1.1",
      "\r\n",
      "\n",
      ": ",
      ":",
      "Host",
      "Content-Length",
      "5",
      "\0",
      "\t",
      " ",
      "Transfer-Encoding",
      "chunked",
      "\u00ff",
    ];
    for (let tries = 0; tries < 20_000; tries += 1) {
      const text = Array.from({ length: randomInt(12) }, () => parts[randomInt(parts.length)]).join("");
      try {
        const head = parseRequestHead(`GET / HTTP/1.1\r\n${text}`);
        expect(renderRequestHead(head).toString("latin1").split("\r\n").length).toBe(head.headers.length + 3);
      } catch (error) {
        expect(error).toMatchObject({ code: "bad_request" });
      }
    }
  });
});
