import { expect, test } from "vitest";
import { FrameDemuxer } from "./frame-demuxer.ts";
import { LineAssembler, type LogLine, MAX_LINE_BYTES } from "./line-assembler.ts";
import { formatStamp } from "./log-time.ts";

const encoder = new TextEncoder();
const STAMP = "2026-05-01T10:20:30.123456789Z";

function frame(stream: number, text: string): Uint8Array {
  const payload = encoder.encode(text);
  const bytes = new Uint8Array(8 + payload.length);
  bytes[0] = stream;
  new DataView(bytes.buffer).setUint32(4, payload.length);
  bytes.set(payload, 8);
  return bytes;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function read(
  pieces: readonly Uint8Array[],
  tty = false,
): { stream: number; text: string; at: string; isCut: boolean }[] {
  const lines: LogLine[] = [];
  const assembler = new LineAssembler((line) => lines.push({ ...line, text: line.text.slice() }), 0);
  const frames = new FrameDemuxer();
  for (const piece of pieces) {
    if (tty) assembler.push(1, piece, false);
    else frames.push(piece, (stream, bytes, isStart) => assembler.push(stream, bytes, isStart));
  }
  assembler.end();
  return lines.map((line) => ({
    stream: line.stream,
    text: new TextDecoder().decode(line.text),
    at: formatStamp(line),
    isCut: line.isCut,
  }));
}

test("frames cut at every byte give the same lines", () => {
  const whole = join([
    frame(1, `${STAMP} one\n`),
    frame(2, `${STAMP} zwei ü\n`),
    frame(1, `${STAMP} begun, `),
    frame(2, `${STAMP} between\n`),
    // The engine writes a time before each part of a line.
    frame(1, `2026-05-01T10:20:30.200000000Z and ended\n`),
    frame(1, ""),
    frame(1, `${STAMP} \n`),
  ]);
  const expected = [
    { stream: 1, text: "one", at: STAMP, isCut: false },
    { stream: 2, text: "zwei ü", at: STAMP, isCut: false },
    { stream: 2, text: "between", at: STAMP, isCut: false },
    { stream: 1, text: "begun, and ended", at: STAMP, isCut: false },
    { stream: 1, text: "", at: STAMP, isCut: false },
  ];
  expect(read([whole])).toEqual(expected);
  for (let at = 1; at < whole.length; at += 1) {
    expect(read([whole.subarray(0, at), whole.subarray(at)]), `cut at ${at}`).toEqual(expected);
  }
  expect(read([...whole].map((byte) => new Uint8Array([byte])))).toEqual(expected);
});

test("a terminal's bytes are lines as they are", () => {
  const whole = encoder.encode(`${STAMP} a\r\n${STAMP} b`);
  for (let at = 0; at <= whole.length; at += 1) {
    expect(read([whole.subarray(0, at), whole.subarray(at)], true).map(({ text }) => text)).toEqual(["a", "b"]);
  }
});

test("a line longer than the limit is cut, and the next is whole", () => {
  const long = "x".repeat(MAX_LINE_BYTES);
  const lines = read([
    frame(1, `${STAMP} ${long}`),
    frame(1, `${STAMP} more of it\n`),
    frame(1, `${STAMP} ${long}\n${STAMP} next\n`),
  ]);
  expect(lines.map(({ text, isCut }) => [text.length, isCut])).toEqual([
    [MAX_LINE_BYTES, true],
    [MAX_LINE_BYTES, false],
    [4, false],
  ]);
});

test("a line without a time has that of the one before", () => {
  const lines = read([frame(1, `${STAMP} a\nno time\n`)]);
  expect(lines.map(({ text, at }) => [text, at])).toEqual([
    ["a", STAMP],
    ["no time", STAMP],
  ]);
});

test("what are no frames is told", () => {
  expect(() => read([encoder.encode("<html>not a log</html>")])).toThrow(/frame begins with the bytes 60/);
});
