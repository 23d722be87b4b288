import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { FairleadError } from "../errors.ts";
import { INITIAL_WINDOW_BYTES, MAX_DATA_FRAME_BYTES, MAX_FRAME_HEAD_BYTES } from "../limits.ts";
import { encodeUtf8 } from "../utf8.ts";
import { FRAME_HEADER_BYTES, FrameType, writeFrameHeader } from "./frame.ts";
import { FrameReader } from "./frame-reader.ts";
import type { MuxStream, StreamUser } from "./mux-stream.ts";
import { type FramePipe, StreamMux } from "./stream-mux.ts";

const FUZZED_FRAMES = 1_000_000;
const FIXED_SEED = 20_261_125;

interface Found {
  readonly type: number;
  readonly id: number;
  readonly payload: string;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

function frame(type: number, id: number, payload: Uint8Array = new Uint8Array(0)): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + payload.length);
  writeFrameHeader(bytes, 0, type as FrameType, id);
  bytes.set(payload, FRAME_HEADER_BYTES);
  return bytes;
}

/** What a reader finds in messages whose pieces are given; the parts of one DATA frame are joined. */
function read(messages: readonly (readonly Uint8Array[])[]): Found[] {
  const found: Found[] = [];
  let data: string | undefined;
  let dataId = 0;
  const reader = new FrameReader({
    data(id, bytes) {
      data = (data ?? "") + hex(bytes);
      dataId = id;
    },
    frame: (type, id, payload) => found.push({ type, id, payload: hex(payload) }),
  });
  for (const pieces of messages) {
    for (const [index, piece] of pieces.entries()) reader.push(piece, index === pieces.length - 1);
    if (data !== undefined) found.push({ type: FrameType.Data, id: dataId, payload: data });
    data = undefined;
  }
  return found;
}

function problemOf(...pieces: Uint8Array[]): string {
  try {
    read([pieces]);
  } catch (error) {
    expect(error).toBeInstanceOf(FairleadError);
    expect((error as FairleadError).code).toBe("bad_frame");
    return (error as FairleadError).message;
  }
  return "none";
}

const SEQUENCE = [
  frame(FrameType.Open, 1, encodeUtf8('{"method":"GET","path":"/_ping","headers":[]}')),
  frame(FrameType.Head, 0xffff_ffff, encodeUtf8('{"status":200,"headers":[]}')),
  frame(FrameType.Data, 0x0102_0304, new Uint8Array([1, 2, 3, 4, 5, 6, 7])),
  frame(FrameType.Data, 2),
  frame(FrameType.Window, 3, new Uint8Array([0, 1, 2, 3])),
  frame(FrameType.Blocked, 4),
  frame(FrameType.End, 5),
  frame(FrameType.Reset, 6, encodeUtf8('{"code":"x","message":""}')),
];
const EXPECTED = SEQUENCE.map((bytes) => ({
  type: bytes[0],
  id: Buffer.from(bytes).readUInt32BE(1),
  payload: hex(bytes.subarray(FRAME_HEADER_BYTES)),
}));

/** `bytes` in pieces that end at `cuts`. */
function cut(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (const to of [...cuts].sort((a, b) => a - b)) {
    pieces.push(bytes.subarray(from, to));
    from = to;
  }
  return [...pieces, bytes.subarray(from)];
}

