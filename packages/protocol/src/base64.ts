/**
 * Standard padded base64 (RFC 4648 section 4), as Go's `encoding/json` writes `[]byte`.
 * Uses the runtime's native codec where there is one: bulk data of 1.0 passes here.
 */

interface NativeBuffer {
  from(data: string, encoding: "base64"): Uint8Array<ArrayBuffer>;
  from(data: ArrayBufferLike, offset: number, length: number): { toString(encoding: "base64"): string };
}

interface Globals {
  Buffer?: NativeBuffer;
  btoa(text: string): string;
  atob(text: string): string;
}

// Node and Bun have Buffer as a global, browsers do not; nothing of Node's is imported here.
const globals = globalThis as unknown as Globals;
const nativeBuffer = globals.Buffer;

/** Bytes as standard padded base64. */
export function encodeBase64(bytes: Uint8Array): string {
  if (nativeBuffer) return nativeBuffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
  let binary = "";
  for (let at = 0; at < bytes.length; at += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return globals.btoa(binary);
}

/**
 * Bytes of a standard padded base64 text, or `undefined` when it is not one
 * (other alphabet, missing padding, stray characters): never a shortened result.
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  const length = decodedLength(text);
  if (length === undefined) return undefined;
  if (nativeBuffer) {
    // Buffer skips what it does not know and accepts the URL alphabet: the length finds the first, the search the second.
    const bytes = nativeBuffer.from(text, "base64");
    return bytes.length === length && !text.includes("-") && !text.includes("_") ? bytes : undefined;
  }
  if (/[^A-Za-z0-9+/=]/.test(text)) return undefined;
  try {
    const binary = globals.atob(text);
    if (binary.length !== length) return undefined;
    return Uint8Array.from(binary, (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function decodedLength(text: string): number | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  return (text.length / 4) * 3 - padding;
}
