import { createRequire } from "node:module";
import { randomFillSync } from "node:crypto";
import { type ApplyMask, nativeMaskOr } from "@fairlead/protocol";

/** WebSocket masking by native code where there is some for this platform, else in JavaScript at half the speed. */
export const applyMask: ApplyMask = nativeMaskOr(() => createRequire(import.meta.url)("bufferutil"));

const keys = Buffer.allocUnsafeSlow(8 * 1024);
let nextKey = keys.length;

/** Four bytes that nobody can foretell (RFC 6455 section 5.3). Good until the next call but 2,000. */
export function newMaskKey(): Buffer {
  if (nextKey === keys.length) {
    randomFillSync(keys);
    nextKey = 0;
  }
  nextKey += 4;
  return keys.subarray(nextKey - 4, nextKey);
}
