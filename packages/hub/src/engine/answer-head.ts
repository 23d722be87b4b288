import type { Duplex } from "node:stream";
import { FairleadError, MAX_HEADER_BYTES } from "@fairlead/protocol";

/** The head of an answer on a connection that may be taken over. */
export interface AnswerHead {
  readonly status: number;
  /** As it came, with its empty line. */
  readonly bytes: Buffer;
  /** Lower-case names; of repeated ones the last. */
  readonly headers: ReadonlyMap<string, string>;
}

/**
 * Reads one answer's head from a connection, in however many pieces it comes, and leaves what follows it unread.
 *
 * @throws FairleadError engine_error when it is no HTTP head, is over MAX_HEADER_BYTES, or the connection ends before it is whole;
 * and with whatever the connection broke with.
 */
export function readAnswerHead(connection: Duplex): Promise<AnswerHead> {
  const { promise, resolve, reject } = Promise.withResolvers<AnswerHead>();
  let received = Buffer.alloc(0);
  const onReadable = (): void => {
    for (let chunk = connection.read() as Buffer | null; chunk !== null; chunk = connection.read() as Buffer | null) {
      // The empty line may be split between two pieces.
      const searchFrom = Math.max(0, received.length - 3);
      received = Buffer.concat([received, chunk]);
      const at = received.indexOf("\r\n\r\n", searchFrom);
      if (at === -1 && received.length <= MAX_HEADER_BYTES) continue;
      leave();
      const head = at === -1 ? undefined : parseHead(received.subarray(0, at + 4));
      if (head === undefined) {
        reject(new FairleadError("engine_error", "The engine's answer was not HTTP."));
        return;
      }
      if (received.length > at + 4) connection.unshift(received.subarray(at + 4));
      resolve(head);
      return;
    }
  };
  const onEnd = (): void => {
    leave();
    reject(new FairleadError("engine_error", "The engine closed the connection without an answer."));
  };
  const onError = (error: Error): void => {
    leave();
    reject(error);
  };
  const leave = (): void => {
    connection.off("readable", onReadable).off("end", onEnd).off("close", onEnd).off("error", onError);
  };
  connection.on("readable", onReadable).once("end", onEnd).once("close", onEnd).once("error", onError);
  return promise;
}

function parseHead(bytes: Buffer): AnswerHead | undefined {
  const [statusLine = "", ...lines] = bytes.toString("latin1").trimEnd().split("\r\n");
  const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(statusLine)?.[1];
  if (status === undefined) return undefined;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return { status: Number(status), bytes, headers };
}
