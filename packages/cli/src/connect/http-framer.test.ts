import { describe, expect, test } from "vitest";
import { declaredFraming, FramingError, HttpFramer } from "./http-framer.ts";

/** What a framer that frames by the headers finds, as text. */
function frame(pieces: readonly (string | Buffer)[]): string[] {
  const found: string[] = [];
  let body = "";
  const framer = new HttpFramer({
    head: (head) => {
      found.push(head.startLine);
      return declaredFraming(head) ?? "none";
    },
    body: (bytes) => (body += bytes.toString("latin1")),
    end: () => {
      found.push(`body ${JSON.stringify(body)}`);
      body = "";
    },
  });
  for (const piece of pieces) framer.push(Buffer.from(piece as string, "latin1"));
  return found;
}

const MESSAGES = [
  "GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n",
  "POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
  "PUT /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0A\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n",
  "POST /c HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
  "POST /d HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
];
const EXPECTED = [
  "GET /_ping HTTP/1.1",
  'body ""',
  "POST /a HTTP/1.1",
  'body "hello"',
  "PUT /b HTTP/1.1",
  `body ${JSON.stringify("5;x=y\r\nhello\r\n0A\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n")}`,
  "POST /c HTTP/1.1",
  'body ""',
  "POST /d HTTP/1.1",
  `body ${JSON.stringify("0\r\n\r\n")}`,
];

describe("messages on one connection", () => {
  test("are found in one piece, byte by byte, and at every split in two", () => {
    const all = MESSAGES.join("");
    expect(frame([all])).toEqual(EXPECTED);
    expect(frame(all.split(""))).toEqual(EXPECTED);
    for (let split = 1; split < all.length; split += 1) {
      expect(frame([all.slice(0, split), all.slice(split)]), `split at ${split}`).toEqual(EXPECTED);
    }
  });

  test("may end lines with LF alone, and have empty lines before them", () => {
    expect(frame(["\r\n\nGET / HTTP/1.1\nHost: x\n\n"])).toEqual(["GET / HTTP/1.1", 'body ""']);
  });
});

describe("held", () => {
  test("keeps later messages back until it is released, as messages or raw", () => {
    const heads: string[] = [];
    let body = "";
    const framer: HttpFramer = new HttpFramer({
      head: ({ startLine }) => {
        heads.push(startLine);
        return "none";
      },
      body: (bytes) => (body += bytes.toString()),
      end: () => framer.hold(),
    });
    framer.push(Buffer.from(`GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\nraw bytes`));
    expect(heads).toEqual(["GET /1 HTTP/1.1"]);
    expect(framer.heldBytes).toBe(28);
    framer.release();
    expect(heads).toEqual(["GET /1 HTTP/1.1", "GET /2 HTTP/1.1"]);
    framer.releaseRaw();
    framer.push(Buffer.from(" and more"));
    expect(body).toBe("raw bytes and more");
  });
});

describe("what is not HTTP", () => {
  test.each([
    ["a length that is none", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"],
    ["two lengths that differ", "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"],
    ["a header without a name", "GET / HTTP/1.1\r\n: x\r\n\r\n"],
    ["a chunk without a size", "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"],
    ["a chunk of 2^64", `PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n${"f".repeat(16)}\r\n`],
    ["a head over the limit", `GET / HTTP/1.1\r\nX: ${"x".repeat(300_000)}`],
    ["a chunk line without end", `PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n${"1".repeat(5_000)}`],
    ["trailers without end", `PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${"a: b\r\n".repeat(60_000)}`],
  ])("%s", (_name, text) => {
    expect(() => frame([text])).toThrow(FramingError);
  });

  test("a length that is said twice is one length", () => {
    expect(frame(["POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok"])).toEqual([
      "POST / HTTP/1.1",
      'body "ok"',
    ]);
  });
});
