import { describe, expect, test } from "vitest";
import { FairleadError, type StreamOpen } from "@fairlead/protocol";
import { renderRequest } from "./render-request.ts";

const CALL: StreamOpen = { method: "GET", path: "/v1.45/containers/json?all=1", headers: [] };

function rendered(call: Partial<StreamOpen>): { text: string; framing: number | "chunked" } {
  const { bytes, framing } = renderRequest({ ...CALL, ...call });
  return { text: bytes.toString("latin1"), framing };
}

function refusal(call: Partial<StreamOpen>): unknown {
  try {
    return rendered(call).text;
  } catch (error) {
    return error;
  }
}

function expectRefused(call: Partial<StreamOpen>): void {
  const error = refusal(call);
  expect(error).toBeInstanceOf(FairleadError);
  expect(error).toMatchObject({ code: "bad_request" });
}

describe("what the engine gets", () => {
  test("a GET without headers", () => {
    expect(rendered({})).toEqual({
      text: "GET /v1.45/containers/json?all=1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
      framing: 0,
    });
  });

  test("headers in their order and spelling, repeated ones too, with high bytes", () => {
    const { text } = rendered({
      headers: [
        ["X-Registry-Auth", "e30="],
        ["x-odd", "caf\xe9\ta"],
        ["X-Odd", ""],
        ["Expect", "100-continue"],
        ["Trailer", "Digest"],
      ],
    });
    expect(text).toBe(
      "GET /v1.45/containers/json?all=1 HTTP/1.1\r\nHost: localhost\r\nX-Registry-Auth: e30=\r\nx-odd: caf\xe9\ta\r\nX-Odd: \r\nExpect: 100-continue\r\nTrailer: Digest\r\n\r\n",
    );
  });

  test("nothing that is about the hub's connection", () => {
    const names = ["Host", "Connection", "KEEP-ALIVE", "Proxy-Connection", "TE", "Upgrade"];
    const credentials = ["Proxy-Authorization", "Proxy-Authenticate"];
    const { text } = rendered({ headers: [...names, ...credentials].map((name) => [name, "evil"]) });
    expect(text).toBe("GET /v1.45/containers/json?all=1 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  });

  test("a length and chunks say how the body is framed", () => {
    const length = rendered({ method: "POST", headers: [["content-length", "12"]] });
    expect(length).toMatchObject({ framing: 12, text: expect.stringContaining("\r\ncontent-length: 12\r\n\r\n") });
    const chunks = rendered({ method: "PUT", headers: [["Transfer-Encoding", "Chunked"]] });
    expect(chunks).toMatchObject({
      framing: "chunked",
      text: expect.stringContaining("Transfer-Encoding: Chunked\r\n"),
    });
    expect(chunks.text.toLowerCase()).not.toContain("content-length");
  });

  test.each(["POST", "PUT", "PATCH"])("a %s without a body says so", (method) => {
    const { text, framing } = rendered({ method });
    expect([framing, text.match(/Content-Length: 0\r\n/g)]).toEqual([0, ["Content-Length: 0\r\n"]]);
    const said = rendered({ method, headers: [["Content-Length", "0"]] });
    expect([said.framing, said.text.match(/Content-Length/g)]).toEqual([0, ["Content-Length"]]);
  });

  test.each(["GET", "HEAD", "DELETE"])("a %s without a body says nothing", (method) => {
    expect(rendered({ method }).text).not.toMatch(/content-length/i);
  });

  test("an upgrade, by its own field alone", () => {
    const { text } = rendered({ method: "POST", path: "/grpc", upgrade: "h2c", headers: [["Upgrade", "tcp"]] });
    expect(text).toBe(
      "POST /grpc HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
    );
    // Attach without `Upgrade`: the engine takes the connection over all the same.
    expect(rendered({ method: "POST", upgrade: "" }).text).not.toMatch(/upgrade/i);
  });
});

describe("what cannot be smuggled in", () => {
  const BREAKS = ["\r\n", "\r", "\n", "\0", "\r\n\r\nGET /evil HTTP/1.1\r\n\r\n", "\x7f", "\u0100", "\u{10a0a}"];

  test.each(BREAKS)("%j in method, path, header or upgrade", (part) => {
    for (const text of [part, `${part}x`, `x${part}`, `x${part}x`]) {
      expectRefused({ method: `GET${text}` });
      expectRefused({ method: text });
      expectRefused({ path: `/${text}` });
      expectRefused({ headers: [[`X-A${text}`, "b"]] });
      expectRefused({ headers: [["X-A", `b${text}`]] });
      expectRefused({ headers: [["Content-Length", `1${text}`]] });
      expectRefused({ headers: [["Transfer-Encoding", `chunked${text}`]] });
      expectRefused({ upgrade: `tcp${text}` });
      // Those that are dropped are no way in either.
      expectRefused({ headers: [["Connection", `close${text}`]] });
    }
  });

  test.each(["", "GET ", " GET", "G T", "GET:", "G\tT", "CONNECT", "connect", "Connect", "(GET)"])(
    "the method %j",
    (method) => expectRefused({ method }),
  );

  test.each(["", "*", "evil:80", "http://evil/", "x/", " /", "/a b", "/a HTTP/1.1", "/\t", "/\x80", "/caf\xe9"])(
    "the path %j",
    (path) => expectRefused({ path }),
  );

  test.each(["", " ", "X A", "X-A ", " X-A", "X-A:", ":", "X(A)", "X\tA", "Content-Length ", "caf\xe9"])(
    "the header name %j",
    (name) => expectRefused({ headers: [[name, "1"]] }),
  );

  test.each(["", "-1", "+1", "1.0", "1e3", "0x10", "1 ", " 1", "1,1", "1, 1", "abc", "Infinity", "9999999999999999"])(
    "the length %j",
    (value) => expectRefused({ method: "POST", headers: [["Content-Length", value]] }),
  );

  test.each([
    "",
    "identity",
    "gzip",
    "gzip, chunked",
    "chunked, chunked",
    "chunked,",
    " chunked",
    "chunked ",
    "xchunked",
  ])("the transfer encoding %j", (value) => expectRefused({ method: "POST", headers: [["Transfer-Encoding", value]] }));

  test("a body framed twice", () => {
    const length: [string, string] = ["Content-Length", "5"];
    const lower: [string, string] = ["content-length", "5"];
    const chunks: [string, string] = ["Transfer-Encoding", "chunked"];
    const odd: [string, string] = ["tRANSFER-eNCODING", "chunked"];
    for (const headers of [
      [length, length],
      [length, lower],
      [length, chunks],
      [chunks, length],
      [chunks, odd],
      [odd, ["X-Between", "1"] as [string, string], lower],
    ])
      expectRefused({ method: "POST", headers });
  });

  test("a refusal names what is wrong, and not all of it", () => {
    const error = refusal({ path: `/${"\r\n".repeat(10_000)}` });
    expect(String(error)).toContain("path");
    expect(String(error).length).toBeLessThan(500);
  });
});
