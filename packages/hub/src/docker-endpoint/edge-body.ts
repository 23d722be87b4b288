import type { IncomingMessage, ServerResponse } from "node:http";
import { FairleadError, MAX_BODY_BYTES } from "@fairlead/protocol";

/** Bodies that are held at the same time, of all callers: sixteen of the largest, or very many usual ones. */
const MAX_HELD_BYTES = 16 * MAX_BODY_BYTES;

/** Counts the request bodies that are held whole, so that many large ones at once cannot fill the memory. */
export class HeldBodies {
  #bytes = 0;

  /** @throws FairleadError overloaded. */
  add(bytes: number): void {
    if (this.#bytes + bytes > MAX_HELD_BYTES) {
      throw new FairleadError(
        "overloaded",
        `Request bodies for edge agents fill ${MAX_HELD_BYTES / 1024 / 1024} MiB already. Try again when some are through.`,
      );
    }
    this.#bytes += bytes;
  }

  remove(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/** One request's share of the held bodies. */
export class HeldBody {
  readonly #all: HeldBodies;
  #bytes = 0;

  constructor(all: HeldBodies) {
    this.#all = all;
  }

  /** @throws FairleadError overloaded. */
  add(bytes: number): void {
    this.#all.add(bytes);
    this.#bytes += bytes;
  }

  release(): void {
    this.#all.remove(this.#bytes);
    this.#bytes = 0;
  }
}

/**
 * Reads a request's body whole, as protocol 1.0 needs it.
 * @param held Counts its bytes; the caller releases them.
 * @throws FairleadError needs_streams when it is larger than MAX_BODY_BYTES, overloaded, cancelled when the caller goes away.
 */
export function readEdgeBody(
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
  held: HeldBody,
): Promise<Uint8Array> {
  return readWholeBody(request, response, { limitBytes: MAX_BODY_BYTES, tooLarge: () => tooLarge(name), held });
}

interface WholeBodyOptions {
  readonly limitBytes: number;
  readonly tooLarge: () => FairleadError;
  /** Counts its bytes; the caller releases them. */
  readonly held: HeldBody;
}

/** @throws FairleadError that of `tooLarge`, overloaded, cancelled when the caller goes away. */
export async function readWholeBody(
  request: IncomingMessage,
  response: ServerResponse,
  { limitBytes, tooLarge, held }: WholeBodyOptions,
): Promise<Uint8Array> {
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > limitBytes) throw tooLarge();
  if (request.headers.expect?.toLowerCase() === "100-continue") response.writeContinue();
  const chunks: Buffer[] = [];
  let length = 0;
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  // Not `for await`: leaving that would destroy the request, and with it the way of the answer.
  const onData = (chunk: Buffer): void => {
    length += chunk.length;
    try {
      if (length > limitBytes) throw tooLarge();
      held.add(chunk.length);
      chunks.push(chunk);
    } catch (error) {
      request.off("data", onData);
      reject(error);
    }
  };
  request.on("data", onData);
  request.once("end", () => resolve(Buffer.concat(chunks, length)));
  request.once("error", () => reject(callerLeft()));
  request.once("close", () => reject(callerLeft()));
  try {
    return await promise;
  } finally {
    request.off("data", onData);
  }
}

export function callerLeft(): FairleadError {
  return new FairleadError("cancelled", "The caller went away.");
}

function tooLarge(name: string): FairleadError {
  return needsStreams(
    name,
    `a request body over ${MAX_BODY_BYTES / 1024 / 1024} MiB`,
    "Smaller bodies work: copy or load in parts, or build from a smaller context.",
  );
}

/** @param instead What works without the capability. */
export function needsStreams(name: string, what: string, instead: string): FairleadError {
  return new FairleadError(
    "needs_streams",
    `Environment ${name}: its agent speaks protocol 1.0 without the capability streams/1, which ${what} needs. ${instead}`,
    { details: { capability: "streams/1" } },
  );
}