describe("frames in pieces", () => {
  test("every split of a frame in up to three pieces, empty ones included, gives the same frames", () => {
    for (const [at, bytes] of SEQUENCE.entries()) {
      for (let first = 0; first <= bytes.length; first += 1) {
        for (let second = first; second <= bytes.length; second += 1) {
          const messages = SEQUENCE.map((one, index) => (index === at ? cut(bytes, [first, second]) : [one]));
          const found = read(messages);
          if (JSON.stringify(found) !== JSON.stringify(EXPECTED)) expect(found).toEqual(EXPECTED);
        }
      }
    }
  });

  test("random splits of all frames give the same frames", () => {
    const cuts = fc.array(fc.array(fc.nat({ max: 60 }), { maxLength: 8 }), {
      minLength: SEQUENCE.length,
      maxLength: SEQUENCE.length,
    });
    fc.assert(
      fc.property(cuts, (all) => {
        const messages = SEQUENCE.map((bytes, index) =>
          cut(
            bytes,
            (all[index] ?? []).map((to) => Math.min(to, bytes.length)),
          ),
        );
        expect(read(messages)).toEqual(EXPECTED);
      }),
      { seed: FIXED_SEED, numRuns: 500 },
    );
  });

  test("byte by byte, a head of the full size arrives whole", () => {
    const payload = new Uint8Array(MAX_FRAME_HEAD_BYTES).map((_, index) => index * 7);
    const bytes = frame(FrameType.Open, 9, payload);
    const pieces = Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));
    const [found, ...more] = read([pieces]);
    expect(more).toEqual([]);
    expect(found?.type).toBe(FrameType.Open);
    expect(found?.payload === hex(payload)).toBe(true);
  });

  test("DATA is handed on as it comes, without copies", () => {
    const parts: Uint8Array[] = [];
    const reader = new FrameReader({ data: (_, bytes) => parts.push(bytes), frame: () => expect.unreachable() });
    const bytes = frame(FrameType.Data, 1, new Uint8Array(100));
    reader.push(bytes.subarray(0, 60), false);
    expect(parts.map((part) => [part.buffer === bytes.buffer, part.byteOffset, part.length])).toEqual([[true, 5, 55]]);
    reader.push(bytes.subarray(60), true);
    expect(parts.length).toBe(2);
  });
});

describe("violations", () => {
  test.each([0, 8, 9, 0x7f, 0x80, 0xff])("type %i is named, as soon as its header is there", (type) => {
    expect(problemOf(frame(type, 1), new Uint8Array(1))).toContain(`there is no frame type ${type}`);
  });

  test("a message shorter than a header is named", () => {
    for (let length = 0; length < FRAME_HEADER_BYTES; length += 1)
      expect(problemOf(frame(FrameType.End, 1).subarray(0, length))).toContain("shorter than a frame's header");
  });

  test.each([
    [FrameType.Open, MAX_FRAME_HEAD_BYTES],
    [FrameType.Head, MAX_FRAME_HEAD_BYTES],
    [FrameType.Reset, MAX_FRAME_HEAD_BYTES],
    [FrameType.Data, MAX_DATA_FRAME_BYTES],
    [FrameType.Window, 4],
    [FrameType.End, 0],
    [FrameType.Blocked, 0],
  ])("a payload of type %i has at most %i bytes", (type, limit) => {
    expect(problemOf(frame(type, 1, new Uint8Array(limit)))).toBe("none");
    const over = frame(type, 1, new Uint8Array(limit + 1));
    expect(problemOf(over)).toContain(`over its ${limit} bytes`);
    expect(problemOf(over.subarray(0, 5), over.subarray(5, -1), over.subarray(-1))).toContain(`over its ${limit}`);
  });

  test("a WINDOW of less than four bytes is named", () => {
    for (let length = 0; length < 4; length += 1)
      expect(problemOf(frame(FrameType.Window, 1, new Uint8Array(length)))).toContain("a WINDOW has 4 bytes");
  });
});

