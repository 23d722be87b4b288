import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

/** A longer body than this, in bytes, is not held back: an engine reads 4 KiB at once, and does not drop what is beyond. */
const SHORT_BODY_BYTES = 4_096;

/**
 * The body that goes out in one write with the head, as it came from the caller (dockerode sends the options of an attach). An engine that
 * takes the connection over without asking for the body drops what came with the head; what comes later is input to it.
 */
export async function readShortBody(request: IncomingMessage, caller: Socket): Promise<Buffer> {
  const length = Number(request.headers["content-length"] ?? 0);
  // Who expects an interim answer sends no body before it.
  if (length > SHORT_BODY_BYTES || request.headers.expect !== undefined) return Buffer.alloc(0);
  const body: Buffer[] = [];
  for (let left = length; left > 0;) {
    const chunk = caller.read() as Buffer | null;
    if (chunk === null) {
      if (caller.readableEnded || caller.destroyed) break;
      await somethingHappened(caller);
      continue;
    }
    const part = chunk.subarray(0, left);
    left -= part.length;
    body.push(part);
    if (part.length < chunk.length) caller.unshift(chunk.subarray(part.length));
  }
  return Buffer.concat(body);
}

function somethingHappened(caller: Socket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const events = ["readable", "end", "close"] as const;
  const settle = (): void => {
    for (const event of events) caller.off(event, settle);
    resolve();
  };
  for (const event of events) caller.on(event, settle);
  return promise;
}

/**
 * Passes the rest of the request's body on, which has a length, and no more: engines throw away what comes before they have taken the connection over.
 * @returns stops it; the rest of the caller's bytes is then still in its connection.
 */
export function passBody(request: IncomingMessage, caller: Socket, upstream: Duplex, passed = 0): () => void {
  let left = Number(request.headers["content-length"] ?? 0) - passed;
  const onReadable = (): void => {
    while (left > 0) {
      const chunk = caller.read() as Buffer | null;
      if (chunk === null) return;
      const part = chunk.subarray(0, left);
      left -= part.length;
      upstream.write(part);
      if (part.length < chunk.length) caller.unshift(chunk.subarray(part.length));
    }
    stop();
  };
  const onEnd = (): void => void upstream.end();
  const stop = (): void => void caller.off("readable", onReadable).off("end", onEnd);
  if (left > 0) caller.on("readable", onReadable).once("end", onEnd);
  return stop;
}
