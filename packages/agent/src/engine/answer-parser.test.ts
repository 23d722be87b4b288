import { describe, expect, test } from "vitest";
import { FairleadError, MAX_HEADER_BYTES } from "@fairlead/protocol";
import { seededRandom } from "@fairlead/testkit";
import { AnswerParser, type EngineHead } from "./answer-parser.ts";

/** What a parser found in the pieces of an answer, and in the connection's end when `finishes`. */
function parse(pieces: readonly Buffer[], method = "GET", finishes = false) {
  const heads: EngineHead[] = [];
  const body: Buffer[] = [];
  const order: string[] = [];
  const parser = new AnswerParser(method, {
    answerHead: (head) => {
      heads.push(head);
      order.push("head");
    },
    answerBody: (bytes) => {
      body.push(Buffer.from(bytes));
      if (order.at(-1) !== "body") order.push("body");
    },
    answerEnd: () => void order.push("end"),
  });
  for (const piece of pieces) {
    const before = body.length;
    parser.push(Buffer.from(piece));
    expect(body.length - before).toBeLessThanOrEqual(1);
  }
  if (finishes) parser.finish();
  return { heads, body: Buffer.concat(body).toString("latin1"), order: order.join(" "), isDone: parser.isDone };
}

/** The answer in one piece, in two at every byte, and byte by byte. */
function* cuts(answer: Buffer): Generator<Buffer[]> {
  yield [answer];
  for (let at = 1; at < answer.length; at += 1) yield [answer.subarray(0, at), answer.subarray(at)];
  yield [...answer].map((byte) => Buffer.from([byte]));
}

interface WellFormed {
  readonly name: string;
  readonly text: string;
  readonly method?: string;
  readonly finishes?: boolean;
  readonly head: Partial<EngineHead>;
  readonly interim?: number[];
  readonly body?: string;
}

const WELL_FORMED: WellFormed[] = [
  {
    name: "a length",
    text: "HTTP/1.1 200 OK\r\nApi-Version: 1.45\r\nX-Twice: a\r\nx-twice: b\r\nContent-Length: 12\r\n\r\nhello\r\n\r\nyou",
    head: {
      status: 200,
      reason: "OK",
      headers: [
        ["Api-Version", "1.45"],
        ["X-Twice", "a"],
        ["x-twice", "b"],
        ["Content-Length", "12"],
      ],
      framing: 12,
      keepsAlive: true,
    },
    body: "hello\r\n\r\nyou",
  },
  {
    name: "a length of 0",
    text: "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n",
    head: { status: 500, reason: "Internal Server Error", framing: "none", keepsAlive: true },
  },
  {
    name: "chunks",
    text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n \r\n00A\r\n0123456789\r\n0\r\n\r\n",
    head: { status: 200, headers: [["Transfer-Encoding", "chunked"]], framing: "chunked", keepsAlive: true },
    body: "hello 0123456789",
  },
  {
    name: "chunks with extensions, and trailers",
    text: 'HTTP/1.1 200 OK\r\ntransfer-encoding: CHUNKED\r\n\r\n5;a="b"\r\nhello\r\nb ; x\r\n\r\n0\r\n\r\nabcd\r\n0;last\r\nDigest: 1\r\nX: y\r\n\r\n',
    head: { framing: "chunked" },
    body: "hello\r\n0\r\n\r\nabcd",
  },
  {
    name: "chunks without a byte",
    text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    head: { framing: "chunked" },
  },
  {
    name: "chunks and a length, of which chunks count",
    text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    head: { framing: "chunked" },
    body: "hello",
  },
  {
    name: "a body to the connection's end",
    text: "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n0\r\n\r\nas it is",
    finishes: true,
    head: { framing: "to-end", keepsAlive: false },
    body: "0\r\n\r\nas it is",
  },
  {
    name: "no body up to the connection's end",
    text: "HTTP/1.1 404 Not Found\r\n\r\n",
    finishes: true,
    head: { status: 404, framing: "to-end", headers: [] },
  },
  {
    name: "HEAD with a length",
    text: "HTTP/1.1 404 Not Found\r\nContent-Length: 60\r\n\r\n",
    method: "HEAD",
    head: { status: 404, headers: [["Content-Length", "60"]], framing: "none", keepsAlive: true },
  },
  {
    name: "HEAD without a length",
    text: "HTTP/1.1 200 OK\r\n\r\n",
    method: "HEAD",
    head: { status: 200, framing: "none" },
  },
  {
    name: "HEAD with chunks",
    text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    method: "HEAD",
    head: { framing: "none" },
  },
  { name: "204", text: "HTTP/1.1 204 No Content\r\nA: b\r\n\r\n", head: { status: 204, framing: "none" } },
  { name: "304", text: "HTTP/1.1 304 Not Modified\r\n\r\n", head: { status: 304, framing: "none" } },
  {
    name: "101",
    text: "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nraw\r\n0\r\n\r\n",
    finishes: true,
    head: { status: 101, reason: "UPGRADED", framing: "to-end", keepsAlive: false },
    body: "raw\r\n0\r\n\r\n",
  },
  {
    name: "interim heads first",
    text: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    interim: [100, 103],
    head: { status: 200, framing: 2 },
    body: "ok",
  },
  {
    name: "an interim head before an answer without a body",
    text: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
    interim: [100],
    head: { status: 204, framing: "none" },
  },
  {
    name: "Connection: close",
    text: "HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 1\r\n\r\nx",
    head: { framing: 1, keepsAlive: false },
    body: "x",
  },
  { name: "no reason", text: "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", head: { status: 200, reason: "" } },
  {
    name: "values with spaces, colons and high bytes",
    text: "HTTP/1.1 200 OK\r\nA:b: c \r\nB:\r\nC:  caf\xe9\r\nContent-Length: 0\r\n\r\n",
    head: {
      headers: [
        ["A", "b: c"],
        ["B", ""],
        ["C", "caf\xe9"],
        ["Content-Length", "0"],
      ],
    },
  },
];

