import { createRequire } from "node:module";
import { type ApplyMask, nativeMaskOr } from "@fairlead/protocol";

/** WebSocket unmasking by native code where there is some for this platform, else in JavaScript at half the speed. */
export const applyMask: ApplyMask = nativeMaskOr(() => createRequire(import.meta.url)("bufferutil"));