// A small generator of its own: fast-check would take minutes for a million cases.
function randomSource(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const INTERESTING_BYTES = [0, 1, 2, 3, 4, 5, 6, 7, 0x22, 0x2c, 0x5b, 0x7b, 0x7d, 0x7f, 0x80, 0xff];

/** Frames that the other side of a hub, or of an agent, may send. */
const lawful = (isHub: boolean): Uint8Array[] =>
  SEQUENCE.filter((bytes) => bytes[0] !== (isHub ? FrameType.Open : FrameType.Head));
const LAWFUL = { hub: lawful(true), agent: lawful(false) };

function randomFrame(random: (below: number) => number, isHub: boolean, nextId: number): Uint8Array {
  if (random(8) === 0) {
    const bytes = new Uint8Array(random(24)).map(() => random(256));
    if (bytes.length > 4 && random(2) === 0) bytes.set([random(9), 0, 0, 0, random(4)]);
    return bytes;
  }
  const templates = random(16) === 0 ? SEQUENCE : isHub ? LAWFUL.hub : LAWFUL.agent;
  const template = templates[random(templates.length)] ?? new Uint8Array(0);
  const bytes = random(16) === 0 ? template.slice(0, random(template.length + 1)) : template.slice();
  // Most ids are ones that the other side knows, so that the state behind the reader is reached.
  if (bytes.length > 4 && random(16) > 0) {
    const id = bytes[0] === FrameType.Open ? nextId : 1 + random(nextId - 1);
    bytes.set([0, 0, id >> 8, id & 0xff], 1);
  }
  for (let change = random(2) === 0 ? 0 : random(4); change > 0 && bytes.length > 0; change -= 1)
    bytes[random(bytes.length)] =
      random(2) === 0 ? random(256) : (INTERESTING_BYTES[random(INTERESTING_BYTES.length)] ?? 0);
  return bytes;
}

/** A hub's or an agent's end with three streams open, which is what the ids of random frames mean. */
function openEnd(
  isHub: boolean,
  onViolation: (error: FairleadError) => void,
): { mux: StreamMux; streams: MuxStream[] } {
  const streams: MuxStream[] = [];
  const user: StreamUser = { data() {}, end() {}, reset() {} };
  const onOpen = (stream: MuxStream): void => {
    stream.user = user;
    streams.push(stream);
  };
  const pipe: FramePipe = { bufferedBytes: 0, send: (...frame) => frame[3]?.() };
  const mux = new StreamMux({ pipe, now: () => 0, onViolation, ...(isHub ? {} : { onOpen }) });
  for (let id = 1; id <= 3; id += 1) {
    if (isHub) onOpen(mux.open({ method: "GET", path: "/", headers: [] }));
    else mux.receive(frame(FrameType.Open, id, encodeUtf8('{"method":"GET","path":"/","headers":[]}')), true);
  }
  // DATA is allowed at the hub after it.
  if (isHub) mux.receive(frame(FrameType.Head, 1, encodeUtf8('{"status":200,"headers":[]}')), true);
  return { mux, streams };
}

function usedBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

test(`${FUZZED_FRAMES} random and mutated frames are taken or are a bad_frame, in bounded memory`, () => {
  // Half a million violations: where each was found would take half of the time.
  const { stackTraceLimit } = Error;
  onTestFinished(() => void (Error.stackTraceLimit = stackTraceLimit));
  Error.stackTraceLimit = 0;
  const random = randomSource(FIXED_SEED);
  const before = usedBytes();
  let violations = 0;
  let heldAtMost = 0;
  const onViolation = (error: FairleadError): void => {
    if (error.code !== "bad_frame") throw error;
    violations += 1;
  };
  let isHub = true;
  let end = openEnd(isHub, onViolation);
  for (let count = 0; count < FUZZED_FRAMES; count += 1) {
    const bytes = randomFrame(random, isHub, end.streams.length + 1);
    const violationsBefore = violations;
    const split = random(bytes.length + 1);
    if (split > 0) end.mux.receive(bytes.subarray(0, split), split === bytes.length);
    if (split < bytes.length || split === 0) end.mux.receive(bytes.subarray(split), true);
    if (count % 16_384 === 0) heldAtMost = Math.max(heldAtMost, usedBytes() - before);
    // What a connection counts: what is not consumed is within the first window, whatever came.
    for (const stream of end.streams) if (stream.unconsumedBytes > INITIAL_WINDOW_BYTES) expect.unreachable();
    if (violations === violationsBefore && end.streams.length < 100) continue;
    // An ended connection is over: nothing more is read from it, and nothing is left of it.
    end.mux.receive(frame(FrameType.Data, 0), true);
    end.mux.close(new FairleadError("agent_disconnected", "over"));
    if (end.mux.openStreams + end.mux.budget.openStreams !== 0) expect.unreachable();
    isHub = !isHub;
    end = openEnd(isHub, onViolation);
  }
  expect(violations).toBeGreaterThan(FUZZED_FRAMES / 100);
  expect(violations).toBeLessThan(FUZZED_FRAMES);
  expect(heldAtMost).toBeLessThan(256 * 1024 * 1024);
});

test("a reader holds what its frame may have, whatever the peer sends after it", () => {
  const reader = new FrameReader({ data() {}, frame() {} });
  const piece = new Uint8Array(64 * 1024);
  reader.push(frame(FrameType.Head, 1), false);
  let taken = 0;
  const flood = (): void => {
    for (let count = 0; count < 100; count += 1) {
      reader.push(piece, false);
      taken += piece.length;
    }
  };
  expect(flood).toThrow(FairleadError);
  expect(taken).toBe(MAX_FRAME_HEAD_BYTES);
});
