import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FRAME_HEADER_BYTES, FrameType } from "./frame.ts";
import { BinaryPipe, MAX_FRAME_HEADROOM, WebSocketSplitter, xorMask } from "./websocket-frames.ts";

const FIXED_SEED = 20_261_125;
const KEY = new Uint8Array([0x12, 0x34, 0x56, 0x78]);

/** RFC 6455's form of one WebSocket frame, byte by byte, independent of the code under test. */
function webSocketFrame(first: number, payload: Uint8Array, key?: Uint8Array): Buffer {
  const { length } = payload;
  const mask = key === undefined ? 0 : 0x80;
  const header =
    length < 126
      ? Buffer.from([first, mask | length])
      : length < 65_536
        ? Buffer.from([first, mask | 126, length >> 8, length & 0xff])
        : Buffer.from([
            first,
            mask | 127,
            0,
            0,
            0,
            0,
            length >>> 24,
            (length >> 16) & 255,
            (length >> 8) & 255,
            length & 255,
          ]);
  return Buffer.concat([header, key ?? [], masked(payload, key)].map((part) => Buffer.from(part)));
}

function masked(bytes: Uint8Array, key: Uint8Array | undefined): Uint8Array {
  return key === undefined ? bytes : bytes.map((byte, index) => byte ^ (key[index & 3] ?? 0));
}

const pattern = (length: number, salt = 0): Uint8Array =>
  new Uint8Array(length).map((_, index) => (index * 31 + salt * 7 + (index >> 8)) & 0xff);

interface Part {
  readonly isBinary: boolean;
  readonly wire: Buffer;
  readonly payload: Uint8Array;
}

/** A mix of everything that a connection carries; `binaryLengths` are those of whole binary messages. */
function mix(key: Uint8Array | undefined, binaryLengths: readonly number[]): Part[] {
  const part = (first: number, payload: Uint8Array): Part => ({
    isBinary: first === 0x82,
    wire: webSocketFrame(first, payload, key),
    payload,
  });
  const others = [
    part(0x81, pattern(3)), // text
    part(0x89, pattern(0)), // ping
    part(0x8a, pattern(125)), // pong
    part(0x02, pattern(20)), // a fragmented binary message
    part(0x00, pattern(0)),
    part(0x80, pattern(126)),
    part(0xc2, pattern(9)), // compressed
    part(0x88, pattern(2)), // close
  ];
  const parts: Part[] = [];
  for (const [index, length] of binaryLengths.entries()) {
    parts.push(part(0x82, pattern(length, index)));
    const other = others[index % others.length];
    if (other !== undefined && index % 3 !== 2) parts.push(other);
  }
  return [...parts, ...others, part(0x82, pattern(7))];
}

interface Split {
  /** Whole binary messages as hexadecimal; other bytes as one run each. */
  readonly found: (string | { other: string })[];
  readonly unfinished: boolean;
}

function split(chunks: Iterable<Uint8Array>, isMasked: boolean): Split {
  const found: (string | { other: string })[] = [];
  let message: string | undefined;
  const splitter = new WebSocketSplitter(
    {
      binary(piece, isLast) {
        message = (message ?? "") + Buffer.from(piece).toString("hex");
        if (!isLast) return;
        found.push(message);
        message = undefined;
      },
      other(bytes) {
        // Other bytes in the middle of a binary message would be out of order.
        if (message !== undefined) throw new Error("other bytes within a binary message");
        const last = found.at(-1);
        const text = Buffer.from(bytes).toString("hex");
        if (typeof last === "object") last.other += text;
        else found.push({ other: text });
      },
    },
    isMasked,
    xorMask,
  );
  for (const chunk of chunks) splitter.push(chunk);
  return { found, unfinished: message !== undefined };
}

function expected(parts: readonly Part[]): Split {
  const found: Split["found"] = [];
  for (const { isBinary, wire, payload } of parts) {
    const last = found.at(-1);
    if (isBinary) found.push(Buffer.from(payload).toString("hex"));
    else if (typeof last === "object") last.other += wire.toString("hex");
    else found.push({ other: wire.toString("hex") });
  }
  return { found, unfinished: false };
}

/** Copies, since a splitter unmasks in place; each at its own offset of a buffer, since alignment matters to the mask. */
function* chunked(wire: Uint8Array, cuts: readonly number[]): Generator<Uint8Array> {
  let from = 0;
  for (const to of [...cuts, wire.length]) {
    const offset = from & 7;
    const copy = new Uint8Array(to - from + offset).subarray(offset);
    copy.set(wire.subarray(from, to));
    from = to;
    yield copy;
  }
}

const same = (a: Split, b: Split): boolean => JSON.stringify(a) === JSON.stringify(b);
const LENGTHS = [0, 1, 125, 126, 65_535, 65_536];

