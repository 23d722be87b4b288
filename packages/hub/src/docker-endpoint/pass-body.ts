import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

/**
 * Passes the request's body on, and no more: engines throw away what comes before they have taken the connection over.
 * @returns stops it; the rest of the caller's bytes is then still in its connection.
 */
export function passBody(request: IncomingMessage, caller: Socket, upstream: Duplex): () => void {
  // Where the last chunk ends only a parser of chunks would know; who sends chunks here sends nothing else.
  const isChunked = request.headers["transfer-encoding"] !== undefined;
  let left = isChunked ? Number.POSITIVE_INFINITY : Number(request.headers["content-length"] ?? 0);
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
