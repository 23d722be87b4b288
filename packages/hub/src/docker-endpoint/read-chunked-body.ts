import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { FairleadError, FRAMING_HEADERS } from "@fairlead/protocol";
import { type RawHeaders, takeOverHeaders } from "./forwarded-headers.ts";

/** Exec's start and BuildKit's calls have some dozen bytes of JSON, or none. */
const MAX_CHUNKED_BYTES = 64 * 1024;

const LINE_END = "\r\n";
const SIZE = /^([0-9a-f]{1,6})[ \t]*(?:;|$)/i;

/**
 * Reads the chunked body of a call that takes its connection over, and leaves what follows it in the connection. What goes on has a length:
 * a stream tells the body's end by nothing else, and an engine must take no byte behind it for another call.
 *
 * @returns undefined when the body is not chunked
 * @throws FairleadError bad_request, payload_too_large
 */
export async function takeChunkedBody(request: IncomingMessage, caller: Socket): Promise<Buffer | undefined> {
  if (request.headers["transfer-encoding"] === undefined) return undefined;
  if (request.headers.expect !== undefined) caller.write("HTTP/1.1 100 Continue\r\n\r\n");
  return readChunkedBody(caller);
}

/** The request's headers with a length in the place of chunks. */
export function lengthHeaders(request: IncomingMessage, isUpgrade: boolean, bodyBytes: number): RawHeaders {
  const raw = takeOverHeaders(request, isUpgrade);
  const kept = raw.filter((_, at) => !FRAMING_HEADERS.has((raw[at - (at % 2)] ?? "").toLowerCase()));
  return [...kept, "Content-Length", String(bodyBytes)];
}

async function readChunkedBody(caller: Socket): Promise<Buffer> {
  let held: Buffer = Buffer.alloc(0);
  for (;;) {
    const found = takeChunks(held);
    if (found !== undefined) {
      if (found.rest.length > 0) caller.unshift(found.rest);
      return found.body;
    }
    if (held.length > MAX_CHUNKED_BYTES)
      throw new FairleadError("payload_too_large", `The chunked body of this call is over ${MAX_CHUNKED_BYTES} bytes.`);
    const more = caller.read() as Buffer | null;
    if (more !== null) held = Buffer.concat([held, more]);
    else if (caller.readableEnded || caller.destroyed) throw notChunked("it is not complete");
    else await readable(caller);
  }
}

function readable(caller: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      caller.off("readable", done).off("end", done).off("close", done);
      resolve();
    };
    caller.on("readable", done).on("end", done).on("close", done);
  });
}

/** @returns undefined while the last chunk is not there */
function takeChunks(bytes: Buffer): { body: Buffer; rest: Buffer } | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf(LINE_END, at);
    if (lineEnd === -1) return undefined;
    const digits = SIZE.exec(bytes.toString("latin1", at, lineEnd))?.[1];
    if (digits === undefined) throw notChunked("a chunk's size is not a number");
    const size = Number.parseInt(digits, 16);
    const from = lineEnd + LINE_END.length;
    if (size === 0) {
      const end = trailersEnd(bytes, from);
      return end === undefined ? undefined : { body: Buffer.concat(parts), rest: bytes.subarray(end) };
    }
    at = from + size + LINE_END.length;
    if (bytes.length < at) return undefined;
    if (bytes.toString("latin1", from + size, at) !== LINE_END) throw notChunked("a chunk is longer than its size");
    parts.push(bytes.subarray(from, from + size));
  }
}

function trailersEnd(bytes: Buffer, from: number): number | undefined {
  for (let at = from; ;) {
    const lineEnd = bytes.indexOf(LINE_END, at);
    if (lineEnd === -1) return undefined;
    if (lineEnd === at) return at + LINE_END.length;
    at = lineEnd + LINE_END.length;
  }
}

function notChunked(problem: string): FairleadError {
  return new FairleadError("bad_request", `The chunked body of this call is wrong: ${problem}.`);
}
