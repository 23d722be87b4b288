/**
 * Bytes of read buffers after which the young generation is collected: 64 of Node's. A collection takes a quarter of a millisecond.
 * Half as many would cost a seventh of throughput, and save nothing that was measured.
 */
const COLLECT_EVERY_BYTES = 4 * 1024 * 1024;

let bytesRead = 0;

/**
 * Counts bytes of a bulk transfer that came in a buffer of their own, and has such buffers collected while they are few.
 *
 * V8 does not count the memory of buffers toward its young generation. Left alone it sees hundreds of megabytes of them before that is full,
 * and then collects the whole heap again and again, which costs more than half of the time of a transfer. Does nothing where the program has
 * no `gc` (`node --expose-gc`, as `bin/fairlead` runs it).
 */
export function countReadGarbage(bytes: number): void {
  bytesRead += bytes;
  if (bytesRead < COLLECT_EVERY_BYTES) return;
  bytesRead = 0;
  (globalThis as Collecting).gc?.({ type: "minor" });
}

interface Collecting {
  gc?(options: { type: "minor" }): void;
}