describe.each([
  ["masked", KEY],
  ["not masked", undefined],
])("the splitter, %s", (_, key) => {
  const isMasked = key !== undefined;

  test("every split in two or three chunks of short messages gives the same", () => {
    const parts = mix(key, [0, 1, 5, 126, 0, 0, 3]);
    const wire = Buffer.concat(parts.map((part) => part.wire));
    const want = expected(parts);
    for (let first = 0; first <= wire.length; first += 1) {
      // The second cut tries every length of what a header or a mask may be split into.
      for (const second of [first, first + 1, first + 2, first + 5, first + 13, first + 130]) {
        const got = split(chunked(wire, [first, Math.min(second, wire.length)]), isMasked);
        if (!same(got, want)) expect(got, `cuts ${first} and ${second}`).toEqual(want);
      }
    }
  });

  test("byte by byte, and in chunks of every small size", () => {
    const parts = mix(key, LENGTHS);
    const wire = Buffer.concat(parts.map((part) => part.wire));
    const want = expected(parts);
    for (const size of [1, 2, 3, 5, 7, 64, 1000, 65_536, wire.length]) {
      const cuts: number[] = [];
      for (let at = size; at < wire.length; at += size) cuts.push(at);
      expect(same(split(chunked(wire, cuts), isMasked), want), `chunks of ${size}`).toBe(true);
    }
  });

  test("every split around the headers of messages of all length forms", () => {
    const parts = mix(key, LENGTHS);
    const wire = Buffer.concat(parts.map((part) => part.wire));
    const want = expected(parts);
    let start = 0;
    for (const part of parts) {
      for (let at = start; at < start + Math.min(part.wire.length, 20); at += 1) {
        const got = split(chunked(wire, [at]), isMasked);
        expect(same(got, want), `cut at ${at}`).toBe(true);
      }
      start += part.wire.length;
    }
  });

  test("random mixes in random chunks", () => {
    const lengths = fc.array(fc.oneof(fc.nat({ max: 300 }), fc.constantFrom(...LENGTHS)), { maxLength: 12 });
    const sizes = fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(lengths, sizes, (binaryLengths, steps) => {
        const parts = mix(key, binaryLengths);
        const wire = Buffer.concat(parts.map((part) => part.wire));
        const cuts: number[] = [];
        let at = 0;
        for (const step of steps) {
          at += step;
          if (at < wire.length) cuts.push(at);
        }
        expect(same(split(chunked(wire, cuts), isMasked), expected(parts))).toBe(true);
      }),
      { seed: FIXED_SEED, numRuns: 100 },
    );
  });

  test("a binary message with the wrong masking is left to the library, which refuses it", () => {
    const wire = webSocketFrame(0x82, pattern(10), isMasked ? undefined : KEY);
    expect(split(chunked(wire, []), isMasked).found).toEqual([{ other: wire.toString("hex") }]);
  });

  test("a length that is no safe integer is left to the library", () => {
    const wire = Buffer.from([0x82, (isMasked ? 0x80 : 0) | 127, 0, 0x20, 0, 0, 0, 0, 0, 0, ...(key ?? []), 1, 2, 3]);
    expect(split(chunked(wire, []), isMasked).found).toEqual([{ other: wire.toString("hex") }]);
  });
});

/** A connection that keeps what is written to it, as it was when it was written. */
class Recorder {
  writableLength = 0;
  corked = 0;
  readonly written: Buffer[] = [];
  readonly callbacks: (() => void)[] = [];

  write(bytes: Uint8Array, written?: () => void): boolean {
    this.written.push(Buffer.from(bytes));
    if (written !== undefined) this.callbacks.push(written);
    return true;
  }
  cork(): void {
    this.corked += 1;
  }
  uncork(): void {
    this.corked -= 1;
  }
  get wire(): Buffer {
    return Buffer.concat(this.written);
  }
}

/** A turn that does not end. */
const endOfTurn = (): void => {};

function sent(payload: Uint8Array, key: Uint8Array | undefined, hasHeadroom: boolean): Recorder {
  const connection = new Recorder();
  const newMaskKey = key === undefined ? {} : { newMaskKey: () => key };
  const pipe = new BinaryPipe({ connection, isOpen: () => true, applyMask: xorMask, endOfTurn, ...newMaskKey });
  let freed = 0;
  pipe.send(FrameType.Data, 0x0102_0304, payload, () => (freed += 1), hasHeadroom);
  // What is sent in one turn goes out together, but for what is large.
  const isHeld = payload.length < 16 * 1024;
  expect([freed, connection.corked, connection.callbacks.length]).toEqual([0, isHeld ? 1 : 0, 1]);
  for (const callback of connection.callbacks) callback();
  expect(freed).toBe(1);
  return connection;
}

