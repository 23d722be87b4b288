import { createRequire } from "node:module";
import { type ApplyMask, xorMask } from "@fairlead/protocol";

/** WebSocket unmasking by native code where there is some for this platform (x64, macOS), else in JavaScript at half the speed. */
export const applyMask: ApplyMask = nativeMask() ?? xorMask;

function nativeMask(): ApplyMask | undefined {
  try {
    const { unmask } = createRequire(import.meta.url)("bufferutil") as { unmask: ApplyMask };
    return unmask;
  } catch {
    return undefined;
  }
}
