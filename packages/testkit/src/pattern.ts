import { createHash } from "node:crypto";

/** A prime, so that a lost or doubled block of any usual size shows in the bytes that follow. */
const PERIOD = 65_521;
const REPEATS = 16;

/** Ready-made stretch of the pattern, a whole number of periods long: writing it again and again needs no new buffer. */
export const patternBlock: Buffer = Buffer.alloc(PERIOD * REPEATS);
for (let index = 0; index < patternBlock.length; index += 1) {
  const position = index % PERIOD;
  patternBlock[index] = (position * 31 + (position >> 8) * 17) & 0xff;
}

/** The bytes of the pattern from `from` (default 0), `length` of them: what a download of the fake engine must hold there. */
export function patternBytes(length: number, from = 0): Buffer {
  const bytes = Buffer.alloc(length);
  for (let filled = 0; filled < length;) {
    filled += patternBlock.copy(bytes, filled, (from + filled) % patternBlock.length);
  }
  return bytes;
}

/** SHA-256 (hex) of the first `length` bytes of the pattern. */
export function patternSha256(length: number): string {
  const hash = createHash("sha256");
  for (let rest = length; rest > 0; rest -= patternBlock.length) hash.update(patternBlock.subarray(0, rest));
  return hash.digest("hex");
}