/** `payload` behind `room` bytes of its buffer, and another byte after it. */
function behind(room: number, payload: Uint8Array): Uint8Array {
  const buffer = new Uint8Array(room + payload.length + 1);
  buffer.set(payload, room);
  return buffer.subarray(room, room + payload.length);
}

describe.each([
  ["masked", KEY],
  ["not masked", undefined],
])("the pipe, %s", (_, key) => {
  // The frame's header counts: 120 bytes of payload are 125 of message.
  const lengths = [0, 1, 2, 3, 4, 5, 119, 120, 121, 122, 65_530, 65_531, 65_532, 200_000];

  test.each(lengths)("%i bytes have the form of RFC 6455, with and without headroom", (length) => {
    const payload = pattern(length);
    const message = Buffer.concat([Buffer.from([FrameType.Data, 1, 2, 3, 4]), payload]);
    const want = webSocketFrame(0x82, message, key);
    for (const [room, hasHeadroom] of [
      [0, false],
      [MAX_FRAME_HEADROOM, true],
      [MAX_FRAME_HEADROOM + 3, true],
      // Less room than it says: must not be used.
      [0, true],
      [FRAME_HEADER_BYTES, true],
    ] as const) {
      const connection = sent(behind(room, payload), key, hasHeadroom);
      expect(connection.wire.equals(want), `${room} bytes of room`).toBe(true);
      if (room >= MAX_FRAME_HEADROOM) expect(connection.written.length).toBe(1);
    }
    const parsed = split(chunked(want, []), key !== undefined);
    expect(same(parsed, { found: [message.toString("hex")], unfinished: false })).toBe(true);
  });

  test("headroom leaves what is around it alone", () => {
    const buffer = new Uint8Array(200).fill(0xaa);
    const payload = buffer.subarray(50, 150);
    sent(payload, key, true);
    expect(buffer.subarray(0, 50 - MAX_FRAME_HEADROOM).every((byte) => byte === 0xaa)).toBe(true);
    expect(buffer.subarray(150).every((byte) => byte === 0xaa)).toBe(true);
  });

  test("without headroom the bytes before the payload stay as they are", () => {
    const buffer = new Uint8Array(200).fill(0xaa);
    sent(buffer.subarray(50, 150), key, false);
    expect(buffer.subarray(0, 50).every((byte) => byte === 0xaa)).toBe(true);
  });
});

test("every message has a mask key of its own", () => {
  const connection = new Recorder();
  let made = 0;
  const pipe = new BinaryPipe({
    connection,
    isOpen: () => true,
    applyMask: xorMask,
    endOfTurn,
    newMaskKey: () => new Uint8Array([(made += 1), 0, 0, 0]),
  });
  for (let count = 0; count < 3; count += 1) pipe.send(FrameType.End, 1, new Uint8Array(0));
  expect(connection.written.map((bytes) => bytes[2])).toEqual([1, 2, 3]);
});

test("small messages of a turn go out in one write, a large one at once with those before it", () => {
  const connection = new Recorder();
  const turnEnds: (() => void)[] = [];
  const endOfTurn = (callback: () => void): void => void turnEnds.push(callback);
  const pipe = new BinaryPipe({ connection, isOpen: () => true, applyMask: xorMask, endOfTurn });
  const held = (bytes: number): boolean => {
    pipe.send(FrameType.Data, 1, new Uint8Array(bytes));
    return connection.corked === 1;
  };
  expect([held(10), held(16_383), held(16_384)]).toEqual([true, true, false]);
  expect(held(10)).toBe(true);
  for (const end of turnEnds) end();
  expect(connection.corked).toBe(0);
});

test("a closing connection gets nothing, and the memory is free at once", () => {
  const connection = new Recorder();
  const pipe = new BinaryPipe({ connection, isOpen: () => false, applyMask: xorMask, endOfTurn });
  let freed = 0;
  pipe.send(FrameType.Data, 1, new Uint8Array(3), () => (freed += 1));
  pipe.send(FrameType.End, 1, new Uint8Array(0));
  expect([freed, connection.written.length]).toEqual([1, 0]);
});

test("what waits in the connection counts as buffered", () => {
  const connection = new Recorder();
  connection.writableLength = 77;
  expect(new BinaryPipe({ connection, isOpen: () => true, applyMask: xorMask, endOfTurn }).bufferedBytes).toBe(77);
});

test("the mask is that of a loop over bytes, at every alignment and length", () => {
  for (let offset = 0; offset < 8; offset += 1) {
    for (let length = 0; length <= 70; length += 1) {
      const buffer = pattern(offset + length + 8, offset);
      const bytes = buffer.subarray(offset, offset + length);
      const want = Buffer.from(buffer);
      want.set(masked(bytes, KEY), offset);
      xorMask(bytes, KEY);
      if (!want.equals(buffer)) expect(buffer, `offset ${offset}, length ${length}`).toEqual(want);
    }
  }
});