describe("answers, however they are cut", () => {
  test.each(WELL_FORMED)("$name", ({ text, method, finishes, head, interim = [], body = "" }) => {
    const answer = Buffer.from(text, "latin1");
    const order = ["head", ...interim.map(() => "head"), ...(body === "" ? [] : ["body"]), "end"].join(" ");
    for (const pieces of cuts(answer)) {
      const found = parse(pieces, method, finishes);
      expect(found).toMatchObject({ body, order, isDone: true });
      expect(found.heads.map(({ status }) => status).slice(0, -1)).toEqual(interim);
      expect(found.heads.at(-1)).toMatchObject(head);
    }
  });

  test("many chunks of all sizes, joined in place", () => {
    const random = seededRandom(8);
    const body = Buffer.from(Array.from({ length: 60_000 }, () => random.integer(0, 255)));
    const parts: Buffer[] = [Buffer.from("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")];
    for (let at = 0; at < body.length;) {
      const chunk = body.subarray(at, at + random.pick([1, 2, 15, 16, 100, 4096]));
      parts.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n"));
      at += chunk.length;
    }
    parts.push(Buffer.from("0\r\n\r\n"));
    const answer = Buffer.concat(parts);
    for (const readBytes of [1, 3, 17, 1000, 65_536]) {
      const pieces: Buffer[] = [];
      for (let at = 0; at < answer.length; at += readBytes) pieces.push(answer.subarray(at, at + readBytes));
      const found = parse(pieces);
      expect(found.order).toBe("head body end");
      expect(Buffer.from(found.body, "latin1").equals(body)).toBe(true);
    }
  });

  test("the memory of a piece with a part of a head is not kept", () => {
    const heads: EngineHead[] = [];
    const parser = new AnswerParser("GET", { answerHead: (head) => heads.push(head), answerBody() {}, answerEnd() {} });
    const memory = Buffer.from("HTTP/1.1 200 OK\r\nA: b");
    parser.push(memory);
    memory.fill("x");
    parser.push(Buffer.from("c\r\nContent-Length: 0\r\n\r\n"));
    expect(heads[0]?.headers[0]).toEqual(["A", "bc"]);
  });

  test("the largest head that is allowed", () => {
    const start = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: ";
    const text = `${start}${"x".repeat(MAX_HEADER_BYTES - start.length)}\r\n\r\n`;
    const half = Buffer.from(text.slice(0, 100_000));
    expect(parse([half, Buffer.from(text.slice(100_000))]).order).toBe("head end");
  });
});

const LENGTH = "HTTP/1.1 200 OK\r\nContent-Length: ";
const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

