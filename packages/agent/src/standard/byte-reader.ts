import type { Duplex } from "node:stream";

const HEAD_END = Buffer.from("\r\n\r\n");

/** The next bytes of a stream in paused mode, or undefined when there are no more (it ended or was destroyed). */
export async function nextBytes(stream: Duplex): Promise<Buffer | undefined> {
  for (;;) {
    const bytes = stream.read() as Buffer | null;
    if (bytes !== null) return bytes;
    if (stream.readableEnded || stream.destroyed) return undefined;
    await somethingHappened(stream);
  }
}

function somethingHappened(stream: Duplex): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const events = ["readable", "end", "close"] as const;
  const settle = (): void => {
    for (const event of events) stream.off(event, settle);
    resolve();
  };
  for (const event of events) stream.on(event, settle);
  return promise;
}

/** What {@link readHead} found. `undefined`: the stream ended before a whole head. */
export type HeadBytes = { head: Buffer } | "too_large" | undefined;

/** Most heads of Docker's clients are below this. */
const FIRST_HEAD_BYTES = 1024;

/**
 * Reads up to and with the empty line that ends a head, however many reads it takes. What follows stays in the stream.
 * @param maxBytes largest head taken
 */
export async function readHead(stream: Duplex, maxBytes: number): Promise<HeadBytes> {
  // Grown by doubling: a peer that sends byte by byte costs neither a buffer nor a copy of everything for each of them.
  let held = Buffer.allocUnsafe(FIRST_HEAD_BYTES);
  let length = 0;
  while (length <= maxBytes) {
    const bytes = await nextBytes(stream);
    if (bytes === undefined) return undefined;
    if (length + bytes.length > held.length) {
      const grown = Buffer.allocUnsafe(Math.max(held.length * 2, length + bytes.length));
      held.copy(grown, 0, 0, length);
      held = grown;
    }
    bytes.copy(held, length);
    const from = Math.max(0, length - HEAD_END.length + 1);
    length += bytes.length;
    const found = held.subarray(0, length).indexOf(HEAD_END, from);
    if (found === -1) continue;
    const end = found + HEAD_END.length;
    if (end > maxBytes) break;
    if (end < length) stream.unshift(bytes.subarray(bytes.length - (length - end)));
    return { head: held.subarray(0, end) };
  }
  return "too_large";
}
