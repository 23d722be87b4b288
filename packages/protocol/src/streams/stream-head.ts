import type { Static } from "typebox";
import { type ErrorCode, FairleadError, isErrorCode } from "../errors.ts";
import { frameChecks } from "../generated/validators.ts";
import { MAX_FRAME_HEAD_BYTES, MAX_RESET_TEXT_LENGTH } from "../limits.ts";
import type { FRAMES } from "../schemas/frames.ts";
import { decodeUtf8, encodeUtf8 } from "../utf8.ts";
import { badFrame } from "./frame.ts";

/** Headers in their order and spelling. */
export type HeaderPairs = [name: string, value: string][];

/** Payload of OPEN: a call of the Docker Engine API. `upgrade` is there for one that takes its connection over, and may be empty. */
export type StreamOpen = Static<typeof FRAMES.open>;

/** Payload of HEAD: status and headers of the answer. With 101 the stream is raw bytes from here on. */
export type StreamHead = Static<typeof FRAMES.head>;

/** @throws FairleadError payload_too_large when it is over MAX_FRAME_HEAD_BYTES. */
export function encodeStreamHead(head: StreamOpen | StreamHead): Uint8Array {
  const bytes = encodeUtf8(JSON.stringify(head));
  if (bytes.length <= MAX_FRAME_HEAD_BYTES) return bytes;
  throw new FairleadError(
    "payload_too_large",
    `Method, path and headers have ${bytes.length} bytes; at most ${MAX_FRAME_HEAD_BYTES} fit into one frame.`,
  );
}

/** @throws FairleadError bad_frame */
export function decodeOpen(payload: Uint8Array): StreamOpen {
  return decoded("open", payload) as StreamOpen;
}

/** @throws FairleadError bad_frame */
export function decodeHead(payload: Uint8Array): StreamHead {
  return decoded("head", payload) as StreamHead;
}

export function encodeReset(code: string, message: string): Uint8Array {
  return encodeUtf8(JSON.stringify({ code, message: message.slice(0, MAX_RESET_TEXT_LENGTH) }));
}

/** The peer's reason as an error of ours; a code that the table lacks becomes `agent_error`. @throws FairleadError bad_frame */
export function decodeReset(payload: Uint8Array): FairleadError {
  const { code, message } = decoded("reset", payload) as Static<typeof FRAMES.reset>;
  const known: ErrorCode = isErrorCode(code) ? code : "agent_error";
  return new FairleadError(known, message.slice(0, MAX_RESET_TEXT_LENGTH));
}

function decoded(name: keyof typeof FRAMES, payload: Uint8Array): unknown {
  const text = decodeUtf8(payload);
  let value: unknown;
  try {
    value = text === undefined ? undefined : JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (!frameChecks[name](value))
    throw badFrame(`the JSON of ${name.toUpperCase()} is missing a field or has a wrong one`);
  return value;
}