describe("what is not HTTP", () => {
  test.each([
    ["no status line", "\r\n\r\n"],
    ["another protocol", "SSH-2.0-OpenSSH_9.2\r\n\r\n"],
    ["HTTP/2", "HTTP/2 200 OK\r\n\r\n"],
    ["HTTP/1.2", "HTTP/1.2 200 OK\r\n\r\n"],
    ["a status of 2 digits", "HTTP/1.1 20 OK\r\n\r\n"],
    ["a status of 4 digits", "HTTP/1.1 2000 OK\r\n\r\n"],
    ["a status of 600", "HTTP/1.1 600 Odd\r\n\r\n"],
    ["a status that is no number", "HTTP/1.1 abc OK\r\n\r\n"],
    ["a line before the status line", "\r\nHTTP/1.1 200 OK\r\n\r\n"],
    ["a header without a colon", "HTTP/1.1 200 OK\r\nnothing\r\n\r\n"],
    ["a header without a name", "HTTP/1.1 200 OK\r\n: value\r\n\r\n"],
    ["a negative length", `${LENGTH}-1\r\n\r\n`],
    ["a signed length", `${LENGTH}+1\r\n\r\nx`],
    ["a length of garbage", `${LENGTH}12abc\r\n\r\n`],
    ["a hexadecimal length", `${LENGTH}0x10\r\n\r\n`],
    ["an empty length", `${LENGTH}\r\n\r\n`],
    ["a length beyond numbers", `${LENGTH}9999999999999999\r\n\r\n`],
    ["a list of lengths", `${LENGTH}1, 1\r\n\r\nx`],
    ["two lengths that differ", `${LENGTH}1\r\nContent-Length: 2\r\n\r\nxx`],
    ["bytes after a length", `${LENGTH}2\r\n\r\nokmore`],
    ["bytes after a length of 0", `${LENGTH}0\r\n\r\nmore`],
    ["bytes after a 204", "HTTP/1.1 204 No Content\r\n\r\nmore"],
    ["an empty chunk size", `${CHUNKED}\r\nhello`],
    ["a negative chunk size", `${CHUNKED}-5\r\nhello\r\n`],
    ["a chunk size with 0x", `${CHUNKED}0x5\r\nhello\r\n`],
    ["a chunk size that is no number", `${CHUNKED}five\r\nhello\r\n`],
    ["a chunk size with a space in it", `${CHUNKED}5 5\r\nhello\r\n`],
    ["a chunk size beyond numbers", `${CHUNKED}ffffffffffffff\r\nhello`],
    ["a chunk longer than its size", `${CHUNKED}5\r\nhello!\r\n`],
    ["a chunk shorter than its size", `${CHUNKED}7\r\nhello\r\n0\r\n\r\n`],
    ["bytes after the last chunk", `${CHUNKED}0\r\n\r\nmore`],
    ["a size line without an end", `${CHUNKED}1;${"x".repeat(5000)}`],
    ["a trailer without an end", `${CHUNKED}0\r\n${"x".repeat(5000)}`],
    ["endless trailers", `${CHUNKED}0\r\n${`X: ${"x".repeat(1000)}\r\n`.repeat(300)}`],
    ["a head that is too long", `HTTP/1.1 200 OK\r\nX: ${"x".repeat(MAX_HEADER_BYTES)}\r\n\r\n`],
    ["a head without an end", `HTTP/1.1 200 OK\r\n${`X: ${"x".repeat(1000)}\r\n`.repeat(300)}`],
  ])("%s", (_name, text) => {
    const answer = Buffer.from(text, "latin1");
    expectEngineError(() => parse([answer]));
    const cutEverywhere = answer.length < 200 ? cuts(answer) : [[answer.subarray(0, 150), answer.subarray(150)]];
    for (const pieces of cutEverywhere) expectEngineError(() => parse(pieces));
  });

  test("an answer that goes on is an error before it is an end", () => {
    for (const text of [`${LENGTH}0\r\n\r\nx`, `${LENGTH}1\r\n\r\nxx`, `${CHUNKED}0\r\n\r\nx`]) {
      let ends = 0;
      const parser = new AnswerParser("GET", { answerHead() {}, answerBody() {}, answerEnd: () => (ends += 1) });
      expectEngineError(() => parser.push(Buffer.from(text)));
      expect([text, ends]).toEqual([text, 0]);
    }
  });
});

describe("truncated answers", () => {
  const whole = WELL_FORMED.filter(({ finishes }) => !finishes);

  test.each(whole)("$name", ({ text, method }) => {
    const answer = Buffer.from(text, "latin1");
    for (let at = 0; at < answer.length; at += 1)
      expectEngineError(() => parse([answer.subarray(0, at)], method, true), "closed the connection");
    expect(parse([answer], method, true).order).toMatch(/end$/);
  });
});

test("20,000 mutated answers: only errors of the engine", () => {
  const random = seededRandom(20_000);
  const texts = WELL_FORMED.map(({ text }) => text);
  const pieces = [
    "\r\n",
    "\r",
    "\n",
    "\0",
    ":",
    "0",
    "-",
    ";",
    "\r\n\r\n",
    "HTTP/1.1 100 X\r\n\r\n",
    "Content-Length: 9\r\n",
  ];
  let fine = 0;
  let wrong = 0;
  for (let round = 0; round < 20_000; round += 1) {
    let text = random.pick(texts);
    for (let changes = random.integer(1, 4); changes > 0; changes -= 1) {
      const at = random.integer(0, text.length);
      const insert = random.integer(0, 2) === 0 ? String.fromCharCode(random.integer(0, 255)) : random.pick(pieces);
      text = text.slice(0, at) + insert + text.slice(at + random.pick([0, 0, 1, 2, 20]));
    }
    const answer = Buffer.from(text, "latin1");
    const cut = random.integer(0, answer.length);
    try {
      const { order, isDone } = parse(
        [answer.subarray(0, cut), answer.subarray(cut)].filter(({ length }) => length > 0),
        random.pick(["GET", "HEAD"]),
        true,
      );
      expect([order, isDone]).toEqual([expect.stringMatching(/^(head )+(body )?end$/), true]);
      fine += 1;
    } catch (error) {
      if (!(error instanceof FairleadError && error.code === "engine_error"))
        throw new Error(`On ${JSON.stringify(text)}, cut at ${cut}`, { cause: error });
      wrong += 1;
    }
  }
  expect(Math.min(fine, wrong)).toBeGreaterThan(1000);
});

function expectEngineError(run: () => unknown, message = "The engine"): void {
  let caught: unknown;
  try {
    run();
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(FairleadError);
  expect(caught).toMatchObject({ code: "engine_error", message: expect.stringContaining(message) });
}
