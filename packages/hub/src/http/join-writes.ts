import type { TLSSocket } from "node:tls";

/** Joined by Node, less stays within memory that malloc has at hand. */
const BUFFER_BYTES = 256 * 1024;

/** Buffers that are kept for the next writes of any connection. */
const MAX_SPARE_BUFFERS = 4;

/** What streams call bytes that have no encoding; Node's types lack it. */
const BYTES = "buffer" as BufferEncoding;

type WriteDone = (error?: Error | null) => void;

interface Chunk {
  readonly chunk: Buffer | string;
  readonly encoding: BufferEncoding;
}

const spare: Buffer[] = [];

/**
 * Has a TLS connection join large writes in memory that is used again. TLS takes one piece of memory, and Node joins whatever waits for the
 * connection in a new one: megabytes at a time, which the kernel had to map for each (up to half of the hub's time with a download flat out).
 */
export function joinWrites(socket: TLSSocket): void {
  const writeWhole = socket._writev?.bind(socket);
  socket._writev = (chunks: Chunk[], done: WriteDone): void => {
    const length = chunks.reduce((sum, { chunk }) => sum + chunk.length, 0);
    if (writeWhole && length <= BUFFER_BYTES) writeWhole(chunks, done);
    else writeInParts(socket, chunks, done);
  };
}

function writeInParts(socket: TLSSocket, chunks: readonly Chunk[], done: WriteDone): void {
  const buffer = spare.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
  const pieces = chunks.map(({ chunk, encoding }) =>
    typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk,
  );
  let at = 0;
  let offset = 0;
  const writeNext: WriteDone = (error) => {
    if (error) {
      done(error);
      return;
    }
    let filled = 0;
    for (let piece = pieces[at]; piece !== undefined && filled < BUFFER_BYTES; piece = pieces[at]) {
      const copied = piece.copy(buffer, filled, offset);
      filled += copied;
      offset += copied;
      if (offset < piece.length) break;
      at += 1;
      offset = 0;
    }
    if (filled > 0) {
      socket._write(buffer.subarray(0, filled), BYTES, writeNext);
      return;
    }
    if (spare.length < MAX_SPARE_BUFFERS) spare.push(buffer);
    done();
  };
  writeNext();
}
