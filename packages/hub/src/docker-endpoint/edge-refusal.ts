import { setImmediate, setTimeout as sleep } from "node:timers/promises";

/** An engine's error is a line of JSON; what is longer is an answer. */
const MAX_REFUSAL_BYTES = 64 * 1024;

/** After a refusal's text its end comes with the next message. */
const REFUSAL_END_MS = 2_000;

/** A stream whose first piece was looked at. */
export interface PeekedStream {
  /** The engine's error, where that is all that came. */
  readonly refusal: { readonly status: number; readonly message: string } | undefined;
  /** Everything, the first piece included. */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * Deployed 1.0 agents give a stream no status: an engine's refusal comes as data, `{"message": "…"}` and the end. Looks for that
 * in what is there already; a stream that has nothing to say yet is not waited for.
 */
export async function peekRefusal(body: AsyncIterable<Uint8Array>): Promise<PeekedStream> {
  const reader = body[Symbol.asyncIterator]();
  const first = reader.next();
  // Its reader gets the error in time.
  first.catch(() => {});
  const early = await Promise.race([first, setImmediate(undefined)]);
  if (early === undefined || early.done === true) return { refusal: undefined, body: replay(reader, [first]) };
  const message = refusalMessage(early.value);
  if (message === undefined) return { refusal: undefined, body: replay(reader, [first]) };
  const second = reader.next();
  second.catch(() => {});
  const end = await Promise.race([second.catch(() => undefined), sleep(REFUSAL_END_MS, undefined, { ref: false })]);
  const refusal = end?.done === true ? { status: guessStatus(message), message } : undefined;
  return { refusal, body: replay(reader, [first, second]) };
}

/** Docker's text is all there is of the status. */
function guessStatus(message: string): number {
  if (/no such|not found|could not find|does not exist/i.test(message)) return 404;
  return /invalid|bad parameter/i.test(message) ? 400 : 500;
}

function refusalMessage(chunk: Uint8Array): string | undefined {
  if (chunk.length > MAX_REFUSAL_BYTES || chunk[0] !== "{".charCodeAt(0)) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(chunk).toString());
    const { message, ...rest } = value as Record<string, unknown>;
    return typeof message === "string" && Object.keys(rest).length === 0 ? message : undefined;
  } catch {
    return undefined;
  }
}

async function* replay(
  reader: AsyncIterator<Uint8Array>,
  taken: readonly Promise<IteratorResult<Uint8Array>>[],
): AsyncGenerator<Uint8Array, void> {
  let isOver = false;
  try {
    for (const each of taken) {
      const { done, value } = await each;
      if (done === true) {
        isOver = true;
        return;
      }
      yield value;
    }
    for (let next = await reader.next(); next.done !== true; next = await reader.next()) yield next.value;
    isOver = true;
  } finally {
    if (!isOver) await reader.return?.();
  }
}
