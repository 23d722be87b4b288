import { FairleadError } from "../errors.ts";
import { MAX_DATA_FRAME_BYTES, MAX_FRAME_HEAD_BYTES } from "../limits.ts";

/**
 * Frames of the streams extension, one a WebSocket binary message: a byte of type, four bytes of stream id (big-endian), payload.
 * `docs/protocol.md` says what each of them means.
 */
export const FrameType = {
  /** Hub: a call begins. JSON. */
  Open: 1,
  /** Agent: the answer's head. JSON. */
  Head: 2,
  /** Both: bytes. */
  Data: 3,
  /** Both: no more DATA from this side. */
  End: 4,
  /** Both: the stream is over, in both directions. JSON. */
  Reset: 5,
  /** Both: so many more bytes may be sent (four bytes, big-endian). */
  Window: 6,
  /** Both: this side has bytes to send and may send none. */
  Blocked: 7,
} as const;

export type FrameType = (typeof FrameType)[keyof typeof FrameType];

/** Type and stream id. */
export const FRAME_HEADER_BYTES = 5;

/** Ids are four bytes. */
export const MAX_STREAM_ID = 0xffff_ffff;

/** Largest payload of each type, bytes; `undefined` for a type that there is not. */
export function maxPayloadBytes(type: number): number | undefined {
  switch (type) {
    case FrameType.Open:
    case FrameType.Head:
    case FrameType.Reset:
      return MAX_FRAME_HEAD_BYTES;
    case FrameType.Data:
      return MAX_DATA_FRAME_BYTES;
    case FrameType.Window:
      return 4;
    case FrameType.End:
    case FrameType.Blocked:
      return 0;
    default:
      return undefined;
  }
}

/** Writes a frame's header at `at`. */
export function writeFrameHeader(target: Uint8Array, at: number, type: FrameType, id: number): void {
  target[at] = type;
  writeUint32(target, at + 1, id);
}

export function writeUint32(target: Uint8Array, at: number, value: number): void {
  target[at] = value >>> 24;
  target[at + 1] = value >>> 16;
  target[at + 2] = value >>> 8;
  target[at + 3] = value;
}

export function readUint32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0
  );
}

/** What a peer must not do on the binary part of a connection: it ends the connection. */
export function badFrame(problem: string): FairleadError {
  return new FairleadError("bad_frame", `A binary message breaks the streams extension: ${problem}.`);
}
